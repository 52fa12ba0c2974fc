package screens

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	tea "charm.land/bubbletea/v2"

	"counterfoil/offline"
	"counterfoil/offline/offlinetest"
	"counterfoil/screens/screen"
)

// pressOf is the press of a key by the name that a binding gives it.
func pressOf(name string) tea.KeyPressMsg {
	codes := map[string]rune{
		"enter": tea.KeyEnter, "esc": tea.KeyEscape, "tab": tea.KeyTab, "delete": tea.KeyDelete, "up": tea.KeyUp, "down": tea.KeyDown,
		"left": tea.KeyLeft, "right": tea.KeyRight, "home": tea.KeyHome, "end": tea.KeyEnd, "pgup": tea.KeyPgUp, "pgdown": tea.KeyPgDown, "space": tea.KeySpace,
	}
	switch rest, ctrl := strings.CutPrefix(name, "ctrl+"); {
	case ctrl:
		return tea.KeyPressMsg{Code: []rune(rest)[0], Mod: tea.ModCtrl}
	case codes[name] != 0:
		return tea.KeyPressMsg{Code: codes[name]}
	case len(name) > 1 && name[0] == 'f':
		n := 0
		for _, r := range name[1:] {
			n = 10*n + int(r-'0')
		}
		return tea.KeyPressMsg{Code: tea.KeyF1 + rune(n-1)}
	}
	return tea.KeyPressMsg{Code: []rune(name)[0], Text: name}
}

// facts are what no key may change for those who may not: every operation and operator.
func (o *opener) facts() (all []string) {
	ctx := o.shop.TB.Context()
	ops, err := o.shop.Desk.Operations(ctx, offline.Query{Limit: 99, Whole: true})
	o.shop.Must(err)
	for _, op := range ops {
		all = append(all, op.ID+" "+string(op.State)+" of "+op.Operator+" "+op.SettledBy)
	}
	people, err := o.shop.Desk.Operators(ctx)
	o.shop.Must(err)
	for _, p := range people {
		all = append(all, "operator "+p.Name+" "+string(p.Role)+map[bool]string{true: " disabled"}[p.Disabled])
	}
	closes, err := o.shop.Desk.Closes(ctx, o.shop.Manager)
	o.shop.Must(err)
	all = append(all, "closes "+strings.Repeat("I", len(closes)))
	slices.Sort(all)
	return all
}

// answer says yes to whatever asks, but for a manager's PIN.
func (o *opener) answer() {
	for range 8 {
		switch {
		case o.asked.dialog == nil:
			return
		case strings.Contains(o.screen(), "A manager is needed"), strings.Contains(o.screen(), "Quit?"):
			o.press(pressOf("esc"))
		default:
			o.press(pressOf("left"), pressOf("2"), pressOf("5"), pressOf("8"), pressOf("5"), pressOf("enter"))
		}
	}
	o.press(pressOf("esc"))
}

// Every key of every screen, for both roles and nobody: no screen opens and
// nothing is done that the table of rights does not give.
func TestNoKeyDoesWhatTheTableDoesNotGive(t *testing.T) {
	t.Parallel()
	for name, who := range map[string]func(*offlinetest.Shop) offline.Session{
		"nobody":  func(*offlinetest.Shop) offline.Session { return offline.Session{} },
		"cashier": func(s *offlinetest.Shop) offline.Session { return s.As("amy", "1111") },
		"manager": func(s *offlinetest.Shop) offline.Session { return s.As("mgr", "9999") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var mu sync.Mutex
			done, first := map[string]bool{}, true
			t.Run("screens", func(t *testing.T) {
				for i, e := range newOpener(t).screens {
					if e.key == "" {
						continue
					}
					everywhere := first
					first = false
					t.Run(string(e.id), func(t *testing.T) {
						t.Parallel()
						did := walked(t, who, i, everywhere)
						mu.Lock()
						defer mu.Unlock()
						maps.Copy(done, did)
					})
				}
			})
			did := strings.Join(slices.Sorted(maps.Keys(done)), "\n")
			if forbidden := strings.Contains(did, "mgr") || strings.Contains(did, "operator"); name != "manager" && forbidden || name == "nobody" && did != "" {
				t.Errorf("%s did:\n%s", name, did)
			}
			if name == "manager" && !strings.Contains(did, "settled of mgr") && !strings.Contains(did, "withdrawn of mgr") {
				t.Errorf("the walk settles and withdraws nothing, so it shows nothing:\n%s", did)
			}
		})
	}
}

// walked opens the i-th screen as somebody and presses each of its keys, and those
// that work everywhere where asked; it tells what was done by that.
func walked(t *testing.T, who func(*offlinetest.Shop) offline.Session, i int, everywhere bool) map[string]bool {
	o := newOpener(t)
	o.shop.LookUp(offlinetest.Reel)
	o.shop.CutOff()
	_, err := o.shop.Desk.Accept(t.Context(), offline.Request{
		Kind: offline.Activate, ID: offlinetest.Reel, AmountFen: 3000, Offline: true, Operator: o.shop.Manager})
	o.shop.Must(err)
	begin := func() {
		o.press(pressOf("ctrl+l"))
		if s := who(o.shop); s != (offline.Session{}) {
			o.send(screen.SignedIn{Session: s})
		}
	}
	before, done := o.facts(), map[string]bool{}
	e := o.screens[i]
	keys := map[string]bool{}
	open := func() {
		begin()
		o.press(pressOf(e.key))
		o.answer()
		may := o.env.Session.Role.May(e.act)
		if opened := o.front == e.id; opened != may {
			t.Fatalf("%s opens %s: %t, the table says %t", e.key, e.id, opened, may)
		}
		bindings := o.inFront().Bindings()
		if everywhere {
			bindings = o.bindings() // those that work everywhere, once
		}
		for _, b := range bindings {
			for _, k := range b.Keys {
				keys[k] = true
			}
		}
	}
	open()
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		if key == "ctrl+c" || key == "ctrl+q" {
			continue
		}
		open()
		o.press(pressOf(key))
		o.answer()
		o.press(pressOf("enter"))
		o.answer()
		for _, fact := range o.facts() {
			done[fact] = true
		}
	}
	for _, fact := range before {
		delete(done, fact)
	}
	return done
}
