package catalog

import (
	"context"
	"slices"
	"time"

	"counterfoil/api"
)

const (
	// walkSlice bounds one read transaction of a walk: a long one would keep
	// SQLite from reusing its log.
	walkSlice = 20 * time.Millisecond
	walkRows  = 256
	walkHeld  = 2048 // nodes found in one slice, about
	walkRun   = 32   // nodes whose codes are read with one query
)

// visitor sees a subtree in the order of the tree. enter says whether to go
// into a node, codes gets a chunk from its i-th code on. What it found it hands
// over in deliver, between the transactions: a slow reader must not hold one.
type visitor interface {
	enter(t *tx, c chain) (into bool, err error)
	codes(t *tx, c chain, ch *chunk, i int) error
	waiting() int
	deliver(ctx context.Context) error
}

// walker goes through a subtree in slices. Its place is kept as ids and keys,
// so that a switch in between is survived.
type walker struct {
	v     visitor
	steps []step
	due   time.Time
}

// step is a node whose children are being gone through.
type step struct {
	id    string
	after int64
	chain chain
	queue []*row
}

func (c *Catalog) walk(ctx context.Context, w *walker) error {
	for len(w.steps) > 0 {
		err := c.read(ctx, func(t *tx) error {
			w.due = time.Now().Add(walkSlice)
			return w.slice(ctx, t)
		})
		if e := w.v.deliver(ctx); e != nil {
			return e
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// over reports whether the slice is to end.
func (w *walker) over() bool { return w.v.waiting() >= walkHeld || time.Now().After(w.due) }

func (w *walker) slice(ctx context.Context, t *tx) error {
	for i := range w.steps {
		s := &w.steps[i]
		s.queue, s.chain = nil, nil
		if s.id == "" {
			continue
		}
		c, err := t.find(s.id)
		if err != nil {
			return err
		}
		if len(c) == 0 { // gone meanwhile
			w.steps = w.steps[:i]
			break
		}
		s.chain = c
	}
	for len(w.steps) > 0 && !w.over() {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := w.next(t); err != nil {
			return err
		}
	}
	return nil
}

// next goes a step on: into the next child, or through the codes.
func (w *walker) next(t *tx) error {
	s := &w.steps[len(w.steps)-1]
	if s.after < codeBase {
		if len(s.queue) == 0 {
			if err := s.fill(t); err != nil {
				return err
			}
		}
		if len(s.queue) == 0 {
			s.after = codeBase
			return nil
		}
		if n := run(s.queue); n > 1 {
			return w.leaves(t, s, s.queue[:n])
		}
		r := s.queue[0]
		s.queue, s.after = s.queue[1:], r.ord+1
		c := append(chain{r}, s.chain...)
		into, err := w.v.enter(t, c)
		if err == nil && into {
			w.steps = append(w.steps, step{id: r.id, chain: c})
		}
		return err
	}
	c := s.chain
	if len(c) == 0 {
		var err error
		if c, err = t.chain(looseKey); err != nil {
			return err
		}
	}
	l := list{t: t, codes: c}
	no, i := (s.after-codeBase)>>8, int(s.after&255)
	late := false
	err := l.walkChunks(no, false, func(ch *chunk) error {
		from := 0
		if ch.no == no {
			from = min(i, ch.n())
		}
		s.after = codeKey(ch.no, chunkCodes-1)
		if err := w.v.codes(t, c, ch, from); err != nil {
			return err
		}
		if late = w.over(); late {
			return errStop
		}
		return nil
	})
	if err == nil && !late {
		w.steps = w.steps[:len(w.steps)-1]
	}
	return err
}

func (s *step) fill(t *tx) error {
	parent := int64(0)
	if len(s.chain) > 0 {
		parent = s.chain[0].key
	}
	return t.conn.each("SELECT "+rowColumns+" FROM nodes WHERE parent=? AND ord>? AND key<>1 ORDER BY ord LIMIT ?",
		[]any{parent, s.after - 1, walkRows}, func(q *record) error {
			r, err := scanRow(q)
			s.queue = append(s.queue, r)
			return err
		})
}

// run is how many rows at the front hold small numbers of codes and nothing
// else, with their chunks one behind the other: these are read with one query.
func run(rows []*row) int {
	n := 0
	for n < min(len(rows), walkRun) && rows[n].kids == 0 && rows[n].own <= chunkCodes && rows[n].key == rows[0].key+int64(n) {
		n++
	}
	return n
}

func (w *walker) leaves(t *tx, s *step, rows []*row) error {
	at, into := -1, false
	forward := func(key int64) error { // enters all up to key
		for at+1 < len(rows) && rows[at+1].key <= key {
			var err error
			at++
			if into, err = w.v.enter(t, append(chain{rows[at]}, s.chain...)); err != nil {
				return err
			}
		}
		return nil
	}
	l := list{t: t, codes: chain{rows[0]}}
	l.until = rows[len(rows)-1].key
	err := l.walkChunks(0, false, func(ch *chunk) error {
		if err := forward(ch.node); err != nil {
			return err
		}
		if !into {
			return nil
		}
		return w.v.codes(t, append(chain{rows[at]}, s.chain...), ch, 0)
	})
	if err == nil {
		err = forward(l.until)
	}
	s.after = rows[len(rows)-1].ord + 1
	s.queue = s.queue[len(rows):]
	return err
}

// startBehind places the walker behind a node, or at the beginning of under.
func (t *tx) startBehind(under, after string) ([]step, error) {
	first := []step{{id: under}}
	if after == "" {
		return first, nil
	}
	a, err := t.at(after)
	if err != nil || !a.known() {
		return first, err
	}
	var steps []step
	key := int64(0)
	if a.chunk != nil {
		key = codeKey(a.chunk.no, a.i)
	}
	if a.chunk == nil || a.chain[0].key != looseKey {
		for _, r := range a.chain {
			steps = append(steps, step{id: r.id, after: key})
			if r.id == under {
				break
			}
			key = r.ord + 1
		}
	}
	if under == "" {
		steps = append(steps, step{after: key})
	} else if len(steps) == 0 || steps[len(steps)-1].id != under {
		return first, nil
	}
	slices.Reverse(steps)
	return steps, nil
}

// Walk hands over id and everything below, parents before children; "" stands
// for all that is known. It reads in short slices, so that a look-up that
// arrives meanwhile may show in the part not yet read.
func (c *Catalog) Walk(ctx context.Context, id api.ID, each func(Node) error) error {
	v := &teller{each: each}
	known := id == ""
	err := c.read(ctx, func(t *tx) error {
		if id == "" {
			return nil
		}
		a, err := t.at(string(id))
		if err != nil || !a.known() {
			return err
		}
		known = a.chunk == nil
		v.held = append(v.held, t.show(a))
		return nil
	})
	if err == nil {
		err = v.deliver(ctx)
	}
	if err != nil || !known {
		return err
	}
	return c.walk(ctx, &walker{v: v, steps: []step{{id: string(id)}}})
}

type teller struct {
	each func(Node) error
	held []Node
}

func (v *teller) waiting() int { return len(v.held) }

func (v *teller) deliver(ctx context.Context) error {
	for _, n := range v.held {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := v.each(n); err != nil {
			return err
		}
	}
	clear(v.held)
	v.held = v.held[:0]
	return nil
}

func (v *teller) enter(t *tx, c chain) (bool, error) {
	v.held = append(v.held, t.node(c))
	return true, nil
}

func (v *teller) codes(t *tx, c chain, ch *chunk, i int) error {
	for ; i < ch.n(); i++ {
		v.held = append(v.held, t.code(c, ch, i))
	}
	return nil
}
