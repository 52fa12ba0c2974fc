package counter_test

import (
	"context"
	"testing"
	"time"

	"counterfoil/api"
	"counterfoil/api/sandbox"
	"counterfoil/offline"
	"counterfoil/offline/offlinetest"
	"counterfoil/screens/screenstest"
)

// unknownBehind is a counter with the reel's activation unknown behind the card of a code.
func unknownBehind(t *testing.T) *screenstest.Counter {
	t.Helper()
	s := screenstest.AtReel(t, 80, 24, func(s *offlinetest.Shop) { s.Settings.Rules.SettleTime = 5 * time.Minute })
	s.Faults(sandbox.Fault{Action: api.ActionReelActivate, Times: 1, Do: "drop_answer"})
	s.Keys("enter")
	s.Until("NOT KNOWN YET – DO NOT HAND OVER")
	s.Scanned(offlinetest.FreeCode)
	return s
}

func TestWhatBecomesKnownBehindAnotherCardStaysUntilItWasSeen(t *testing.T) {
	t.Parallel()
	s := unknownBehind(t)
	s.Clock.Forward(5 * time.Minute)
	s.Desk.TryNow()
	s.Until("R112102F-0000242-2585 is ACTIVE now – hand over")
	s.Keys("f5")
	s.Keys("f1")
	s.Until("is ACTIVE now – hand over")
	s.Keys("ctrl+l")
	s.Until("▸ amy")
	s.Keys("1", "1", "1", "1", "enter")
	s.Until("is ACTIVE now – hand over")
	s.Until("code · " + offlinetest.FreeCode)
	s.Clock.Forward(61 * time.Second)
	s.Until("became ACTIVE at 10:2")
	s.Until("scan it first") // the number is cut, never what to do
	s.Keys("esc")
	s.UntilNot("became ACTIVE")
	s.Until("code · " + offlinetest.FreeCode) // the card was not what Esc was for
}

func TestWhatBecomesKnownWhileNobodyIsSignedInIsSaidToWhoeverComes(t *testing.T) {
	t.Parallel()
	s := unknownBehind(t)
	s.Keys("ctrl+l")
	s.Until("▸ amy")
	s.Clock.Forward(5 * time.Minute)
	s.Desk.TryNow()
	s.Eventually("the outcome", func() bool { return s.Desk.Status().Unknown == 0 })
	s.Keys("down")
	s.Until("▸ mgr")
	s.Keys("9", "9", "9", "9", "enter")
	s.Until("R112102F-0000242-2585 is ACTIVE now – hand over")
}

func TestSeveralThatBecomeKnownAreCountedAndSeenOneByOne(t *testing.T) {
	t.Parallel()
	s := screenstest.Queued(t, 80, 24)
	_, err := s.Desk.Accept(context.Background(), offline.Request{
		Kind: offline.Activate, ID: offlinetest.FreeCode, AmountFen: 1500, Offline: true, Operator: s.Cashier})
	s.Must(err)
	s.Until("1001260105000000301-W…") // the shift's list has it
	s.Keys("esc")
	s.Faults()
	s.Desk.TryNow()
	s.Until("1 of 2")
	s.Keys("esc")
	s.UntilNot("1 of 2")
	s.Until("is ACTIVE now – hand over")
	s.Keys("esc")
	s.UntilNot("is ACTIVE now")
}

func TestACardsOwnOutcomeIsNotSaidTwice(t *testing.T) {
	t.Parallel()
	s := screenstest.AtReel(t, 80, 24)
	s.Faults(sandbox.Fault{Action: api.ActionReelActivate, Times: 1, Do: "drop_answer"})
	s.Keys("enter")
	s.Until("NOT KNOWN YET")
	s.Until("ACTIVE – HAND OVER")
	if s.Shows("is ACTIVE now") {
		t.Errorf("said twice:\n%s", s.Screen())
	}
}

func TestRLooksAgainAndStillBeginsANumber(t *testing.T) {
	t.Parallel()
	s := screenstest.AtReel(t, 80, 24)
	s.Until("○ 2 not active")
	s.Must(s.Sandbox.SetFaults(nil))
	_, err := s.Desk.Accept(context.Background(), offline.Request{Kind: offline.Activate, ID: offlinetest.ReelCode, AmountFen: 1500, Operator: s.Manager})
	s.Must(err)
	s.Until("● 1 active")
	s.Faults(sandbox.Fault{Action: api.ActionLookup, Times: 1, Do: "delay:200ms"})
	s.Keys("R")
	s.Until("asking the platform, 0 s")
	s.UntilNot("asking the platform")
	s.Until("Scan ▸ R▏")
	s.Keys("1", "1")
	s.Until("Scan ▸ R11▏")
	s.Until("¥ 15.00")
}

func TestWhatBecomesTheManagersIsCountedOnce(t *testing.T) {
	t.Parallel()
	s := screenstest.SignedIn(t, 120, 40)
	s.CutOff()
	_, err := s.Desk.Accept(t.Context(), offline.Request{Kind: offline.Activate, ID: mixedReel, AmountFen: 3000, Offline: true, Operator: s.Cashier})
	s.Must(err)
	s.Until("goes out by itself")
	s.Until("Needs you · 1 waiting") // as many as there are rows
	s.Faults()
	s.Desk.TryNow()
	s.Until("ASK THE MANAGER")
	s.Until("! manager")
	s.Until("Needs you 1 ")
}
