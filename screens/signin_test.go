package screens

import (
	"testing"
	"time"
)

func TestATypedNameChoosesItsOperator(t *testing.T) {
	s := openShop(t, 80, 24, "en")
	s.keys("m")
	s.until("▸ mgr")
	s.clock.forward(2 * time.Second)
	for range 2 {
		for _, letter := range []string{"a", "m", "y"} {
			s.clock.forward(90 * time.Millisecond)
			s.send(press(letter))
		}
		s.clock.forward(200 * time.Millisecond)
		s.send(frameTick{seq: s.model.frames.seq})
		s.until("▸ amy")
		s.clock.forward(2 * time.Second)
	}
	s.keys("m") // a name begun anew after a while
	s.until("▸ mgr")
}

func TestAShortPINIsNoTry(t *testing.T) {
	s := openShop(t, 80, 24, "en")
	for range 8 { // more than lock an operator out
		s.keys("1", "1", "1", "enter")
		s.until("A PIN has 4 to 8 digits")
	}
	s.signIn()
}
