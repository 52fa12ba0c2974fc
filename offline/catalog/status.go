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

// News is what a look-up of ID answered or, without Nodes, a status that was confirmed.
type News struct {
	Confirmed
	Nodes []api.Node
}

// SetStatus notes one confirmed status.
func (c *Catalog) SetStatus(ctx context.Context, id api.ID, status string, seen time.Time) error {
	return c.Note(ctx, []News{{Confirmed: Confirmed{id, status, seen}}})
}

// Note takes small answers and confirmed statuses in their order, in one
// transaction: all of them or, where it returns an error, none. A few hundred at a
// time keep it short. The time for a status does not grow with what lies below.
// An unknown id changes nothing; where its look-up is on its way, the status
// holds over the answer.
func (c *Catalog) Note(ctx context.Context, news []News) error {
	if err := c.beginWrite(ctx); err != nil {
		return err
	}
	defer c.leave()
	return c.write(func(t *tx) error {
		known := map[string]place{} // what answers showed, until rows are changed many at once
		for _, one := range news {
			var err error
			if len(one.Nodes) == 0 {
				err = t.confirm(one.Confirmed, known)
			} else {
				err = t.answered(one, known)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// answered stages and merges an answer, unless it only repeats what is known,
// as the look-up before each attempt mostly does.
func (t *tx) answered(one News, known map[string]place) error {
	if shown, err := t.shows(one.Nodes, known); err != nil || shown {
		return err
	}
	clear(known)
	t.cat.collector.due()
	a := answer{root: string(one.ID)}
	if err := a.add(t, one.Nodes); err != nil {
		return err
	}
	return a.merge(t, max(one.Seen.UnixMilli(), 1), nil)
}

// shows reports whether every node is known under the same parent, with the
// same status and remaining uses.
func (t *tx) shows(nodes []api.Node, known map[string]place) (bool, error) {
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
		parent, status, remaining := p.above()[0].id, "", -1
		if p.code != nil {
			status, remaining = p.status(), p.code.remaining
		}
		if parent != n.Parent || status != n.Status || remaining != n.Remaining {
			return false, nil
		}
	}
	return true, nil
}

// confirm sets a status, for the stages on their way too: within the
// transaction, so that one commits either before and is changed here, or after
// and knows of it.
func (t *tx) confirm(one Confirmed, known map[string]place) (err error) {
	t.cat.stages.Range(func(s, _ any) bool {
		s.(*Stage).hear(one)
		return true
	})
	p, found := known[string(one.ID)]
	if !found {
		p, err = t.at(string(one.ID))
	}
	if err != nil || !p.known() {
		return err
	}
	if p.code == nil || p.chain.marked().at != 0 {
		clear(known)
	}
	return t.setStatus(p, one.Status, one.Seen)
}

// setStatus sets the status of a code, or of all codes at or below a node.
func (t *tx) setStatus(p place, status string, at time.Time) error {
	if err := t.cat.dict.text(t, status, ""); err != nil {
		return err
	}
	ms := max(at.UnixMilli(), 1)
	if p.code != nil {
		was := p.status()
		if err := t.pushMarks(p.chain); err != nil {
			return err
		}
		p.chain.change(p.code.counted(was), -1)
		p.chain.change(p.code.counted(status), 1)
		p.code.status = status
		return t.conn.Exec("UPDATE codes SET status=?, seen=max(seen,?) WHERE key=?", status, ms, p.code.key)
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
