package box_test

import (
	"context"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"counterfoil/screens"
	"counterfoil/screens/box"
	"counterfoil/ui"
)

// till is a counter's screens on a shop, with messages running as the terminal library runs them.
type till struct {
	*box.Shop
	tb    testing.TB
	model *screens.Model
	words *ui.Words
	msgs  chan tea.Msg
	done  chan struct{}
	wide  int
	high  int
}

// openTill shows the counter of a shop without operators, signed in.
func openTill(tb testing.TB, s *box.Shop, width, height int, lang string) *till {
	tb.Helper()
	words, err := ui.NewWords(lang)
	if err != nil {
		tb.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	l := &till{Shop: s, tb: tb, words: words, msgs: make(chan tea.Msg, 256), done: make(chan struct{}), wide: width, high: height}
	l.model = screens.New(ctx, screens.Options{
		Desk: s.Desk, Words: words, ShopName: "银泰店", CounterName: "C01", MaskCodes: true,
		Zone: time.FixedZone("CST", 8*60*60), Now: s.Clock.Now,
	})
	tb.Cleanup(func() {
		close(l.done)
		cancel()
	})
	l.do(l.model.Init())
	l.send(tea.WindowSizeMsg{Width: width, Height: height})
	l.until("--role manager")
	l.keys("enter")
	l.until(words.T("counter.empty"))
	return l
}

func (l *till) do(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	go func() {
		msg := cmd()
		if batch, ok := msg.(tea.BatchMsg); ok {
			for _, c := range batch {
				l.do(c)
			}
			return
		}
		if msg == nil {
			return
		}
		select {
		case l.msgs <- msg:
		case <-l.done:
		}
	}()
}

func (l *till) send(msg tea.Msg) {
	_, cmd := l.model.Update(msg)
	l.do(cmd)
}

func (l *till) screen() string { return ansi.Strip(l.model.View().Content) }

// wait lets the program run until the screen is as wanted.
func (l *till) wait(what string, ok func(screen string) bool) {
	l.tb.Helper()
	limit := time.After(10 * time.Second)
	for !ok(l.screen()) {
		select {
		case msg := <-l.msgs:
			l.send(msg)
		case <-limit:
			l.tb.Fatalf("never saw %s:\n%s", what, l.screen())
		}
	}
}

func (l *till) until(text string) {
	l.tb.Helper()
	l.wait(text, func(screen string) bool { return strings.Contains(screen, text) })
}

func (l *till) untilNot(text string) {
	l.tb.Helper()
	l.wait("an end of "+text, func(screen string) bool { return !strings.Contains(screen, text) })
}

// chosen waits until the cursor is on a row that holds the text.
func (l *till) chosen(text string) {
	l.tb.Helper()
	l.wait("the cursor on "+text, func(screen string) bool {
		for line := range strings.SplitSeq(screen, "\n") {
			if strings.HasPrefix(line, " ▸") && strings.Contains(line, text) {
				return true
			}
		}
		return false
	})
}

var keyCodes = map[string]rune{
	"enter": tea.KeyEnter, "esc": tea.KeyEscape, "up": tea.KeyUp, "down": tea.KeyDown, "left": tea.KeyLeft, "right": tea.KeyRight,
	"home": tea.KeyHome, "end": tea.KeyEnd, "pgup": tea.KeyPgUp, "pgdown": tea.KeyPgDown, "f1": tea.KeyF1, "f3": tea.KeyF3, "f4": tea.KeyF4,
}

func press(name string) tea.KeyPressMsg {
	if code, ok := keyCodes[name]; ok {
		return tea.KeyPressMsg{Code: code}
	}
	return tea.KeyPressMsg{Code: []rune(name)[0], Text: name}
}

// keys presses keys by their names, each after a pause.
func (l *till) keys(names ...string) {
	for _, name := range names {
		l.Clock.Forward(200 * time.Millisecond)
		l.send(press(name))
		l.Clock.Forward(200 * time.Millisecond)
	}
}

// scan sends a code the way a scanner does: all at once, Enter behind it.
func (l *till) scan(code string) {
	l.Clock.Forward(5 * time.Second)
	for _, r := range code {
		l.send(press(string(r)))
	}
	l.send(press("enter"))
}
