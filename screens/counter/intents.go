package counter

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"

	tea "charm.land/bubbletea/v2"

	"counterfoil/api"
	"counterfoil/offline"
	"counterfoil/screens/sale"
	"counterfoil/screens/screen"
	"counterfoil/ui"
)

// looked brings a look-up's card; local is set on what was known here before the platform answered.
type looked struct {
	line  *line
	known seen
	err   error
	local bool
}

// look shows at once what is known here, and asks the platform.
func (s *counter) look(l *line) tea.Cmd {
	env, id := s.env, l.ID
	l.asked, l.looking, l.denied, l.Problem, l.since = true, true, false, nil, env.Now()
	local := screen.Reply(screen.Counter, func() tea.Msg {
		card, err := env.Desk.Card(env.Context, id)
		return looked{l, readSeen(env.Context, env, card), err, true}
	})
	if l.pooled = s.basket; l.pooled {
		s.waiting = append(s.waiting, l)
		return tea.Batch(local, s.askNext())
	}
	return tea.Batch(local, s.askPlatform(l))
}

// askPlatform asks the platform what a line is.
func (s *counter) askPlatform(l *line) tea.Cmd {
	env, id, entered := s.env, l.ID, l.Entered
	ctx := env.Context
	if !l.pooled {
		ctx, s.cancel = context.WithCancel(ctx)
	}
	l.received = &atomic.Int64{}
	received := l.received
	counts := func(n api.Node) error {
		if n.Level == api.LevelCode {
			received.Add(1)
		}
		return nil
	}
	if env.Status.Link == offline.Offline {
		counts = nil // then the desk answers at once from what is known here
	}
	return screen.Reply(screen.Counter, func() tea.Msg {
		card, err := env.Desk.Lookup(ctx, id, counts)
		if err == nil {
			env.Desk.NoteLook(env.Session, card, entered)
		}
		if failed, ok := errors.AsType[*offline.Error](err); ok && failed.Kind == offline.ErrUnknownID {
			// Two codes may differ in case alone: that the other one is known is a hint and no more.
			if other := api.ID(api.SwapCase(string(id))); other != id {
				_, no := env.Desk.Lookup(ctx, other, nil)
				failed.Args["CapsLock"] = no == nil
			}
		}
		return looked{l, readSeen(ctx, env, card), err, false}
	})
}

// lookAgain begins the look-ups that an ended session left.
func (s *counter) lookAgain() tea.Cmd {
	var cmds []tea.Cmd
	for _, l := range s.lines {
		if l.looking && !l.asked {
			cmds = append(cmds, s.look(l))
		}
	}
	return tea.Batch(cmds...)
}

// seen is what is known of an id, and what was done here on it and on what holds it.
type seen struct {
	offline.Card
	here     []offline.Operation // the newest first
	foreseen error               // why the desk would not activate it by what is known here, nil for nothing
}

// readSeen adds to a card what the counter shows besides.
func readSeen(ctx context.Context, env *screen.Env, card offline.Card) seen {
	card.Node.Name = env.NameOf(ctx, card.Node)
	here, err := env.Desk.Here(ctx, api.ID(card.Node.ID))
	if err != nil {
		here = nil // the log has it; the card stands without
	}
	for i := range here {
		env.Explain(&here[i])
	}
	known := seen{Card: card, here: here}
	if len(here) > 0 && !card.Fresh { // what a fresh look-up shows counts, not what was done here before
		_, known.foreseen = env.Desk.Foresee(ctx, offline.Activate, card.Node)
	}
	return known
}

func (s *counter) looked(msg looked) tea.Cmd {
	if msg.line.pooled && !msg.local {
		s.running--
		return tea.Batch(s.learned(msg), s.askNext())
	}
	return s.learned(msg)
}

