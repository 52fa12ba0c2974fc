package screenstest

import (
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"counterfoil/offline/offlinetest"
	"counterfoil/ui/scan"
)

// Till runs a model's messages one after the other and its commands beside it,
// as the terminal library does.
type Till struct {
	tb    testing.TB
	clock *offlinetest.Clock
	model tea.Model
	msgs  chan tea.Msg
	done  chan struct{}
	ended bool
	frame string // seen last, with colours
	bare  string // and without
}

// Run begins to run a model in a window of that size; it ends with the test.
func Run(tb testing.TB, clock *offlinetest.Clock, model tea.Model, width, height int) *Till {
	tb.Helper()
	l := &Till{tb: tb, clock: clock, model: model, msgs: make(chan tea.Msg, 256), done: make(chan struct{})}
	tb.Cleanup(func() { close(l.done) })
	l.do(model.Init())
	l.Send(tea.WindowSizeMsg{Width: width, Height: height})
	return l
}

func (l *Till) do(cmd tea.Cmd) {
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

// Send gives the model one message.
func (l *Till) Send(msg tea.Msg) {
	if _, quit := msg.(tea.QuitMsg); quit {
		l.ended = true
		return
	}
	_, cmd := l.model.Update(msg)
	l.do(cmd)
}

// Ended reports that the model asked to end the program.
func (l *Till) Ended() bool { return l.ended }

// Drain gives the model the messages that wait for it.
func (l *Till) Drain() {
	for len(l.msgs) > 0 {
		l.Send(<-l.msgs)
	}
}

// Screen is what is seen, without colours.
func (l *Till) Screen() string {
	if frame := l.Frame(); frame != l.frame {
		l.frame, l.bare = frame, ansi.Strip(frame)
	}
	return l.bare
}

// Frame is what is seen, with colours.
func (l *Till) Frame() string { return l.model.View().Content }

// Mouse is what the model wants of the mouse.
func (l *Till) Mouse() tea.MouseMode { return l.model.View().MouseMode }

// Shows reports that a text is seen.
func (l *Till) Shows(text string) bool { return strings.Contains(l.Screen(), text) }

// Wait lets the model run until the screen is as wanted.
func (l *Till) Wait(what string, ok func(screen string) bool) {
	l.tb.Helper()
	if !l.runs(2*time.Minute, ok) {
		l.tb.Fatalf("never saw %s:\n%s", what, l.Screen())
	}
}

// runs lets the model run until the screen is as wanted, or for so long.
func (l *Till) runs(most time.Duration, ok func(screen string) bool) bool {
	limit := time.After(most)
	for !ok(l.Screen()) {
		select {
		case msg := <-l.msgs:
			l.Send(msg)
		case <-limit:
			return false
		}
	}
	return true
}

// Until waits until a text is seen.
func (l *Till) Until(text string) {
	l.tb.Helper()
	l.Wait(text, func(screen string) bool { return strings.Contains(screen, text) })
}

// UntilNot waits until a text is seen no more.
func (l *Till) UntilNot(text string) {
	l.tb.Helper()
	l.Wait("an end of "+text, func(screen string) bool { return !strings.Contains(screen, text) })
}

var keyCodes = map[string]rune{
	"enter": tea.KeyEnter, "esc": tea.KeyEscape, "tab": tea.KeyTab, "backspace": tea.KeyBackspace, "delete": tea.KeyDelete,
	"up": tea.KeyUp, "down": tea.KeyDown, "left": tea.KeyLeft, "right": tea.KeyRight,
	"home": tea.KeyHome, "end": tea.KeyEnd, "pgup": tea.KeyPgUp, "pgdown": tea.KeyPgDown,
	"f1": tea.KeyF1, "f2": tea.KeyF2, "f3": tea.KeyF3, "f4": tea.KeyF4, "f5": tea.KeyF5, "f6": tea.KeyF6, "f7": tea.KeyF7, "f8": tea.KeyF8, "f9": tea.KeyF9, "f10": tea.KeyF10, "f12": tea.KeyF12,
}

// Press is the press of a key by its name, "f4" or "ctrl+l", or of a character.
func Press(name string) tea.KeyPressMsg {
	if code, ok := keyCodes[name]; ok {
		return tea.KeyPressMsg{Code: code}
	}
	if rest, ok := strings.CutPrefix(name, "ctrl+"); ok {
		return tea.KeyPressMsg{Code: []rune(rest)[0], Mod: tea.ModCtrl}
	}
	return tea.KeyPressMsg{Code: []rune(name)[0], Text: name}
}

// handPause is what a hand leaves on both sides of a key here: more than any
// pause by which scanners, and keys pressed before a dialog opened, are recognised.
const handPause = 250 * time.Millisecond

// Keys presses keys by their names, each after a pause.
func (l *Till) Keys(names ...string) {
	for _, name := range names {
		l.clock.Forward(handPause)
		l.Send(scan.Tick{}) // the timer is punctual however busy the machine is
		l.Send(Press(name))
		l.clock.Forward(handPause)
		l.Send(scan.Tick{}) // what the key was held back for is over
	}
}

// Answer types a text and Enter, each key after a pause.
func (l *Till) Answer(text string) {
	l.Keys(append(strings.Split(text, ""), "enter")...)
}

// Typed presses the keys of a text at these pauses in milliseconds, the last of
// them again and again, by a timer that is punctual: \r is Enter, \t Tab.
func (l *Till) Typed(text string, pauses ...int) {
	defer l.clock.Stop()()
	pass := func(ms int) {
		for range ms {
			l.clock.Forward(time.Millisecond)
			l.Send(scan.Tick{})
		}
	}
	l.clock.Forward(time.Second)
	l.Send(scan.Tick{})
	i := 0
	for _, r := range text {
		pass(pauses[min(i, len(pauses)-1)])
		i++
		switch r {
		case '\r':
			l.Send(Press("enter"))
		case '\t':
			l.Send(Press("tab"))
		default:
			l.Send(Press(string(r)))
		}
	}
	pass(600)
}

// Type sends characters all at once, however busy the machine is.
func (l *Till) Type(text string) {
	defer l.clock.Stop()()
	for _, r := range text {
		l.Send(Press(string(r)))
	}
}

// Scan sends a code the way a scanner does, Enter behind it.
func (l *Till) Scan(code string) {
	defer l.clock.Stop()()
	l.clock.Forward(time.Second)
	l.Type(code)
	l.Send(Press("enter"))
}

// Chosen waits until the cursor is on a row that holds a text.
func (l *Till) Chosen(text string) {
	l.tb.Helper()
	l.Wait("the cursor on "+text, func(screen string) bool {
		for line := range strings.SplitSeq(screen, "\n") {
			if strings.HasPrefix(strings.TrimLeft(line, " │"), "▸") && strings.Contains(line, text) {
				return true
			}
		}
		return false
	})
}
