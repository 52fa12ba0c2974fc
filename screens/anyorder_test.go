package screens_test

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"pgregory.net/rapid"

	"counterfoil/offline"
	"counterfoil/offline/offlinetest"
	"counterfoil/screens"
	"counterfoil/screens/screenstest"
	"counterfoil/ui"
	"counterfoil/ui/scan"
)

// TestMain takes few walks by default, as many as one likes with -rapid.checks,
// and several at once: they wait for timers more than they work.
func TestMain(m *testing.M) {
	_ = flag.Set("rapid.checks", "1")
	screenstest.Main(m)
}

// Keys, scans, locks, and commands and answers that come late, in any order:
// nothing changes at the desk but by a command of the session that is there now,
// and in its operator's name.
func TestNoActOutlivesItsSession(t *testing.T) {
	t.Parallel()
	for i := range 3 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(rt *rapid.T) { walkInAnyOrder(t, rt) })
		})
	}
}

func walkInAnyOrder(t *testing.T, rt *rapid.T) {
	w := walkOf(t, rt)
	defer w.shop.Close()
	keys := []string{"enter", "enter", "enter", "esc", "f1", "f2", "f3", "f4", "f5", "f7", "tab", "down", "w", "s", "6", "0", "9", "delete", "ctrl+c"}
	rt.Repeat(map[string]func(*rapid.T){
		"key":  func(rt *rapid.T) { w.press(rapid.SampledFrom(keys).Draw(rt, "key")) },
		"keys": func(rt *rapid.T) { w.press(rapid.SliceOfN(rapid.SampledFrom(keys), 2, 5).Draw(rt, "keys")...) },
		"burst": func(rt *rapid.T) {
			w.burst(rapid.SliceOfN(rapid.SampledFrom(append(keys, "ctrl+l")), 2, 4).Draw(rt, "keys")...)
		},
		"scan": func(rt *rapid.T) {
			w.scan(rapid.SampledFrom([]string{offlinetest.Reel, offlinetest.FreeCode}).Draw(rt, "id"))
		},
		"lock": func(*rapid.T) { w.press("ctrl+l") },
		"overtaken": func(rt *rapid.T) {
			if w.deliver(); w.who.name == "" {
				w.signIn("amy")
			}
			w.press(rapid.SampledFrom([]string{"f1", "f3", "f5", "f7"}).Draw(rt, "screen"))
			w.deliver()
			w.press(rapid.SampledFrom([]string{"f4", "f4", "enter", "w", "s"}).Draw(rt, "key"), "ctrl+l")
			if w.deliver(); rapid.Bool().Draw(rt, "again") {
				w.signIn("amy")
			}
		},
		"idle": func(*rapid.T) { w.shop.Clock.Forward(screenstest.IdleLock); w.press("enter") },
		"sign in": func(rt *rapid.T) {
			if w.who.name == "" {
				w.signIn(rapid.SampledFrom([]string{"amy", "mgr"}).Draw(rt, "who"))
			}
		},
		"manager's PIN": func(*rapid.T) {
			if strings.Contains(w.screen(), "A manager is needed") {
				w.press("tab", "9", "9", "9", "9", "enter")
			}
		},
		"late command": func(rt *rapid.T) { w.late(rt) },
		"late answer":  func(rt *rapid.T) { w.answer(rt) },
		"all comes":    func(*rapid.T) { w.deliver() },
		"":             func(rt *rapid.T) { w.check(rt) },
	})
}

// who is one session, as the status line shows it; nobody's has no name.
type who struct {
	name   string
	serial int
}

type walk struct {
	shop  *offlinetest.Shop
	model tea.Model
	who   who
	did   bool // somebody pressed a key since the session began
	cmds  []begun
	msgs  []tea.Msg
	wrong string
}

// begun is a command that has not run yet, and the session it comes from.
type begun struct {
	cmd tea.Cmd
	by  who
}

func walkOf(t *testing.T, rt *rapid.T) *walk {
	w := &walk{shop: offlinetest.Open(t, func(s *offlinetest.Shop) {
		s.Settings.Limits.MaxOperations, s.Settings.Limits.MaxAmountFen = 2, 4000
	})}
	w.shop.LookUp(offlinetest.Reel)
	w.shop.LookUp(offlinetest.FreeCode)
	if rapid.Bool().Draw(rt, "outage") {
		w.shop.CutOff()
	}
	words, err := ui.NewWords(ui.English)
	w.shop.Must(err)
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	w.model = screens.New(ctx, screens.Options{
		Desk: w.shop.Desk, Words: words, Zone: offlinetest.Zone, Now: w.shop.Clock.Now, IdleLock: screenstest.IdleLock,
		SinceBoot: func() time.Duration { return w.shop.Clock.Now().Sub(offlinetest.Opening) },
	})
	w.send(tea.WindowSizeMsg{Width: 100, Height: 30})
	w.press("f9") // and back, to the sign-in
	w.deliver()
	w.press("esc")
	w.signIn("amy")
	w.scan(offlinetest.Reel)
	w.deliver()
	return w
}

func (w *walk) screen() string { return ansi.Strip(w.model.View().Content) }

