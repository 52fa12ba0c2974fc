package screens_test

import (
	"regexp"
	"strings"
	"testing"
	"unicode"

	"counterfoil/offline/offlinetest"
	"counterfoil/screens/screenstest"
)

// garbled is a character that has no form in ASCII: names of others aside, it is
// drawn as a question mark beside what belongs to it.
var garbled = regexp.MustCompile(`[?][?]`)

// yen is an amount whose sign lost its meaning: it is written CNY everywhere.
var yen = regexp.MustCompile(`[ −-]Y ?\d`)

func TestEveryScreenIsDrawnInASCII(t *testing.T) {
	t.Parallel()
	s := screenstest.Open(t, 120, 40, screenstest.ASCII)
	look := func(what string) {
		t.Helper()
		screen := strings.NewReplacer("?????? C01", "", "?????????(??)", "", "??????????(????)", "").Replace(s.Screen())
		if at := strings.IndexFunc(screen, func(r rune) bool { return r > unicode.MaxASCII }); at >= 0 || garbled.MatchString(screen) || yen.MatchString(screen) {
			t.Errorf("%s:\n%s", what, screen)
		}
	}
	look("sign-in")
	s.SignIn()
	s.Scanned(offlinetest.Reel)
	look("card")
	s.Keys("enter")
	s.Until("[ok] ACTIVE")
	look("result")
	s.Keys("f3")
	s.Until("reel " + offlinetest.Reel)
	look("tree")
	s.Keys("f4")
	s.Until("Void this?")
	look("void")
	s.Keys("esc")
	s.Keys("f5")
	s.Until("[ok] active")
	look("done")
	s.Keys("tab")
	s.Until("Nothing here")
	look("queue")
	s.Keys("f9")
	s.Until("Scanner test")
	s.Until("[ok] well ")
	look("doctor")
	s.Keys("?")
	s.Until("What the result asks of you")
	look("help")
	s.Keys("esc", "f1", "esc", "f2")
	s.Scan(offlinetest.FreeCode)
	s.Until("to send")
	look("basket")
	s.Keys("ctrl+q")
	s.Until("Quit?")
	look("dialog")
}
