package offline

import (
	"context"
	"errors"
	"slices"

	"counterfoil/api"
	"counterfoil/offline/day"
	"counterfoil/offline/journal"
	"counterfoil/offline/journal/chain"
	"counterfoil/offline/journal/salvage"
	"counterfoil/offline/operation"
	"counterfoil/offline/worklist"
)

// The causes of an attempt whose answer was never stored.
const (
	causeEnded    = "program_ended"    // the program ended before it
	causeReopened = "journal_reopened" // the journal failed meanwhile
)

// startUp reads what the last run left. Damage that only reading finds is
// salvaged at once: nothing is on its way yet.
func (d *Desk) startUp(ctx context.Context) error {
	if err := d.clock.Load(ctx); err != nil || d.s.ReadOnly {
		return err
	}
	if err := d.traces.Resume(ctx); err != nil {
		d.s.Log.Warn("trace sequence not read", "err", err)
	}
	err := d.readBack(ctx, causeEnded)
	if errors.Is(err, journal.ErrDamaged) {
		err = d.reopen(ctx, causeEnded)
	}
	return err
}

// readBack fills the list from the journal. What was on its way when the last
// program ended, or the journal failed, is unknown: it may have had effect
// (docs/rules.md, rule 1). Rows count only where the chain vouches for them.
func (d *Desk) readBack(ctx context.Context, cause string) error {
	j := d.journal()
	if err := d.people.Restore(ctx); err != nil && !errors.Is(err, journal.ErrDiskFull) {
		return err
	}
	if err := day.Begin(ctx, j); err != nil && !errors.Is(err, journal.ErrDiskFull) {
		return err
	}
	if err := j.CheckOpen(ctx); err != nil {
		return err
	}
	newest, err := j.Operations(ctx, Query{Limit: 1})
	if err != nil {
		return err
	}
	if len(newest) > 0 {
		d.ids.Above(newest[0].Op)
	}
	ops, err := j.OpenOperations(ctx)
	if err != nil {
		return err
	}
	closed, err := j.Rechecks(ctx)
	if err != nil {
		return err
	}
	report, err := salvage.Pending(ctx, j)
	if err != nil {
		return err
	}
	added, err := j.Added(ctx)
	if err != nil {
		return err
	}
	now := d.clock.Now()
	items := make([]*worklist.Item, 0, len(ops)+len(closed))
	interrupted := map[*worklist.Item]operation.Event{}
	for _, op := range ops {
		item, event := d.found(ctx, op, cause, report, added)
		if items = append(items, item); event != "" {
			interrupted[item] = event
		}
	}
	if err := d.storeFound(ctx, items, interrupted, report != nil); err != nil {
		return err
	}
	for _, op := range closed {
		items = append(items, worklist.Found(op, nil, now))
	}
	d.list.Reset(items)
	d.tellFound(report, cause)
	return d.tellGaps(ctx, "")
}

// found brings an open operation of an earlier run onto the list; event is set
// where the interruption changed it.
func (d *Desk) found(ctx context.Context, op Operation, cause string, report *salvage.Report, added chain.Gaps) (*worklist.Item, operation.Event) {
	now, above := d.clock.Now(), d.above(ctx, api.ID(op.ID))
	doubtful := report != nil && slices.Contains(report.Doubtful, op.Op)
	switch {
	case op.State != Attention && added.Hold(op.Seq, op.Seq):
		op, change := operation.Doubtful(op, operation.WhyAdded)
		return worklist.Found(op, above, now), change.Event
	case op.State == Sending:
		op, change := d.s.Rules.InFlight(op, now, cause)
		item := worklist.Found(op, above, now)
		item.Ended(now)
		return item, change.Event
	case op.State == Queued && doubtful && !d.s.Rules.StatusForwardOnly:
		op, change := operation.Doubtful(op, operation.WhySalvaged)
		return worklist.Found(op, above, now), change.Event
	case op.State == Queued, op.State == Unknown:
		op.NextAt = nil // a new start is a reason to try again; the clock may have been set since
	}
	return worklist.Found(op, above, now), ""
}

// storeFound commits what the interruption changed, in the order of acceptance.
func (d *Desk) storeFound(ctx context.Context, items []*worklist.Item, changed map[*worklist.Item]operation.Event, salvaged bool) error {
	if len(changed) == 0 && !salvaged {
		return nil
	}
	return d.journal().Write(ctx, func(tx *journal.Tx) error {
		for _, item := range items {
			event, is := changed[item]
			if !is {
				continue
			}
			op := item.Operation()
			if err := tx.Put(&op, string(event)); err != nil {
				return err
			}
			item.Set(op)
		}
		if salvaged {
			return salvage.Forget(tx)
		}
		return nil
	})
}
