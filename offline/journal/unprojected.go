package journal

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

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

// readUnprojected returns the pending rows by operation. It looks back to the
// checkpoint, and at least far events. A row that is behind although the
// checkpoint says otherwise, or an event whose columns do not give its hash, is
// damage, but for what a salvage has documented; the pending rows of the other
// events are returned with that error.
func readUnprojected(each Reading, far int64) (map[string]*pendingRow, error) {
	byOp := map[string]*pendingRow{}
	var head, checkpoint int64
	err := each(`SELECT ifnull(max(seq), 0), (`+sqlProjected+`) FROM events`, nil, func(row sqlite.Row) error {
		head, checkpoint = row.Int(0), row.Int(1)
		return nil
	})
	if err != nil || head == 0 {
		return byOp, err
	}
	var events []Event
	var rows []int64
	err = each(sqlUnprojected, []any{min(checkpoint, head-far)}, func(row sqlite.Row) error {
		events, rows = append(events, EventOf(row)), append(rows, row.Int(7))
		return nil
	})
	if err != nil || len(events) == 0 {
		return byOp, err
	}
	gaps, err := ReadGaps(each)
	if err != nil {
		return byOp, err
	}
	var damage error
	for n := range events {
		e := &events[n]
		o, ok := e.operation()
		what := ""
		switch {
		case e.Sum() != e.Hash:
			what = "does not give its hash"
		case e.Seq <= checkpoint:
			what = "is ahead of its operation's row"
		case !ok:
			what = "holds no operation"
		}
		switch {
		case what == "":
			i, err := pendingOf(each, byOp[o.Op], &o, rows[n])
			if err != nil {
				damage = errors.Join(damage, err)
				continue
			}
			byOp[o.Op] = i
		case !gaps.Hold(e.Seq, e.Seq):
			damage = errors.Join(damage, fmt.Errorf("%w: event %d %s", sqlite.ErrUnreadable, e.Seq, what))
		}
	}
	return byOp, damage
}

// pendingOf is an operation's pending row as a snapshot says that brought the
// pieces of evidence in it. was is the pending row before it, or nil; row is then
// the event at which the stored row stands, 0 for none.
func pendingOf(each Reading, was *pendingRow, o *operation.Operation, row int64) (*pendingRow, error) {
	var before []operation.Evidence
	if was != nil {
		before = was.op.Evidence
	} else if row != 0 {
		err := each(`SELECT data FROM evidence WHERE op=? AND seq<=? ORDER BY n`, []any{o.Op, row}, func(row sqlite.Row) error {
			var piece operation.Evidence
			if err := json.Unmarshal([]byte(row.Text(0)), &piece); err != nil {
				return fmt.Errorf("%w: operation %s, evidence: %w", sqlite.ErrUnreadable, o.Op, err)
			}
			before = append(before, piece)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	whole := *o
	whole.Evidence = slices.Concat(before, o.Evidence)
	return pendingAfter(was, &whole, rowVersion{seq: row, evidence: len(before)}), nil
}

// checkPending checks the stored rows that pending ones are about to replace
// against their own last events: a row that was changed is not to vanish unseen.
func checkPending(c *sqlite.Conn, pending map[string]*pendingRow) error {
	v := &verifier{c: c}
	var err error
	if v.gaps, err = ReadGaps(c.Each); err != nil {
		return err
	}
	for _, op := range slices.Sorted(maps.Keys(pending)) {
		if !pending[op].row {
			continue
		}
		if err := c.Each(sqlVerifyColumns+` WHERE o.op=?`, []any{op}, v.operation); err != nil {
			return fmt.Errorf("%w: %w", sqlite.ErrUnreadable, err)
		}
	}
	return nil
}

// checkTail holds the newest events against each other: those that have no row
// yet have no second witness, and a hole among them would hide an attempt.
func checkTail(each Reading) error {
	gaps, err := ReadGaps(each)
	if err != nil {
		return err
	}
	var last Event
	var damage error
	err = each(`SELECT seq, prev, hash FROM events WHERE seq > (SELECT max(seq) FROM events) - ? ORDER BY seq`,
		[]any{int64(maxBehind)}, func(row sqlite.Row) error {
			e := Event{Seq: row.Int(0), Prev: row.Text(1), Hash: row.Text(2)}
			if last.Seq != 0 {
				if seq, why := gaps.follows(&last, &e); why != "" {
					damage = errors.Join(damage, fmt.Errorf("%w: event %d: %s", sqlite.ErrUnreadable, seq, why))
				}
			}
			last = e
			return nil
		})
	return errors.Join(err, damage)
}
