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

func TestTheHelpOfTheCounterNamesTabAndEsc(t *testing.T) {
	t.Parallel()
	s := screenstest.AtReel(t, 120, 40)
	s.Keys("?")
	s.Until("Tab           from the amount to the number")
	s.Until("Esc           take back what was typed")
	s.Keys("esc", "f5", "?")
	s.Until("What the result asks")
	if s.Shows("from the amount to the number") {
		t.Errorf("the queue's page has the counter's keys:\n%s", s.Screen())
	}
}
