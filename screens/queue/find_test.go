package queue_test

import (
	"testing"

	"counterfoil/api"
	"counterfoil/offline"
	"counterfoil/offline/offlinetest"
	"counterfoil/screens/screenstest"
)

// both is a counter with two boxes' activations that wait.
func both(t *testing.T, width, height int) *screenstest.Counter {
	t.Helper()
	s := screenstest.SignedIn(t, width, height)
	s.LookUp(offlinetest.Reel)
	s.LookUp(offlinetest.OtherBox)
	s.CutOff()
	for _, id := range []api.ID{offlinetest.OtherBox, offlinetest.Reel} {
		_, err := s.Desk.Accept(t.Context(), offline.Request{Kind: offline.Activate, ID: id, AmountFen: 3000, Offline: true, Operator: s.Cashier})
		s.Must(err)
	}
	return s
}

func TestTheQueueOpensAtWhatIsInHand(t *testing.T) {
	t.Parallel()
	s := both(t, 100, 30)
	s.Keys("f5")
	s.Chosen(offlinetest.OtherBox)
	s.Keys("enter")
	s.Until("Attempts")
	for _, id := range []string{offlinetest.Reel, offlinetest.ReelCode, offlinetest.Box} { // what waits is on the reel
		s.Scan(id)
		s.Until("open here since")
		s.Keys("f5")
		s.Chosen(offlinetest.Reel)
	}
	s.Keys("f3") // and the tree at what was chosen there
	s.Chosen("reel " + offlinetest.Reel)
	s.Keys("left", "left")
	s.Chosen("- package")
	s.Keys("f5")
	s.Chosen(offlinetest.Reel)
}

func TestTheQueueOpensAtWhatWasDoneToday(t *testing.T) {
	t.Parallel()
	s := screenstest.AtReel(t, 100, 30)
	s.Keys("enter")
	s.Until("HAND OVER")
	s.Keys("f5")
	s.Until("Done today 1")
	s.Chosen("✔ active")
}

func TestTheQueueFindsWhatIsTyped(t *testing.T) {
	t.Parallel()
	s := both(t, 100, 30)
	s.Keys("f5")
	s.Chosen(offlinetest.OtherBox)
	s.Until("1–2 / 2")
	s.Keys("/", "2", "5", "8")
	s.Chosen(offlinetest.Reel)
	s.UntilNot(offlinetest.OtherBox)
	s.Until("258▏")
	s.Keys("x")
	s.Until("Nothing here")
	s.Keys("backspace", "enter")
	s.Chosen(offlinetest.Reel)
	s.Keys("w") // letters are keys again
	s.Until("Withdrawing takes it back")
	s.Keys("esc", "esc")
	s.Until(offlinetest.OtherBox)
	s.Keys("/", "A", "M", "Y") // by who began it
	s.Until("AMY▏  2")
	s.Until(offlinetest.OtherBox)
	s.Keys("esc")
	s.Until("1–2 / 2")
}

func TestASettlementShowsTheEvidenceThatItJudges(t *testing.T) {
	t.Parallel()
	s := unknown(t)
	s.Chosen("? not known")
	s.Keys("s")
	s.Until("Settling closes")
	for _, text := range []string{"activate · reel · 2 codes", "¥ 30.00", "no clear answer: connection lost", "before: 2 not active", "Evidence"} {
		s.Until(text)
	}
}

func TestWhatIsNotPossibleSaysWhyBesideTheOperation(t *testing.T) {
	t.Parallel()
	s := unknown(t)
	s.Chosen("? not known")
	s.Until("W withdraw – It may have been sent already")
	s.Keys("w")
	s.Until("It may have been sent already  ")
}
