package day

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"counterfoil/offline/journal"
	"counterfoil/offline/journal/chain"
	"counterfoil/offline/operation"
	"counterfoil/offline/sqlite"
)

// ClosedEvent is a close; its data is the whole report as it was computed.
const ClosedEvent = "day.closed"

// metaZ keeps the last number also outside the chain: where a damaged journal
// lost a close, its number is not given again.
const metaZ = "day.z"

// Closing is what the desk knows of a report: of whom and by whom it is.
type Closing struct {
	Title
	Zone  *time.Location
	Today string // the business day, yyyy-MM-dd
	// Confirmed is how many operations the manager was told are still open.
	Confirmed int
	Checked   *Checked // nil where the platform was not asked
}

// UnconfirmedError says that another number is open than was confirmed.
type UnconfirmedError struct{ Count int }

func (e *UnconfirmedError) Error() string {
	return fmt.Sprintf("day: %d operations are still open", e.Count)
}

// ErrNoClose: there is no Z of that number.
var ErrNoClose = errors.New("day: no such close")

// Preview is report X: what came since the last close. Error: *UnbalancedError.
func Preview(s *journal.Snapshot, c Closing) (Report, error) {
	last, err := newest(s.Each)
	if err != nil {
		return Report{}, err
	}
	sums, err := s.Sums(last.To, s.Head.Seq)
	if err != nil {
		return Report{}, err
	}
	r, err := c.report(s, &last, s.Head.Seq, sums)
	r.Report, r.Day, r.Head = X, c.dayOf(sums), headLine(s.Head)
	return r, err
}

// Due reports whether a close would write a report. Errors: *UnconfirmedError,
// *UnbalancedError.
func Due(s *journal.Snapshot, c Closing) (bool, error) {
	x, err := Preview(s, c)
	if err != nil || x.nothing() {
		return false, err
	}
	if len(x.Open) != c.Confirmed {
		err = &UnconfirmedError{len(x.Open)}
	}
	return true, err
}

// Close writes what came since the last close as one report Z for each business
// day, in one transaction with their numbers. Where nothing came it returns the
// last Z. Errors: *UnconfirmedError, *UnbalancedError.
func Close(t *journal.Tx, c Closing) (reports []Report, again bool, err error) {
	s := t.Snapshot()
	last, err := newest(s.Each)
	if err != nil {
		return nil, false, err
	}
	number, err := lastNumber(t, last.Z)
	if err != nil {
		return nil, false, err
	}
	for last.To < s.Head.Seq || len(reports) == 0 {
		r, err := c.next(s, &last)
		if err != nil {
			return nil, false, err
		}
		if r.nothing() && last.Z > 0 {
			break
		}
		number++
		r.Report, r.Z, r.Part = Z, number, 1
		if r.Part, err = partOf(s, &last, r.Day); err != nil {
			return nil, false, err
		}
		if err := t.Append(ClosedEvent, r); err != nil {
			return nil, false, err
		}
		r.Head = headLine(t.Head())
		reports, last = append(reports, r), r
	}
	switch {
	case len(reports) == 0:
		return []Report{last}, true, nil
	case len(last.Open) != c.Confirmed:
		return nil, false, &UnconfirmedError{len(last.Open)}
	}
	return reports, false, t.SetMeta(metaZ, strconv.FormatInt(number, 10))
}

func lastNumber(t *journal.Tx, chained int64) (int64, error) {
	text, err := t.Meta(metaZ)
	kept, _ := strconv.ParseInt(text, 10, 64) // "" and what is damaged count as none
	return max(kept, chained), err
}

// next is the report of the oldest business day that came since the last close.
func (c Closing) next(s *journal.Snapshot, last *Report) (Report, error) {
	upto := s.Head.Seq
	sums, err := s.Sums(last.To, upto)
	if err != nil {
		return Report{}, err
	}
	day := c.dayOf(sums)
	if slices.ContainsFunc(sums, func(s journal.Sum) bool { return s.Posted == chain.PostedAccepted && s.Day != day }) {
		// Acceptances of several days: the first decides, and the next later one cuts.
		_, first, err := s.Accepted(last.To, "", c.Today)
		if err != nil {
			return Report{}, err
		}
		day = cmp.Or(first, c.Today)
		cut, _, err := s.Accepted(last.To, day, c.Today)
		if err != nil {
			return Report{}, err
		}
		if cut > 0 {
			upto = cut - 1
			if sums, err = s.Sums(last.To, upto); err != nil {
				return Report{}, err
			}
		}
	}
	r, err := c.report(s, last, upto, sums)
	r.Day = day
	return r, err
}

