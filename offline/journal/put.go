package journal

import (
	"errors"
	"fmt"
	"slices"

	"counterfoil/offline/journal/chain"
	"counterfoil/offline/operation"
	"counterfoil/offline/sqlite"
)

// Put appends one chained event of that name holding the operation's snapshot,
// and keeps the operation with its attempts and evidence; it sets op.Seq and op.Hash.
// A Seq of 0 means a new operation; any other must be the stored one, so that
// nobody writes over a change they have not seen. Evidence is only ever added.
// Errors: ErrStale, ErrShrunk, ErrTraceUsed.
func (t *Tx) Put(op *operation.Operation, event string) error {
	if op.Op == "" || event == "" {
		return errors.New("journal: an operation and its event need a name")
	}
	was := t.pendingRow(op.Op)
	s, err := t.version(op, was)
	switch {
	case err != nil:
		return err
	case op.Seq == 0 && s.seq != 0:
		return fmt.Errorf("%w: %s", ErrStale, op.Op)
	case len(op.Attempts) < s.attempts || len(op.Evidence) < s.evidence:
		return fmt.Errorf("%w: %s", ErrShrunk, op.Op)
	case s.seq != op.Seq:
		return fmt.Errorf("%w: %s", ErrStale, op.Op)
	}
	for _, a := range op.Attempts[s.attempts:] {
		if err := t.unused(a.Trace); err != nil {
			return err
		}
	}
	snapshot := *op
	snapshot.Seq, snapshot.Hash, snapshot.Evidence = t.head.Seq+1, "", op.Evidence[s.evidence:]
	data, err := chain.EncodeOperation(&snapshot)
	if err != nil {
		return err
	}
	before := touched{op: op, seq: op.Seq, hash: op.Hash}
	if err := t.append(op.Op, event, data); err != nil {
		return err
	}
	op.Seq, op.Hash = t.head.Seq, t.head.Hash
	t.touched = append(t.touched, before)
	t.fresh[op.Op] = pendingAfter(was, op, s)
	return nil
}

// rowVersion is how far an operation is stored: its last event, the lengths of its
// lists, its state, and the event that accepted it.
type rowVersion struct {
	seq                int64
	attempts, evidence int
	state              operation.State
	accepted           int64
}

// version returns that of an operation that is to be changed: zeros for a new
// one, and a seq of -1 if the stored one has another id or day.
func (t *Tx) version(op *operation.Operation, was *pendingRow) (s rowVersion, err error) {
	id, day := op.ID, op.Day
	if was != nil {
		s = rowVersion{seq: was.op.Seq, attempts: len(was.op.Attempts), evidence: len(was.op.Evidence)}
		id, day = was.op.ID, was.op.Day
	} else if op.Op <= t.newest {
		err = t.c.Each(`SELECT seq, (SELECT count(*) FROM attempts WHERE op=?1), (SELECT count(*) FROM evidence WHERE op=?1), id, day, state, accepted_seq
			FROM operations WHERE op=?1`, []any{op.Op}, func(row sqlite.Row) error {
			s = rowVersion{row.Int(0), int(row.Int(1)), int(row.Int(2)), operation.State(row.Text(5)), row.Int(6)}
			id, day = row.Text(3), row.Text(4)
			return nil
		})
	}
	if id != op.ID || day != op.Day {
		s.seq = -1
	}
	return s, err
}

// unused refuses a trace number that another attempt carries: the platform must
// never see one twice.
func (t *Tx) unused(trace string) error {
	if len(trace) != traceDigits {
		return nil
	}
	// The length is the partial index's own condition.
	taken, err := t.c.Int(`SELECT count(*) FROM attempts WHERE trace=? AND length(trace)=23`, trace)
	if err != nil {
		return err
	}
	for _, list := range []map[string]*pendingRow{t.pending.byOp, t.fresh} {
		for _, i := range list {
			if slices.ContainsFunc(i.op.Attempts, func(a operation.Attempt) bool { return a.Trace == trace }) {
				taken++
			}
		}
	}
	if taken > 0 {
		return fmt.Errorf("%w: %s", ErrTraceUsed, trace)
	}
	return nil
}
