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
	s.t.Helper()
	words, err := ui.NewWords(ui.English)
	s.must(err)
	start := func(w *ui.Words) string {
		text := []rune(w.T(id, args...))
		return string(text[:min(len(text), 12)])
	}
	s.until(start(words))
	s.keys("f10")
	words.SetLanguage(ui.Chinese)
	s.until(start(words))
	if left := sentence.FindString(s.screen()); left != "" {
		s.t.Errorf("%q is left of English:\n%s", left, s.screen())
	}
}

func TestAnErrorIsInTheLanguageOfTheScreen(t *testing.T) {
	t.Run("sign-in", func(t *testing.T) {
		s := openShop(t, 80, 24, "en")
		s.keys("2", "2", "2", "2", "enter")
		s.switched("error.wrong_pin", map[string]any{"Left": 4})
		s.keys("f10", "1", "enter")
		s.switched("error.bad_pin")
	})
	const unknown = "8888888888888888888888"
	denied := map[string]any{"ID": unknown, "Code": "H10", "Message": "券不存在"}
	t.Run("not an id", func(t *testing.T) {
		s := openShop(t, 80, 24, "en")
		s.signIn()
		s.scan("https://example.com/")
		s.switched("error.not_an_id", map[string]any{"ID": "https://example.com/"})
	})
	t.Run("card", func(t *testing.T) {
		s := openShop(t, 80, 24, "en")
		s.signIn()
		s.scan(unknown)
		s.switched("error.unknown_id", denied)
	})
	t.Run("no platform", func(t *testing.T) {
		s := openShop(t, 80, 24, "en")
		s.signIn()
		s.outage()
		s.scan(unknown)
		s.switched("error.nothing_known", map[string]any{"ID": unknown})
	})
	t.Run("basket", func(t *testing.T) {
		s := openShop(t, 80, 24, "en")
		s.signIn()
		s.keys("f2")
		s.scan(unknown)
		s.switched("error.unknown_id", denied)
	})
}

func TestAnErrorOfReadingIsInTheLanguageOfTheScreen(t *testing.T) {
	for name, key := range map[string]string{"queue": "f5", "tree": "f3"} {
		t.Run(name, func(t *testing.T) {
			s := openShop(t, 80, 24, "en")
			s.signIn()
			s.stopDesk()
			s.keys(key)
			s.switched("error.internal")
		})
	}
}