// learned shows what a look-up brought.
func (s *counter) learned(msg looked) tea.Cmd {
	l := msg.line
	defer func(path int) {
		if s.recompare = s.recompare || l.denied; len(l.card.Path) != path {
			s.known(l)
		}
	}(len(l.card.Path))
	switch {
	case l.left, msg.local && (!l.looking || msg.err != nil):
		return nil
	case msg.local:
		l.card, l.known = msg.known, !msg.known.Node.SeenAt.IsZero()
	case offline.KindOf(msg.err) == offline.ErrUnknownID:
		l.looking, l.denied, l.card, l.Problem = false, true, msg.known, msg.err
		return nil
	case msg.err != nil:
		l.looking, l.Problem = false, msg.err
		return s.read() // what is open here on it was dropped where this answer came first
	default:
		l.looking, l.card, l.known = false, msg.known, true
	}
	l.prefill()
	if t := msg.known.Trouble; t != nil {
		return tea.Batch(s.adopt(l), screen.Say(s.env.Problem(t), ui.Queued))
	}
	return s.adopt(l)
}

// sell has the desk accept lines as they stand now, one after the other.
func (s *counter) sell(kind offline.Kind, lines ...*line) tea.Cmd {
	sales := make([]*sale.Sale, 0, len(lines))
	if s.sales.Busy() {
		return nil
	}
	s.changed, s.slipped = s.basket, false
	batch := s.batch(kind)
	for _, l := range lines {
		l.Describe(kind, l.card.Card)
		if kind == offline.Activate {
			l.AmountFen = l.fen
		}
		if l.Share = nil; s.basket {
			l.Share = batch.Take(offline.Line{Kind: kind, ID: l.ID, Pieces: l.Codes, Fen: l.AmountFen})
		}
		sales = append(sales, &l.Sale)
	}
	return s.after(s.sales.Start(sales...))
}

// batch is the basket as it is held against the limits: with what of it was sent
// before, since sending it in parts makes it no smaller.
func (s *counter) batch(kind offline.Kind) *offline.Batch {
	b := s.env.Desk.NewBatch()
	if kind == offline.Activate {
		b.Add(s.pieces, s.fen)
	} else {
		b.Add(s.voided, 0)
	}
	for _, l := range s.lines {
		if l.Counts(kind) {
			b.Add(max(l.Codes, 1), l.Op.AmountFen)
		}
	}
	return b
}

// prepare leaves out a line that turned out to overlap another one.
func (s *counter) prepare(one *sale.Sale) bool {
	i := slices.IndexFunc(s.lines, func(l *line) bool { return &l.Sale == one })
	return i >= 0 && (one.Kind != offline.Activate || s.lines[i].overlaps == nil)
}

// sold brings a message to the sales in hand.
func (s *counter) sold(msg tea.Msg) tea.Cmd {
	busy := s.sales.Busy()
	one, did, cmd := s.sales.Update(msg)
	switch did {
	case sale.Taken:
		s.sent = s.basket
		cmd = tea.Batch(cmd, s.read())
	case sale.NotTaken:
		s.sent = s.basket
	case sale.Ended:
		if one.Problem == nil {
			s.show(*one.Op)
		}
		s.recompare = s.recompare || !one.Counts(offline.Activate)
		cmd = tea.Batch(cmd, s.read())
	}
	s.changed = s.changed || s.basket && busy && !s.sales.Busy()
	return s.after(cmd)
}

// after takes what was scanned meanwhile, once no sale is in hand.
func (s *counter) after(cmd tea.Cmd) tea.Cmd {
	if s.sales.Busy() {
		return cmd
	}
	cmds := []tea.Cmd{cmd}
	held := s.held
	s.held = nil
	for _, in := range held {
		cmds = append(cmds, s.take(in))
	}
	return tea.Batch(cmds...)
}

func (s *counter) notSendAll() string {
	switch {
	case len(s.lines) == 0:
		return "reason.scan"
	case s.sales.Busy():
		return "reason.open"
	case s.sent && !slices.ContainsFunc(s.lines, func(l *line) bool { return l.notActivate() == "" }):
		return "reason.finished"
	}
	return ""
}

