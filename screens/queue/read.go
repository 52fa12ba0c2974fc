package queue

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"counterfoil/api"
	"counterfoil/offline"
	"counterfoil/screens/screen"
)

// reader reads operations as a filter shows them.
type reader struct {
	ctx context.Context
	env *screen.Env
	filter
	text string // what they must hold; "" for all
}

// around reads up to up operations before one and behind it the rest of a page of
// both; op "" stands for the first, or the last.
func (r reader) around(op string, last bool, up, down int) page {
	p, after := page{endUp: true}, ""
	if op != "" || last {
		before, err := r.query(op, true, up)
		if err != nil {
			return page{err: err}
		}
		p.cursor = len(before)
		if len(before) == up {
			after, p.endUp = before[up-1].Op, false
			p.cursor--
		}
	}
	p.ops, p.err = r.query(after, false, up+down)
	p.endDown = len(p.ops) < up+down
	for i := range p.ops {
		r.env.Explain(&p.ops[i])
	}
	if p.err == nil {
		p.closed, p.err = r.env.Desk.ClosedToday(r.ctx)
	}
	return p
}

// query reads up to limit operations behind one, or back before it, the nearest
// first; from "" stands for the end it leads away from. It reads on until so many
// are found: a filter may leave few of a page.
func (r reader) query(from string, back bool, limit int) (kept []offline.Operation, err error) {
	q := offline.Query{States: r.states, Limit: limit, Text: r.text, Whole: true, OldestFirst: r.today == back}
	if r.today {
		q.Day = r.env.Desk.Day()
	}
	for {
		if q.OldestFirst {
			q.After = from
		} else {
			q.Before = from
		}
		ops, err := r.env.Desk.Operations(r.ctx, q)
		for _, op := range ops {
			if len(kept) < limit && (r.manager == "" || r.env.Desk.NeedsManager(op) == (r.manager == offline.OnlyManager)) {
				kept = append(kept, op)
			}
		}
		if err != nil || len(ops) < limit || len(kept) == limit {
			return kept, err
		}
		from = ops[limit-1].Op
	}
}

// shown looks for the operation on what is in hand: an open one that concerns it,
// or else the last on it or on what holds it.
func (s *queue) shown(place api.ID) tea.Cmd {
	if place == "" {
		return tea.Batch(s.refresh(), s.readDetail())
	}
	s.detail = nil
	s.rows.reading++
	s.rows.awaited, s.rows.opening = true, true
	env, reading := s.env, s.rows.reading
	return screen.Reply(screen.Queue, func() tea.Msg {
		var ops []offline.Operation
		card, err := env.Desk.Card(env.Context, place)
		if ops = card.Pending; err == nil && len(ops) == 0 {
			ops, err = env.Desk.Here(env.Context, place)
		}
		if err != nil || len(ops) == 0 {
			return inHand{reading: reading} // the list says what is wrong
		}
		op := ops[0]
		return inHand{reading, op, op.Day == env.Desk.Day()}
	})
}

// open puts the cursor on an operation, in the view that shows it.
func (s *queue) open(msg inHand) tea.Cmd {
	if msg.reading != s.rows.reading {
		return nil
	}
	s.rows.awaited, s.rows.opening = false, false
	filter := 0
	switch {
	case msg.op.Op == "" || !msg.op.State.Open() && !msg.today:
		return s.refresh()
	case !msg.op.State.Open():
		filter = len(filters()) - 1
	}
	s.filter, s.find = filter, find{}
	return s.read(msg.op.Op, false, true)
}
