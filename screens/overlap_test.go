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
			s.scan(reel) // from here on it is known what the reel holds
			s.until("to activate")
			s.keys("esc", "f2")
			s.clock.forward(3 * time.Second) // the same scan counts again
			s.until("Scan one after the other")
			for _, id := range order {
				s.scan(id)
				s.untilNot("asking the platform")
			}
			s.until("already in the basket with " + s.model.env.Mask(order[0]))
			s.until("1 to send")
			s.keys("enter")
			s.until("✔ 1 active")
			s.wantEffects(1)
			s.scan(freeCode)
			s.until("1 thing") // nothing was left to send: a new basket
		})
	}
}

func TestALineLeftAloneOverlapsNoMore(t *testing.T) {
	s := openShop(t, 100, 30, "en")
	s.signIn()
	s.keys("f2")
	for _, id := range []string{reel, reelCode} {
		s.scan(id)
		s.untilNot("asking the platform")
	}
	s.until("already in the basket with")
	s.keys("up", "delete")
	s.untilNot("already in the basket with")
	s.until("1 to send")
}

func TestEveryLineOfABasketLosesItsHandOverToALaterOperation(t *testing.T) {
	s := openShop(t, 100, 30, "en")
	s.signIn()
	s.keys("f2")
	for _, id := range []string{reel, freeCode} {
		s.scan(id)
		s.untilNot("asking the platform")
	}
	s.keys("enter")
	handOvers := func(n int) func(string) bool {
		return func(screen string) bool { return strings.Count(screen, "ACTIVE – HAND OVER") == n }
	}
	s.wait("two to hand over", handOvers(2))
	_, err := s.desk.Accept(context.Background(), offline.Request{
		Kind: offline.Void, ID: reelCode, Operator: offline.Session{Name: "mgr", Role: offline.Manager}})
	s.must(err)
	s.wait("the other line only", handOvers(1)) // the cursor is on that one
	s.until("DONE 10:1")
}