// sendAll sends every line that can be sent; the others are kept back. A line
// that lacks what a person can give, an amount, stops it, so that nothing is
// overlooked, and so does one that is still being looked up.
func (s *counter) sendAll() tea.Cmd {
	var ready []*line
	for i, l := range s.lines {
		if !l.unsent() {
			continue
		}
		switch reason := l.notActivate(); reason {
		case "":
			ready = append(ready, l)
		case "reason.amount", "reason.looking":
			s.cursor = i
			return screen.Say(s.env.T(reason), ui.Queued)
		}
	}
	if len(ready) == 0 {
		s.sent, s.changed = len(s.lines) > 0, true
		return nil
	}
	s.cursor = 0 // where trouble will stand
	return s.sell(offline.Activate, ready...)
}

func (s *counter) toggleBasket() tea.Cmd {
	if s.basket && !s.sent && len(s.lines) > 1 || s.sales.Busy() {
		return screen.Say(s.env.T("notice.basket_full"), ui.Queued)
	}
	s.basket, s.changed = !s.basket, true
	if s.basket && !s.finished() {
		return nil // the card in hand is the basket's first line
	}
	if len(s.lines) > 1 || s.basket {
		s.clear()
	}
	return nil
}

// The counter's own dialogs.
const (
	tagVoid  = "void"
	tagEmpty = "empty"
	tagList  = "list"
)

// toVoid are the lines that F4 voids: the card, or all of a basket that can be.
func (s *counter) toVoid() []*line {
	var lines []*line
	for _, l := range s.lines {
		if s.voids(l) {
			lines = append(lines, l)
		}
	}
	return lines
}

// notVoid is the message id of why nothing can be voided now, "" where something can.
func (s *counter) notVoid() string {
	looking := slices.ContainsFunc(s.lines, func(l *line) bool { return l.looking })
	switch {
	case looking:
		return "reason.looking"
	case !slices.ContainsFunc(s.lines, s.voids):
		return s.current().notVoid()
	}
	return ""
}

// voids reports a line that F4 voids: the card, or each of a basket that can be.
func (s *counter) voids(l *line) bool { return (s.basket || l == s.current()) && l.notVoid() == "" }

func (s *counter) askVoid() tea.Cmd {
	if s.sales.Busy() {
		return nil
	}
	if reason := s.notVoid(); reason != "" {
		return screen.Say(s.env.T(reason), ui.Queued)
	}
	lines := s.toVoid()
	var about []*sale.Sale
	for _, l := range lines {
		asked := l.Sale // a copy: the card still shows what became of it before
		asked.Describe(offline.Void, l.card.Card)
		about = append(about, &asked)
	}
	return screen.Ask(screen.Counter, tagVoid, lines, func() *ui.Dialog { return sale.VoidDialog(s.env, about...) })
}

func (s *counter) askEmpty() tea.Cmd {
	return screen.Ask(screen.Counter, tagEmpty, nil, func() *ui.Dialog {
		return &ui.Dialog{Title: s.env.T("basket.empty_title"), Lines: []string{s.env.T("basket.empty_sure")}, Yes: "ui.ok",
			Asks: []ui.Ask{{Options: []string{s.env.T("basket.keep"), s.env.T("basket.empty")}}}} // Enter alone keeps it
	})
}

func (s *counter) answered(msg screen.Answered) tea.Cmd {
	yes := msg.Yes
	switch msg.Tag {
	case tagVoid:
		lines, now := msg.About.([]*line), s.toVoid()
		gone := func(l *line) bool { return !slices.Contains(now, l) }
		if yes && !slices.ContainsFunc(lines, gone) {
			return s.sell(offline.Void, lines...)
		}
		return screen.Say(s.env.T("void.nothing"), ui.Faint)
	case tagEmpty:
		if yes && msg.Values[0] == s.env.T("basket.empty") {
			s.clear()
		}
	case tagList:
		if yes {
			return s.readList(msg.Values[0])
		}
	default:
		return s.sold(msg)
	}
	return nil
}
