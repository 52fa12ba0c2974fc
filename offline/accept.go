package offline

import (
	"cmp"
	"context"
	"time"

	"counterfoil/api"
	"counterfoil/offline/operation"
	"counterfoil/offline/operators"
	"counterfoil/offline/send"
	"counterfoil/offline/worklist"
)

// Accept commits an operation and returns it. Online it goes out at once, in
// the background of a started desk; Wait waits for it. A void of an activation
// of the same id that waits here and was never written withdraws that one
// instead, and returns it.
//
// Errors: ErrAlreadyActive, ErrAlreadyVoid, ErrOpenHere, ErrNotConfirmed (the link is offline
// and Request.Offline is not set), ErrOverLimit, ErrNeedsManager,
// ErrAmountNeeded, ErrBadAmount, ErrDiskFull, ErrNotAnID, ErrSignedOut, ErrNoManager.
func (d *Desk) Accept(ctx context.Context, r Request) (Operation, error) {
	if _, err := api.ParseID(string(r.ID)); err != nil {
		return Operation{}, &Error{Kind: ErrNotAnID, Args: map[string]any{"ID": string(r.ID)}}
	}
	leave, err := d.enter()
	if err != nil {
		return Operation{}, err
	}
	defer leave()
	if err := d.known(ctx, &r); err != nil {
		return Operation{}, err
	}
	if _, fresh := d.lookups.Fresh(r.ID); !fresh {
		d.lookups.Flush() // the catalog must hold what was just learned of the id
	}
	name, above, err := d.data.catalog().Above(ctx, r.ID)
	if err != nil {
		d.s.Log.Warn("ancestry not read", "err", err)
	}
	if r.Kind == Void {
		if op, done, err := d.voidWaiting(r); done || err != nil {
			return op, err
		}
	}
	if err := d.checkKnown(ctx, r, above); err != nil {
		return Operation{}, err
	}
	batched := r.Share != nil
	d.count(ctx, &r)
	if err := checkRequest(r); err != nil {
		return Operation{}, err
	}
	if d.link.State() == Offline && !r.Offline {
		return Operation{}, &Error{Kind: ErrNotConfirmed}
	}
	if r.Offline && (d.journal().Full() || d.journal().Low()) {
		return Operation{}, &Error{Kind: ErrDiskFull}
	}
	op, change := operation.Accepted(Operation{
		Kind: r.Kind, ID: string(r.ID), Level: string(r.ID.Level()), Name: name, AmountFen: r.AmountFen,
		Offline: r.Offline, Entered: r.Entered, Operator: r.Operator.Name, ApprovedBy: approver(r), ApprovedFor: approvedFor(r),
		Counter: d.s.CounterName, AcceptedAt: d.clock.Now(), Day: d.Day(),
	})
	item := worklist.New(op, above)
	err = d.list.Accept(item, func(v worklist.View) error { return d.checkOpen(r, v) }, func() string { return d.ids.Next(op.AcceptedAt) })
	if err != nil {
		return Operation{}, err
	}
	if err := d.useApproval(r.Approver); err != nil {
		d.list.Drop(item)
		return Operation{}, err
	}
	if op, err = d.commitAcceptance(item, change.Event, batched); err == nil {
		r.Share.Use()
	}
	return op, err
}

// commitAcceptance makes an acceptance durable and has it sent: together with
// its first attempt where it can go out at once, in the background ahead of the
// queue where it must be looked up first, and in the queue's order where it was
// accepted offline. What belongs to a batch waits for a permit.
func (d *Desk) commitAcceptance(item *worklist.Item, event operation.Event, batched bool) (Operation, error) {
	op := item.Operation()
	if !op.Offline {
		begun, sent, err := d.sender.AcceptAndSend(item, event, batched)
		if err != nil {
			d.list.Drop(item)
		}
		if sent || err != nil {
			return begun, publicError(err)
		}
	}
	op, err := d.sender.CommitOnce(item, op, event)
	if err != nil {
		d.list.Drop(item)
		return Operation{}, publicError(err)
	}
	if op.Offline {
		d.sender.Release(item)
	} else {
		d.sender.SendBeside(item, batched)
	}
	return op, nil
}

// checkRequest refuses an amount that is none, and what passes a limit of its batch.
func checkRequest(r Request) error {
	switch {
	case r.Kind != Activate && r.Kind != Void:
		return &Error{Kind: ErrInternal}
	case r.Kind == Activate && r.AmountFen == 0:
		return &Error{Kind: ErrAmountNeeded, Args: map[string]any{"ID": string(r.ID)}}
	case r.AmountFen < 0, r.Kind == Void && r.AmountFen != 0:
		return &Error{Kind: ErrBadAmount, Args: map[string]any{"Amount": Yuan(r.AmountFen)}}
	case !r.Share.Lets(r.Kind, r.ID, r.AmountFen), approver(r) != cmp.Or(r.Approver.Name, approver(r)):
		return cmp.Or(overLimit(r.Share.Passed), error(&Error{Kind: ErrInternal}))
	}
	return nil
}

