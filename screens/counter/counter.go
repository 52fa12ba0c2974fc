// Package counter is the main screen: scan, then Enter. It shows what was
// scanned, asks the desk to activate or void it, and says what the cashier must
// do with the voucher. It decides nothing about vouchers and touches no file
// and no network: the desk does.
package counter

import (
	"context"
	"slices"
	"time"

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
	collected
	sales  sale.Flow
	held   []input            // came while a sale was being accepted
	cancel context.CancelFunc // ends the look-up of the single card
	asks
	kept
	shift
	news
}

// collected is what was scanned: a card, or a basket.
type collected struct {
	noID   string // what was scanned last and is no id
	lines  []*line
	cursor int
	basket bool
	sent   bool   // the basket's Enter was pressed: what is scanned next begins another one
	counts counts // of the basket
	overlapping
	recompare bool // which lines overlap may have changed
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
	next.news, next.kept = s.news, s.kept
	owner := s.reader
	if owner == "" && len(s.lines) > 0 { // scanned before the desk was asked
		owner = s.lines[0].by
	}
	if who := env.Session.Name; who != "" && who != owner {
		next.kept = kept{}
		if s.basket { // it is another's, and waits for her
			for _, l := range s.lines {
				next.leave(l)
			}
			next.kept = kept{}
			return next
		}
	}
	next.collected, next.held = s.collected, s.held
	next.sent = s.sent && !s.sales.Busy() // what was not tried yet is not left to the next scan
	for _, l := range next.lines {
		l.renew()
	}
	return next
}

func (s *counter) TakesScans() bool { return true }
func (s *counter) Typing() bool     { return false }

// InHand implements screen.Holder: the tree opens at what was scanned.
func (s *counter) InHand() (id api.ID, asked bool) {
	if l := s.current(); l != nil && l.known {
		return l.ID, l.given()
	}
	return "", false
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
		all = append(all, s.basketKeys()...)
	}
	return all
}

// Update takes a message; what follows from it for the basket is worked out once.
func (s *counter) Update(msg tea.Msg) tea.Cmd {
	cmd := s.update(msg)
	if _, key := msg.(screen.Key); !s.changed && (key && !s.recompare || !s.basket) {
		return cmd
	}
	if s.recompare {
		s.compare()
	}
	s.countLines()
	if s.through() && !s.slipped {
		s.changed = true
		cmd = tea.Batch(cmd, s.writeSlip())
	}
	if s.changed {
		cmd = tea.Batch(cmd, s.keep())
	}
	return cmd
}

func (s *counter) update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case screen.Shown:
		return tea.Batch(s.restore(), s.lookAgain(), s.after(s.read()))
	case screen.Changed:
		s.turn = 0
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
	case restored:
		return s.restored(msg)
	case listRead:
		return s.listed(msg)
	case stored:
		s.trouble = msg.err
		return nil
	case slipped:
		return s.slipWritten(msg)
	}
	return s.sold(msg)
}

// clear removes what was scanned from the screen; accepted operations go on in
// the desk.
func (s *counter) clear() {
	for _, l := range s.lines {
		s.leave(l)
	}
	s.changed = s.changed || s.basket
	if s.cancel != nil {
		s.cancel()
		s.cancel = nil
	}
	s.lines, s.cursor, s.noID, s.sent, s.waiting, s.overlapping = nil, 0, "", false, nil, overlapping{}
	s.began, s.last, s.pieces, s.fen, s.voided, s.slipped = time.Time{}, 0, 0, 0, 0, false
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
	if l := s.line(id); l != nil {
		l.again++
		s.cursor = slices.Index(s.lines, l)
		return screen.Say(s.env.T("notice.in_basket"), ui.Queued)
	}
	l := newLine(id)
	l.Entered, l.by = in.entered, s.env.Session.Name
	s.add(l)
	return s.look(l)
}

// line is the line of an id, nil for none.
func (s *counter) line(id api.ID) *line {
	if i := slices.IndexFunc(s.lines, func(l *line) bool { return l.ID == id }); i >= 0 {
		return s.lines[i]
	}
	return nil
}

// add puts a line behind the others, and in hand.
func (s *counter) add(l *line) {
	if len(s.lines) == 0 {
		s.began = s.env.Now()
	}
	s.last++
	l.n, s.changed = s.last, true
	s.lines = append(s.lines, l)
	s.cursor = len(s.lines) - 1
	s.known(l)
}

// known compares a line with the others by what is known of it now.
func (s *counter) known(l *line) {
	if l.n != s.last || s.in == nil {
		s.recompare = true
	} else if !s.recompare {
		s.join(l)
	}
}

// finished reports a basket of which nothing waits to be sent.
func (s *counter) finished() bool {
	return !slices.ContainsFunc(s.lines, func(l *line) bool { return l.unsent() && l.overlaps == nil })
}

func (s *counter) key(k screen.Key) tea.Cmd {
	l := s.current()
	if k.Begins {
		s.mark()
	}
	switch key := k.Name(); key {
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
		if s.mayRemove() {
			s.remove(s.cursor)
		}
		return nil
	case "u":
		if s.mayRemove() && s.typed.Empty() {
			s.undo()
			return nil
		}
	case "l":
		if s.basket && !s.sales.Busy() && s.typed.Empty() {
			return s.askList("", nil)
		}
	case "e":
		if s.mayKeepFailed() && s.typed.Empty() {
			return s.keepFailed()
		}
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
		l.edited, s.changed = false, true
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
