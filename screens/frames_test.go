package screens

import (
	"testing"
	"time"
)

// halted has the machine stand still for a while, with the framer's timer waiting behind it.
func (s *shop) halted(d time.Duration) {
	s.clock.forward(d)
	if !s.model.frames.due.IsZero() {
		s.model.frames.due = time.Now().Add(-d)
	}
}

func TestAMachineThatHaltsInsideAScanLosesNothing(t *testing.T) {
	s := openShop(t, 80, 24, "en")
	s.signIn()
	for n := 1; n < len(reel); n++ {
		for _, timerFirst := range []bool{false, true} {
			s.clock.forward(3 * time.Second) // the same scan counts again
			for i, r := range reel + "\r" {
				if i == n {
					s.halted(2 * time.Second)
				}
				if i == n && timerFirst {
					s.send(frameTick{s.model.frames.seq, s.model.frames.due})
				}
				if r == '\r' {
					s.send(press("enter"))
				} else {
					s.send(press(string(r)))
				}
			}
			s.until("reel · " + reel)
			s.until("to activate")
			s.keys("esc")
			s.until("Scan a voucher")
		}
	}
	s.wantEffects(0)
}

func TestATimerThatIsAlwaysLateGivesTheKeysBackAllTheSame(t *testing.T) {
	s := openShop(t, 80, 24, "en")
	s.signIn()
	s.send(press("5"))
	for range lateMost + 1 {
		s.halted(time.Second)
		s.send(frameTick{s.model.frames.seq, s.model.frames.due})
	}
	if !s.shows("Scan ▸ 5") {
		t.Errorf("the key is still held:\n%s", s.screen())
	}
}

func TestADigitTypedJustBeforeAScanIsNoPartOfIt(t *testing.T) {
	s := openShop(t, 80, 24, "en")
	s.signIn()
	s.clock.forward(time.Second)
	s.send(press("5"))
	s.clock.forward(100 * time.Millisecond)
	for _, r := range reel {
		s.send(press(string(r)))
	}
	s.send(press("enter"))
	s.until("reel · " + reel)
}