// checkOpen refuses what is open here on the same id already, and what would
// pass a limit.
func (d *Desk) checkOpen(r Request, v worklist.View) error {
	for _, other := range v.On(string(r.ID)) {
		if r.Kind == Activate || other.Kind == r.Kind {
			return openHere(&other)
		}
	}
	return d.checkLimits(r, v)
}

// voidWaiting withdraws a waiting, never written activation of the id that is to be voided.
func (d *Desk) voidWaiting(r Request) (Operation, bool, error) {
	var waiting Operation
	for _, op := range d.list.On(string(r.ID)) {
		if operation.WithdrawnBy(&op, string(r.ID)) {
			waiting = op
		}
	}
	if waiting.Op == "" {
		return Operation{}, false, nil
	}
	by, approver := r.Operator, Session{}
	if waiting.Operator != by.Name && by.Role != Manager {
		if !manages(r, ErrNeedsManager) {
			return Operation{}, false, &Error{Kind: ErrNeedsManager, Args: map[string]any{"Act": string(operators.Withdraw)}}
		}
		by, approver = r.Approver, r.Approver
	}
	op, err := d.withdraw(by.Name, r.Operator.Name, approver, waiting.Op)
	if k := KindOf(err); k == ErrCannotWithdraw || k == ErrClosed {
		return Operation{}, false, nil // it has just gone out: the void queues behind it
	}
	return op, err == nil, err
}

// checkKnown applies what this counter knows of the voucher by itself. Local
// knowledge refuses to do a thing again only where no fresh look-up says otherwise.
func (d *Desk) checkKnown(ctx context.Context, r Request, above map[api.Level]string) error {
	seen, fresh := d.lookups.Fresh(r.ID)
	if r.Kind == Void {
		inactive := fresh && d.s.Rules.Prelook(Void, seen) == operation.NeverActive
		behind := operation.AwaitsActivation(d.list.Overlapping(operation.Place{ID: string(r.ID), Level: r.ID.Level(), Above: above}))
		if inactive && !behind && !manages(r, ErrNeedsManager) {
			return &Error{Kind: ErrNeedsManager, Args: map[string]any{"Act": operation.ApprovedVoidInactive}}
		}
	}
	if fresh && d.s.Rules.Prelook(r.Kind, seen) != operation.AlreadyThere {
		return nil
	}
	last, err := send.LastDone(ctx, d.journal(), idsOf(string(r.ID), above)...)
	if err != nil || last == nil || last.Kind != r.Kind {
		return publicError(err)
	}
	if r.Kind == Void && !fresh && d.clock.Now().Sub(finished(last)) > d.s.Calls.PrelookMaxAge {
		return nil // it may have been activated elsewhere since: the look-up before sending tells
	}
	return d.already(r.ID, last)
}

// already refuses to do again what is done.
func (d *Desk) already(id api.ID, last *Operation) error {
	kind := map[Kind]ErrorKind{Activate: ErrAlreadyActive, Void: ErrAlreadyVoid}[last.Kind]
	return &Error{Kind: kind, Args: map[string]any{"ID": string(id), "At": finished(last).In(d.s.Zone).Format("2006-01-02 15:04")}}
}

func finished(op *Operation) time.Time {
	if op.FinishedAt != nil {
		return *op.FinishedAt
	}
	return op.AcceptedAt
}

// Repeats returns the operation that one of that kind on the id would do again
// (operation.Repeated), with ErrOpenHere or ErrAlreadyActive: a list given again
// leaves it out, whatever a look-up may show. Without one it returns nil.
func (d *Desk) Repeats(ctx context.Context, kind Kind, id api.ID) (*Operation, error) {
	ops := d.list.On(string(id))
	if kind == Activate {
		last, err := send.LastDone(ctx, d.journal(), string(id))
		if err != nil {
			return nil, publicError(err)
		}
		if last != nil {
			ops = append([]Operation{*last}, ops...)
		}
	}
	op := operation.Repeated(kind, string(id), ops)
	return op, d.repeated(id, op)
}

// repeated refuses to do again on the id what an operation does or did, nil for none.
func (d *Desk) repeated(id api.ID, op *Operation) error {
	switch {
	case op == nil:
		return nil
	case op.State.Open():
		return openHere(op)
	}
	return d.already(id, op)
}

func openHere(op *Operation) error {
	return &Error{Kind: ErrOpenHere, Args: map[string]any{
		"ID": op.ID, "Op": op.Op, "State": string(op.State), "Kind": string(op.Kind),
	}}
}