func (w *walk) send(msg tea.Msg) {
	_, cmd := w.model.Update(msg)
	name := ""
	line, _, _ := strings.Cut(w.screen(), "\n")
	for _, n := range []string{"amy · cashier", "mgr · manager"} {
		if strings.Contains(line, n) {
			name = n[:3]
		}
	}
	if name != w.who.name {
		w.who, w.did = who{name, w.who.serial + 1}, false
	}
	if cmd != nil {
		w.cmds = append(w.cmds, begun{cmd, w.who})
	}
}

func (w *walk) press(names ...string) {
	for _, name := range names {
		w.shop.Clock.Forward(time.Second)
		w.key(name)
		w.shop.Clock.Forward(time.Second)
		w.send(scan.Tick{})
	}
}

// burst presses keys without a pause.
func (w *walk) burst(names ...string) {
	w.shop.Clock.Forward(time.Second)
	for _, name := range names {
		w.key(name)
	}
	w.shop.Clock.Forward(time.Second)
	w.send(scan.Tick{})
}

func (w *walk) key(name string) {
	before := w.who
	w.send(screenstest.Press(name))
	w.did = w.did || before == w.who
}

func (w *walk) scan(id string) {
	w.shop.Clock.Forward(3 * time.Second)
	for _, r := range id {
		w.key(string(r))
	}
	w.key("enter")
}

func (w *walk) signIn(name string) {
	w.deliver()
	if !strings.Contains(w.screen(), "Sign in") {
		return
	}
	for range 2 {
		if !strings.Contains(w.screen(), "▸ "+name) {
			w.press("down")
		}
	}
	pin := map[string]string{"amy": "1111", "mgr": "9999"}[name]
	w.press(strings.Split(pin, "")...)
	w.press("enter")
	for range 5 {
		if w.who.name == "" {
			w.deliver()
		}
	}
}

// run runs a command to its end, and notes what it changed at the desk.
func (w *walk) run(b begun) {
	before := w.book()
	done := make(chan tea.Msg, 1)
	go func() { done <- b.cmd() }()
	select {
	case msg := <-done:
		switch msg := msg.(type) {
		case nil:
		case tea.BatchMsg:
			for _, cmd := range msg {
				if cmd != nil {
					w.cmds = append(w.cmds, begun{cmd, b.by})
				}
			}
		default:
			if !slices.Contains([]string{"screens.beat", "screens.rest"}, fmt.Sprintf("%T", msg)) { // a tick brings the next
				w.msgs = append(w.msgs, msg)
			}
		}
	case <-time.After(time.Minute):
		w.wrong = "a command does not end"
	}
	after := w.book()
	if maps.Equal(before, after) {
		return
	}
	if b.by.name == "" || b.by != w.who {
		w.wrong = fmt.Sprintf("a command of %v changed the desk under %v", b.by, w.who)
	}
	for op, line := range after {
		if before[op] != line && !strings.Contains(line, "by "+b.by.name) {
			w.wrong = fmt.Sprintf("%v did %s", b.by, line)
		}
	}
}

// book is the desk's operations, each as what a person did with it.
func (w *walk) book() map[string]string {
	ops, err := w.shop.Desk.Operations(context.Background(), offline.Query{Limit: 50, Whole: true})
	w.shop.Must(err)
	book := map[string]string{}
	for _, op := range ops {
		done := "accepted"
		if op.State == offline.Withdrawn || op.State == offline.Settled {
			done = string(op.State) + " by amy or by mgr" // a manager may have approved it
		}
		book[op.Op] = fmt.Sprintf("%s by %s, %d, %s", op.ID, op.Operator, op.AmountFen, done)
	}
	return book
}

func (w *walk) late(rt *rapid.T) {
	if len(w.cmds) > 0 {
		i := rapid.IntRange(0, len(w.cmds)-1).Draw(rt, "command")
		b := w.cmds[i]
		w.cmds = slices.Delete(w.cmds, i, i+1)
		w.run(b)
	}
}

func (w *walk) answer(rt *rapid.T) {
	if len(w.msgs) > 0 {
		i := rapid.IntRange(0, len(w.msgs)-1).Draw(rt, "answer")
		msg := w.msgs[i]
		w.msgs = slices.Delete(w.msgs, i, i+1)
		w.send(msg)
	}
}

// deliver runs and delivers what there is, for a while: some of it goes on.
func (w *walk) deliver() {
	for range 40 {
		if len(w.cmds) == 0 && len(w.msgs) == 0 {
			return
		}
		cmds, msgs := w.cmds, w.msgs
		w.cmds, w.msgs = nil, nil
		for _, b := range cmds {
			w.run(b)
		}
		for _, msg := range msgs {
			w.send(msg)
		}
	}
}

// check holds what is seen against who is there: nobody, and whoever has just
// signed in, meets no question.
func (w *walk) check(rt *rapid.T) {
	if w.wrong != "" {
		rt.Fatalf("%s\n%s", w.wrong, w.screen())
	}
	for _, question := range []string{"Void this?", "Activate this serial range?", "A manager is needed ·", "NOT ACTIVE YET. ", "NOT VOID YET. ", "Settle by hand", "Withdrawing takes", "Empty the basket?"} {
		if strings.Contains(w.screen(), question) && (w.who.name == "" || !w.did) {
			rt.Fatalf("%v meets %q:\n%s", w.who, question, w.screen())
		}
	}
}
