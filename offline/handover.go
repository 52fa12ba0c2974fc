package offline

import (
	"context"
	"slices"
	"time"

	"counterfoil/api"
	"counterfoil/offline/catalog"
	"counterfoil/offline/operation"
	"counterfoil/offline/platformtime"
)

// HandOverAge is how long evidence lets a voucher be handed over (docs/rules.md, "Asking").
const HandOverAge = 60 * time.Second

// HandOver reports whether a voucher may be handed over on this operation now.
func (d *Desk) HandOver(ctx context.Context, op Operation) bool {
	return !d.HandOverUntil(ctx, op).IsZero()
}

// HandOverUntil returns when the evidence becomes too old for a voucher to be
// handed over on this operation, by the counter's clock. It is zero where
// nothing is to be handed over: for anything but a done activation, on evidence
// older than HandOverAge, and where a later operation of ours overlaps, open or
// with effect. What cannot be read counts as overlapping.
func (d *Desk) HandOverUntil(ctx context.Context, op Operation) time.Time {
	if op.Kind != Activate || op.State != Done || op.FinishedAt == nil {
		return time.Time{}
	}
	// Evidence from the future means that the clock was set back: its age is not known.
	age := d.clock.Now().Sub(*op.FinishedAt)
	if age > HandOverAge || age < -platformtime.SkewNoise {
		return time.Time{}
	}
	path, err := d.Path(ctx, api.ID(op.ID))
	if err != nil {
		return time.Time{}
	}
	at := operation.Place{ID: op.ID, Level: api.Level(op.Level), Above: catalog.AboveOf(path)}
	if d.openBehind(ctx, op.Op, at) || d.closedBehind(ctx, op.Op, at) {
		return time.Time{}
	}
	return op.FinishedAt.Add(HandOverAge)
}

// openBehind reports an open operation accepted after op that overlaps its place.
func (d *Desk) openBehind(ctx context.Context, op string, at operation.Place) bool {
	overlaps, unsure := d.list.Behind(op, at)
	// Accepted before it was known what holds it: the tree may know by now.
	return overlaps || d.anyOverlaps(ctx, unsure, at)
}

// closedMost bounds how many later operations are compared with one. With more
// of them the sale is long past, and the voucher is not handed over.
const closedMost = 500

// closedBehind reports an operation that was accepted after op, overlaps its
// place and had effect or may have had.
func (d *Desk) closedBehind(ctx context.Context, op string, at operation.Place) bool {
	q := Query{After: op, States: []State{Done, Settled}, Limit: closedMost}
	mayHaveEffect := func(op Operation) bool { return op.MayHaveEffect() }
	q.IDs = idsOf(at.ID, at.Above)
	later, err := d.journal().Operations(ctx, q)
	if err != nil || len(later) == closedMost || slices.ContainsFunc(later, mayHaveEffect) {
		return true
	}
	if _, boxed := at.Above[api.LevelBox]; boxed && at.Level == api.LevelCode {
		return false // it holds nothing, and all that holds it was asked for
	}
	q.IDs = nil
	later, err = d.journal().Operations(ctx, q)
	if err != nil || len(later) == closedMost {
		return true
	}
	var places []operation.Place
	for _, op := range later {
		if op.MayHaveEffect() {
			places = append(places, operation.Place{ID: op.ID, Level: api.Level(op.Level)})
		}
	}
	return d.anyOverlaps(ctx, places, at)
}

// anyOverlaps compares places with another, by what the catalog knows now.
func (d *Desk) anyOverlaps(ctx context.Context, places []operation.Place, at operation.Place) bool {
	for _, other := range places {
		if operation.Below(other.Level, at.Level) {
			path, err := d.Path(ctx, api.ID(other.ID))
			if err != nil {
				return true
			}
			other.Above = catalog.AboveOf(path)
		}
		if operation.Overlap(other, at) {
			return true
		}
	}
	return false
}
