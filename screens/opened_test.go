package screens

import (
	"strings"
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

// opener is a root with such a screen behind F7, and a cashier signed in.
type opener struct {
	*Model
	shop *offlinetest.Shop
	came chan tea.Msg
}

func newOpener(t *testing.T) *opener {
	s := offlinetest.Open(t)
	words, err := ui.NewWords(ui.English)
	s.Must(err)
	m := New(t.Context(), Options{Desk: s.Desk, Words: words, Zone: offlinetest.Zone, Now: s.Clock.Now})
	m.screens = append(m.screens, entry{"figures", "queue.title", days, "f7", func(*screen.Env) screen.Screen { return &figures{} }, &figures{}})
	o := &opener{m, s, make(chan tea.Msg, 1000)}
	o.send(tea.WindowSizeMsg{Width: 100, Height: 30})
	o.send(screen.SignedIn{Session: s.Cashier})
	return o
}

// send brings a message; what follows from it comes by until.
func (o *opener) send(msg tea.Msg) {
	_, cmd := o.Update(msg)
	o.begin(cmd)
}

// until brings what follows from the messages before, until something is so.
func (o *opener) until(what string, so func() bool) {
	o.shop.TB.Helper()
	limit := time.After(10 * time.Second)
	for !so() {
		select {
		case msg := <-o.came:
			o.send(msg)
		case <-limit:
			o.shop.TB.Fatalf("never came true: %s:\n%s", what, o.screen())
		}
	}
}

func (o *opener) shows(text string) {
	o.shop.TB.Helper()
	o.until(text, func() bool { return strings.Contains(o.screen(), text) })
}

func (o *opener) begin(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	go func() {
		switch msg := cmd().(type) {
		case nil, beat, rest:
		case tea.BatchMsg:
			for _, c := range msg {
				o.begin(c)
			}
		default:
			o.came <- msg
		}
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
	f1, f7 := tea.KeyPressMsg{Code: tea.KeyF1}, tea.KeyPressMsg{Code: tea.KeyF7}
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
		o.press(f7)
		o.shows("A manager is needed")
		o.shows("until it is left")
		o.pin("1234")
		o.shows("Wrong PIN")
		if o.front == "figures" || may() {
			t.Fatal("a wrong PIN opens it")
		}
		o.press(tea.KeyPressMsg{Code: tea.KeyEscape}, f7)
		o.until("asked again", func() bool { return !strings.Contains(o.screen(), "Wrong PIN") && strings.Contains(o.screen(), "A manager is needed") })
		o.pin("9999")
		o.until("opened for "+name, func() bool { return o.front == "figures" && may() && o.screen() != "" })
		if o.inFront().(*figures).sized == 0 {
			t.Errorf("%s: made anew, it does not know its size", name)
		}
		was := o.inFront()
		leave()
		o.until(name+" closes it", func() bool { return o.front != "figures" && !may() && o.entry("figures").Screen != was })
	}
	o.send(screen.OpenFor{Screen: o.front, Act: opens, What: "records"})
	o.shows("A manager is needed")
	o.pin("9999")
	o.until("more than the screen had", func() bool { return o.env.Opened == opens && o.env.May(opens) })
}
