package journal

import (
	"counterfoil/offline/journal/chain"
	"counterfoil/offline/operation"
	"counterfoil/offline/sqlite"
)

// What follows fills a new database from a damaged one: package salvage reads
// the old one and decides what is true.

// Restore adds an event as it was read, and restores its operation from it; false
// where its data is not its operation.
func (t *Tx) Restore(e *chain.Event) (fits bool, err error) {
	if e.Op == "" {
		if fits = e.Readable(); fits {
			err = t.insert(e)
		}
		return fits, err
	}
	o, fits := e.Operation()
	if fits {
		if err = t.insert(e); err == nil {
			err = t.RestoreOperation(&o)
		}
	}
	return fits, err
}

// RestoreOperation stores an operation as it stands, and adds the evidence in it
// to what it has; its event may be lost.
func (t *Tx) RestoreOperation(o *operation.Operation) error {
	var s rowVersion
	was := t.fresh[o.Op]
	if was == nil {
		err := t.c.Each(`SELECT seq, state, accepted_seq FROM operations WHERE op=?`, []any{o.Op}, func(row sqlite.Row) error {
			s = rowVersion{seq: row.Int(0), state: operation.State(row.Text(1)), accepted: row.Int(2)}
			return nil
		})
		if err != nil {
			return err
		}
	}
	next, err := pendingOf(t.c.Each, was, o, s)
	if err != nil {
		return err
	}
	t.fresh[o.Op] = next
	if len(t.fresh) < projectFrom {
		return nil
	}
	return t.projectFresh()
}

func (t *Tx) projectFresh() error {
	err := t.project(t.fresh)
	clear(t.fresh)
	return err
}

// RestoreRows writes the rows of all that was restored, and makes the trace
// sequences at least what the attempts used, and none that cannot be.
func (t *Tx) RestoreRows() error {
	if err := t.projectFresh(); err != nil {
		return err
	}
	err := t.c.Exec(`DELETE FROM traces WHERE last NOT BETWEEN 0 AND ?`, chain.LastStep)
	if err == nil {
		err = t.c.Exec(`DELETE FROM meta WHERE key=?`, chain.MetaBegin) // all that can be is posted now
	}
	if err != nil {
		return err
	}
	return t.c.Exec(`INSERT INTO traces (day, last)
		SELECT substr(trace, 1, 8), ` + chain.SQLLastStep + ` FROM attempts WHERE length(trace)=23 GROUP BY 1
		ON CONFLICT (day) DO UPDATE SET last=max(last, excluded.last)`)
}

// SkipTo leaves out the events up to seq, which are lost.
func (t *Tx) SkipTo(seq int64) { t.head.Seq = seq }