// dayOf is the first business day on which something was accepted, and today
// where nothing was or the clock was ahead.
func (c Closing) dayOf(sums []journal.Sum) string {
	day := c.Today
	for _, s := range sums {
		if s.Posted == chain.PostedAccepted {
			day = min(day, s.Day)
		}
	}
	return day
}

// partOf counts the closes of a day.
func partOf(s *journal.Snapshot, last *Report, day string) (part int, err error) {
	if last.Z > 0 && last.Day == day {
		return last.Part + 1, nil
	}
	part = 1
	if last.Day > day { // the clock was set back
		err = each(s.Each, "ASC", func(r *Report) error {
			if r.Day == day {
				part++
			}
			return nil
		})
	}
	return part, err
}

// report adds up the events from the last close to one, and checks the sum.
func (c Closing) report(s *journal.Snapshot, last *Report, upto int64, sums []journal.Sum) (Report, error) {
	r := fold(last, upto, sums, c.Zone)
	r.Title = c.Title
	late, err := s.Late(last.To, upto)
	if err != nil {
		return r, err
	}
	if r.Late, err = byClose(s, late); err != nil {
		return r, err
	}
	open, err := s.Open()
	if upto < s.Head.Seq {
		open, err = openAt(s, last, upto)
	}
	if err != nil {
		return r, err
	}
	gaps := false
	err = s.Each(`SELECT 1 FROM events WHERE op = '' AND event = '`+chain.SalvagedEvent+`' AND seq > ? AND seq <= ? LIMIT 1`,
		[]any{last.To, upto}, func(sqlite.Row) error { gaps = true; return nil })
	if err != nil {
		return r, err
	}
	err = r.balance(r.list(open), gaps)
	r.Checked = Checked{Of: r.Outcomes.all().Ops, Silent: r.Outcomes.all().Ops, Skipped: true}
	if c.Checked != nil {
		r.Checked = *c.Checked
	}
	return r, err
}

// byClose sorts late outcomes by the Z under which their operations were accepted.
func byClose(s *journal.Snapshot, late map[int64]journal.Totals) ([]Late, error) {
	sums := map[int64]Totals{}
	first, err := begun(s.Each)
	if err != nil {
		return nil, err
	}
	for accepted, t := range late {
		z := int64(0)
		if accepted > first.To {
			err := eachOf(s.Each, ClosedEvent, ` AND seq > ? AND json_extract(data, '$.to_seq') >= ? ORDER BY seq LIMIT 1`,
				func(r *Report) error { z = r.Z; return nil }, accepted, accepted)
			if err != nil {
				return nil, err
			}
		}
		sums[z] = sums[z].plus(Totals{int64(t.Count), t.Fen})
	}
	list := []Late{}
	for z, t := range sums {
		list = append(list, Late{z, t})
	}
	slices.SortFunc(list, func(a, b Late) int { return cmp.Compare(a.Z, b.Z) })
	return list, nil
}

// openAt lists what was open at an event that others followed: by each
// operation's last event up to it, and by the last close for those without one.
func openAt(s *journal.Snapshot, last *Report, upto int64) (list []operation.Operation, err error) {
	before := make([]string, len(last.Open))
	for i, o := range last.Open {
		before[i] = o.Op
	}
	names, err := json.Marshal(before)
	if err != nil {
		return nil, err
	}
	touched := map[string]bool{}
	err = s.Each(`SELECT DISTINCT op FROM events WHERE seq > ? AND seq <= ? AND op IN (SELECT value FROM json_each(?))`,
		[]any{last.To, upto, string(names)}, func(row sqlite.Row) error { touched[row.Text(0)] = true; return nil })
	if err != nil {
		return nil, err
	}
	for _, o := range last.Open {
		if !touched[o.Op] {
			list = append(list, operation.Operation{Op: o.Op, Kind: o.Kind, ID: o.ID, State: o.State, AmountFen: o.AmountFen, AcceptedAt: o.AcceptedAt})
		}
	}
	err = s.Each(`SELECT `+chain.EventColumns+` FROM events WHERE seq IN
		(SELECT max(seq) FROM events WHERE seq > ? AND seq <= ? AND op <> '' GROUP BY op)
		AND json_extract(data, '$.state') IN ('queued', 'sending', 'unknown', 'attention')`,
		[]any{last.To, upto}, func(row sqlite.Row) error {
			e := chain.EventOf(row)
			if o, ok := e.Operation(); ok {
				list = append(list, o)
			}
			return nil
		})
	slices.SortFunc(list, func(a, b operation.Operation) int { return cmp.Compare(a.Op, b.Op) })
	return list, err
}
