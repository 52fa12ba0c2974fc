package catalog

import (
	"fmt"
	"slices"
)

// landing is one switch.
type landing struct {
	*builder
	t     *tx
	v     int64
	at    int64 // ms, when the answer was seen
	twins map[int64][]int64
	// goes are the live rows that go with all below, unless in the answer.
	goes map[int64]bool
}

// commit hangs what was staged into the live tree. Its work grows with how
// much of the answer stands beside the root and with what moved, not with
// what lies below the root.
func (b *builder) commit(t *tx, seen int64) error {
	l := &landing{builder: b, t: t, v: t.newVersion(), at: seen, twins: map[int64][]int64{}, goes: map[int64]bool{}}
	err := t.conn.each("SELECT key, other FROM twins WHERE load=?", []any{b.load}, func(r *record) error {
		key := r.int(0)
		l.twins[key] = append(l.twins[key], r.int(1))
		return nil
	})
	if err != nil {
		return err
	}
	if err := l.foresee(); err != nil {
		return err
	}
	if err := l.stamp(); err != nil {
		return err
	}
	for _, key := range b.tops {
		if err := l.land(key); err != nil {
			return err
		}
	}
	if err := l.nested(); err != nil {
		return err
	}
	b.classes, b.replaced = nil, nil // what they foresaw has happened
	slices.SortFunc(b.entries, compareEntries)
	if err := b.enter(t, b.entries); err != nil {
		return err
	}
	b.entries = nil
	if err := t.settleMoves(b.load, b.cat.pace.moves); err != nil {
		return err
	}
	return l.close()
}

// stamp sets the time on the rows, or leaves it with the load where there are too many.
func (l *landing) stamp() error {
	for _, key := range l.keys {
		r, err := l.t.row(key)
		if err != nil {
			return err
		}
		if r != nil {
			r.seen, r.dirty = l.at, true
		}
	}
	if l.many {
		return l.date()
	}
	return nil
}

// date notes the time with the load, which stays for that.
func (l *landing) date() error {
	return l.t.conn.exec("UPDATE loads SET done=? WHERE load=?", max(l.at, 1), l.load)
}

func (l *landing) close() error {
	if err := l.t.conn.exec("DELETE FROM twins WHERE load=?", l.load); err != nil {
		return err
	}
	_, left, err := l.t.conn.number("SELECT 1 FROM moves WHERE load=? LIMIT 1", l.load)
	if err != nil {
		return err
	}
	if l.many || left {
		return l.date()
	}
	return l.t.conn.exec("DELETE FROM loads WHERE load=?", l.load)
}

// foresee finds what the answer replaces as a whole.
func (l *landing) foresee() error {
	for key := range l.twins {
		n, m, err := l.both(key)
		if err != nil {
			return err
		}
		if n != nil && n.flags&flagWhole != 0 && m != nil {
			l.goes[m[0].key] = true
		}
	}
	return nil
}

// twin is the live row of the same id as a staged one, nil where it goes with
// what is above it.
func (l *landing) twin(key int64) (chain, error) {
	for _, other := range l.twins[key] {
		c, err := l.t.chain(other)
		if err != nil {
			return nil, err
		}
		if c.live() && !slices.ContainsFunc(c[1:], func(r *row) bool { return l.goes[r.key] }) {
			return c, nil
		}
	}
	return nil, nil
}

// both are a staged row and the live one of the same id.
func (l *landing) both(key int64) (n *row, live chain, err error) {
	if n, err = l.t.row(key); err == nil {
		live, err = l.twin(key)
	}
	return n, live, err
}

// land finds the place of a row without a parent in the answer.
func (l *landing) land(key int64) error {
	n, m, err := l.both(key)
	if err != nil {
		return err
	}
	delete(l.twins, key)
	if m == nil {
		return l.t.attach(n, nil, -1, l.v)
	}
	return l.merge(n, m)
}

// merge puts a staged row in the place of its live twin, or into it where it
// is known only beside the root.
func (l *landing) merge(n *row, m chain) error {
	live := m[0]
	simple := live.kids == 0 && n.kids == 0 && live.key != looseKey
	switch {
	case n.flags&flagWhole != 0, simple && n.own == live.own && n.sum == live.sum:
		n.flags |= live.flags & flagWhole
		return l.t.replace(n, m, l.v)
	case simple && n.own > int64(l.cat.pace.merged):
		if err := l.absorb(n, m); err != nil {
			return err
		}
		n.flags |= live.flags & flagWhole
		return l.t.replace(n, m, l.v)
	}
	if err := l.mergeKids(n, m); err != nil {
		return err
	}
	if err := l.mergeCodes(n, m); err != nil {
		return err
	}
	delete(l.t.rows, n.key)
	n.parent = dead
	if err := l.t.save(n); err != nil {
		return err
	}
	if err := l.t.conn.exec("UPDATE OR IGNORE twins SET other=? WHERE other=?", live.key, n.key); err != nil {
		return err
	}
	return l.t.conn.exec("INSERT INTO garbage VALUES (?)", n.key)
}

