package screens

import (
	"reflect"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"counterfoil/offline"
	"counterfoil/offline/offlinetest"
	"counterfoil/screens/screen"
	"counterfoil/ui"
	"counterfoil/ui/scan"
)

const days, opens offline.Act = "day", "review"

// figures is a screen that only a manager may open, and that remembers what it showed.
type figures struct{ shown, opened, sized int }

func (f *figures) Update(msg tea.Msg) tea.Cmd {
	switch msg.(type) {
	case screen.Sized:
		f.sized++
	case screen.Shown:
		f.shown++
	case screen.Opened:
		f.opened++
	}
	return nil
}
func (f *figures) View(int, int) string   { return "FIGURES" }
func (f *figures) Bindings() []ui.Binding { return nil }
func (f *figures) TakesScans() bool       { return false }
func (f *figures) Typing() bool           { return false }
func (f *figures) Busy() bool             { return false }

// opener is a root with such a screen behind F11, and a cashier signed in.
type opener struct {
	*Model
	shop  *offlinetest.Shop
	begun atomic.Int64 // commands whose message was not taken yet
	came  chan tea.Msg
	late  chan tea.Msg // of commands that wait
}

func newOpener(t *testing.T) *opener {
	s := offlinetest.Open(t)
	words, err := ui.NewWords(ui.English)
	s.Must(err)
	m := New(t.Context(), Options{Desk: s.Desk, Words: words, Zone: offlinetest.Zone, Now: s.Clock.Now})
	m.screens = append(m.screens, entry{"figures", "queue.title", days, "f11", func(*screen.Env) screen.Screen { return &figures{} }, &figures{}})
	o := &opener{Model: m, shop: s, came: make(chan tea.Msg, 1000), late: make(chan tea.Msg, 1000)}
	o.send(tea.WindowSizeMsg{Width: 100, Height: 30})
	o.send(screen.SignedIn{Session: s.Cashier})
	return o
}

// send brings a message and all that follows from it. Of commands that wait for
// time to pass or for the desk to change it brings what they said meanwhile.
func (o *opener) send(msg tea.Msg) {
	for len(o.late) > 0 {
		o.take(<-o.late)
	}
	for o.take(msg); o.begun.Load() > 0; o.begun.Add(-1) {
		o.take(<-o.came)
	}
}

func (o *opener) take(msg tea.Msg) {
	if msg != nil {
		_, cmd := o.Update(msg)
		o.begin(cmd)
	}
}

// begin runs a command beside the test.
func (o *opener) begin(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	to := o.came
	if name := runtime.FuncForPC(reflect.ValueOf(cmd).Pointer()).Name(); strings.Contains(name, ".Tick.") || strings.Contains(name, ".watch.") {
		to = o.late
	} else {
		o.begun.Add(1)
	}
	go func() {
		msg := cmd()
		switch all := msg.(type) {
		case beat, rest:
			msg = nil
		case tea.BatchMsg:
			for _, c := range all {
				o.begin(c)
			}
			msg = nil
		}
		to <- msg
	}()
}

func (o *opener) press(keys ...tea.KeyPressMsg) {
	for _, k := range keys {
		o.shop.Clock.Forward(time.Second)
		o.send(k)
		o.shop.Clock.Forward(time.Second)
		o.send(scan.Tick{})
	}
}

func (o *opener) pin(pin string) {
	o.press(tea.KeyPressMsg{Code: tea.KeyTab})
	for _, r := range pin {
		o.press(tea.KeyPressMsg{Code: r, Text: string(r)})
	}
	o.press(tea.KeyPressMsg{Code: tea.KeyEnter})
}

func (o *opener) screen() string { return ansi.Strip(o.View().Content) }

func TestAManagerOpensAScreenUntilItIsLeft(t *testing.T) {
	t.Parallel()
	f1, f11 := tea.KeyPressMsg{Code: tea.KeyF1}, tea.KeyPressMsg{Code: tea.KeyF11}
	o := newOpener(t)
	may := func() bool {
		_, err := o.shop.Desk.Signed(t.Context(), o.env.Session)
		o.shop.Must(err)
		return o.env.May(days)
	}
	for name, leave := range map[string]func(){
		"another screen": func() { o.press(f1) },
		"the lock": func() {
			o.press(tea.KeyPressMsg{Code: 'l', Mod: tea.ModCtrl})
			o.send(screen.SignedIn{Session: o.shop.As("amy", "1111")})
		},
	} {
		o.press(f11)
		if s := o.screen(); !strings.Contains(s, "A manager is needed") || !strings.Contains(s, "until it is left") {
			t.Fatalf("%s: nobody is asked:\n%s", name, s)
		}
		o.pin("1234")
		if o.front == "figures" || may() {
			t.Fatal("a wrong PIN opens it")
		}
		o.press(tea.KeyPressMsg{Code: tea.KeyEscape}, f11)
		o.pin("9999")
		if o.front != "figures" || !may() || o.screen() == "" {
			t.Fatalf("%s: not opened:\n%s", name, o.screen())
		}
		if o.inFront().(*figures).sized == 0 {
			t.Errorf("%s: made anew, it does not know its size", name)
		}
		was := o.inFront()
		if leave(); o.front == "figures" || may() || o.entry("figures").Screen == was {
			t.Errorf("%s leaves it open", name)
		}
	}
	o.send(screen.OpenFor{Screen: o.front, Act: opens, What: "records"})
	o.pin("9999")
	if o.env.Opened != opens || !o.env.May(opens) {
		t.Error("a screen cannot ask for more than it has")
	}
}
