package screenstest

import (
	"slices"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"counterfoil/offline/offlinetest"
	"counterfoil/screens/screen"
	"counterfoil/ui"
)

// Env is what a screen may read, in a language and at a time, without a desk.
func Env(tb testing.TB, lang string, now func() time.Time) *screen.Env {
	tb.Helper()
	words, err := ui.NewWords(lang)
	if err != nil {
		tb.Fatal(err)
	}
	words.SetASCII(lang == ASCII)
	return &screen.Env{
		Context: tb.Context(), Words: words, Theme: ui.NewTheme(ui.ThemeOptions{ASCII: words.ASCII()}), Zone: offlinetest.Zone, Now: now,
		Setup: screen.Setup{MaskCodes: true},
	}
}

// EnvOn is Env in English on a shop's desk, with its cashier signed in.
func EnvOn(shop *offlinetest.Shop) *screen.Env {
	shop.TB.Helper()
	e := Env(shop.TB, ui.English, shop.Clock.Now)
	e.Desk, e.Session = shop.Desk, shop.Cashier
	return e
}

// Commands are what a screen asked to be run, and are run one at a time: the
// newest first, which of several at once is the last.
type Commands []tea.Cmd

// Add adds a command, nil for none.
func (c *Commands) Add(cmd tea.Cmd) {
	if cmd != nil {
		*c = append(*c, cmd)
	}
}

// Next runs commands until one brings a message, and returns it; false where none
// is left.
func (c *Commands) Next() (msg tea.Msg, more bool) {
	for len(*c) > 0 {
		cmd := (*c)[len(*c)-1]
		*c = slices.Delete(*c, len(*c)-1, len(*c))
		switch msg := cmd().(type) {
		case nil:
		case tea.BatchMsg:
			for _, one := range msg {
				c.Add(one)
			}
		default:
			return msg, true
		}
	}
	return nil, false
}
