package catalog

import (
	"fmt"
	"slices"
)

// merging is one switch to an answer.
type merging struct {
	*answer
	t         *tx
	seen      int64 // ms
	confirmed []Confirmed
	freed     struct{ parent, ord int64 } // the place of the root that was cut off
}

// merge hangs what was staged into the live tree. Its work grows with how much
// of the answer stands beside the root, not with what lies below the root.
func (a *answer) merge(t *tx, seen int64, confirmed []Confirmed) error {
	m := &merging{answer: a, t: t, seen: seen, confirmed: confirmed}
	if len(a.tops) == 0 {
		return nil
	}
	// Nothing may be merged into what the answer replaces as a whole, so that goes first.
	if err := m.cutOff(); err != nil {
		return err
	}
	landed := map[int64]int64{}
	for _, one := range a.tops {
		n, err := t.node(one.key)
		if err != nil {
			return err
		}
		up, err := t.chain(landed[one.up])
		if err != nil {
			return err
		}
		if landed[one.key], err = m.land(n, up); err != nil {
			return err
		}
	}
	return m.checkMoved()
}

// cutOff takes out the live nodes that root and what is below it replace. Below
// root those are left out that stood in the same parent: they go with it.
func (m *merging) cutOff() error {
	var ids []string
	err := m.t.each("SELECT n.id FROM nodes n CROSS JOIN nodes o ON o.id=n.id AND o.load<>n.load "+
		"LEFT JOIN nodes np ON np.key=n.parent LEFT JOIN nodes op ON op.key=o.parent "+
		"WHERE n.key>? AND n.load=? AND n.whole AND (n.id=? OR np.id IS NOT op.id) GROUP BY n.key ORDER BY n.key",
		[]any{m.load, m.load, m.root}, func(r row) error {
			ids = append(ids, r.Text(0))
			return r.Check("t")
		})
	if err != nil {
		return err
	}
	for _, id := range ids {
		old, err := m.t.find(id)
		if err != nil {
			return err
		}
		if len(old) == 0 {
			continue
		}
		if id == m.root {
			m.freed.parent, m.freed.ord = old[0].parent, old[0].ord
		}
		if err := m.t.detach(old); err != nil {
			return err
		}
		if err := m.t.hang(old[0], dead, old[0].ord); err != nil {
			return err
		}
	}
	return nil
}

// land finds the place of a staged node, and returns the key of the live one;
// up is empty where its parent is not in the answer.
func (m *merging) land(n *node, up chain) (int64, error) {
	old, err := m.t.find(n.id)
	if err != nil {
		return 0, err
	}
	if len(old) > 0 {
		if len(up) > 0 && old[0].parent != up[0].key {
			if old, err = m.t.move(old, up); err != nil {
				return 0, err
			}
		}
		return old[0].key, m.mergeCodes(n, old)
	}
	if n.whole && len(up) == 0 {
		if up, err = m.t.chain(m.freed.parent); err != nil {
			return 0, err
		}
	}
	if !up.live() {
		if up, err = m.t.chain(topKey); err != nil {
			return 0, err
		}
	}
	ord := int64(-1)
	if n.whole && up[0].key == m.freed.parent {
		ord = m.freed.ord
	}
	n.seen, n.dirty = m.seen, true
	if err := m.t.attach(n, up, ord); err != nil {
		return 0, err
	}
	return n.key, m.confirm(append(chain{n}, up...))
}

// confirm sets on a node that came new what was confirmed while it came: of all
// that holds it, of itself, and of what it holds.
func (m *merging) confirm(c chain) error {
	for _, one := range m.confirmed {
		p, err := m.t.at(string(one.ID))
		switch {
		case err != nil:
		case c.holds(string(one.ID)):
			err = m.t.setStatus(place{chain: c}, one.Status, one.Seen)
		case slices.Contains(p.chain, c[0]):
			err = m.t.setStatus(p, one.Status, one.Seen)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// holds reports whether a node of the chain has the id.
func (c chain) holds(id string) bool {
	return slices.ContainsFunc(c, func(n *node) bool { return n.id == id })
}

// mergeCodes takes the codes of a staged node into the known one; the rest of
// it is garbage.
func (m *merging) mergeCodes(n *node, to chain) error {
	if err := m.t.hang(n, dead, 0); err != nil {
		return err
	}
	for no := range n.nextNo {
		c, err := m.t.code(codeKey(n.key, no))
		if err == nil && c != nil {
			err = m.mergeCode(c, to)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// mergeCode takes a staged code into a node: in its place where it is known
// there, behind the others where not. One that came without a parent stays
// where it is known: the answer says nothing against that.
func (m *merging) mergeCode(c *code, to chain) error {
	var key int64
	for {
		known, err := m.t.codeAt(c.id)
		if err != nil {
			return err
		}
		if !known.known() {
			break
		}
		if to[0].key == topKey {
			to = known.chain
		}
		if known.chain[0] == to[0] {
			key = known.code.key
		}
		if err := m.t.drop(known.chain, known.code.key); err != nil {
			return err
		}
	}
	if err := m.t.pushMarks(to); err != nil {
		return err
	}
	if key == 0 {
		if err := to[0].hasRoom(1); err != nil {
			return err
		}
		key = codeKey(to[0].key, to[0].nextNo)
		to[0].nextNo++
	}
	status, seen := c.status, m.seen
	for _, one := range m.confirmed {
		if string(one.ID) == c.id || to.holds(string(one.ID)) {
			status, seen = one.Status, max(m.seen, one.Seen.UnixMilli())
		}
	}
	to[0].own++
	to.change(c.counted(status), 1)
	return m.t.conn.Exec("UPDATE codes SET key=?, status=?, seen=? WHERE key=?", key, status, seen, c.key)
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
func (t *tx) move(c, up chain) (chain, error) {
	n := c[0]
	n.seen, n.dirty = c.seenAt(), true
	if err := t.detach(c); err != nil {
		return nil, err
	}
	if err := t.attach(n, up, -1); err != nil {
		return nil, err
	}
	return append(chain{n}, up...), nil
}
