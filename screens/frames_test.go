package screens

import (
	"testing"
	"time"

	"counterfoil/screens/screenstest"
)

// halted has the machine stand still for a while, with the framer's timer waiting behind it.
func (s *shop) halted(d time.Duration) {
	s.Clock.Forward(d)
	if !s.model.frames.due.IsZero() {
		s.model.frames.due = time.Now().Add(-d)
	}
}

func TestAMachineThatHaltsInsideAScanLosesNothing(t *testing.T) {
	s := openShop(t, 80, 24, "en")
	s.signIn()
	for n := 1; n < len(reel); n++ {
		for _, timerFirst := range []bool{false, true} {
			s.Clock.Forward(3 * time.Second) // the same scan counts again
			for i, r := range reel + "\r" {
				if i == n {
					s.halted(2 * time.Second)
				}
				if i == n && timerFirst {
					s.Send(frameTick{s.model.frames.seq, s.model.frames.due})
				}
				if r == '\r' {
					s.Send(screenstest.Press("enter"))
				} else {
					s.Send(screenstest.Press(string(r)))
				}
			}
			s.Until("reel · " + reel)
			s.Until("to activate")
			s.Keys("esc")
			s.Until("Scan a voucher")
		}
	}
	s.WantEffects(0)
}

func TestATimerThatIsAlwaysLateGivesTheKeysBackAllTheSame(t *testing.T) {
	s := openShop(t, 80, 24, "en")
	s.signIn()
	s.Send(screenstest.Press("5"))
	for range lateMost + 1 {
		s.halted(time.Second)
		s.Send(frameTick{s.model.frames.seq, s.model.frames.due})
	}
	if !s.Shows("Scan ▸ 5") {
		t.Errorf("the key is still held:\n%s", s.Screen())
	}
}

func TestADigitTypedJustBeforeAScanIsNoPartOfIt(t *testing.T) {
	s := openShop(t, 80, 24, "en")
	s.signIn()
	s.Clock.Forward(time.Second)
	s.Send(screenstest.Press("5"))
	s.Clock.Forward(100 * time.Millisecond)
	for _, r := range reel {
		s.Send(screenstest.Press(string(r)))
	}
	s.Send(screenstest.Press("enter"))
	s.Until("reel · " + reel)
}
