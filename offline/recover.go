package offline

import (
	"context"
	"slices"
	"time"

	"counterfoil/offline/journal"
	"counterfoil/offline/journal/salvage"
	"counterfoil/offline/operation"
)

// The causes of an attempt whose answer was never stored.
const (
	causeEnded    = "program_ended"    // the program ended before it
	causeReopened = "journal_reopened" // the journal failed meanwhile
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
	moved := map[*entry]operation.Event{}
	set := newOpenSet()
	now := d.clock.Now()
	report, err := salvage.Pending(ctx, d.journal())
	if err != nil {
		return err
	}
	for _, op := range ops {
		e := &entry{op: op, chain: d.ancestry(ctx, op), before: op.LastEnd(), met: now}
		doubtful := report != nil && slices.Contains(report.Doubtful, op.Op)
		switch {
		case op.State == Sending:
			next, change := d.s.Rules.InFlight(op, now, cause)
			e.op, e.ended, moved[e] = next, now, change.Event
		case op.State == Unknown:
			e.op.NextAt = nil // set by a clock that may have been set since
		case op.State == Queued && doubtful && !d.s.Rules.StatusForwardOnly:
			// Its attempt may be among what was lost, and with it the trace number to ask about.
			next, change := operation.Doubtful(op)
			e.op, moved[e] = next, change.Event
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
		set.addRecheck(&entry{op: op, before: op.LastEnd(), met: now})
	}
	if err := d.putRecovered(ctx, moved, report != nil); err != nil {
		return err
	}
	d.mu.Lock()
	d.open = set
	d.mu.Unlock()
	d.tellHealed(report, cause)
	return nil
}

func (d *Desk) putRecovered(ctx context.Context, moved map[*entry]operation.Event, salvaged bool) error {
	if len(moved) == 0 && !salvaged {
		return nil
	}
	return d.journal().Write(ctx, func(tx *journal.Tx) error {
		for e, event := range moved {
			op := e.op.Clone()
			if err := tx.Put(&op, string(event)); err != nil {
				return err
			}
			e.op = op
		}
		if salvaged {
			return salvage.Forget(tx)
		}
		return nil
	})
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
	if e.op.Why == operation.WhyForm {
		return 0
	}
	return d.s.Rules.SettleTime - d.sinceEnd(e, now)
}
