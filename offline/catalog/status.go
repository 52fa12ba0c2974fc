package catalog

import (
	"context"
	"time"

	"counterfoil/api"
)

// SetStatus notes a status that the platform itself confirmed for a code or
// for every code below a node (an activation or void that is done). Its time
// does not grow with what lies below. An unknown id changes nothing; where its
// look-up is on its way, the status holds over the answer.
func (c *Catalog) SetStatus(ctx context.Context, id api.ID, status string, seen time.Time) error {
	if c.opts.ReadOnly {
		return ErrReadOnly
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := c.enter(); err != nil {
		return err
	}
	defer c.leave()
	return c.write(func(t *tx) error {
		// Within the transaction, so that a stage commits either before and is
		// changed here, or after and finds the note.
		c.stagesMu.Lock()
		for s := range c.stages {
			s.confirmedMu.Lock()
			s.confirmed = append(s.confirmed, confirmation{string(id), status, seen})
			s.confirmedMu.Unlock()
		}
		c.stagesMu.Unlock()
		a, err := t.at(string(id))
		if err != nil || !a.known() {
			return err
		}
		return t.setStatus(a, status, seen.UnixMilli())
	})
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
		a.chunk.setLate(a.i, max(seen, a.chunk.late[a.i]))
		a.chain.change(delta, v)
		return t.saveChunk(a.chunk)
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
