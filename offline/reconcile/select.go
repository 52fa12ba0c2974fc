package reconcile

import (
	"fmt"

	"counterfoil/offline/day"
	"counterfoil/offline/journal"
	"counterfoil/offline/sqlite"
)

// Request says what is held against the platform's book: a business day, what was
// accepted under a Z, one id, or, where all are zero, what came since the last
// close. Each, which may be nil, is told of the progress.
type Request struct {
	Day  string
	Z    int64
	ID   string
	Each func(Progress)
	// Keep keeps the answers after the run has ended, for a close that is asked for again.
	Keep bool
}

// ids returns the ids of the request's operations, only those accepted after the
// event after unless that is 0. cut names the part of the journal they come from.
// Error: day.ErrNoClose.
func (r *Request) ids(s *journal.Snapshot, after int64) (ids []string, cut string, err error) {
	var z day.Report
	from, to := int64(0), int64(0)
	switch {
	case r.ID != "":
		return []string{r.ID}, "", nil
	case r.Z != 0:
		z, err = day.Closed(s.Each, r.Z)
		from, to = z.From, z.To
	case r.Day == "":
		z, err = day.Last(s.Each)
		from, to = z.To, s.Head.Seq
		for _, o := range z.Open { // their outcomes come late
			ids = append(ids, o.ID)
		}
	case after > 0:
		to = s.Head.Seq
	}
	cut = fmt.Sprintf("%s %d %d", r.Day, r.Z, from)
	if from = max(from, after); err == nil && (to > from || r.Day != "" && after == 0) {
		err = s.Book(journal.Query{Day: r.Day}, from, to, func(b *journal.Booked) error {
			ids = append(ids, b.ID)
			return nil
		})
	}
	return ids, cut, err
}

// touched maps the ids of the operations that have an event after one to the last.
func touched(s *journal.Snapshot, after int64) (map[string]int64, error) {
	last := map[string]int64{}
	err := s.Each(`SELECT json_extract(data, '$.id'), max(seq) FROM events WHERE seq > ? AND op <> '' GROUP BY 1`, []any{after}, func(row sqlite.Row) error {
		last[row.Text(0)] = row.Int(1)
		return nil
	})
	return last, err
}

// Checked is what a close says of a run; nil where the platform answered nothing,
// also where there were only ranges of which no code is known.
func (r *Result) Checked() *day.Checked {
	if r.Answered == 0 && r.Of > 0 {
		return nil
	}
	return &day.Checked{Of: r.Of, Answered: r.Answered, Differences: r.Differences, Silent: r.Silent}
}