func (l *landing) mergeKids(n *row, m chain) error {
	kids, err := l.t.numbers("SELECT key FROM nodes WHERE parent=? ORDER BY ord", n.key)
	if err != nil {
		return err
	}
	for _, key := range kids {
		kid, known, err := l.both(key)
		if err != nil {
			return err
		}
		delete(l.twins, key)
		if known == nil {
			if err := l.t.attach(kid, m, -1, l.v); err != nil {
				return err
			}
			continue
		}
		if known[0].parent != m[0].key {
			if known, err = l.t.move(known, m, -1, l.v); err != nil {
				return err
			}
		}
		if err := l.merge(kid, known); err != nil {
			return err
		}
	}
	return nil
}

// nested deals with known nodes inside of what was new as a whole.
func (l *landing) nested() error {
	keys := make([]int64, 0, len(l.twins))
	for k := range l.twins {
		keys = append(keys, k)
	}
	slices.Sort(keys) // parents came first
	for _, key := range keys {
		n, m, err := l.both(key)
		if err != nil {
			return err
		}
		if n == nil || m == nil {
			continue
		}
		c, err := l.t.chain(key)
		if err != nil {
			return err
		}
		if !c.live() {
			continue
		}
		if n.flags&flagWhole != 0 {
			if err := l.t.retire(m, l.v); err != nil {
				return err
			}
			continue
		}
		// The known row takes the staged one's place, then takes it in.
		ord, up := n.ord, c[1:]
		if err := l.t.detach(c, l.v); err != nil {
			return err
		}
		n.parent = -l.load
		if err := l.t.save(n); err != nil {
			return err
		}
		if m, err = l.t.move(m, up, ord, l.v); err != nil {
			return err
		}
		if err := l.merge(n, m); err != nil {
			return err
		}
	}
	return nil
}

// attach hangs a row under a live one, or among the roots; ord -1 for the end.
func (t *tx) attach(n *row, up chain, ord, v int64) error {
	list, err := t.listRow(up)
	if err != nil {
		return err
	}
	if ord < 0 {
		ord = list.next
	}
	list.next = max(list.next, ord+1)
	list.kids++
	list.dirty = true
	n.parent, n.ord = 0, ord
	if len(up) > 0 {
		n.parent = list.key
	}
	up.change(append(chain{n}, up...).counts(), v)
	return t.save(n)
}

// listRow is the row that counts the children of up; that of loose codes counts the roots.
func (t *tx) listRow(up chain) (*row, error) {
	if len(up) > 0 {
		return up[0], nil
	}
	r, err := t.row(looseKey)
	if err == nil && r == nil {
		err = fmt.Errorf("%w: no first row", ErrDamaged)
	}
	return r, err
}

// detach takes a live row out of the counts above it.
func (t *tx) detach(c chain, v int64) error {
	list, err := t.listRow(c[1:])
	if err != nil {
		return err
	}
	list.kids--
	list.dirty = true
	var less tally
	less.addAll(c.counts(), -1)
	c[1:].change(less, v)
	return nil
}

// replace puts a staged row in the place of a live one.
func (t *tx) replace(n *row, m chain, v int64) error {
	live := m[0]
	n.parent, n.ord, n.floor = live.parent, live.ord, live.floor
	var delta tally
	delta.addAll(append(chain{n}, m[1:]...).counts(), 1)
	delta.addAll(m.counts(), -1)
	m[1:].change(delta, v)
	if err := t.save(n); err != nil {
		return err
	}
	return t.bury(live)
}

func (t *tx) bury(r *row) error {
	r.parent = dead
	if err := t.save(r); err != nil {
		return err
	}
	return t.conn.exec("INSERT OR IGNORE INTO garbage VALUES (?)", r.key)
}

// retire cuts a live row off.
func (t *tx) retire(m chain, v int64) error {
	if err := t.detach(m, v); err != nil {
		return err
	}
	return t.bury(m[0])
}

// move hangs a live row under another parent. Marks on the new parent that are
// older than the move do not reach it, those of the old one stay with it.
func (t *tx) move(m, up chain, ord, v int64) (chain, error) {
	r := m[0]
	if slices.Contains(up, r) {
		return nil, fmt.Errorf("%w: %s cannot stand in itself", ErrOrder, r.id)
	}
	counts := m.counts().clone()
	if a := m.above(); a.ver > r.mver && a.ver > r.floor {
		r.mark, r.mver, r.mseen = int64(a.status), a.ver, a.seen
	}
	if err := t.detach(m, v); err != nil {
		return nil, err
	}
	r.counts, r.ver, r.floor = counts, v, v
	if err := t.attach(r, up, ord, v); err != nil {
		return nil, err
	}
	return append(chain{r}, up...), nil
}
