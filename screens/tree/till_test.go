package tree_test

import (
	"context"
	"strings"

	"counterfoil/screens"
	"counterfoil/screens/screenstest"
	"counterfoil/ui"
)

// till is a counter's screens on a shop.
type till struct {
	*screenstest.Shop
	*screenstest.Till
	model *screens.Model
}

// openTill shows the counter of a shop without operators, signed in.
func openTill(s *screenstest.Shop, width, height int, lang string) *till {
	s.TB.Helper()
	words, err := ui.NewWords(lang)
	s.Must(err)
	ctx, cancel := context.WithCancel(context.Background())
	s.TB.Cleanup(cancel)
	l := &till{Shop: s}
	l.model = screens.New(ctx, screens.Options{
		Desk: s.Desk, Words: words, ShopName: "银泰店", CounterName: "C01", MaskCodes: true,
		Zone: screenstest.Zone, Now: s.Clock.Now,
	})
	l.Till = screenstest.Run(s.TB, s.Clock, l.model, width, height)
	l.Until("--role manager")
	l.Keys("enter")
	l.Until(words.T("counter.empty"))
	return l
}

// chosen waits until the cursor is on a row that holds the text.
func (l *till) chosen(text string) {
	l.TB.Helper()
	l.Wait("the cursor on "+text, func(screen string) bool {
		for line := range strings.SplitSeq(screen, "\n") {
			if strings.HasPrefix(line, " ▸") && strings.Contains(line, text) {
				return true
			}
		}
		return false
	})
}
