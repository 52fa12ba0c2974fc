package queue

import (
	"context"

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
			if len(kept) < limit && (r.manager == all || r.env.Desk.NeedsManager(op) == (r.manager == onlyManager)) {
				kept = append(kept, op)
			}
		}
		if err != nil || len(ops) < limit || len(kept) == limit {
			return kept, err
		}
		from = ops[limit-1].Op
	}
}
