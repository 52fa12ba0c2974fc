package catalog

import (
	"context"
	"time"

	"counterfoil/api"
)

// Confirmed is a status that the platform itself confirmed for a code or for
// every code below a node: an activation or void that is done.
type Confirmed struct {
	ID     api.ID
	Status string
	Seen   time.Time
}

// SetStatus notes one confirmed status.
func (c *Catalog) SetStatus(ctx context.Context, id api.ID, status string, seen time.Time) error {
	return c.SetStatuses(ctx, []Confirmed{{id, status, seen}})
}

// SetStatuses notes confirmed statuses in one transaction; a few dozen at a
// time keep it short. Its time does not grow with what lies below. An unknown
// id changes nothing; where its look-up is on its way, the status holds over the answer.
func (c *Catalog) SetStatuses(ctx context.Context, list []Confirmed) error {
	if err := c.beginWrite(ctx); err != nil {
		return err
	}
	defer c.leave()
	return c.write(func(t *tx) error { return t.confirm(list, nil) })
}

// Note takes what look-ups answered that repeat what is known, and statuses
// that were confirmed since, in one transaction of a few dozen of each. It
// reports for each answer whether the catalog shows all of it already: every
// node under the same parent, with the same status and remaining uses. Where
// one is not shown it must come first, through a Stage, and the statuses after
// it, through SetStatuses: then noted is false and nothing was set.
func (c *Catalog) Note(ctx context.Context, answers [][]api.Node, list []Confirmed) (shown []bool, noted bool, err error) {
	shown = make([]bool, len(answers))
	note := func(t *tx) error {
		noted = true
		known := map[string]place{}
		for i, nodes := range answers {
			if shown[i], err = t.shows(nodes, known); err != nil {
				return err
			}
			noted = noted && shown[i]
		}
		if noted {
			return t.confirm(list, known)
		}
		return nil
	}
	if len(list) == 0 {
		err = c.read(ctx, note)
	} else if err = c.beginWrite(ctx); err == nil {
		defer c.leave()
		err = c.write(note)
	}
	return shown, noted && err == nil, err
}

func (t *tx) shows(nodes []api.Node, known map[string]place) (bool, error) {
	if len(nodes) == 0 {
		return false, nil
	}
	codes := nodes[len(nodes)-1].Level == api.LevelCode
	for i := range nodes {
		n := &nodes[i]
		if codes && n.Level != api.LevelCode {
			continue // what holds a code is told by the code's own row
		}
		p, err := t.at(n.ID)
		if err != nil || !p.known() {
			return false, err
		}
		known[n.ID] = p
		parent, status, remaining := "", "", -1
		switch {
		case p.code != nil:
			parent, status, remaining = p.chain[0].id, p.code.status, p.code.remaining
			if m := p.chain.marked(); m.at != 0 {
				status = m.status
			}
		case len(p.chain) > 1:
			parent = p.chain[1].id
		}
		if parent != n.Parent || status != n.Status || remaining != n.Remaining {
			return false, nil
		}
	}
	return true, nil
}

// confirm sets statuses; known are places that were found in this transaction.
func (t *tx) confirm(list []Confirmed, known map[string]place) (err error) {
	for _, one := range list {
		// Within the transaction, so that a stage commits either before and is
		// changed here, or after and knows of it.
		t.cat.stages.Range(func(s, _ any) bool {
			s.(*Stage).hear(one)
			return true
		})
		p, found := known[string(one.ID)]
		if !found {
			p, err = t.at(string(one.ID))
		}
		if err == nil && p.known() {
			err = t.setStatus(p, one.Status, one.Seen)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// setStatus sets the status of a code, or of all codes at or below a node.
func (t *tx) setStatus(p place, status string, at time.Time) error {
	if err := t.cat.dict.text(t, status, ""); err != nil {
		return err
	}
	ms := max(at.UnixMilli(), 1)
	if p.code != nil {
		if err := t.pushMarks(p.chain); err != nil {
			return err
		}
		set := func(c *code) error {
			p.chain.change(c.counted(c.status), -1)
			p.chain.change(c.counted(status), 1)
			*p.code = *c
			p.code.status = status
			return t.conn.Exec("UPDATE codes SET status=?, seen=max(seen,?) WHERE key=?", status, ms, c.key)
		}
		if t.rewrote { // the row may have changed
			return t.code(p.code.key, set)
		}
		return set(p.code)
	}
	n, up := p.chain[0], p.chain[1:]
	if err := t.pushMarks(up); err != nil {
		return err
	}
	up.change(p.chain.counted(), -1)
	n.counts = n.counts.as(status)
	up.change(n.counts, 1)
	n.mark, n.dirty = mark{status, max(ms, n.mark.at)}, true
	return nil
}

// pushMarks has no mark hold for the nodes of a chain any more: what lies below
// each is marked instead, or its codes are changed.
func (t *tx) pushMarks(c chain) error {
	for i := len(c) - 1; i >= 0; i-- {
		if n := c[i]; n.mark.at != 0 {
			if err := t.push(n, c[i:].seenAt()); err != nil {
				return err
			}
		}
	}
	return nil
}

func (t *tx) push(n *node, seen int64) error {
	m := n.mark
	n.counts, n.seen, n.mark, n.dirty = n.counts.as(m.status), seen, mark{}, true
	if n.own > 0 {
		t.rewrote = true
		err := t.conn.Exec("UPDATE codes SET status=?, seen=max(seen,?) WHERE key>=? AND key<?",
			m.status, m.at, codeKey(n.key, 0), codeKey(n.key+1, 0))
		if err != nil {
			return err
		}
	}
	if n.kids == 0 {
		return nil
	}
	for _, kid := range t.nodes {
		if kid.parent == n.key {
			kid.mark, kid.dirty = m, true
		}
	}
	return t.conn.Exec("UPDATE nodes SET mark=?1, marked=?2, has=CASE codes WHEN 0 THEN '' ELSE ?3||?1||?3 END WHERE parent=?4",
		m.status, m.at, separator, n.key)
}
