package screens_test

import (
	"regexp"
	"testing"

	"counterfoil/screens/screenstest"
	"counterfoil/ui"
)

// sentence is a word of English that no name, id or key has.
var sentence = regexp.MustCompile(`[A-Za-z]+ [a-z]{2,} [a-z]{2,}`)

// switched presses F10 and wants the sentence of the other language in place of this one.
func switched(s *screenstest.Counter, id string, args ...map[string]any) {
	s.TB.Helper()
	words, err := ui.NewWords(ui.English)
	s.Must(err)
	start := func(w *ui.Words) string {
		text := []rune(w.T(id, args...))
		return string(text[:min(len(text), 12)])
	}
	s.Until(start(words))
	s.Keys("f10")
	words.SetLanguage(ui.Chinese)
	s.Until(start(words))
	if left := sentence.FindString(s.Screen()); left != "" {
		s.TB.Errorf("%q is left of English:\n%s", left, s.Screen())
	}
}

func TestAnErrorIsInTheLanguageOfTheScreen(t *testing.T) {
	t.Parallel()
	t.Run("sign-in", func(t *testing.T) {
		s := screenstest.Open(t, 80, 24, "en")
		s.Keys("2", "2", "2", "2", "enter")
		switched(s, "error.wrong_pin", map[string]any{"Left": 4})
		s.Keys("f10", "1", "enter")
		switched(s, "error.bad_pin")
	})
	const unknown = "8888888888888888888888"
	denied := map[string]any{"ID": unknown, "Code": "H10", "Message": "券不存在"}
	t.Run("not an id", func(t *testing.T) {
		s := screenstest.SignedIn(t, 80, 24)
		s.Scan("https://example.com/")
		switched(s, "error.not_an_id", map[string]any{"ID": "https://example.com/"})
	})
	t.Run("card", func(t *testing.T) {
		s := screenstest.SignedIn(t, 80, 24)
		s.Scan(unknown)
		switched(s, "error.unknown_id", denied)
	})
	t.Run("no platform", func(t *testing.T) {
		s := screenstest.SignedIn(t, 80, 24)
		s.Outage()
		s.Scan(unknown)
		switched(s, "error.nothing_known", map[string]any{"ID": unknown})
	})
	t.Run("basket", func(t *testing.T) {
		s := screenstest.SignedIn(t, 80, 24)
		s.Keys("f2")
		s.Scan(unknown)
		switched(s, "error.unknown_id", denied)
	})
}

func TestAnErrorOfReadingIsInTheLanguageOfTheScreen(t *testing.T) {
	t.Parallel()
	for name, key := range map[string]string{"queue": "f5", "tree": "f3"} {
		t.Run(name, func(t *testing.T) {
			s := screenstest.SignedIn(t, 80, 24)
			s.Stop()
			s.Keys(key)
			switched(s, "error.internal")
		})
	}
}

func TestADialogsWordsFollowTheLanguage(t *testing.T) {
	t.Parallel()
	for name, open := range dialogs {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := screenstest.AtReel(t, 80, 24)
			open(s)
			s.Keys("f10")
			s.Until("收银员")
			if left := sentence.FindString(s.Screen()); left != "" {
				t.Errorf("%q is left of English:\n%s", left, s.Screen())
			}
			if name == "manager" { // what was typed and picked stands
				s.Keys("9", "9", "enter")
				s.Until(s.Words.T("result.queued"))
			}
		})
	}
}
