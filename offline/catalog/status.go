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
	return c.resume(func(t *tx) error { return t.confirm(list) })
}

func (t *tx) confirm(list []Confirmed) error {
	for _, one := range list {
		if err := t.confirmOne(one); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) confirmOne(one Confirmed) error {
	// Within the transaction, so that a stage commits either before and is
	// changed here, or after and finds the note.
	t.cat.stagesMu.Lock()
	for s := range t.cat.stages {
		s.confirmedMu.Lock()
		s.confirmed = append(s.confirmed, confirmation{string(one.ID), one.Status, one.Seen})
		s.confirmedMu.Unlock()
	}
	t.cat.stagesMu.Unlock()
	a, err := t.at(string(one.ID))
	if err != nil || !a.known() {
		return err
	}
	return t.setStatus(a, one.Status, one.Seen.UnixMilli())
}

func (t *tx) setStatus(a at, status string, seen int64) error {
	no, err := t.cat.words.status(t.conn, status, "")
	if err != nil {
		return err
	}
	v := t.newVersion()
	if a.chunk != nil {
		a.chunk.settle(a.chain.inherited())
		var delta tally
		face := a.chunk.looks[a.chunk.at[a.i]].faceNo
		delta.add(a.chunk.st[a.i], face, -1)
		delta.add(no, face, 1)
		a.chunk.st[a.i], a.chunk.ver = no, v
		a.chunk.setLate(a.i, max(seen, a.chunk.lateOf(a.i)))
		a.chain.change(delta, v)
		return t.saveStatuses(a.chunk)
	}
	r := a.chain[0]
	old := a.chain.counts()
	r.counts = old.as(no)
	r.mark, r.mver, r.mseen, r.ver, r.dirty = int64(no), v, seen, v, true
	delta := r.counts.clone()
	delta.addAll(old, -1)
	a.chain[1:].change(delta, v)
	return nil
}
