package journal

import (
	"slices"
	"strings"

	"counterfoil/offline/journal/chain"
	"counterfoil/offline/operation"
	"counterfoil/offline/sqlite"
)

// Booked is an operation with what says under which report it stands.
type Booked struct {
	operation.Operation
	Accepted int64 // the event that accepted it; 0 where that is from before the postings
}

// Book calls fn with the operations, whole and oldest first, that a query selects
// and that the events (after..upto] accepted; upto is 0 for any. Before, Limit and
// the order of the query do not count.
func (s *Snapshot) Book(q Query, after, upto int64, fn func(*Booked) error) error {
	where, args := q.selection().where, q.selection().args
	holds := func(accepted int64) bool { return upto == 0 || accepted > after && accepted <= upto }
	if upto > 0 {
		// The ids follow the acceptances nearly, so that they bound what is read.
		where = append(where, `o.op >= (SELECT min(e.op) FROM events e JOIN postings p ON p.seq = e.seq WHERE p.accepted = p.seq AND p.seq > ? AND p.seq <= ?)`,
			`o.op <= (SELECT max(e.op) FROM events e JOIN postings p ON p.seq = e.seq WHERE p.accepted = p.seq AND p.seq > ? AND p.seq <= ?)`)
		args = append(args, after, upto, after, upto)
	}
	var waiting []*Booked
	for _, i := range s.pending {
		if q.holds(&i.op) && holds(i.accepted) {
			o, err := i.read(true)
			if err != nil {
				return err
			}
			waiting = append(waiting, &Booked{o, i.accepted})
		}
	}
	slices.SortFunc(waiting, func(a, b *Booked) int { return strings.Compare(a.Op, b.Op) })
	give := func(before string) error {
		for len(waiting) > 0 && (before == "" || waiting[0].Op < before) {
			if err := fn(waiting[0]); err != nil {
				return err
			}
			waiting = waiting[1:]
		}
		return nil
	}
	text := sqlBooked
	if len(where) > 0 {
		text += ` WHERE ` + strings.Join(where, ` AND `)
	}
	err := s.Each(text+` ORDER BY o.op`, args, func(row sqlite.Row) error {
		accepted := row.Int(len(row) - 1)
		if s.pending[row.Text(0)] != nil || !holds(accepted) {
			return nil
		}
		o, err := chain.OperationOf(row[:len(row)-1])
		if err == nil {
			err = give(o.Op)
		}
		if err != nil {
			return err
		}
		return fn(&Booked{o, accepted})
	})
	if err != nil {
		return err
	}
	return give("")
}

var sqlBooked = strings.Replace(selectWhole, "\nFROM operations o", ",\no.accepted_seq\nFROM operations o", 1)

// ClosedWithin reports an outcome that the events (after..upto] posted of the
// operation that an event accepted.
func (s *Snapshot) ClosedWithin(accepted, after, upto int64) (closed bool, err error) {
	err = s.Each(`SELECT posted FROM postings JOIN headings ON n = heading WHERE seq > ? AND seq <= ? AND accepted = ?`,
		[]any{after, upto, accepted}, func(row sqlite.Row) error {
			closed = closed || chain.Posted(row.Text(0)).Outcome()
			return row.Check("t")
		})
	s.unwritten(after, upto, func(p *chain.Posting) {
		closed = closed || p.Accepted == accepted && p.Posted.Outcome()
	})
	return closed, err
}
