package screens_test

import (
	"testing"

	"counterfoil/screens/screenstest"
)

func TestTheHelpLooksAsItShould(t *testing.T) {
	screenstest.Looks(t, [][2]int{{80, 24}, {120, 40}}, func(t *testing.T, width, height int, lang string) {
		s := screenstest.Open(t, width, height, lang)
		s.SignIn()
		s.Keys("?")
		s.Until(s.Words.T("help.words"))
		s.Golden()
	})
}
