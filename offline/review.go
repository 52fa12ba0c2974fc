package offline

import (
	"context"
	"errors"
	"time"

	"counterfoil/api"
	"counterfoil/offline/journal"
	"counterfoil/offline/operation"
	"counterfoil/offline/operators"
	"counterfoil/offline/review"
	"counterfoil/offline/review/marks"
)

// The words of the records' room.
type (
	Record         = review.Record
	RecordQuery    = review.Query
	RecordFilter   = review.Filter
	RecordSort     = review.Sort
	RecordTotals   = review.Totals
	RecordLine     = review.Line
	RecordCount    = review.Count
	ReviewProgress = review.Progress
	ReviewSettings = review.Settings
	Mark           = marks.Mark
	MarkRule       = marks.Rule
	MarkThreshold  = marks.Threshold
)

// MarkRules lists the rules of marks with their defaults, the weightiest first.
func MarkRules() []MarkRule { return marks.Rules() }

// LineOf is a record as scripts read it.
func LineOf(r Record) RecordLine { return review.LineOf(r) }

// ParseMark reads a rule's threshold as the settings write it.
func ParseMark(rule, text string) (MarkThreshold, error) { return marks.Parse(rule, text) }

// newReviews makes the records' room.
func (d *Desk) newReviews() *review.Room {
	s := d.s
	return review.New(review.Options{
		Settings: s.Review, Dir: s.Data, Zone: s.Zone, Now: d.clock.Now, Beside: s.ReadOnly, Parallel: max(s.Calls.Parallel, 1),
		Ask: d.askRecords,
		Operations: func(ctx context.Context, ids []string) ([]operation.Operation, error) {
			return d.journal().Operations(ctx, Query{IDs: ids, OldestFirst: true, Whole: true})
		},
		OfDay: func(ctx context.Context, day string) ([]operation.Operation, error) {
			return d.journal().Operations(ctx, Query{Day: day, OldestFirst: true})
		},
		Face: d.faceOf,
		Shop: marks.Shop{No: s.ShopNo, TID: d.client.Terminal(), VoidFrees: s.Rules.VoidLeaves == api.StatusInactive, Opens: s.Opens, Closes: s.Closes,
			Day: d.dayOf, MostFen: s.Limits.MaxAmountFen},
	})
}

// askRecords asks for one code's records: behind the cashier's cards, and as one
// of the calls that are shared with the queue.
func (d *Desk) askRecords(ctx context.Context, code api.ID) (answer api.Answer, records []api.Record) {
	answer = d.askShared(ctx, func() api.Answer {
		return d.link.Insist(ctx, func() (a api.Answer) {
			a, records = d.client.Records(ctx, code)
			return a
		})
	})
	return answer, records
}

// codes makes codes with what holds them of nodes, parents before children; path
// is what holds the first.
func codes(path []Node, each func(review.Code) error) func(Node) error {
	at := map[api.Level]string{}
	for _, n := range path {
		at[n.Level] = n.ID
	}
	return func(n Node) error {
		if n.Level != api.LevelCode {
			at[n.Level] = n.ID
			return nil
		}
		return each(review.Code{ID: n.ID, Reel: at[api.LevelReel], Pkg: at[api.LevelPackage], Box: at[api.LevelBox], Remaining: n.Remaining, Seen: n.SeenAt})
	}
}

// faceOf is the face value of one of an id's codes, 0 where they differ or it is not known.
func (d *Desk) faceOf(ctx context.Context, id string) (fen int64) {
	n, ok, err := d.data.catalog().Get(ctx, api.ID(id))
	if err != nil || !ok {
		return 0
	}
	for _, v := range n.Values {
		one, _ := d.FaceValue(Node{FaceValue: v.FaceValue})
		if fen != 0 && fen != one {
			return 0
		}
		fen = one
	}
	return fen
}

// mayReview lets whoever may see an id's records: those of one code anybody.
func (d *Desk) mayReview(ctx context.Context, by Session, id api.ID) error {
	act := operators.Review
	if id.Level() == api.LevelCode {
		act = operators.RecordsOfCode
		if by == (Session{}) {
			return nil
		}
	}
	_, err := d.people.May(ctx, by, act)
	return publicError(err)
}

