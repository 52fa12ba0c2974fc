package chain

import (
	"cmp"
	"errors"
	"fmt"

	"counterfoil/offline/sqlite"
)

// MetaProjected is the checkpoint: up to this event the tables show what the events say.
const MetaProjected = "journal.projected"

// SQLProjected reads it.
const SQLProjected = `SELECT CAST(value AS INTEGER) FROM meta WHERE key='` + MetaProjected + `'`

// MaxBehind is how many events the checkpoint may be behind. A start looks that
// far back whatever it says: a damaged checkpoint must not hide an attempt.
const MaxBehind = 512

// CheckStart looks at what a start relies on: the checkpoint, the chain's length
// and its newest events. What does not fit is an sqlite.ErrUnreadable.
func CheckStart(c *sqlite.Conn, head Head, used bool, trouble string) error {
	checkpoint, err := c.Int(SQLProjected)
	if why := behind(head.Seq, checkpoint); err == nil && why != "" {
		err = fmt.Errorf("%w: %s", sqlite.ErrUnreadable, why)
	}
	if gone, wrong := emptied(c, head, used, trouble); err == nil && gone {
		err = cmp.Or(wrong, fmt.Errorf("%w: %s", sqlite.ErrUnreadable, emptiedWhy))
	}
	if err == nil {
		err = checkTail(c.Each)
	}
	return err
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
		[]any{int64(MaxBehind)}, func(row sqlite.Row) error {
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

// CheckRows checks the rows of these operations against their last events: a row
// that was changed is not to vanish unseen when the next event's takes its place.
func CheckRows(c *sqlite.Conn, ops []string) error {
	v := &verifier{c: c}
	var err error
	if v.gaps, err = ReadGaps(c.Each); err != nil {
		return err
	}
	for _, op := range ops {
		if err := c.Each(sqlVerifyColumns+` WHERE o.op=?`, []any{op}, v.operation); err != nil {
			return fmt.Errorf("%w: %w", sqlite.ErrUnreadable, err)
		}
	}
	return nil
}

// behind says how a checkpoint does not belong to a chain with that head, "" where it may.
func behind(head, checkpoint int64) string {
	if checkpoint > head || checkpoint < head-MaxBehind {
		return fmt.Sprintf("the operations are said to stand at event %d", checkpoint)
	}
	return ""
}
