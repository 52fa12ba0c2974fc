package journal

import (
	"errors"
	"fmt"
	"slices"

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
	attempts, err := encodeAttempts(op.Attempts)
	if err != nil {
		return err
	}
	was := t.pendingRow(op.Op)
	s, err := t.version(op, was)
	if err != nil {
		return err
	}
	if op.Seq == 0 && s.seq != 0 {
		return fmt.Errorf("%w: %s", ErrStale, op.Op)
	}
	if len(attempts) < s.attempts || len(op.Evidence) < s.evidence {
		return fmt.Errorf("%w: %s", ErrShrunk, op.Op)
	}
	if s.seq != op.Seq {
		return fmt.Errorf("%w: %s", ErrStale, op.Op)
	}
	for n := s.attempts; n < len(attempts); n++ {
		if err := t.unused(op.Attempts[n].Trace); err != nil {
			return err
		}
	}
	var evidence []string
	if was != nil {
		evidence = was.evidence[:len(was.evidence):len(was.evidence)]
	}
	pieces, err := encodeList(op.Evidence[len(evidence):])
	if err != nil {
		return err
	}
	evidence = append(evidence, pieces...)
	snapshot := *op
	snapshot.Seq, snapshot.Hash = t.head.Seq+1, ""
	if t.json, err = appendOperation(t.json[:0], &snapshot, attempts, evidence[s.evidence:]); err != nil {
		return err
	}
	before := touched{op: op, seq: op.Seq, hash: op.Hash, pending: t.fresh[op.Op]}
	if err := t.append(op.Op, event, string(t.json)); err != nil {
		return err
	}
	op.Seq, op.Hash = t.head.Seq, t.head.Hash
	t.touched = append(t.touched, before)
	t.fresh[op.Op] = pendingAfter(was, op, attempts, evidence, s)
	t.newestOp = max(t.newestOp, op.Op)
	return nil
}

// rowVersion is how far an operation is stored: its last event and the lengths of its lists.
type rowVersion struct {
	seq                int64
	attempts, evidence int
}

// version returns that of an operation that is to be changed: zeros for a new
// one, and a seq of -1 if the stored one has another id or day.
func (t *Tx) version(op *operation.Operation, was *pendingRow) (s rowVersion, err error) {
	switch {
	case was != nil:
		s = was.version()
		if was.op.ID != op.ID || was.op.Day != op.Day {
			s.seq = -1
		}
		return s, nil
	case op.Seq == 0 && op.Op > t.newestOp:
		return s, nil
	case op.Seq != 0 && t.rows[op.Op].seq == op.Seq:
		return t.rows[op.Op], nil
	}
	err = t.c.Each(`SELECT seq, (SELECT count(*) FROM attempts WHERE op=?1), (SELECT count(*) FROM evidence WHERE op=?1), id, day
		FROM operations WHERE op=?1`, []any{op.Op}, func(row sqlite.Row) error {
		s = rowVersion{row.Int(0), int(row.Int(1)), int(row.Int(2))}
		if row.Text(3) != op.ID || row.Text(4) != op.Day {
			s.seq = -1
		}
		return nil
	})
	return s, err
}

// unused refuses a trace number that another attempt carries: the platform must
// never see one twice. Numbers mostly rise; only one that does not is looked for.
func (t *Tx) unused(trace string) error {
	if len(trace) != traceDigits {
		return nil
	}
	if trace > t.highestTrace {
		t.highestTrace = trace
		return nil
	}
	taken, err := t.c.Int(`SELECT count(*) FROM attempts WHERE trace=?`, trace)
	if err != nil {
		return err
	}
	for _, list := range []map[string]*pendingRow{t.pending.byOp, t.fresh} {
		for _, i := range list {
			if slices.Contains(i.traces, trace) {
				taken++
			}
		}
	}
	if taken > 0 {
		return fmt.Errorf("%w: %s", ErrTraceUsed, trace)
	}
	return nil
}

// readHighestTrace returns the highest trace number of any attempt, "" for none.
func (t *Tx) readHighestTrace() (highest string, err error) {
	highest, err = t.c.Text(`SELECT max(trace) FROM attempts WHERE length(trace)=23`)
	for _, i := range t.pending.byOp {
		for _, trace := range i.traces {
			if len(trace) == traceDigits {
				highest = max(highest, trace)
			}
		}
	}
	return highest, err
}
