package journal

import (
	"errors"
	"fmt"

	"counterfoil/offline/operation"
	"counterfoil/offline/sqlite"
)

// metaProjected is the checkpoint: up to this event the tables show what the events say.
const metaProjected = "journal.projected"

const sqlProjected = `SELECT CAST(value AS INTEGER) FROM meta WHERE key='` + metaProjected + `'`

// maxBehind is how many events the checkpoint may be behind. A start looks that
// far back whatever it says: a damaged checkpoint must not hide an attempt.
const maxBehind = 512

// sqlUnprojected reads the events after one that are newer than their operations' rows.
const sqlUnprojected = `SELECT e.seq, e.at, e.op, e.event, e.data, e.prev, e.hash, o.seq
	FROM events e LEFT JOIN operations o ON o.op = e.op
	WHERE e.seq > ? AND e.op <> '' AND (o.seq IS NULL OR o.seq < e.seq) ORDER BY e.seq`

// unprojected makes pending rows from the events that have no rows yet.
type unprojected struct {
	each       Reading
	checkpoint int64
	gaps       Gaps // what salvages documented, once it was asked for
	byOp       map[string]*pendingRow
	buf        []byte
}

// readUnprojected returns the pending rows by operation. It looks back to the
// checkpoint, and at least far events. A row that is behind although the
// checkpoint says otherwise, or an event whose columns do not give its hash, is
// damage; the pending rows of the other events are returned with that error.
func readUnprojected(each Reading, far int64) (map[string]*pendingRow, error) {
	l := &unprojected{each: each, byOp: map[string]*pendingRow{}}
	var head int64
	err := each(`SELECT ifnull(max(seq), 0), (`+sqlProjected+`) FROM events`, nil, func(row sqlite.Row) error {
		head, l.checkpoint = row.Int(0), row.Int(1)
		return nil
	})
	if err != nil || head == 0 {
		return l.byOp, err
	}
	var events []Event
	var rows []int64
	err = each(sqlUnprojected, []any{min(l.checkpoint, head-far)}, func(row sqlite.Row) error {
		events, rows = append(events, EventOf(row)), append(rows, row.Int(7))
		return nil
	})
	if err != nil {
		return l.byOp, err
	}
	for n := range events {
		err = errors.Join(err, l.add(&events[n], rows[n]))
	}
	return l.byOp, err
}

func (l *unprojected) add(e *Event, row int64) (err error) {
	var sum string
	sum, l.buf = e.Sum(l.buf)
	o, ok := e.operation()
	switch {
	case sum != e.Hash:
		return l.misfit(e, "does not give its hash")
	case e.Seq <= l.checkpoint:
		return l.misfit(e, "is ahead of its operation's row")
	case !ok:
		return l.misfit(e, "holds no operation")
	}
	l.byOp[o.Op], err = pendingOf(l.each, l.byOp[o.Op], &o, o.Evidence, row)
	return err
}

// pendingOf is an operation's pending row as a snapshot says that brought these
// pieces of evidence. was is the pending row before it, or nil; row is then the
// event at which the stored row stands, 0 for none.
func pendingOf(each Reading, was *pendingRow, o *operation.Operation, brought []operation.Evidence, row int64) (*pendingRow, error) {
	s := rowVersion{seq: row}
	var evidence []string
	if was != nil {
		evidence = was.evidence[:len(was.evidence):len(was.evidence)]
	} else if row != 0 {
		err := each(`SELECT data FROM evidence WHERE op=? AND seq<=? ORDER BY n`, []any{o.Op, row}, func(row sqlite.Row) error {
			evidence = append(evidence, row.Text(0))
			return nil
		})
		if err != nil {
			return nil, err
		}
		s.evidence = len(evidence)
	}
	attempts, err := encodeAttempts(o.Attempts)
	if err != nil {
		return nil, err
	}
	pieces, err := encodeList(brought)
	if err != nil {
		return nil, err
	}
	return pendingAfter(was, o, attempts, append(evidence, pieces...), s), nil
}

// checkTail holds the newest events against each other: those that have no row
// yet have no second witness, and a hole among them would hide an attempt.
func checkTail(each Reading) error {
	type pair struct{ last, e Event }
	var outliers []pair
	var last Event
	err := each(`SELECT seq, prev, hash FROM events WHERE seq > (SELECT max(seq) FROM events) - ? ORDER BY seq`,
		[]any{int64(maxBehind)}, func(row sqlite.Row) error {
			e := Event{Seq: row.Int(0), Prev: row.Text(1), Hash: row.Text(2)}
			if last.Seq != 0 && (e.Seq != last.Seq+1 || e.Prev != last.Hash) {
				outliers = append(outliers, pair{last, e})
			}
			last = e
			return nil
		})
	if err != nil || len(outliers) == 0 {
		return err
	}
	known, err := ReadGaps(each)
	for _, o := range outliers {
		if seq, why := known.follows(&o.last, &o.e); why != "" {
			err = errors.Join(err, fmt.Errorf("%w: event %d: %s", sqlite.ErrUnreadable, seq, why))
		}
	}
	return err
}

// misfit is damage, but for what a salvage has documented.
func (l *unprojected) misfit(e *Event, what string) error {
	if l.gaps == nil {
		found, err := ReadGaps(l.each)
		if err != nil {
			return err
		}
		l.gaps = append(Gaps{}, found...)
	}
	if l.gaps.Hold(e.Seq, e.Seq) {
		return nil
	}
	return fmt.Errorf("%w: event %d %s", sqlite.ErrUnreadable, e.Seq, what)
}
