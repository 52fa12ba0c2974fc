package screens

import (
	"testing"
	"time"
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
