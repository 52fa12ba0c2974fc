package journal

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"counterfoil/offline/journal/chain"
	"counterfoil/offline/operation"
	"counterfoil/offline/sqlite"
)

// sqlUnprojected reads the events after one that are newer than their operations' rows.
const sqlUnprojected = `SELECT e.seq, e.at, e.op, e.event, e.data, e.prev, e.hash, o.seq, o.state, o.accepted_seq
	FROM events e LEFT JOIN operations o ON o.op = e.op
	WHERE e.seq > ? AND e.op <> '' AND (o.seq IS NULL OR o.seq < e.seq) ORDER BY e.seq`

// readUnprojected returns the pending rows by operation. It looks back to the
// checkpoint, and at least far events. A row that is behind although the
// checkpoint says otherwise, or an event whose columns do not give its hash, is
// damage, but for what a salvage has documented; the pending rows of the other
// events are returned with that error.
func readUnprojected(each chain.Reading, far int64) (map[string]*pendingRow, error) {
	byOp := map[string]*pendingRow{}
	var head, checkpoint int64
	err := each(`SELECT ifnull(max(seq), 0), (`+chain.SQLProjected+`) FROM events`, nil, func(row sqlite.Row) error {
		head, checkpoint = row.Int(0), row.Int(1)
		return nil
	})
	if err != nil || head == 0 {
		return byOp, err
	}
	var events []chain.Event
	var rows []rowVersion
	err = each(sqlUnprojected, []any{min(checkpoint, head-far)}, func(row sqlite.Row) error {
		events, rows = append(events, chain.EventOf(row)), append(rows, rowVersion{seq: row.Int(7), state: operation.State(row.Text(8)), accepted: row.Int(9)})
		return nil
	})
	if err != nil || len(events) == 0 {
		return byOp, err
	}
	gaps, err := chain.ReadGaps(each)
	if err != nil {
		return byOp, err
	}
	var damage error
	for n := range events {
		e := &events[n]
		o, ok := e.Operation()
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
// how far the operation is stored.
func pendingOf(each chain.Reading, was *pendingRow, o *operation.Operation, row rowVersion) (*pendingRow, error) {
	var before []operation.Evidence
	if was != nil {
		before = was.op.Evidence
	} else if row.seq != 0 {
		err := each(`SELECT data FROM evidence WHERE op=? AND seq<=? ORDER BY n`, []any{o.Op, row.seq}, func(row sqlite.Row) error {
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
	row.evidence = len(before)
	return pendingAfter(was, &whole, row), nil
}
