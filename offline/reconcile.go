package offline

import (
	"context"
	"fmt"

	"counterfoil/api"
	"counterfoil/offline/journal"
	"counterfoil/offline/operators"
	"counterfoil/offline/reconcile"
)

// The words of the reconciliation's room.
type (
	Reconciliation   = reconcile.Result
	Difference       = reconcile.Difference
	ReconcileRequest = reconcile.Request
)

// Information is the class of what is no difference.
const Information = reconcile.Information

// Reconcile asks the platform about what our closed operations say, and keeps the
// run in the journal. Errors: ErrNeedsManager, ErrNoClose, and the end of ctx.
func (d *Desk) Reconcile(ctx context.Context, by Session, r ReconcileRequest) (found Reconciliation, err error) {
	leave, err := d.enter()
	if err != nil {
		return found, err
	}
	defer leave()
	who, err := d.people.Allowed(ctx, by, operators.Reconcile, fmt.Sprintf("%s %d", r.Day, r.Z))
	var ids []string
	var cut int64
	if err == nil {
		err = d.journal().Snapshot(ctx, func(s *journal.Snapshot) (err error) {
			cut = s.Head.Seq
			ids, err = reconcile.IDs(s, r)
			return err
		})
	}
	if err != nil {
		return found, publicErrorOf(err, map[string]any{"Z": r.Z})
	}
	found, err = reconcile.Run(ctx, ids, &reconcile.Options{
		Parallel: d.s.Calls.Parallel, Settle: d.s.Rules.SettleTime, VoidLeaves: d.s.Rules.VoidLeaves, Now: d.clock.Now, Each: r.Each,
		Operations: func(ctx context.Context, ids []string) ([]Operation, error) {
			return d.journal().Operations(ctx, Query{IDs: ids, OldestFirst: true, Whole: true})
		}, Ask: d.askShared, Lookups: d.lookups, Link: d.link, Traces: d.traces, Client: d.client, Above: d.above,
		Records: d.askRecords,
	})
	if err == nil {
		err = d.journal().Write(ctx, func(t *journal.Tx) error {
			return t.Append(reconcile.Event, map[string]any{"by": who.Name, "day": r.Day, "z": r.Z, "cut": cut, "result": found})
		})
	}
	return found, d.recordsError(ctx, err)
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
