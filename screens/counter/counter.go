// Package counter is the main screen: scan, then Enter. It shows what was
// scanned, asks the desk to activate or void it, and says what the cashier must
// do with the voucher. It decides nothing about vouchers and touches no file
// and no network: the desk does.
package counter

import (
	"context"
	"slices"

	tea "charm.land/bubbletea/v2"

	"counterfoil/api"
	"counterfoil/offline"
	"counterfoil/screens/sale"
	"counterfoil/screens/screen"
	"counterfoil/ui"
)

type counter struct {
	env *screen.Env
	entry
	noID   string // what was scanned and is no id
	lines  []*line
	cursor int
	basket bool
	sent   bool // the basket's Enter was pressed: what is scanned next begins another one
	sales  sale.Flow
	held   []input            // came while a sale was being accepted
	cancel context.CancelFunc // ends the look-up of the single card
	shift
	news
}

// New returns the counter.
func New(env *screen.Env) screen.Screen {
	s := &counter{env: env, entry: entry{typed: ui.Field{Max: api.MaxIDLength}}, sales: sale.New(env, screen.Counter)}
	s.sales.Prepare = s.prepare
	return s
}

// Renewed implements screen.Lasting: cards and baskets belong to the desk. What
// was being asked for is a card again, which is looked up anew.
func (s *counter) Renewed(env *screen.Env) screen.Screen {
	next := New(env).(*counter)
	next.lines, next.cursor, next.basket, next.sent, next.noID, next.held = s.lines, s.cursor, s.basket, s.sent, s.noID, s.held
	next.news = s.news
	for _, l := range next.lines {
		l.renew()
	}
	return next
}

func (s *counter) TakesScans() bool { return true }
func (s *counter) Typing() bool     { return false }

// InHand implements screen.Holder: the tree opens at what was scanned.
func (s *counter) InHand() api.ID {
	if l := s.current(); l != nil && l.known {
		return l.ID
	}
	return ""
}

func (s *counter) Busy() bool {
	return slices.ContainsFunc(s.lines, func(l *line) bool {
		return l.looking || l.Moving || l.Op != nil && l.Op.State == offline.Sending
	})
}

// Still implements screen.Still: not while a card is shown, which has an age,
// and a result that ends with the time to hand over.
func (s *counter) Still() bool { return len(s.lines) == 0 && len(s.unseen) == 0 }

func (s *counter) current() *line {
	if s.cursor < len(s.lines) {
		return s.lines[s.cursor]
	}
	return nil
}

func (s *counter) Bindings() []ui.Binding {
	l := s.current()
	enter := ui.Binding{Keys: []string{"enter"}, Words: "counter.activate", Reason: l.notActivate()}
	if s.basket {
		enter.Words = "counter.send_all"
		enter.Reason = s.notSendAll()
	}
	if s.typedID() != "" {
		enter.Words, enter.Reason = "counter.lookup", ""
	}
	void := ui.Binding{Keys: []string{"f4"}, Words: "counter.void", Reason: s.notVoid()}
	basket := ui.Binding{Keys: []string{"f2"}, Words: "counter.basket"}
	all := []ui.Binding{enter, void, basket}
	if l != nil {
		all = append(all, ui.Binding{Keys: []string{lookKey}, Show: "R", Words: "counter.look_again", Reason: s.notLook(l), Minor: true})
	}
	if len(s.unseen) > 0 {
		all = append(all, ui.Binding{Keys: []string{"esc"}, Words: "counter.seen"})
	}
	if s.basket {
		all[2].Words = "counter.single"
		all = append(all,
			ui.Binding{Keys: []string{"up", "down"}, Show: "↑↓", Words: "counter.choose", Minor: true},
			ui.Binding{Keys: []string{"delete"}, Show: "Del", Words: "counter.remove", Minor: true})
	}
	return all
}

func (s *counter) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case screen.Shown:
		return tea.Batch(s.lookAgain(), s.after(s.read()))
	case screen.Changed:
		return s.read()
	case screen.Scanned:
		return s.take(input{msg.Text, offline.Scanned})
	case screen.Pasted:
		return s.paste(msg)
	case screen.Key:
		return s.key(msg)
	case screen.Answered:
		return s.answered(msg)
	case looked:
		return s.looked(msg)
	case snapshot:
		return s.shown(msg)
	case summed:
		return s.summed(msg)
	}
	return s.sold(msg)
}

