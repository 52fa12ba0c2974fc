package day

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"counterfoil/offline/journal"
	"counterfoil/offline/journal/chain"
	"counterfoil/offline/operation"
	"counterfoil/offline/sqlite"
)

// sqlEvents reads the events of a name that belong to no operation.
const sqlEvents = `SELECT ` + chain.EventColumns + ` FROM events WHERE op = '' AND event = ?`

// Written calls fn with the events of a name that belong to no operation, until it
// returns sqlite.Stop. Where an event's columns do not give its hash, that is
// verify's to tell; one that no counter wrote counts for nothing, acknowledged or not.
func Written(read chain.Reading, event, rest string, fn func(*chain.Event) error, more ...any) error {
	added, err := chain.ReadAdded(read, "", 0, math.MaxInt64)
	if err != nil {
		return err
	}
	return read(sqlEvents+rest, append([]any{event}, more...), func(row sqlite.Row) error {
		e := chain.EventOf(row)
		if e.Sum() != e.Hash || added.Hold(e.Seq, e.Seq) {
			return nil
		}
		return fn(&e)
	})
}

// each calls fn with the closes in an order, until it returns sqlite.Stop.
func each(read chain.Reading, order string, fn func(*Report) error) error {
	return eachOf(read, ClosedEvent, ` ORDER BY seq `+order, fn)
}

func eachOf(read chain.Reading, event, rest string, fn func(*Report) error, more ...any) error {
	return Written(read, event, rest, func(e *chain.Event) error {
		r := Report{}
		fits := json.Unmarshal([]byte(e.Data), &r) == nil && (event != ClosedEvent || r.To < e.Seq) // no close ends behind itself
		r.Head = chain.Head{Seq: e.Seq, Hash: e.Hash}
		if !fits {
			return nil
		}
		return fn(&r)
	}, more...)
}

// begun is where the book of an older journal begins, zero in any other.
func begun(read chain.Reading) (first Report, err error) {
	err = eachOf(read, chain.BegunEvent, ` ORDER BY seq DESC`, func(r *Report) error { first = *r; return sqlite.Stop })
	return first, err
}

// newest is the last close, or the beginning of the book, or zero in a new journal.
func newest(read chain.Reading) (last Report, err error) {
	if last, err = begun(read); err != nil {
		return last, err
	}
	err = each(read, "DESC", func(r *Report) error {
		last = *r
		return sqlite.Stop
	})
	return last, err
}

// Last is the last close, or the beginning of the book, or zero in a new journal.
func Last(read chain.Reading) (Report, error) { return newest(read) }

// Closed reads the Z of a number. Error: ErrNoClose.
func Closed(read chain.Reading, z int64) (found Report, err error) {
	err = each(read, "DESC", func(r *Report) error {
		if r.Z > z {
			return nil
		}
		found = *r
		return sqlite.Stop
	})
	if err == nil && (found.Z != z || z < 1) {
		err = fmt.Errorf("%w: %d", ErrNoClose, z)
	}
	return found, err
}

// Closes reads every Z, newest first.
func Closes(read chain.Reading) (list []Report, err error) {
	err = each(read, "DESC", func(r *Report) error {
		list = append(list, *r)
		return nil
	})
	return list, err
}

// NotedEvent adds a note to a close, which itself never changes.
const NotedEvent = "day.noted"

// Note is what a manager had to say of a close later.
type Note struct {
	Z  int64     `json:"z"`
	At time.Time `json:"at"`
	chain.Who
	Text string `json:"text"`
}

// Notes reads the notes on a close, oldest first.
func Notes(read chain.Reading, z int64) (list []Note, err error) {
	err = Written(read, NotedEvent, ` ORDER BY seq`, func(e *chain.Event) error {
		var n Note
		if json.Unmarshal([]byte(e.Data), &n) == nil && n.Z == z {
			list = append(list, n)
		}
		return nil
	})
	return list, err
}

// AddNote adds a note to a close. Error: ErrNoClose.
func AddNote(t *journal.Tx, n Note) error {
	if _, err := Closed(t.Snapshot().Each, n.Z); err != nil {
		return err
	}
	return t.Append(NotedEvent, n)
}

// CountCopy counts one more print of a Z. Where the number cannot be kept it is
// the first copy again.
func CountCopy(ctx context.Context, j *journal.Journal, z int64) (n int, err error) {
	err = j.WriteBeside(ctx, func(c *sqlite.Conn) error {
		return c.Each(`INSERT INTO meta (key, value) VALUES ('day.copies.' || ?, '1')
			ON CONFLICT (key) DO UPDATE SET value = value + 1 RETURNING CAST(value AS INTEGER)`, []any{z}, func(row sqlite.Row) error {
			n = int(row.Int(0))
			return nil
		})
	})
	return max(n, 1), err
}

