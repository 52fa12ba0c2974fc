package screens

import (
	"regexp"
	"testing"

	"counterfoil/ui"
)

// sentence is a word of English that no name, id or key has.
var sentence = regexp.MustCompile(`[A-Za-z]+ [a-z]{2,} [a-z]{2,}`)

// switched presses F10 and wants the sentence of the other language in place of this one.
func (s *shop) switched(id string, args ...map[string]any) {
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
	t.Run("sign-in", func(t *testing.T) {
		s := openShop(t, 80, 24, "en")
		s.Keys("2", "2", "2", "2", "enter")
		s.switched("error.wrong_pin", map[string]any{"Left": 4})
		s.Keys("f10", "1", "enter")
		s.switched("error.bad_pin")
	})
	const unknown = "8888888888888888888888"
	denied := map[string]any{"ID": unknown, "Code": "H10", "Message": "券不存在"}
	t.Run("not an id", func(t *testing.T) {
		s := openShop(t, 80, 24, "en")
		s.signIn()
		s.Scan("https://example.com/")
		s.switched("error.not_an_id", map[string]any{"ID": "https://example.com/"})
	})
	t.Run("card", func(t *testing.T) {
		s := openShop(t, 80, 24, "en")
		s.signIn()
		s.Scan(unknown)
		s.switched("error.unknown_id", denied)
	})
	t.Run("no platform", func(t *testing.T) {
		s := openShop(t, 80, 24, "en")
		s.signIn()
		s.outage()
		s.Scan(unknown)
		s.switched("error.nothing_known", map[string]any{"ID": unknown})
	})
	t.Run("basket", func(t *testing.T) {
		s := openShop(t, 80, 24, "en")
		s.signIn()
		s.Keys("f2")
		s.Scan(unknown)
		s.switched("error.unknown_id", denied)
	})
}

func TestAnErrorOfReadingIsInTheLanguageOfTheScreen(t *testing.T) {
	for name, key := range map[string]string{"queue": "f5", "tree": "f3"} {
		t.Run(name, func(t *testing.T) {
			s := openShop(t, 80, 24, "en")
			s.signIn()
			s.Stop()
			s.Keys(key)
			s.switched("error.internal")
		})
	}
}
