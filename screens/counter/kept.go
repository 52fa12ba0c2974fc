package counter

import (
	"cmp"
	"path/filepath"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"counterfoil/offline"
	"counterfoil/screens/screen"
	"counterfoil/screens/slip"
	"counterfoil/ui"
)

// kept is the basket as the desk keeps it, under the name of who collects it.
type kept struct {
	reader      string    // whose basket was read from the desk, and is kept there; "" for nobody's yet
	began       time.Time // no operation accepted before is of this basket
	last        int       // the number of the line scanned last
	pieces, fen int64     // activated of it, and in it no more
	voided      int64     // pieces, likewise
	changed     bool      // since the desk was told
	trouble     error     // why it is not on disk
	slipped     bool      // its slip was written since it was sent last
}

type (
	restored struct {
		basket offline.Basket
		lines  []*line
		err    error
	}
	stored  struct{ err error }
	slipped struct {
		path string
		err  error
	}
)

// restore reads the basket of who is signed in, with what became of its lines. It
// only shows: nothing of it is sent without an Enter.
func (s *counter) restore() tea.Cmd {
	env, who := s.env, s.env.Session.Name
	if who == "" || s.reader == who {
		return nil
	}
	return screen.Reply(screen.Counter, func() tea.Msg {
		r := restored{basket: env.Desk.Baskets().Of(who)}
		r.err = env.Desk.Baskets().Kept()
		for _, kept := range r.basket.Lines {
			card, err := env.Desk.Card(env.Context, kept.ID)
			if env.Context.Err() != nil {
				return nil
			}
			l := newLine(kept.ID)
			l.n, l.by, l.Entered = kept.N, who, kept.Entered
			if err == nil {
				l.card = readSeen(env.Context, env, card)
			}
			l.known = !l.card.Node.SeenAt.IsZero()
			if kept.Fen > 0 {
				l.amount.Set(offline.Yuan(kept.Fen), false)
				l.edited = true
			}
			if op := l.card.Last; op != nil && op.Operator == who && !op.AcceptedAt.Before(r.basket.Began) {
				env.Explain(op)
				l.Describe(op.Kind, l.card.Card)
				l.Op, l.Until, l.looking = op, env.Desk.HandOverUntil(env.Context, *op), false
			}
			l.prefill()
			r.lines = append(r.lines, l)
		}
		return r
	})
}

// restored puts the kept basket before what was scanned since the sign-in.
func (s *counter) restored(msg restored) tea.Cmd {
	newer := s.lines
	s.reader, s.trouble = s.env.Session.Name, msg.err
	if len(msg.lines) == 0 {
		s.changed = s.basket && len(s.lines) > 0
		if msg.err != nil {
			return screen.Say(s.env.T("notice.basket_lost"), ui.Bad)
		}
		return nil
	}
	s.clear()
	s.basket, s.sent, s.lines = true, msg.basket.Sent, msg.lines
	s.began, s.pieces, s.fen, s.slipped = msg.basket.Began, msg.basket.Pieces, msg.basket.Fen, msg.basket.Sent
	s.voided = msg.basket.Voided
	for _, l := range s.lines {
		s.last = max(s.last, l.n)
	}
	for _, l := range newer {
		if by := l.by; by == s.reader && s.line(l.ID) == nil {
			s.add(l)
		}
	}
	s.unseen = slices.DeleteFunc(s.unseen, func(o outcome) bool { return s.inFront(o.op.Op) })
	s.recompare = true
	return tea.Batch(s.lookAgain(), s.read(), screen.Say(s.env.T("notice.basket_back", map[string]any{"Count": len(msg.lines)}), ui.Queued))
}

// keep tells the desk how the basket is now, and asks whether it is on disk.
func (s *counter) keep() tea.Cmd {
	if s.changed = false; s.reader == "" || s.reader != s.env.Session.Name {
		return nil
	}
	b := offline.Basket{Began: s.began, Sent: s.sent && !s.sales.Busy(), Pieces: s.pieces, Fen: s.fen, Voided: s.voided}
	if s.basket {
		b.Lines = make([]offline.BasketLine, 0, len(s.lines))
		for _, l := range s.lines {
			kept := offline.BasketLine{N: l.n, ID: l.ID, Entered: l.Entered}
			if l.edited {
				kept.Fen = l.fen
			}
			b.Lines = append(b.Lines, kept)
		}
	}
	baskets := s.env.Desk.Baskets()
	baskets.Hold(s.reader, b)
	return screen.Reply(screen.Counter, func() tea.Msg { return stored{baskets.Kept()} })
}

// keepFailed leaves only what failed in the basket, to be looked at and sent again.
func (s *counter) keepFailed() tea.Cmd {
	lines := s.lines
	s.lines = nil
	for _, l := range lines {
		if !l.failed() {
			s.leave(l)
			continue
		}
		if l.Op != nil && !l.Op.State.Open() {
			l.Op, l.Problem, l.looking, l.asked = nil, nil, true, false
		}
		s.lines = append(s.lines, l)
	}
	slices.SortFunc(s.lines, func(a, b *line) int { return cmp.Compare(a.n, b.n) })
	s.cursor, s.sent, s.changed, s.recompare, s.began = 0, false, true, true, s.env.Now()
	return s.lookAgain()
}

// leave counts what a line that leaves the basket had sent, and waits for its outcome.
func (s *counter) leave(l *line) {
	l.left = true
	switch {
	case l.Counts(offline.Activate):
		s.pieces, s.fen = s.pieces+max(l.Codes, 1), s.fen+l.Op.AmountFen
	case l.Counts(offline.Void):
		s.voided += max(l.Codes, 1)
	}
	if l.Op != nil && l.Op.State.Open() && l.Op.State != offline.Attention {
		s.await(l.Op.Op)
	}
}

// remove takes a line out of the basket.
func (s *counter) remove(i int) {
	s.leave(s.lines[i])
	s.lines = slices.Delete(slices.Clone(s.lines), i, i+1)
	s.cursor = max(min(s.cursor, len(s.lines)-1), 0)
	s.changed, s.recompare = true, true
}

// undo takes out the line that was scanned last.
func (s *counter) undo() {
	last := slices.MaxFunc(s.lines, func(a, b *line) int { return cmp.Compare(a.n, b.n) })
	s.remove(slices.Index(s.lines, last))
}

// writeSlip keeps the slip of a basket as it was sent, once.
func (s *counter) writeSlip() tea.Cmd {
	s.slipped = true
	e, now := s.env, s.env.Now()
	rows := make([]slip.Row, 0, len(s.lines))
	for _, l := range s.lines {
		row := slip.Row{N: l.n, ID: e.Mask(string(l.ID))}
		if row.Fen, row.What = l.fen, l.outcome(e); l.Op != nil {
			row.Fen, row.Done = l.Op.AmountFen, l.Op.State == offline.Done
		}
		rows = append(rows, row)
	}
	slices.SortFunc(rows, func(a, b slip.Row) int { return cmp.Compare(a.N, b.N) })
	text := slip.Basket(e.Words, e.Shop, e.Session.Name, now.In(e.Zone), rows)
	return screen.Reply(screen.Counter, func() tea.Msg {
		path, err := e.Desk.Baskets().SaveSlip(now.In(e.Zone), text)
		return slipped{path, err}
	})
}

func (s *counter) slipWritten(msg slipped) tea.Cmd {
	if msg.err != nil {
		return screen.Say(s.env.T("basket.no_slip"), ui.Queued)
	}
	return screen.Say(s.env.T("basket.slip", map[string]any{"File": filepath.Base(msg.path)}), ui.Faint)
}