// Begin says in the chain what the first report of a journal begins with that is
// older than its postings.
func Begin(ctx context.Context, j *journal.Journal) error {
	due, err := j.Meta(ctx, chain.MetaBegin)
	if err != nil || due == "" {
		return err
	}
	return j.Write(ctx, func(t *journal.Tx) error {
		s := t.Snapshot()
		r := Report{Book: Book{To: s.Head.Seq + 1}, Open: []Open{}}
		open, err := s.Open()
		if err != nil {
			return err
		}
		r.StillOpen = r.list(open)
		done, err := s.Done()
		if err != nil {
			return err
		}
		for kind, t := range done {
			into := &r.Ever.Active
			if kind == operation.Void {
				into = &r.Ever.Void
			}
			*into = into.plus(Totals{int64(t.Count), t.Fen})
		}
		if err := t.Append(chain.BegunEvent, r); err != nil {
			return err
		}
		return t.SetMeta(chain.MetaBegin, "")
	})
}

// Check holds every close against the one before it and against what was posted,
// but for what is documented of it, and for those that reach into what a salvage
// found lost. What was posted before a salvage, behind what it found lost, is as it
// made it, and not held against the closes from before it. Error: *chain.MisfitError.
func Check(read chain.Reading) error {
	gaps, err := chain.ReadGaps(read)
	documents, documentsErr := chain.ReadDocuments(read, chain.Unindexed)
	if err := errors.Join(err, documentsErr); err != nil {
		return err
	}
	var projected int64
	if err := read(chain.SQLProjected, nil, func(row sqlite.Row) error { projected = row.Int(0); return nil }); err != nil {
		return err
	}
	first, err := begun(read)
	if err != nil {
		return err
	}
	all := []Report{first}
	if err := each(read, "ASC", func(r *Report) error { all = append(all, *r); return nil }); err != nil {
		return err
	}
	var salvaged int64 // the newest
	err = Written(read, chain.SalvagedEvent, ` ORDER BY seq DESC`, func(e *chain.Event) error { salvaged = e.Seq; return sqlite.Stop })
	if err != nil {
		return err
	}
	rows := journal.Snapshot{Each: read}
	for i := range all[1:] {
		last, r := &all[i], &all[i+1]
		misfit := func(why string) error {
			why = fmt.Sprintf("Z %d %s", r.Z, why)
			if slices.ContainsFunc(documents, func(d chain.Document) bool { return d.From == r.Head.Seq && d.Why == why }) {
				return nil
			}
			return &chain.MisfitError{Seq: r.Head.Seq, Why: why}
		}
		lost := slices.ContainsFunc(gaps, func(g chain.Gap) bool { return g.From <= r.Head.Seq && g.To > last.To })
		remade := len(gaps) > 0 && gaps[0].From <= r.Head.Seq && r.Head.Seq < salvaged
		skips := r.Z > last.Z && slices.ContainsFunc(documents, func(d chain.Document) bool { return d.Seq < r.Head.Seq })
		switch {
		case lost: // closes may be among it, and postings
			continue
		case r.Z != last.Z+1 && !skips || r.From != last.To || r.To >= r.Head.Seq:
			err = misfit("does not follow from the close before")
		case r.OpenBefore != last.StillOpen || r.expected().plus(r.Recovered) != r.StillOpen:
			err = misfit("does not balance")
		case r.To <= projected && !remade:
			var sums []journal.Sum
			sums, err = rows.Sums(r.From, r.To)
			if again := fold(last, r.To, sums, r.At.Location()); err == nil && (again.Accepted != r.Accepted || again.Outcomes != r.Outcomes || again.Ever != r.Ever) {
				err = misfit("is not what was posted")
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Cuts are where the reports ended, oldest first.
type Cuts []cut

type cut struct{ z, to int64 }

// ReadCuts reads them.
func ReadCuts(read chain.Reading) (list Cuts, err error) {
	err = each(read, "ASC", func(r *Report) error {
		list = append(list, cut{r.Z, r.To})
		return nil
	})
	return list, err
}

// Of returns the Z under which an operation was accepted, 0 for none, and
// whether an outcome of it came later than that Z.
func (c Cuts) Of(s *journal.Snapshot, b *journal.Booked) (z int64, late bool, err error) {
	i, _ := slices.BinarySearchFunc(c, b.Accepted, func(at cut, seq int64) int { return cmp.Compare(at.to, seq) })
	if i == len(c) {
		return 0, false, nil
	}
	if !b.State.Open() && b.Seq > c[i].to {
		late, err = s.ClosedWithin(b.Accepted, c[i].to, b.Seq)
	}
	return c[i].z, late, err
}

// Of is the business day of a time in the shop's zone, yyyy-MM-dd: a night before
// the time at which days start belongs to the evening before.
func Of(t time.Time, starts time.Duration) string {
	// By the clock on the wall: a night may be an hour longer or shorter.
	wall := time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute + time.Duration(t.Second())*time.Second
	day := time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
	if wall < starts {
		day = day.AddDate(0, 0, -1)
	}
	return day.Format(time.DateOnly)
}
