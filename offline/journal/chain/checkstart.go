package chain

import (
	"errors"
	"fmt"
	"strconv"

	"counterfoil/offline/sqlite"
)

// MetaProjected is the checkpoint: up to this event the tables show what the events say.
const MetaProjected = "journal.projected"

const sqlCheckpoint = `SELECT value FROM meta WHERE key='` + MetaProjected + `'`

// SQLProjected reads it as a number.
const SQLProjected = `SELECT CAST((` + sqlCheckpoint + `) AS INTEGER)`

// MaxBehind is how many events the checkpoint may be behind. A start looks that
// far back whatever it says: a damaged checkpoint must not hide an attempt.
const MaxBehind = 512

// CheckStart looks at what a start relies on: the checkpoint, the chain's length
// and its newest events. What does not fit is an sqlite.ErrUnreadable.
func CheckStart(c *sqlite.Conn, head Head, used bool, trouble string) error {
	stored, err := c.Text(sqlCheckpoint)
	_, why := checkpointOf(stored, head.Seq)
	switch {
	case err != nil:
		return err
	case why == "" && emptied(head, used, trouble):
		why = emptiedWhy
	case why == "":
		if _, why, err = beginning(c); err == nil && why == "" {
			why, err = tracesUnfit(c.Each, `AND trace = (SELECT max(trace) FROM attempts WHERE length(trace) = 23)`)
		}
		if err != nil {
			return err
		}
	}
	if why != "" {
		return fmt.Errorf("%w: %s", sqlite.ErrUnreadable, why)
	}
	return checkTail(c.Each)
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
	if v.salvages, err = readSalvages(c.Each); err != nil {
		return err
	}
	for _, op := range ops {
		if err := c.Each(sqlVerifyColumns+` WHERE o.op=?`, []any{op}, v.operation); err != nil {
			return fmt.Errorf("%w: %w", sqlite.ErrUnreadable, err)
		}
	}
	return nil
}

// checkpointOf reads the checkpoint of a chain with that head, and says how it
// does not belong to it, "" where it may.
func checkpointOf(stored string, head int64) (at int64, why string) {
	at, err := strconv.ParseInt(stored, 10, 64)
	if err != nil || at > head || at < head-MaxBehind {
		why = fmt.Sprintf("the operations are said to stand at event %q", stored)
	}
	return at, why
}
