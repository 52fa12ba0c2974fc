package offline

import (
	"context"
	"slices"
	"time"

	"counterfoil/api"
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
	// Evidence from the time to come means that the clock was set back: its age is not known.
	age := d.clock.Now().Sub(*op.FinishedAt)
	if age > HandOverAge || age < -platformtime.SkewNoise {
		return time.Time{}
	}
	path, err := d.Path(ctx, api.ID(op.ID))
	if err != nil {
		return time.Time{}
	}
	probe := &entry{op: op, chain: chainOf(path)}
	if d.openBehind(ctx, probe) || d.closedBehind(ctx, probe) {
		return time.Time{}
	}
	return op.FinishedAt.Add(HandOverAge)
}

// openBehind reports an open operation accepted after the probe's that overlaps it.
func (d *Desk) openBehind(ctx context.Context, probe *entry) bool {
	var unsure []Operation
	d.mu.Lock()
	for _, e := range d.open.order {
		if e.op.Op <= probe.op.Op {
			continue
		}
		if _, known := e.chain[api.Level(probe.op.Level)]; !known && below(&e.op, &probe.op) {
			unsure = append(unsure, Operation{ID: e.op.ID, Level: e.op.Level})
		} else if operation.Overlap(e.place(), probe.place()) {
			d.mu.Unlock()
			return true
		}
	}
	d.mu.Unlock()
	// Accepted before it was known what holds it: the tree may know by now.
	return d.anyOverlaps(ctx, unsure, probe)
}

// closedMost bounds how many later operations are held against one. With more
// behind it a voucher is no longer on the counter: it is not handed over.
const closedMost = 500

// closedBehind reports an operation that was accepted after the probe's,
// overlaps it and had effect or may have had.
func (d *Desk) closedBehind(ctx context.Context, probe *entry) bool {
	q := Query{After: probe.op.Op, States: []State{Done, Settled}, Limit: closedMost}
	ids := []string{probe.op.ID}
	for _, holder := range probe.chain {
		ids = append(ids, holder)
	}
	for _, q.ID = range ids {
		later, err := d.journal().Operations(ctx, q)
		if err != nil || slices.ContainsFunc(later, mayHaveEffect) {
			return true
		}
	}
	if _, boxed := probe.chain[api.LevelBox]; boxed && probe.op.Level == string(api.LevelCode) {
		return false // it holds nothing, and all that holds it was asked for
	}
	q.ID = ""
	later, err := d.journal().Operations(ctx, q)
	if err != nil || len(later) == closedMost {
		return true
	}
	return d.anyOverlaps(ctx, slices.DeleteFunc(later, func(op Operation) bool { return !op.MayHaveEffect() }), probe)
}

// anyOverlaps holds operations against the probe by what the tree knows now.
func (d *Desk) anyOverlaps(ctx context.Context, ops []Operation, probe *entry) bool {
	for _, op := range ops {
		e := &entry{op: op}
		if below(&op, &probe.op) {
			path, err := d.Path(ctx, api.ID(op.ID))
			if err != nil {
				return true
			}
			e.chain = chainOf(path)
		}
		if operation.Overlap(e.place(), probe.place()) {
			return true
		}
	}
	return false
}

// below reports an operation on a lower rung of the tree than the other.
func below(op, other *Operation) bool {
	return operation.Below(api.Level(op.Level), api.Level(other.Level))
}

func mayHaveEffect(op Operation) bool { return op.MayHaveEffect() }
