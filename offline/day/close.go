package day

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"math"
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

// Closing is what the desk adds to a report: whose it is, and who asks for it.
type Closing struct {
	Title
	Zone  *time.Location
	Today string // the business day, yyyy-MM-dd
	// Confirmed is how many operations the manager was told are still open.
	Confirmed int
	Checked   *Checked // nil where the platform was not asked

	lost int64 // the first event that a salvage since the last close tells of
}

// UnconfirmedError says how many are open, where another number was confirmed.
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
	if c.lost, err = lostSince(s, last.To); err != nil {
		return Report{}, err
	}
	r, err := c.report(s, &last, s.Head.Seq, sums)
	r.Report, r.Day, r.Head = X, c.dayOf(sums), s.Head
	return r, err
}

// Due is report X and whether a close would write one. Error: *UnbalancedError.
func Due(s *journal.Snapshot, c Closing) (Report, bool, error) {
	x, err := Preview(s, c)
	return x, err == nil && !x.nothing(), err
}

// Confirm holds a report against the number that was confirmed. Error: *UnconfirmedError.
func (c *Closing) Confirm(r *Report) error {
	if len(r.Open) != c.Confirmed {
		return &UnconfirmedError{len(r.Open)}
	}
	return nil
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
	number, err := lastNumber(t, s, last.Z)
	if err != nil {
		return nil, false, err
	}
	if c.lost, err = lostSince(s, last.To); err != nil {
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
		r.Head = t.Head()
		reports, last = append(reports, r), r
	}
	if len(reports) == 0 {
		return []Report{last}, true, nil
	}
	if err := c.Confirm(&last); err != nil {
		return nil, false, err
	}
	return reports, false, t.SetMeta(metaZ, strconv.FormatInt(number, 10))
}

// lastNumber is the last one given. The kept number counts only where the chain has
// documents, and only up to the number of events: no journal closes more often.
func lastNumber(t *journal.Tx, s *journal.Snapshot, chained int64) (int64, error) {
	text, err := t.Meta(metaZ)
	documents, documentsErr := chain.ReadDocuments(s.Each, "")
	kept, _ := strconv.ParseInt(text, 10, 64) // "" and what is damaged count as none
	if len(documents) == 0 || kept > s.Head.Seq {
		kept = 0
	}
	return max(kept, chained), errors.Join(err, documentsErr)
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
		// Accepted on several days: the report is of the first, and ends before the next.
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
	if err == nil && upto < s.Head.Seq {
		open, err = openAt(s, last, upto, open)
	}
	if err != nil {
		return r, err
	}
	err = r.balance(r.list(open), c.lost <= upto)
	r.Checked = Checked{Of: r.Outcomes.all().Ops, Silent: r.Outcomes.all().Ops, Skipped: true}
	if c.Checked != nil {
		r.Checked = *c.Checked
	}
	return r, err
}

// lostSince is the first event that a salvage behind an event tells of. From there
// on all reports of one close may hold what it recovered: what stood at lost events
// is posted and found open where it was, which a cut between days can tear apart.
func lostSince(s *journal.Snapshot, after int64) (first int64, err error) {
	first = math.MaxInt64
	err = Written(s.Each, chain.SalvagedEvent, ` AND seq > ?`, func(e *chain.Event) error {
		first = min(first, e.Seq)
		var lost struct{ Gaps chain.Gaps }
		if json.Unmarshal([]byte(e.Data), &lost) == nil && len(lost.Gaps) > 0 {
			first = min(first, lost.Gaps[0].From)
		}
		return nil
	}, after)
	return first, err
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
			err := eachOf(s.Each, ClosedEvent, ` AND seq > ? ORDER BY seq`, func(r *Report) error {
				if r.To < accepted {
					return nil
				}
				z = r.Z
				return sqlite.Stop
			}, accepted)
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
// operation's last event up to it, by the last close for those without one, and by
// what is open now for those whose event was lost.
func openAt(s *journal.Snapshot, last *Report, upto int64, now []operation.Operation) (list []operation.Operation, err error) {
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
			touched[o.Op] = true
			list = append(list, operation.Operation{Op: o.Op, Kind: o.Kind, ID: o.ID, State: o.State, AmountFen: o.AmountFen, AcceptedAt: o.AcceptedAt})
		}
	}
	err = s.Each(`SELECT `+chain.EventColumns+` FROM events WHERE seq IN
		(SELECT max(seq) FROM events WHERE seq > ? AND seq <= ? AND op <> '' GROUP BY op)
		AND json_extract(data, '$.state') IN ('queued', 'sending', 'unknown', 'attention')`,
		[]any{last.To, upto}, func(row sqlite.Row) error {
			e := chain.EventOf(row)
			if o, ok := e.Operation(); ok {
				touched[o.Op] = true
				list = append(list, o)
			}
			return nil
		})
	for _, o := range now {
		if o.Seq > last.To && o.Seq <= upto && !touched[o.Op] {
			list = append(list, o)
		}
	}
	slices.SortFunc(list, func(a, b operation.Operation) int { return cmp.Compare(a.Op, b.Op) })
	return list, err
}
