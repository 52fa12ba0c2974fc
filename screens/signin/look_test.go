package signin_test

import (
	"testing"

	"counterfoil/screens/screenstest"
)

func TestTheSignInLooksAsItShould(t *testing.T) {
	screenstest.Looks(t, [][2]int{{80, 24}, {120, 40}}, func(t *testing.T, width, height int, lang string) {
		screenstest.Open(t, width, height, lang).Golden()
	})
}
