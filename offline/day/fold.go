package day

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"counterfoil/offline/journal"
	"counterfoil/offline/journal/chain"
	"counterfoil/offline/operation"
)

// UnbalancedError says that what was posted is not what is open: such a report is
// never written.
type UnbalancedError struct{ Book Book }

func (e *UnbalancedError) Error() string {
	b := e.Book
	return fmt.Sprintf("day: events %d to %d do not balance: open before %v, accepted %v, reopened %v, recovered %v, closed %v, still open %v",
		b.From, b.To, b.OpenBefore, b.Accepted, b.Reopened, b.Recovered, b.Outcomes.all(), b.StillOpen)
}

// Posted is what must be open by all that was posted.
func (e *UnbalancedError) Posted() Totals { return e.Book.expected().plus(e.Book.Recovered) }

// fold adds what was posted up to an event to what the report before left.
func fold(last *Report, upto int64, sums []journal.Sum, zone *time.Location) Report {
	r := Report{Book: Book{From: last.To, To: upto, OpenBefore: last.StillOpen}, Ever: last.Ever, Open: []Open{}, Late: []Late{}}
	people, kinds, hours := map[string]Totals{}, map[string]Totals{}, map[string]Hour{}
	for _, s := range sums {
		t := Totals{int64(s.Count), s.Fen}
		at := time.Unix(s.Quarter*int64(chain.Quarter/time.Second), 0).In(zone).Format("2006-01-02T15")
		hour := hours[at]
		switch s.Posted {
		case chain.PostedAccepted:
			r.Accepted = r.Accepted.plus(t)
			people[s.Operator] = people[s.Operator].plus(t)
			kinds[string(s.Kind)] = kinds[string(s.Kind)].plus(t)
			hour.Accepted = hour.Accepted.plus(t)
		case chain.PostedReopened:
			r.Reopened = r.Reopened.plus(t)
		case chain.PostedDiscarded:
			r.Discarded += t.Ops
		case chain.PostedActive:
			hour.Active = hour.Active.plus(t)
			r.close(s, t)
		default:
			r.close(s, t)
		}
		hours[at] = hour
	}
	r.Ever.Active, r.Ever.Void = r.Ever.Active.plus(r.Outcomes.Active), r.Ever.Void.plus(r.Outcomes.Void)
	r.Operators, r.Kinds = named(people), named(kinds)
	r.Hours = []Hour{}
	for at, h := range hours {
		if h != (Hour{}) {
			h.Hour = at
			r.Hours = append(r.Hours, h)
		}
	}
	slices.SortFunc(r.Hours, func(a, b Hour) int { return cmp.Compare(a.Hour, b.Hour) })
	return r
}

// close adds an outcome.
func (r *Report) close(s journal.Sum, t Totals) {
	into := map[chain.Posted]*Totals{
		chain.PostedActive: &r.Outcomes.Active, chain.PostedVoid: &r.Outcomes.Void, chain.PostedRefused: &r.Outcomes.Refused,
		chain.PostedWithdrawn: &r.Outcomes.Withdrawn, chain.PostedSettled: &r.Outcomes.Settled,
	}[s.Posted]
	if into == nil {
		return // the report does not balance then
	}
	*into = into.plus(t)
	if s.ByStatus {
		part := &r.ByStatus.Active
		if s.Posted == chain.PostedVoid {
			part = &r.ByStatus.Void
		}
		*part, r.ByStatus.Totals = part.plus(t), r.ByStatus.plus(t)
	}
}

func named(sums map[string]Totals) []Sum {
	list := []Sum{}
	for name, t := range sums {
		list = append(list, Sum{name, t})
	}
	slices.SortFunc(list, func(a, b Sum) int { return cmp.Compare(a.Name, b.Name) })
	return list
}

// list enters what is open, and returns its totals.
func (r *Report) list(ops []operation.Operation) (sum Totals) {
	for _, o := range ops {
		entry := Open{o.Op, o.Kind, o.ID, o.State, o.AmountFen, o.AcceptedAt}
		if o.Kind == operation.Void {
			entry.AmountFen = 0
		}
		r.Open = append(r.Open, entry)
		sum = sum.plus(Totals{1, entry.AmountFen})
	}
	return sum
}