// clear removes what was scanned from the screen; accepted operations go on in
// the desk.
func (s *counter) clear() {
	for _, l := range s.lines {
		if l.Op != nil && l.Op.State.Open() && l.Op.State != offline.Attention {
			s.await(l.Op.Op)
		}
	}
	if s.cancel != nil {
		s.cancel()
		s.cancel = nil
	}
	s.lines, s.cursor, s.noID, s.sent = nil, 0, "", false
	s.entry.clear()
	s.sales.Stop()
	s.held = nil
}

// input is a text that may be an id, and how it came.
type input struct {
	text    string
	entered offline.Entered
}

// take begins with a newly scanned or typed text.
func (s *counter) take(in input) tea.Cmd {
	s.entry.clear()
	s.noID = ""
	id, err := api.ParseID(in.text)
	if err != nil {
		if !s.basket {
			s.clear()
		}
		s.noID = ui.Cut(in.text, 80)
		return nil
	}
	if s.sales.Busy() {
		s.held = append(s.held, in) // taken when the sales in hand are accepted
		return nil
	}
	if !s.basket || s.sent {
		s.clear()
	}
	if i := slices.IndexFunc(s.lines, func(l *line) bool { return l.ID == id }); i >= 0 {
		s.cursor = i
		return screen.Say(s.env.T("notice.in_basket"), ui.Queued)
	}
	l := newLine(id)
	l.Entered = in.entered
	s.lines = append(s.lines, l)
	s.cursor = len(s.lines) - 1
	return s.look(l)
}

// finished reports a basket of which nothing waits to be sent.
func (s *counter) finished() bool {
	return !slices.ContainsFunc(s.lines, func(l *line) bool { return l.unsent() && l.overlaps == "" })
}

func (s *counter) key(k screen.Key) tea.Cmd {
	l := s.current()
	if k.Begins {
		s.mark()
	}
	switch key := k.Key.Keystroke(); key {
	case "enter":
		return s.enter()
	case "tab", "shift+tab":
		s.inNumber = !s.inNumber && s.typesAmount() != nil
		return nil
	case "f2":
		return s.toggleBasket()
	case "f4":
		return s.askVoid()
	case "esc":
		return s.back(l)
	case "up", "down":
		if s.basket {
			by := map[string]int{"up": -1, "down": 1}[key]
			s.cursor, s.inNumber = max(min(s.cursor+by, len(s.lines)-1), 0), false
		}
		return nil
	case "delete":
		if s.basket && !s.sent && l != nil && !s.sales.Busy() {
			s.lines = slices.Delete(slices.Clone(s.lines), s.cursor, s.cursor+1)
			s.cursor = max(min(s.cursor, len(s.lines)-1), 0)
			s.compare()
		}
		return nil
	}
	if s.sales.Asking() {
		return nil // what the question is about stands
	}
	return s.typeKey(k.Key)
}

// enter looks up what was typed, or sends.
func (s *counter) enter() tea.Cmd {
	if !s.typed.Empty() {
		return s.lookUpTyped(offline.Typed)
	}
	l := s.current()
	if s.sales.Busy() {
		return nil
	}
	if s.basket {
		return s.sendAll()
	}
	if reason := l.notActivate(); reason != "" {
		if l == nil || l.Op != nil && !l.Op.State.Open() {
			return nil
		}
		return screen.Say(s.env.T(reason), ui.Queued)
	}
	return s.sell(offline.Activate, l)
}

// back undoes the latest thing begun: typed text, a typed amount; then what became
// known was seen; then the card goes.
func (s *counter) back(l *line) tea.Cmd {
	switch {
	case !s.typed.Empty():
		s.entry.clear()
	case s.noID != "":
		s.noID = ""
	case s.sales.Busy():
	case l != nil && l.edited && l.unsent():
		l.edited = false
		l.prefill()
	case len(s.unseen) > 0:
		s.seen()
	case s.basket && !s.sent && len(s.lines) > 1:
		return s.askEmpty()
	default:
		s.clear()
	}
	return nil
}
