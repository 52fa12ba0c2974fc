package catalog

import (
	"fmt"
	"slices"
)

// merging is one switch to an answer.
type merging struct {
	*answer
	t         *tx
	at        int64 // ms, when the answer was seen
	confirmed []Confirmed
	twins     map[int64][]int64 // other nodes of the same id, by staged node
	freed     struct{ parent, ord int64 }
}

// merge hangs what was staged into the live tree. Its work grows with how much
// of the answer stands beside the root, not with what lies below the root.
func (a *answer) merge(t *tx, at int64, confirmed []Confirmed) error {
	m := &merging{answer: a, t: t, at: at, confirmed: confirmed, twins: map[int64][]int64{}}
	staged, err := m.meet()
	if err != nil {
		return err
	}
	if err := m.confirm(); err != nil {
		return err
	}
	// What the answer replaces as a whole goes first, that nothing is merged into it.
	for _, key := range staged {
		n, err := t.node(key)
		if err == nil && n.whole {
			err = m.cutOff(n)
		}
		if err != nil {
			return err
		}
	}
	for _, key := range a.tops {
		if err := m.land(key, nil); err != nil {
			return err
		}
	}
	for _, key := range staged {
		if err := m.nested(key); err != nil {
			return err
		}
	}
	return m.checkMoved()
}

// meet notes the other nodes of staged ids, and returns the staged ones that
// have some, parents first. Below the root those are left out that stand in the
// same parent: they go with it.
func (m *merging) meet() (staged []int64, err error) {
	err = m.t.each("SELECT n.key, o.key FROM nodes n CROSS JOIN nodes o ON o.id=n.id AND o.load<>n.load "+
		"LEFT JOIN nodes np ON np.key=n.parent LEFT JOIN nodes op ON op.key=o.parent "+
		"WHERE n.key>? AND n.key<=? AND n.load=? AND NOT (n.whole AND n.id<>? AND np.id IS op.id) ORDER BY n.key",
		[]any{m.load, m.last, m.load, m.root}, func(r row) error {
			key := r.Int(0)
			if m.twins[key] == nil {
				staged = append(staged, key)
			}
			m.twins[key] = append(m.twins[key], r.Int(1))
			return r.Check("ii")
		})
	return staged, err
}

// twin is the live node of the same id as a staged one.
func (m *merging) twin(key int64) (chain, error) {
	for _, other := range m.twins[key] {
		if c, err := m.t.chain(other); err != nil || c.live() {
			return c, err
		}
	}
	return nil, nil
}

