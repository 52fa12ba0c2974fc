package counter_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"counterfoil/offline"
	"counterfoil/offline/offlinetest"
	"counterfoil/screens/screenstest"
)

// offersNothing fails the test where Enter is lit, or does something.
func offersNothing(s *screenstest.Counter, reason string) {
	s.TB.Helper()
	s.Until(reason)
	s.Until("–⏎ activate")
	s.Keys("enter")
	if s.Shows("NOT ACTIVE YET") {
		s.TB.Errorf("it asks to queue what is active:\n%s", s.Screen())
	}
	s.WantEffects(1)
}

func TestWhatIsKnownHereToBeActiveIsNotOfferedInAnOutage(t *testing.T) {
	t.Parallel()
	s := screenstest.AtReel(t, 80, 24)
	s.Keys("enter")
	s.Until("HAND OVER")
	s.Keys("esc")
	s.Until("Scan a voucher")
	s.Clock.Forward(3 * time.Minute)
	s.Outage()
	for _, id := range []string{offlinetest.Reel, offlinetest.ReelCode} {
		s.Clock.Forward(3 * time.Second)
		s.Scan(id)
		s.Until("· " + id)
		offersNothing(s, "It is active already")
	}
}

func TestWhatWasActivatedHereIsNotOfferedWhereNothingElseIsKnownOfIt(t *testing.T) {
	t.Parallel()
	shop := offlinetest.Open(t).Start()
	op, err := shop.Desk.Accept(t.Context(), offline.Request{Kind: offline.Activate, ID: offlinetest.Reel, AmountFen: 3000, Operator: shop.Cashier})
	shop.Must(err)
	_, err = shop.Desk.Wait(t.Context(), op.Op)
	shop.Must(err)
	shop.Stop()
	lost, err := filepath.Glob(filepath.Join(shop.Settings.Data, "catalog.db*"))
	shop.Must(err)
	for _, name := range lost {
		shop.Must(os.Remove(name))
	}
	shop.Reopen()
	s := screenstest.OnShop(shop, 80, 24, "en")
	s.Outage()
	s.Scan(offlinetest.Reel)
	offersNothing(s, "It was activated here already")
	s.Keys("esc", "f2")
	s.Clock.Forward(3 * time.Second)
	s.Scan(offlinetest.Reel)
	s.Until("activated here already")
}

func TestTheCardOfWhatNothingIsKnownOfSaysWhatCanBeDoneInAnOutage(t *testing.T) {
	t.Parallel()
	const can, again = "With an amount,", "Try again when"
	s := screenstest.SignedIn(t, 80, 24)
	s.Outage()
	s.Scan("R156A001-0000503-0517")
	s.Until(can)
	s.Until("Enter the amount")
	if s.Shows(again) {
		t.Errorf("it says two things:\n%s", s.Screen())
	}
	s.Keys("esc", "f2")
	s.Scan("R156A001-0000504-0518")
	s.Until(can)
	s.Answer("100")
	s.Until("NOT ACTIVE YET")
	s.Keys("enter")
	s.Until("1 waiting")
}
