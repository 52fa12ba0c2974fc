package screens

import (
	"context"
	"errors"
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
	s.t.Helper()
	_, err := s.desk.SignIn(context.Background(), "mgr", "0000")
	var told *offline.Error
	if !errors.As(err, &told) {
		s.t.Fatalf("a wrong PIN brings %v", err)
	}
	return told.Args["Left"]
}

func TestAShortPINIsNoTryOfTheManagers(t *testing.T) {
	s := openTight(t)
	s.scan(reel)
	s.until("to activate")
	s.outage()
	s.keys("6", "0", "0", "0", "enter")
	s.until("It is NOT ACTIVE YET")
	s.keys("enter")
	s.until("A manager is needed · over the offline limit")
	s.until("Offline, one operation may be ¥5000.00 at most")
	s.keys("tab", "1", "2", "3", "enter")
	s.until("A PIN has 4 to 8 digits")
	if left := s.tries(); left != 4 {
		t.Errorf("%v tries are left after three digits and one wrong PIN, want 4", left)
	}
	s.keys("9", "9", "9", "9", "enter")
	s.until("QUEUED")
	s.until("approved by mgr")
}

func TestAManagerApprovesEachReasonByItself(t *testing.T) {
	s := openTight(t)
	other := offline.Request{Kind: offline.Activate, ID: freeCode, AmountFen: 1500, Offline: true, Operator: offline.Session{Name: "amy"}}
	s.scan(reel)
	s.until("to activate")
	s.outage()
	_, err := s.desk.Accept(context.Background(), other)
	s.must(err)
	s.keys("f4")
	s.until("Void this?")
	s.keys("enter")
	s.until("A manager is needed · void, never active")
	s.until("It was never active")
	s.keys("tab", "1", "2", "3", "4", "enter")
	s.until("Wrong PIN")
	s.until("It was never active") // what is approved stays in sight
	s.keys("tab", "9", "9", "9", "9", "enter")
	s.until("It is NOT VOID YET")
	s.keys("enter")
	s.until("A manager is needed · over the offline limit")
	s.until("Offline, 1 may wait at most")
	s.keys("esc")
	s.untilNot("A manager is needed ·")
	s.until("1 waiting")
	s.keys("f4")
	s.until("Void this?")
	s.keys("enter")
	s.until("void, never active") // what was approved was that one void
}
