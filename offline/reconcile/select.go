package reconcile

import (
	"counterfoil/offline/day"
	"counterfoil/offline/journal"
)

// Request says what is held against the platform's book: a business day, what was
// accepted under a Z, or, where both are zero, what came since the last close.
// Each, which may be nil, is told how many ids are done.
type Request struct {
	Day  string
	Z    int64
	Each func(done, of int64)
}

// IDs are the ids of a request's operations. Error: day.ErrNoClose.
func IDs(s *journal.Snapshot, r Request) (ids []string, err error) {
	known := map[string]bool{}
	take := func(id string) {
		if !known[id] {
			known[id], ids = true, append(ids, id)
		}
	}
	var z day.Report
	from, to := int64(0), int64(0)
	switch {
	case r.Z != 0:
		z, err = day.Closed(s.Each, r.Z)
		from, to = z.From, z.To
	case r.Day == "":
		z, err = day.Last(s.Each)
		from, to = z.To, s.Head.Seq
		for _, o := range z.Open { // their outcomes come late
			take(o.ID)
		}
	}
	if err == nil && (r.Day != "" || to > from) {
		err = s.Book(journal.Query{Day: r.Day}, from, to, func(b *journal.Booked) error {
			take(b.ID)
			return nil
		})
	}
	return ids, err
}

// Checked is what a close says of a run; nil without one, and where the platform
// answered nothing.
func (r *Result) Checked() *day.Checked {
	if r == nil || r.Of > 0 && r.Answered == 0 {
		return nil
	}
	return &day.Checked{Of: r.Of, Answered: r.Answered, Differences: r.Differences, Silent: r.Silent}
}
