package screens

import (
	"context"
	"errors"
	"strings"
	"testing"

	"counterfoil/offline"
)

// openTight is a shop whose queue takes one operation without a manager.
func openTight(t *testing.T) *shop {
	s := openShop(t, 100, 30, "en", func(o *offline.Settings) { o.Limits.MaxOperations = 1 })
	s.signIn()
	return s
}

// tries says how many PINs of a manager may still be wrong.
func (s *shop) tries() any {
	s.TB.Helper()
	_, err := s.Desk.SignIn(context.Background(), "mgr", "0000")
	var told *offline.Error
	if !errors.As(err, &told) {
		s.TB.Fatalf("a wrong PIN brings %v", err)
	}
	return told.Args["Left"]
}

func TestAShortPINIsNoTryOfTheManagers(t *testing.T) {
	s := openTight(t)
	s.scanned(reel)
	s.outage()
	s.Keys("6", "0", "0", "0", "enter")
	s.Until("It is NOT ACTIVE YET")
	s.Keys("enter")
	s.Until("A manager is needed · over the offline limit")
	s.Until("Offline, one operation may be ¥5000.00 at most")
	s.Keys("tab", "1", "2", "3", "enter")
	s.Until("A PIN has 4 to 8 digits")
	if left := s.tries(); left != 4 {
		t.Errorf("%v tries are left after three digits and one wrong PIN, want 4", left)
	}
	s.Keys("9", "9", "9", "9", "enter")
	s.Until("QUEUED")
	s.Until("approved by mgr")
	s.Keys("f5")
	s.Until("◷ waiting")
	s.Keys("enter")
	s.Until("approved by mgr  ·  over the offline limit")
}

func TestAManagerApprovesEachReasonByItself(t *testing.T) {
	s := openTight(t)
	other := offline.Request{Kind: offline.Activate, ID: freeCode, AmountFen: 1500, Offline: true, Operator: offline.Session{Name: "amy"}}
	s.scanned(reel)
	s.outage()
	_, err := s.Desk.Accept(context.Background(), other)
	s.Must(err)
	s.Keys("f4")
	s.Until("Void this?")
	s.Keys("enter")
	s.Until("A manager is needed · void, never active")
	s.Until("It was never active")
	s.Keys("tab", "1", "2", "3", "4", "enter")
	s.Until("Wrong PIN")
	s.Until("It was never active") // what is approved stays in sight
	s.Until("▸ Manager  ● mgr  ")
	if strings.Count(s.Screen(), "● mgr")+strings.Count(s.Screen(), "○ mgr") != 1 {
		t.Errorf("the manager is named more than once:\n%s", s.Screen())
	}
	s.Keys("tab", "9", "9", "9", "9", "enter")
	s.Until("It is NOT VOID YET")
	s.Keys("enter")
	s.Until("A manager is needed · over the offline limit")
	s.Until("Offline, 1 may wait at most")
	s.Keys("esc")
	s.UntilNot("A manager is needed ·")
	s.Until("1 waiting")
	s.Keys("f4")
	s.Until("Void this?")
	s.Keys("enter")
	s.Until("void, never active") // what was approved was that one void
}
