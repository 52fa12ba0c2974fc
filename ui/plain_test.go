package ui

import (
	"io/fs"
	"strings"
	"testing"
	"unicode"

	"github.com/pelletier/go-toml/v2"

	"counterfoil/assets"
)

// messages are the ids of every message there is.
func messages(t *testing.T) (ids []string) {
	t.Helper()
	files, err := fs.Glob(assets.Languages, "languages/*.en.toml")
	if err != nil || len(files) < 4 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		text, err := assets.Languages.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all := map[string]any{}
		if err := toml.Unmarshal(text, &all); err != nil {
			t.Fatal(err)
		}
		for id := range all {
			ids = append(ids, id)
		}
	}
	return ids
}

func TestEveryMessageIsReadableInASCII(t *testing.T) {
	t.Parallel()
	w := mustWords(t)
	w.SetASCII(true)
	for _, id := range messages(t) {
		text := w.T(id, map[string]any{"Count": 2})
		if plain := ToASCII(text); strings.ContainsFunc(plain, func(r rune) bool { return r > unicode.MaxASCII }) || strings.Count(plain, "?") > strings.Count(text, "?") && id != "keys.language" {
			t.Errorf("%s: %q", id, plain)
		}
	}
}

func TestEverySymbolHasAFormInASCII(t *testing.T) {
	t.Parallel()
	th := NewTheme(ThemeOptions{})
	s := th.Symbols
	for _, symbol := range []string{s.Good, s.Void, s.Bad, s.Wait, s.On, s.Off, s.Half, s.Offline, s.Chosen, s.Unchosen, s.Disabled,
		s.Back, s.Sending, s.Prompt, s.Cursor, s.Bullet, s.Path, s.Enter, s.Dash, s.Tab, "█", "▀", "▄", "░", "▒", "╳"} {
		if got := ToASCII(symbol); strings.Contains(got, "?") || Width(got) != Width(symbol) {
			t.Errorf("%q becomes %q", symbol, got)
		}
	}
}

func TestAmountsAndCountsHaveTheirThousandsApart(t *testing.T) {
	t.Parallel()
	w := mustWords(t)
	if got := w.T("quit.waiting", map[string]any{"Count": 12345}); got != "12,345 operations still wait." {
		t.Errorf("%q", got)
	}
	if got := w.T("error.over_limit", map[string]any{"Limit": "one", "Max": "6000.00"}); !strings.Contains(got, "¥6,000.00 at most") {
		t.Errorf("%q", got)
	}
	if got := w.T("review.unanswered", map[string]any{"N": 1234, "Codes": "x", "More": 1200}); !strings.Contains(got, "1,234 (x and 1,200 more)") {
		t.Errorf("%q", got)
	}
	for number, want := range map[string]string{"0": "0", "-150": "-150", "-1500.50": "-1,500.50", "1234567": "1,234,567", "999.00": "999.00"} {
		if got := Apart(number); got != want {
			t.Errorf("%s: %q", number, got)
		}
	}
}
