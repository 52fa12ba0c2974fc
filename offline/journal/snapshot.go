package journal

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"counterfoil/offline/journal/chain"
	"counterfoil/offline/operation"
	"counterfoil/offline/sqlite"
)

// Snapshot is the journal at one moment, for rooms that add up what happened.
// It is good only inside the function it was given to.
type Snapshot struct {
	Each    chain.Reading
	Head    chain.Head
	pending overlay // rows that are not written yet
}

// Snapshot is the journal as the transaction sees it.
func (t *Tx) Snapshot() *Snapshot {
	pending := maps.Clone(t.pending.byOp)
	maps.Copy(pending, t.fresh)
	return &Snapshot{Each: t.c.Each, Head: t.head, pending: pending}
}

// Head is the chain's head as the transaction sees it.
func (t *Tx) Head() chain.Head { return t.head }

// Snapshot reads the journal as it stands at one moment; fn must not read it by
// another way. Errors: ErrDamaged and that of fn.
func (j *Journal) Snapshot(ctx context.Context, fn func(*Snapshot) error) error {
	return j.readError(j.r.Use(ctx, func(c *sqlite.Conn) (err error) {
		if err := c.Script("BEGIN"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, c.Script("ROLLBACK")) }()
		s := &Snapshot{Each: c.Each}
		if s.Head, err = readHead(c); err != nil {
			return err
		}
		if s.pending, err = readUnprojected(c.Each, 0); err != nil {
			return err
		}
		return fn(s)
	}))
}

// Sum is what was posted under one heading.
type Sum struct {
	chain.Heading
	Totals
}

// Sums adds up what the events (after..upto] posted.
func (s *Snapshot) Sums(after, upto int64) ([]Sum, error) {
	sums := map[chain.Heading]Totals{}
	err := s.Each(`SELECT posted, kind, operator, day, quarter, by_status, ops, fen FROM
		(SELECT heading, count(*) AS ops, sum(fen) AS fen FROM postings WHERE seq > ? AND seq <= ? GROUP BY heading)
		JOIN headings ON n = heading`, []any{after, upto}, func(row sqlite.Row) error {
		h := chain.Heading{Posted: chain.Posted(row.Text(0)), Kind: operation.Kind(row.Text(1)), Operator: row.Text(2), Day: row.Text(3), Quarter: row.Int(4), ByStatus: row.Int(5) != 0}
		sums[h] = Totals{int(row.Int(6)), row.Int(7)}
		return row.Check("ttttiiii")
	})
	s.unwritten(after, upto, func(p *chain.Posting) {
		sum := sums[p.Heading]
		sums[p.Heading] = Totals{sum.Count + 1, sum.Fen + p.Fen}
	})
	list := make([]Sum, 0, len(sums))
	for h, sum := range sums {
		list = append(list, Sum{h, sum})
	}
	return list, err
}

// unwritten calls fn with the postings of (after..upto] that have no row yet.
func (s *Snapshot) unwritten(after, upto int64, fn func(*chain.Posting)) {
	for _, i := range s.pending {
		for n := range i.postings {
			if p := &i.postings[n]; p.Seq > after && p.Seq <= upto {
				fn(p)
			}
		}
	}
}

// Late adds up the outcomes in (after..upto] of operations that were accepted up
// to after, by the event that accepted them.
func (s *Snapshot) Late(after, upto int64) (map[int64]Totals, error) {
	late := map[int64]Totals{}
	add := func(accepted, fen int64) {
		sum := late[accepted]
		late[accepted] = Totals{sum.Count + 1, sum.Fen + fen}
	}
	err := s.Each(`SELECT accepted, fen, posted FROM postings JOIN headings ON n = heading
		WHERE seq > ?1 AND seq <= ?2 AND accepted <= ?1`, []any{after, upto}, func(row sqlite.Row) error {
		if chain.Posted(row.Text(2)).Outcome() {
			add(row.Int(0), row.Int(1))
		}
		return row.Check("iit")
	})
	s.unwritten(after, upto, func(p *chain.Posting) {
		if p.Accepted <= after && p.Posted.Outcome() {
			add(p.Accepted, p.Fen)
		}
	})
	return late, err
}

// Accepted returns the first event after one that accepted an operation of a
// business day later than day and not later than today, and that day; 0 for none.
func (s *Snapshot) Accepted(after int64, day, today string) (first int64, of string, err error) {
	err = s.Each(`SELECT seq, day FROM postings JOIN headings ON n = heading
		WHERE seq > ? AND posted = 'accepted' AND day > `+givenText+` AND day <= `+givenText+` ORDER BY seq LIMIT 1`,
		[]any{after, day, today}, func(row sqlite.Row) error {
			first, of = row.Int(0), row.Text(1)
			return nil
		})
	s.unwritten(after, s.Head.Seq, func(p *chain.Posting) {
		if p.Posted == chain.PostedAccepted && p.Day > day && p.Day <= today && (first == 0 || p.Seq < first) {
			first, of = p.Seq, p.Day
		}
	})
	return first, of, err
}

// Done adds up the operations that are done, by kind.
func (s *Snapshot) Done() (map[operation.Kind]Totals, error) {
	done := map[operation.Kind]Totals{}
	where, args := s.pending.hide([]string{`state = 'done'`}, nil)
	err := s.Each(`SELECT kind, count(*), sum(amount_fen) FROM operations o WHERE `+where+` GROUP BY kind`, args, func(row sqlite.Row) error {
		done[operation.Kind(row.Text(0))] = Totals{int(row.Int(1)), row.Int(2)}
		return row.Check("tii")
	})
	for _, i := range s.pending {
		if i.op.State == operation.Done {
			sum := done[i.op.Kind]
			done[i.op.Kind] = Totals{sum.Count + 1, sum.Fen + i.op.AmountFen}
		}
	}
	return done, err
}

// Open reads the operations that are open, oldest first, without attempts and evidence.
func (s *Snapshot) Open() (list []operation.Operation, err error) {
	err = s.Each(selectBare+` WHERE `+chain.OpenStates, nil, func(row sqlite.Row) error {
		if s.pending[row.Text(0)] != nil {
			return nil
		}
		o, err := chain.OperationOf(row)
		list = append(list, o)
		return err
	})
	for _, i := range s.pending {
		if i.op.State.Open() {
			list = append(list, i.op)
		}
	}
	slices.SortFunc(list, func(a, b operation.Operation) int { return strings.Compare(a.Op, b.Op) })
	return list, err
}
