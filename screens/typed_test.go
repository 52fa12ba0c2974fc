package screens

import (
	"testing"
	"time"

	"counterfoil/screens/screenstest"
)

func TestADigitTypedJustBeforeAScanIsNoPartOfIt(t *testing.T) {
	s := openShop(t, 80, 24, "en")
	s.signIn()
	s.Clock.Forward(time.Second)
	s.Send(screenstest.Press("5"))
	s.Clock.Forward(100 * time.Millisecond)
	s.Type(reel)
	s.Send(screenstest.Press("enter"))
	s.Until("reel · " + reel)
}
