package tree_test

import (
	"strings"
	"testing"

	"counterfoil/api"
	"counterfoil/api/sandbox"
	"counterfoil/offline"
	"counterfoil/offline/offlinetest"
	"counterfoil/screens/screenstest"
)

// wide is a tree with the preview beside it, on a reel that the cashier activated.
func wide(t *testing.T) *screenstest.Counter {
	t.Helper()
	l := screenstest.AtReel(t, 120, 40)
	l.Keys("enter")
	l.Until("HAND OVER")
	l.Keys("f3")
	l.Chosen("reel " + offlinetest.Reel)
	return l
}

func TestThePreviewShowsWhatHappenedOnANodeAndOnWhatHoldsIt(t *testing.T) {
	t.Parallel()
	l := wide(t)
	l.Until("✔ active · amy")
	l.Keys("down")
	l.Chosen("1001901070000000258-M…")
	l.Until("✔ active  reel · amy")
	l.Until("¥ 15.00 │")
	l.Until("2 times left · valid without limit")
	l.UntilNot("did NOT change")
	l.Until("A activate – It is active already") // a key that is not possible says why
}

func TestThePreviewSaysThatAnActivationDidNotReachACode(t *testing.T) {
	t.Parallel()
	l := wide(t)
	l.Faults(sandbox.Fault{Action: api.ActionLookup, Do: "stale_lookup"})
	l.Until("✔ active · amy")
	l.Until("● 2 │") // the tree shows it too
	l.Keys("r")
	l.Until("! 2 of 2 codes did NOT change")
	l.Keys("down")
	l.Until("! this code did NOT change")
}

func TestThePreviewFollowsWhatHappensMeanwhile(t *testing.T) {
	t.Parallel()
	l := wide(t)
	l.Until("✔ active · amy")
	_, err := l.Desk.Accept(t.Context(), offline.Request{Kind: offline.Void, ID: offlinetest.Reel, Operator: l.Cashier})
	l.Must(err)
	l.Until("✖ void · amy")
}

func TestEnterOpensAndClosesAndNeverActivates(t *testing.T) {
	t.Parallel()
	s := offlinetest.Open(t)
	box := s.Known(2, 4, 6_000)
	l := screenstest.OnShop(s, 100, 30, "en")
	l.Keys("f3")
	l.Chosen("+ box " + box)
	for range 3 {
		l.Keys("enter")
		l.Chosen("- box " + box)
		l.Keys("enter")
		l.Chosen("+ box " + box)
	}
	if strings.Contains(l.Screen(), "Activate this?") {
		t.Error("Enter offers to activate 6,000 codes")
	}
	l.Keys("A")
	l.Until("Activate this?")
	l.Until("6,000 codes")
}

func TestWhatIsTypedIsFoundAtOnceAndLeftAgain(t *testing.T) {
	t.Parallel()
	s := offlinetest.Open(t)
	s.Known(2, 4, 4000)
	l := screenstest.OnShop(s, 100, 30, "en")
	l.Keys("f3")
	l.Chosen("+ box")
	l.Keys("/", "1", "9")
	l.Until("1 of ")
	l.Keys("9")
	l.Until("199▏")
	l.Until("1 of 14")
	l.Keys("down")
	l.Until("2 of 14")
	l.Keys("x")
	l.Until("not found")
	l.Keys("backspace")
	l.Until("1 of 14")
	l.Keys("esc")
	l.Chosen("+ box") // as it was
	l.UntilNot("package B")
	l.Keys("/", "1", "9", "9", "enter")
	l.Until("1 of 14")
	l.Chosen("199")
	l.UntilNot("199▏")
}

func TestWhatIsNotInTheBoxInFrontIsFoundInAnother(t *testing.T) {
	t.Parallel()
	s := offlinetest.Open(t)
	s.LookUp(offlinetest.Box)
	s.Known(1, 1, 10)
	l := screenstest.OnShop(s, 100, 30, "en")
	l.Keys("f3")
	l.Chosen(offlinetest.Box)
	l.Keys("/", "1", "0", "0", "9", "enter")
	l.Until("1 of 10")
	l.Chosen("1009")
}

func TestALookUpOfWhatWasSeenSaysHowMuchOfIt(t *testing.T) {
	t.Parallel()
	s := offlinetest.Open(t)
	made := s.Known(1, 10, 40_000)
	l := screenstest.OnShop(s, 100, 30, "en")
	l.Keys("f3")
	l.Chosen("+ box " + made)
	l.Keys("r")
	l.Until(" of 40,000 received")
	l.Keys("esc")
	l.Until("Stopped")
}
