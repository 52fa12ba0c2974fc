package counter_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"counterfoil/api"
	"counterfoil/offline"
	"counterfoil/offline/offlinetest"
	"counterfoil/screens/screenstest"
)

func TestABasketSendsAllWithOneEnterAndShowsEachOutcome(t *testing.T) {
	t.Parallel()
	s := screenstest.SignedIn(t, 100, 30)
	s.Keys("f2")
	s.Until("Scan one after the other")
	for _, id := range []string{offlinetest.Reel, offlinetest.FreeCode, offlinetest.OtherBox} {
		s.Scan(id)
		s.UntilNot("asking the platform")
	}
	s.Until("Enter the amount")
	s.Keys("enter")
	s.WantEffects(0) // one line lacks its amount: nothing is sent
	s.Keys("delete", "enter")
	s.Until("✔ 2 active")
	s.WantEffects(2)
}

func TestABasketSendsAReelAndItsCodeOnce(t *testing.T) {
	t.Parallel()
	for name, order := range map[string][2]string{"reel first": {offlinetest.Reel, offlinetest.ReelCode}, "code first": {offlinetest.ReelCode, offlinetest.Reel}} {
		t.Run(name, func(t *testing.T) {
			s := screenstest.SignedIn(t, 100, 30)
			s.Scan(offlinetest.Reel) // from here on it is known what the reel holds
			s.Until("to activate")
			s.Keys("esc", "f2")
			s.Clock.Forward(3 * time.Second) // the same scan counts again
			s.Until("Scan one after the other")
			for _, id := range order {
				s.Scan(id)
				s.UntilNot("asking the platform")
			}
			s.Until("already in the basket with " + string(api.ID(order[0]).Masked()))
			s.Until("1 to send")
			s.Keys("enter")
			s.Until("✔ 1 active")
			s.WantEffects(1)
			s.Scan(offlinetest.FreeCode)
			s.Until("1 thing") // nothing was left to send: a new basket
		})
	}
}

func TestALineLeftAloneOverlapsNoMore(t *testing.T) {
	t.Parallel()
	s := screenstest.SignedIn(t, 100, 30)
	s.Keys("f2")
	for _, id := range []string{offlinetest.Reel, offlinetest.ReelCode} {
		s.Scan(id)
		s.UntilNot("asking the platform")
	}
	s.Until("already in the basket with")
	s.Keys("up", "delete")
	s.UntilNot("already in the basket with")
	s.Until("1 to send")
}

func TestEveryLineOfABasketLosesItsHandOverToALaterOperation(t *testing.T) {
	t.Parallel()
	s := screenstest.SignedIn(t, 100, 30)
	s.Keys("f2")
	for _, id := range []string{offlinetest.Reel, offlinetest.FreeCode} {
		s.Scan(id)
		s.UntilNot("asking the platform")
	}
	s.Keys("enter")
	handOvers := func(n int) func(string) bool {
		return func(screen string) bool { return strings.Count(screen, "ACTIVE – HAND OVER") == n }
	}
	s.Wait("two to hand over", handOvers(2))
	_, err := s.Desk.Accept(context.Background(), offline.Request{
		Kind: offline.Void, ID: offlinetest.ReelCode, Operator: offline.Session{Name: "mgr", Role: offline.Manager}})
	s.Must(err)
	s.Wait("the other line only", handOvers(1)) // the cursor is on that one
	s.Until("DONE 10:1")
}
