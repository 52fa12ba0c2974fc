package counter_test

import (
	"testing"

	"counterfoil/offline/offlinetest"
	"counterfoil/screens/screenstest"
)

var sizes = [][2]int{{80, 24}, {120, 40}}

func TestTheEmptyCounterLooksAsItShould(t *testing.T) {
	screenstest.Looks(t, sizes, func(t *testing.T, width, height int, lang string) {
		s := screenstest.Open(t, width, height, lang)
		s.SignIn()
		s.Golden()
	})
}

func TestTheCardLooksAsItShould(t *testing.T) {
	screenstest.Looks(t, sizes, func(t *testing.T, width, height int, lang string) {
		s := screenstest.Open(t, width, height, lang)
		s.SignIn()
		s.Scanned(offlinetest.Reel)
		s.Golden()
	})
}

func TestAnActivationLooksAsItShould(t *testing.T) {
	screenstest.Looks(t, sizes, func(t *testing.T, width, height int, lang string) {
		s := screenstest.Open(t, width, height, lang)
		s.SignIn()
		s.Scanned(offlinetest.Reel)
		s.Keys("enter")
		s.Until(s.Words.T("result.hand_over"))
		s.Until("1 " + map[string]string{"en": "operation", "zh": "笔"}[lang])
		s.Until("✔ " + s.Words.T("state.active") + "   ")
		s.Until("● 2 ")
		s.Until("◷ 0 ") // the status line learns of it by itself
		s.Golden()
	})
}
