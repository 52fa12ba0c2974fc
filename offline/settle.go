package offline

import (
	"context"
	"fmt"
	"sync"
	"time"

	"counterfoil/api"
	"counterfoil/offline/operation"
	"counterfoil/offline/operators"
	"counterfoil/offline/worklist"
)

// Withdraw takes back what was never written. A cashier withdraws her own
// operations, a manager any, also from behind her session (Session.With).
// Errors: ErrCannotWithdraw, ErrNeedsManager, ErrNoOperation.
func (d *Desk) Withdraw(ctx context.Context, by Session, op string) (Operation, error) {
	leave, err := d.enter()
	if err != nil {
		return Operation{}, err
	}
	defer leave()
	found, err := d.Operation(ctx, op)
	if err != nil {
		return Operation{}, err
	}
	who, err := d.people.May(ctx, by, operators.WithdrawOwn)
	if err == nil && found.Operator != who.Name {
		who, err = d.people.Allowed(ctx, by, operators.Withdraw, op)
	}
	if err != nil {
		return Operation{}, publicError(err)
	}
	return d.withdraw(who.Name, by.Name, Session{}, op)
}

// Keep has nothing that waits on an id sent before end is called, which may be called
// again: somebody is about to void it, and what waits is then taken back.
func (d *Desk) Keep(id api.ID) (end func()) {
	letGo := d.list.Keep(string(id))
	return sync.OnceFunc(func() {
		letGo()
		d.sender.Wake()
	})
}

// withdraw uses up the approver's session, a zero one for none, where nothing
// hinders it any more.
func (d *Desk) withdraw(by, askedBy string, approver Session, id string) (Operation, error) {
	refuse := &Error{Kind: ErrCannotWithdraw, Args: map[string]any{"Op": id}}
	item, busy := d.list.Claim(id)
	if item == nil && !busy {
		return Operation{}, &Error{Kind: ErrClosed, Args: map[string]any{"Op": id}}
	}
	if item == nil {
		return Operation{}, refuse
	}
	defer d.sender.Release(item)
	op, change, ok := operation.Withdraw(item.Operation(), by, askedBy, d.clock.Now())
	if !ok {
		return Operation{}, refuse
	}
	if err := d.useApproval(approver); err != nil {
		return Operation{}, err
	}
	op, err := d.sender.CommitOnce(item, op, change.Event)
	return op, publicError(err)
}

// maxReason bounds the reason that is kept, in characters.
const maxReason = 500

// Settle closes an open operation by hand, as "done" or "no-effect", with a
// reason, by a manager or from behind a cashier's session (Session.With); it undoes nothing. Settled as no-effect before absent_after, it is
// recorded that it may still take effect, and looked up again.
// Errors: ErrNeedsManager, ErrReasonNeeded, ErrCannotSettle, ErrNoOperation.
func (d *Desk) Settle(ctx context.Context, by Session, id, as, reason string) (Operation, error) {
	reason = api.Clean(reason, maxReason)
	who, err := d.people.Allowed(ctx, by, operators.Settle, fmt.Sprintf("%q %q %q", id, as, reason))
	if err != nil {
		return Operation{}, publicError(err)
	}
	if reason == "" {
		return Operation{}, &Error{Kind: ErrReasonNeeded}
	}
	leave, err := d.enter()
	if err != nil {
		return Operation{}, err
	}
	defer leave()
	found, err := d.Operation(ctx, id)
	if err != nil {
		return Operation{}, err
	}
	refuse := &Error{Kind: ErrCannotSettle, Args: map[string]any{"Op": id, "State": string(found.State)}}
	if as != SettleDone && as != SettleNoEffect {
		return Operation{}, refuse
	}
	if !found.State.Open() {
		return Operation{}, &Error{Kind: ErrClosed, Args: map[string]any{"Op": id}}
	}
	item := d.claimSoon(ctx, id)
	if item == nil {
		return Operation{}, refuse
	}
	defer d.sender.Release(item)
	now := d.clock.Now()
	op, change := d.s.Rules.Settle(item.Operation(), operation.Settlement{
		As: as, By: who.Name, AskedBy: by.Name, Reason: reason, At: now, SinceEnd: d.list.SinceEnd(item, now), Platform: d.clock.Platform(),
	})
	op, err = d.sender.CommitOnce(item, op, change.Event)
	return op, publicError(err)
}

// SettleDone and SettleNoEffect are what a manager may settle an operation as.
const (
	SettleDone     = operation.SettledDone
	SettleNoEffect = operation.SettledNoEffect
)

// claimSoon waits for a question about an open operation to end, and claims it then.
func (d *Desk) claimSoon(ctx context.Context, op string) *worklist.Item {
	ctx, cancel := context.WithTimeout(ctx, 2*d.s.Calls.AnswerTimeout+time.Second)
	defer cancel()
	changed, stop := d.Watch()
	defer stop()
	for {
		item, busy := d.list.Claim(op)
		if item != nil || !busy {
			return item
		}
		select {
		case <-ctx.Done():
			return nil
		case <-changed:
		}
	}
}
