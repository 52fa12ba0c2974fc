package counter_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"counterfoil/offline"
	"counterfoil/offline/offlinetest"
	"counterfoil/screens/screenstest"
)

// openTight is a counter whose queue takes one operation without a manager.
func openTight(t *testing.T) *screenstest.Counter {
	s := screenstest.Open(t, 100, 30, "en", func(s *offlinetest.Shop) { s.Settings.Limits.MaxOperations = 1 })
	s.SignIn()
	return s
}

// tries says how many PINs of a manager may still be wrong; it spends one.
func tries(s *screenstest.Counter) any {
	s.TB.Helper()
	_, err := s.Desk.SignIn(context.Background(), "mgr", "0000")
	var failed *offline.Error
	if !errors.As(err, &failed) {
		s.TB.Fatalf("a wrong PIN brings %v", err)
	}
	return failed.Args["Left"]
}

func TestAShortPINIsNoTryOfTheManagers(t *testing.T) {
	t.Parallel()
	s := openTight(t)
	s.Scanned(offlinetest.Reel)
	s.Outage()
	s.Answer("6000")
	s.Until("more than ten times its face value")
	s.Answer("6000")
	s.Until("It is NOT ACTIVE YET")
	s.Keys("enter")
	s.Until("A manager is needed · over a limit")
	s.Until("may be ¥5,000.00 each at most")
	s.Keys("tab", "1", "2", "3", "enter")
	s.Until("A PIN has 4 to 8 digits")
	s.Answer("123456789")
	s.Until("A PIN has 4 to 8 digits")
	s.Typed("690123\r", 60)
	s.Until(notTyped)
	s.Keys("enter") // on a field that is empty
	if left := tries(s); left != 4 {
		t.Errorf("%v tries are left after three digits and one wrong PIN, want 4", left)
	}
	s.Answer("9999")
	s.Until("◷ waiting") // behind the card of what was scanned meanwhile
	s.Keys("f5")
	s.Until("◷ waiting")
	s.Keys("enter")
	s.Until("approved by mgr · over a limit")
}

func TestAManagerApprovesEachReasonByItself(t *testing.T) {
	t.Parallel()
	s := openTight(t)
	other := offline.Request{Kind: offline.Activate, ID: offlinetest.FreeCode, AmountFen: 1500, Offline: true, Operator: s.Cashier}
	s.Scanned(offlinetest.Reel)
	s.Outage()
	_, err := s.Desk.Accept(context.Background(), other)
	s.Must(err)
	s.Keys("f4")
	s.Until("Void this?")
	s.Answer("2585")
	s.Until("A manager is needed · void, never active")
	s.Until("It was never active")
	s.Keys("tab", "1", "2", "3", "4", "enter")
	s.Until("Wrong PIN")
	s.Until("It was never active") // what is approved stays in sight
	s.Until("▸ Manager  ■ mgr  ")
	if strings.Count(s.Screen(), "■ mgr")+strings.Count(s.Screen(), "□ mgr") != 1 {
		t.Errorf("the manager is named more than once:\n%s", s.Screen())
	}
	s.Keys("tab", "9", "9", "9", "9", "enter")
	s.Until("It is NOT VOID YET")
	s.Keys("enter")
	s.Until("A manager is needed · over a limit")
	s.Until("At most 1 may wait for the platform")
	s.Keys("esc")
	s.UntilNot("A manager is needed ·")
	s.Until("1 waiting")
	s.Keys("f4")
	s.Until("Void this?")
	s.Answer("2585")
	s.Until("void, never active") // what was approved was that one void
}

func TestAManagerIsToldWhatIsApproved(t *testing.T) {
	t.Parallel()
	s := openTight(t)
	s.Scanned(offlinetest.Reel)
	s.Keys("f4")
	s.Until("Void this?")
	s.Answer("2585")
	s.Until("A manager is needed")
	s.Until("void · reel · 2 codes")
	s.Until("Amount    ¥ 30.00")
}

func TestAReelOfMoreCodesThanALimitNeedsASecondPerson(t *testing.T) {
	t.Parallel()
	s := screenstest.AtReel(t, 100, 30, func(s *offlinetest.Shop) { s.Settings.Rules.Batch.Count = 1 })
	s.Keys("enter")
	s.Until("A manager is needed · over a limit")
	s.Until("A batch may have 1 pieces at most")
	s.Until("activate · reel · 2 codes")
	s.Keys("esc")
	s.UntilNot("A manager is needed ·")
	s.WantEffects(0)
	s.Keys("enter")
	s.Until("A manager is needed · over a limit")
	s.Keys("tab")
	s.Answer("9999")
	s.Until("HAND OVER")
	s.WantEffects(1)
	s.Keys("f4")
	s.Until("Void this?")
	s.Answer("2585")
	s.Until("A manager is needed · over a limit")
	s.WantEffects(1)
	s.Keys("tab")
	s.Answer("9999")
	s.Until("VOID – KEEP IT")
	s.WantEffects(2)
}

func TestAManagerNeedsAnotherOneForAReelAboveALimit(t *testing.T) {
	t.Parallel()
	s := screenstest.OnShop(offlinetest.Open(t, func(s *offlinetest.Shop) { s.Settings.Rules.Batch.Count = 1 }), 100, 30, "en")
	s.Scanned(offlinetest.Reel)
	s.Keys("enter")
	s.Until("A manager is needed · over a limit")
	s.Keys("tab")
	s.Answer("9999") // her own
	s.UntilNot("A manager is needed ·")
	s.Until("That approval does not count")
	s.WantEffects(0)
	s.Must(s.Desk.AddOperator(t.Context(), s.Manager, "li", offline.Manager, "8888"))
	s.Keys("enter")
	s.Until("■ li")
	s.Keys("tab")
	s.Answer("8888")
	s.Until("HAND OVER")
	s.WantEffects(1)
}
