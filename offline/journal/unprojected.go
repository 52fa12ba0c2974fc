package journal

import (
	"encoding/json"
	"errors"
	"fmt"

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

// eachRow runs a query and calls fn with every row, which is used again for the next one.
type eachRow func(query string, args []any, fn func(row sqlite.Row) error) error

// unprojected makes pending rows from the events that have no rows yet.
type unprojected struct {
	each       eachRow
	checkpoint int64
	gaps       gaps // what salvages documented, once it was asked for
	byOp       map[string]*pendingRow
	buf        []byte
}

// readUnprojected returns the pending rows by operation. It looks back to the
// checkpoint, and at least far events. A row that is behind although the
// checkpoint says otherwise, or an event whose columns do not give its hash, is
// damage; the pending rows of the other events are returned with that error.
func readUnprojected(each eachRow, far int64) (map[string]*pendingRow, error) {
	l := &unprojected{each: each, byOp: map[string]*pendingRow{}}
	var head int64
	err := each(`SELECT ifnull(max(seq), 0), (`+sqlProjected+`) FROM events`, nil, func(row sqlite.Row) error {
		head, l.checkpoint = row.Int(0), row.Int(1)
		return nil
	})
	if err != nil || head == 0 {
		return l.byOp, err
	}
	var events []event
	var rows []int64
	err = each(sqlUnprojected, []any{min(l.checkpoint, head-far)}, func(row sqlite.Row) error {
		events, rows = append(events, eventOf(row)), append(rows, row.Int(7))
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

func (l *unprojected) add(e *event, row int64) error {
	var o Operation
	var sum string
	sum, l.buf = e.sum(l.buf)
	switch {
	case sum != e.hash:
		return l.misfit(e, "does not give its hash")
	case e.seq <= l.checkpoint:
		return l.misfit(e, "is ahead of its operation's row")
	case json.Unmarshal([]byte(e.data), &o) != nil || o.Op != e.op:
		return l.misfit(e, "holds no operation")
	}
	o.Seq, o.Hash = e.seq, e.hash
	was, s := l.byOp[o.Op], rowVersion{seq: row}
	var evidence []string
	if was != nil {
		evidence = was.evidence[:len(was.evidence):len(was.evidence)]
	} else if row != 0 {
		err := l.each(`SELECT data FROM evidence WHERE op=? AND seq<=? ORDER BY n`, []any{o.Op, row}, func(row sqlite.Row) error {
			evidence = append(evidence, row.Text(0))
			return nil
		})
		if err != nil {
			return err
		}
		s.evidence = len(evidence)
	}
	attempts, err := encodeAttempts(o.Attempts)
	if err != nil {
		return err
	}
	pieces, err := encodeList(o.Evidence)
	if err != nil {
		return err
	}
	l.byOp[o.Op] = pendingAfter(was, &o, attempts, append(evidence, pieces...), s)
	return nil
}

// checkTail holds the newest events against each other: those that have no row
// yet have no second witness, and a hole among them would hide an attempt.
func checkTail(each eachRow) error {
	type pair struct{ last, e event }
	var odd []pair
	var last event
	err := each(`SELECT seq, prev, hash FROM events WHERE seq > (SELECT max(seq) FROM events) - ? ORDER BY seq`,
		[]any{int64(maxBehind)}, func(row sqlite.Row) error {
			e := event{seq: row.Int(0), prev: row.Text(1), hash: row.Text(2)}
			if last.seq != 0 && (e.seq != last.seq+1 || e.prev != last.hash) {
				odd = append(odd, pair{last, e})
			}
			last = e
			return nil
		})
	if err != nil || len(odd) == 0 {
		return err
	}
	known, err := readGaps(each)
	for _, o := range odd {
		if seq, why := known.follows(&o.last, &o.e); why != "" {
			err = errors.Join(err, fmt.Errorf("%w: event %d: %s", sqlite.ErrUnreadable, seq, why))
		}
	}
	return err
}

// misfit is damage, but for what a salvage has documented.
func (l *unprojected) misfit(e *event, what string) error {
	if l.gaps == nil {
		found, err := readGaps(l.each)
		if err != nil {
			return err
		}
		l.gaps = append(gaps{}, found...)
	}
	if l.gaps.hold(e.seq, e.seq) {
		return nil
	}
	return fmt.Errorf("%w: event %d %s", sqlite.ErrUnreadable, e.seq, what)
}