// confirm sets on the staged nodes what was confirmed while they came.
func (m *merging) confirm() error {
	for _, one := range m.confirmed {
		p, err := m.t.locate(string(one.ID), func(c chain) bool { return len(c) > 0 && c[0].load == m.load })
		if err != nil {
			return err
		}
		if p.known() {
			if err := m.t.setStatus(p, one.Status, one.Seen); err != nil {
				return err
			}
			continue
		}
		for _, key := range m.tops { // it may hold these
			up, err := m.twin(key)
			if err != nil {
				return err
			}
			if up.holds(string(one.ID)) {
				top, err := m.t.node(key)
				if err == nil {
					err = m.t.setStatus(place{chain: chain{top}}, one.Status, one.Seen)
				}
				if err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// holds reports whether a node of the chain has the id.
func (c chain) holds(id string) bool {
	return slices.ContainsFunc(c, func(n *node) bool { return n.id == id })
}

// cutOff takes out the live node that a staged one replaces.
func (m *merging) cutOff(n *node) error {
	old, err := m.twin(n.key)
	if err != nil || len(old) == 0 {
		return err
	}
	if n.id == m.root {
		m.freed.parent, m.freed.ord = old[0].parent, old[0].ord
	}
	if err := m.t.detach(old); err != nil {
		return err
	}
	return m.t.hang(old[0], dead, old[0].ord)
}

// land finds the place of a staged node; up is nil where its parent is not in the answer.
func (m *merging) land(key int64, up chain) error {
	n, err := m.t.node(key)
	if err != nil {
		return err
	}
	old, err := m.twin(key)
	if err != nil {
		return err
	}
	delete(m.twins, key)
	n.seen, n.dirty = m.at, true
	switch {
	case len(old) > 0:
		if up != nil && old[0].parent != up[0].key {
			if old, err = m.t.move(old, up, -1); err != nil {
				return err
			}
		}
		return m.mergeInto(n, old)
	case up == nil && n.whole:
		if up, err = m.t.chain(m.freed.parent); err != nil {
			return err
		}
	}
	if !up.live() {
		if up, err = m.t.chain(topKey); err != nil {
			return err
		}
	}
	ord := int64(-1)
	if n.whole && up[0].key == m.freed.parent {
		ord = m.freed.ord
	}
	return m.t.attach(n, up, ord)
}

// mergeInto takes what a staged node holds into the known one.
func (m *merging) mergeInto(n *node, old chain) error {
	if err := m.t.pushMarks(chain{n}); err != nil {
		return err
	}
	kids, err := m.t.numbers("SELECT key FROM nodes WHERE parent=? ORDER BY ord", n.key)
	if err != nil {
		return err
	}
	for _, key := range kids {
		if err := m.land(key, old); err != nil {
			return err
		}
	}
	if old[0].key == topKey {
		err = m.mergeLoose(n, old)
	} else if n.own > 0 {
		err = m.mergeCodes(codeKey(n.key, 0), codeKey(n.key, n.nextNo), old)
	}
	if err != nil {
		return err
	}
	delete(m.t.nodes, n.key)
	const few = 64
	if n.own > few {
		return m.t.hang(n, dead, 0)
	}
	if err := m.t.conn.Exec("DELETE FROM codes WHERE key>=? AND key<?", codeKey(n.key, 0), codeKey(n.key+1, 0)); err != nil {
		return err
	}
	return m.t.conn.Exec("DELETE FROM nodes WHERE key=?", n.key)
}

// mergeCodes takes a span of staged codes into a known node: in place where
// they stand there, behind its others where not.
func (m *merging) mergeCodes(from, end int64, old chain) error {
	if err := m.t.pushMarks(old); err != nil {
		return err
	}
	m.t.rewrote = true
	to := old[0]
	if to.nextNo+end-from > 1<<numberBits {
		return fmt.Errorf("%w: %s holds too many codes", ErrOrder, to.id)
	}
	if err := m.t.dropMoved(from, end, to.key); err != nil {
		return err
	}
	args := []any{from, end, codeKey(to.key, 0), codeKey(to.key+1, 0), m.at}
	came, err := m.t.countCodes("c.key>=? AND c.key<?", args[:2])
	if err != nil {
		return err
	}
	were, err := m.t.countCodes("c.key IN (SELECT l.key FROM codes s CROSS JOIN codes l ON l.id=s.id AND +l.key>=?3 AND +l.key<?4 "+
		"WHERE s.key>=?1 AND s.key<?2)", args[:4])
	if err != nil {
		return err
	}
	err = m.t.conn.Exec("UPDATE codes SET attributes=s.attributes, status=s.status, seen=max(s.seen,?5) FROM codes s "+
		"WHERE s.key>=?1 AND s.key<?2 AND s.id=codes.id AND +codes.key>=?3 AND +codes.key<?4", args...)
	if err != nil {
		return err
	}
	added, err := m.t.conn.Changes("UPDATE codes SET key=key+?6, seen=max(seen,?5) WHERE key>=?1 AND key<?2 AND NOT EXISTS "+
		"(SELECT 1 FROM codes l WHERE l.id=codes.id AND +l.key>=?3 AND +l.key<?4)", append(args, codeKey(to.key, to.nextNo)-from)...)
	if err != nil {
		return err
	}
	if added > 0 {
		to.own += added
		to.nextNo += end - from
	}
	old.change(came, 1)
	old.change(were, -1)
	return nil
}

// countCodes counts codes by status and face value.
func (t *tx) countCodes(where string, args []any) (c counts, err error) {
	err = t.each("SELECT c.status, a.face, count(*) FROM codes c CROSS JOIN attributes a ON a.key=c.attributes WHERE "+where+" GROUP BY 1, 2", args,
		func(r row) error {
			c.add(r.Text(0), r.Text(1), r.Int(2))
			return r.Check("tti")
		})
	return c, err
}

// mergeLoose takes codes without a parent: where they are known, the answer
// says nothing against the known parent.
func (m *merging) mergeLoose(n *node, top chain) error {
	for no := range n.nextNo {
		key := codeKey(n.key, no)
		id, err := m.t.conn.Text("SELECT id FROM codes WHERE key=?", key)
		if err != nil {
			return err
		}
		p, err := m.t.codeAt(id, chain.live)
		if err == nil && !p.known() {
			p.chain = top
		}
		if err == nil {
			err = m.mergeCodes(key, key+1, p.chain)
		}
		for _, one := range m.confirmed { // of what holds it
			if err == nil && p.chain.holds(string(one.ID)) {
				err = m.t.setStatus(p, one.Status, one.Seen)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// nested deals with the known node of a staged one that came in as part of
// something new.
func (m *merging) nested(key int64) error {
	old, err := m.twin(key)
	if err != nil || len(old) == 0 {
		return err
	}
	c, err := m.t.chain(key)
	if err != nil || !c.live() || c[0].whole {
		return err
	}
	// The known node takes the staged one's place, then takes it in.
	ord, up := c[0].ord, c[1:]
	if err := m.t.detach(c); err != nil {
		return err
	}
	if old, err = m.t.move(old, up, ord); err != nil {
		return err
	}
	return m.mergeInto(c[0], old)
}

// attach hangs a node under a live one; ord -1 for the end.
func (t *tx) attach(n *node, up chain, ord int64) error {
	if slices.Contains(up, n) {
		return fmt.Errorf("%w: %s cannot stand in itself", ErrOrder, n.id)
	}
	if err := t.pushMarks(up); err != nil {
		return err
	}
	if ord < 0 {
		ord = up[0].nextOrd
		up[0].nextOrd++
	}
	up[0].kids++
	up.change(chain{n}.counted(), 1)
	return t.hang(n, up[0].key, ord)
}

// detach takes a live node out of the counts above it.
func (t *tx) detach(c chain) error {
	up := c[1:]
	if err := t.pushMarks(up); err != nil {
		return err
	}
	up[0].kids--
	up.change(chain{c[0]}.counted(), -1)
	return nil
}

// move hangs a live node under another.
func (t *tx) move(c, up chain, ord int64) (chain, error) {
	n := c[0]
	n.seen, n.dirty = c.seenAt(), true
	if err := t.detach(c); err != nil {
		return nil, err
	}
	if err := t.attach(n, up, ord); err != nil {
		return nil, err
	}
	return append(chain{n}, up...), nil
}
