package screens

import (
	"context"
	"strings"
	"testing"
	"time"

	"counterfoil/offline"
)

// reelCode is a code inside reel.
const reelCode = "1001901070000000258-M4DEDSfV"

func TestABasketSendsAReelAndItsCodeOnce(t *testing.T) {
	for name, order := range map[string][2]string{"reel first": {reel, reelCode}, "code first": {reelCode, reel}} {
		t.Run(name, func(t *testing.T) {
			s := openShop(t, 100, 30, "en")
			s.signIn()
			s.Scan(reel) // from here on it is known what the reel holds
			s.Until("to activate")
			s.Keys("esc", "f2")
			s.Clock.Forward(3 * time.Second) // the same scan counts again
			s.Until("Scan one after the other")
			for _, id := range order {
				s.Scan(id)
				s.UntilNot("asking the platform")
			}
			s.Until("already in the basket with " + s.model.env.Mask(order[0]))
			s.Until("1 to send")
			s.Keys("enter")
			s.Until("✔ 1 active")
			s.WantEffects(1)
			s.Scan(freeCode)
			s.Until("1 thing") // nothing was left to send: a new basket
		})
	}
}

func TestALineLeftAloneOverlapsNoMore(t *testing.T) {
	s := openShop(t, 100, 30, "en")
	s.signIn()
	s.Keys("f2")
	for _, id := range []string{reel, reelCode} {
		s.Scan(id)
		s.UntilNot("asking the platform")
	}
	s.Until("already in the basket with")
	s.Keys("up", "delete")
	s.UntilNot("already in the basket with")
	s.Until("1 to send")
}

func TestEveryLineOfABasketLosesItsHandOverToALaterOperation(t *testing.T) {
	s := openShop(t, 100, 30, "en")
	s.signIn()
	s.Keys("f2")
	for _, id := range []string{reel, freeCode} {
		s.Scan(id)
		s.UntilNot("asking the platform")
	}
	s.Keys("enter")
	handOvers := func(n int) func(string) bool {
		return func(screen string) bool { return strings.Count(screen, "ACTIVE – HAND OVER") == n }
	}
	s.Wait("two to hand over", handOvers(2))
	_, err := s.Desk.Accept(context.Background(), offline.Request{
		Kind: offline.Void, ID: reelCode, Operator: offline.Session{Name: "mgr", Role: offline.Manager}})
	s.Must(err)
	s.Wait("the other line only", handOvers(1)) // the cursor is on that one
	s.Until("DONE 10:1")
}