// FetchRecords has the platform's records of every code at or below an id that
// are older than max_age, or all of them where refresh is set, and goes on where
// an earlier run was cut off. What it cannot have is listed by Unanswered. each,
// which may be nil, is told of the progress. Errors: ErrSignedOut,
// ErrNeedsManager, ErrNotConfigured, and those of Lookup where nothing is known
// of the id.
func (d *Desk) FetchRecords(ctx context.Context, by Session, id api.ID, refresh bool, each func(ReviewProgress)) error {
	if err := d.mayReview(ctx, by, id); err != nil {
		return err
	}
	var found []review.Code // where the catalog keeps nothing
	n, known, err := d.data.catalog().Get(ctx, id)
	if err == nil && (!known || n.Partial || d.clock.Now().Sub(n.SeenAt) > d.s.Review.MaxAge) {
		var sink func(api.Node) error
		if d.s.ReadOnly {
			take := codes(nil, func(c review.Code) error {
				found = append(found, c)
				return nil
			})
			sink = func(n api.Node) error {
				return take(Node{ID: n.ID, Level: n.Level, Remaining: n.Remaining, SeenAt: d.clock.Now()})
			}
		}
		if _, err := d.Lookup(ctx, id, sink); err != nil && !known && id.Level() != api.LevelCode {
			return err
		}
	}
	path, pathErr := d.data.catalog().Path(ctx, id)
	if err = errors.Join(err, pathErr); err != nil {
		return publicError(err)
	}
	some := false
	err = d.data.reviews.Fetch(ctx, id, refresh, func(each func(review.Code) error) error {
		for _, c := range found {
			if err := each(c); err != nil {
				return err
			}
		}
		some = len(found) > 0
		err := d.data.catalog().Walk(ctx, id, codes(path, func(c review.Code) error {
			some = true
			return each(c)
		}))
		if err == nil && !some && id.Level() == api.LevelCode {
			err = each(review.Code{ID: string(id), Remaining: -1}) // its records can be asked for all the same
		}
		return err
	}, each)
	if errors.Is(err, review.ErrNotConfigured) {
		return &Error{Kind: ErrNotConfigured, Args: map[string]any{"Setting": "platform.paas_url"}}
	}
	return d.recordsError(ctx, err)
}

// recordsError leaves the end of a context as it is.
func (d *Desk) recordsError(ctx context.Context, err error) error {
	if err == nil || ctx.Err() != nil {
		return ctx.Err()
	}
	return publicError(err)
}

// reviewed reads for whoever may see an id's records.
func reviewed[T any](ctx context.Context, d *Desk, by Session, id api.ID, read func() (T, error)) (got T, err error) {
	if err = d.mayReview(ctx, by, id); err == nil {
		got, err = read()
	}
	return got, d.recordsError(ctx, err)
}

// Records reads a page of the stored records.
func (d *Desk) Records(ctx context.Context, by Session, q RecordQuery) ([]Record, error) {
	return reviewed(ctx, d, by, q.ID, func() ([]Record, error) { return d.data.reviews.Records(ctx, q) })
}

// RecordTotals sums up what is stored at or below an id.
func (d *Desk) RecordTotals(ctx context.Context, by Session, id api.ID) (RecordTotals, error) {
	return reviewed(ctx, d, by, id, func() (RecordTotals, error) { return d.data.reviews.Totals(ctx, id) })
}

// Marks applies the rules to what is stored at or below an id and returns what
// is worth a look; the records show it from then on.
func (d *Desk) Marks(ctx context.Context, by Session, id api.ID) ([]Mark, error) {
	return reviewed(ctx, d, by, id, func() ([]Mark, error) { return d.data.reviews.Mark(ctx, id) })
}

// Unanswered lists codes whose records could not be had, or not yet, up to limit.
func (d *Desk) Unanswered(ctx context.Context, by Session, id api.ID, limit int) ([]string, error) {
	return reviewed(ctx, d, by, id, func() ([]string, error) { return d.data.reviews.Unanswered(ctx, id, limit) })
}

// Unmasked keeps in the journal who saw whole codes at or below an id, and why.
// Errors: ErrSignedOut, ErrNeedsManager, and of a folder that another program has.
func (d *Desk) Unmasked(ctx context.Context, by Session, id api.ID, why string) error {
	by, err := d.people.May(ctx, by, operators.Unmask)
	if err == nil {
		err = d.noteUnmasked(ctx, by.Name, by.Approver, id, why)
	}
	return publicError(err)
}

func (d *Desk) noteUnmasked(ctx context.Context, by, approver string, id api.ID, why string) error {
	return d.journal().Write(ctx, func(t *journal.Tx) error {
		data := map[string]string{"by": by, "id": id.Masked(), "why": why}
		if approver != "" {
			data["approved_by"] = approver
		}
		return t.Append("unmasked", data)
	})
}

// NoteLook keeps that somebody looked an id up at the counter, and how it came
// in. It is for the marks alone: what cannot be kept is dropped.
func (d *Desk) NoteLook(by Session, card Card, entered Entered) {
	if by == (Session{}) || d.s.ReadOnly || !card.Fresh {
		return
	}
	look := marks.Look{At: d.clock.Now().Truncate(time.Millisecond), Operator: by.Name, ID: card.Node.ID, Inactive: card.Node.Counts[api.StatusInactive] > 0}
	if err := d.data.reviews.NoteLook(look, entered); err != nil {
		d.s.Log.Warn("records", "err", err)
	}
}
