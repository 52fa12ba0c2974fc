package offline

import (
	"context"
	"slices"
	"time"

	"counterfoil/api"
	"counterfoil/offline/journal"
)

// recover reads what is open, and turns what was on its way when the last
// program ended, or the journal failed, into unknown: it may have had effect
// (docs/rules.md, rule 1). Rows count only where the chain vouches for them.
func (d *Desk) recover(ctx context.Context, cause string) error {
	if err := d.journal().CheckOpen(ctx); err != nil {
		return err
	}
	newest, err := d.journal().Operations(ctx, Query{Limit: 1})
	if err != nil {
		return err
	}
	if len(newest) > 0 {
		d.ids.above(newest[0].Op)
	}
	ops, err := d.journal().OpenOperations(ctx)
	if err != nil {
		return err
	}
	var moved []*entry
	set := newOpenSet()
	now := d.clock.Now()
	salvage := d.journal().Salvage()
	for _, op := range ops {
		e := &entry{op: op, chain: d.ancestry(ctx, op), before: lastEnd(op), met: now}
		doubtful := salvage != nil && slices.Contains(salvage.Doubtful, op.Op)
		switch {
		case op.State == Sending:
			e.op, e.ended = inFlight(op, now, d.s.Rules.SettleTime, cause), now
			moved = append(moved, e)
		case op.State == Unknown:
			e.op.NextAt = nil // set by a clock that may have been set since
		case op.State == Queued && doubtful && !d.s.Rules.StatusForwardOnly:
			// Its attempt may be among what was lost, and with it the trace number to ask about.
			e.op.State, e.op.Why, e.op.NextAt = Attention, WhySalvaged, nil
			moved = append(moved, e)
		case op.State == Queued:
			e.op.NextAt = nil // a new start is a reason to try again
		}
		set.add(e)
	}
	later, err := d.journal().Rechecks(ctx)
	if err != nil {
		return err
	}
	for _, op := range later {
		set.addRecheck(&entry{op: op, before: lastEnd(op), met: now})
	}
	if err := d.putRecovered(ctx, moved, salvage != nil); err != nil {
		return err
	}
	d.mu.Lock()
	d.open = set
	d.mu.Unlock()
	d.tellHealed(salvage, cause)
	return nil
}

// inFlight is an operation that was being sent when the program ended or the journal failed.
func inFlight(op Operation, now time.Time, settle time.Duration, cause string) Operation {
	op = cloneOperation(op)
	due := now.Add(settle)
	op.State, op.NextAt = Unknown, &due
	if len(op.Attempts) > 0 {
		last := &op.Attempts[len(op.Attempts)-1]
		last.EndedAt, last.Outcome, last.Cause = &now, string(api.Unanswered), cause
	}
	return op
}

func (d *Desk) putRecovered(ctx context.Context, moved []*entry, salvaged bool) error {
	if len(moved) == 0 && !salvaged {
		return nil
	}
	return d.journal().Write(ctx, func(tx *journal.Tx) error {
		for _, e := range moved {
			event := eventFoundInFlight
			if e.op.State == Attention {
				event = eventDoubtful
			}
			op := cloneOperation(e.op)
			if err := tx.Put(&op, event); err != nil {
				return err
			}
			e.op = op
		}
		if salvaged {
			return tx.ForgetSalvage()
		}
		return nil
	})
}

// lastEnd is when the last attempt of an operation ended, by the platform's
// clock as it was known then: the counter's own may have been set since.
func lastEnd(op Operation) time.Time {
	for i := len(op.Attempts) - 1; i >= 0; i-- {
		if a := op.Attempts[i]; a.EndedAt != nil {
			return a.EndedAt.Add(time.Duration(a.SkewMs) * time.Millisecond)
		}
	}
	return op.AcceptedAt
}

// sinceEnd is how long before now the last attempt of an entry ended. Of an
// attempt of an earlier run nothing is known until an answer of this run told
// the platform's time; until then it counts as ended when this run met it.
func (d *Desk) sinceEnd(e *entry, now time.Time) time.Duration {
	if !e.ended.IsZero() {
		return now.Sub(e.ended)
	}
	if e.before.IsZero() {
		return 0
	}
	least := now.Sub(e.met)
	skew, at := d.clock.Skew()
	if at.IsZero() {
		return least
	}
	return max(now.Add(skew).Sub(e.before), least)
}

// unsettled is how much of settle_time is left before an unknown operation may
// be asked about; not positive for none. What the platform did not take for
// its form needs no time to settle.
func (d *Desk) unsettled(e *entry, now time.Time) time.Duration {
	if e.op.Why == WhyForm {
		return 0
	}
	return d.s.Rules.SettleTime - d.sinceEnd(e, now)
}
