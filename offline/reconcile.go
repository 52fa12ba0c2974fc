package offline

import (
	"context"
	"fmt"
	"slices"

	"counterfoil/api"
	"counterfoil/offline/journal/chain"
	"counterfoil/offline/operators"
	"counterfoil/offline/reconcile"
)

// The words of the reconciliation's room.
type (
	Reconciliation       = reconcile.Result
	ReconciliationRecord = reconcile.Record
	Difference           = reconcile.Difference
	ReconcileRequest     = reconcile.Request
	ReconcileProgress    = reconcile.Progress
)

// Information is the class of what is no difference.
const Information = reconcile.Information

// Reconcile asks the platform about what our closed operations say, and keeps the
// run in the journal; one that was cut off goes on where it stopped. It holds up
// nothing: the data folder may be opened again meanwhile. Errors:
// ErrNeedsManager, ErrNoClose, and the end of ctx.
func (d *Desk) Reconcile(ctx context.Context, by Session, r ReconcileRequest) (found Reconciliation, err error) {
	who, err := d.people.Allowed(ctx, by, operators.Reconcile, fmt.Sprintf("%s %d %s", r.Day, r.Z, r.ID))
	if err == nil {
		found, err = d.reconcile(ctx, who.Who(by), r)
	}
	if ctx.Err() != nil {
		return found, ctx.Err()
	}
	return found, publicErrorOf(err, map[string]any{"Z": r.Z})
}

func (d *Desk) reconcile(ctx context.Context, by chain.Who, r ReconcileRequest) (Reconciliation, error) {
	return reconcile.Run(ctx, by, r, &reconcile.Options{
		Platform: reconcile.Platform{
			Ask: d.askShared, Final: d.s.Rules.Final, Records: d.askRecords, Lookups: d.lookups, Link: d.link, Traces: d.traces, Client: d.client,
		},
		Parallel: d.s.Calls.Parallel, SettleTime: d.s.Rules.SettleTime, VoidLeaves: d.s.Rules.VoidLeaves, Now: d.clock.Now,
		Dir: d.s.Data, Journal: d.journal, Above: d.above,
		Samples: func(ctx context.Context, r *RangeOrder, others []RangeOrder) []api.ID {
			return d.samples(ctx, r, func(id api.ID) bool {
				one, _ := d.s.Rules.Codes.ReadSerials(string(id), r.Type)
				return !slices.ContainsFunc(others, func(o RangeOrder) bool { return o.Overlaps(&one) })
			})
		},
	})
}

// LastReconciliation is the run that ended last, for a manager; false for none.
// Error: ErrNeedsManager.
func (d *Desk) LastReconciliation(ctx context.Context, by Session) (last ReconciliationRecord, ok bool, err error) {
	err = d.readCloses(ctx, by, "reconciled", func(read chain.Reading) error {
		last, ok, err = reconcile.Last(read)
		return err
	})
	return last, ok, publicError(err)
}

// askShared makes one of the calls that are shared with the queue, behind the
// cashier's cards.
func (d *Desk) askShared(ctx context.Context, call func() api.Answer) api.Answer {
	if d.link.State() == Offline {
		return api.Answer{Outcome: api.NotSent, Reason: api.ReasonUnreachable}
	}
	d.lookups.Stand(ctx)
	release, ok := d.sender.Permit(ctx)
	if !ok {
		return api.Answer{Outcome: api.NotSent, Reason: api.ReasonCancelled}
	}
	defer release()
	return call()
}
