package offline

import (
	"context"
	"strings"
	"time"

	"counterfoil/offline/journal"
	"counterfoil/offline/operation"
)

// Withdraw takes back what was never written. A cashier withdraws her own
// operations, a manager any. Errors: ErrCannotWithdraw, ErrNeedsManager, ErrNoOperation.
func (d *Desk) Withdraw(ctx context.Context, by Session, op string) (Operation, error) {
	if err := d.enter(); err != nil {
		return Operation{}, err
	}
	defer d.gate.RUnlock()
	found, err := d.Operation(ctx, op)
	if err != nil {
		return Operation{}, err
	}
	if by.Role != Manager && by != (Session{}) && found.Operator != by.Name {
		return Operation{}, &Error{Kind: ErrNeedsManager, Args: map[string]any{"Act": "withdraw"}}
	}
	return d.withdraw(ctx, by, op)
}

func (d *Desk) withdraw(_ context.Context, by Session, id string) (Operation, error) {
	refuse := &Error{Kind: ErrCannotWithdraw, Args: map[string]any{"Op": id}}
	e, busy := d.claim(id)
	if e == nil && !busy {
		return Operation{}, &Error{Kind: ErrClosed, Args: map[string]any{"Op": id}}
	}
	if e == nil {
		return Operation{}, refuse
	}
	defer d.release(e)
	op, change, ok := operation.Withdraw(e.op.Clone(), by.Name, d.clock.Now())
	if !ok {
		return Operation{}, refuse
	}
	return d.once(e, op, change.Event)
}

// Settle closes an open operation by hand, as "done" or "no-effect", with a
// reason; it undoes nothing. Settled as no-effect before absent_after, it is
// recorded that it may still take effect, and looked up again.
// Errors: ErrNeedsManager, ErrReasonNeeded, ErrCannotSettle, ErrNoOperation.
func (d *Desk) Settle(ctx context.Context, by Session, id, as, reason string) (Operation, error) {
	if by.Role != Manager && by != (Session{}) {
		return Operation{}, &Error{Kind: ErrNeedsManager, Args: map[string]any{"Act": "settle"}}
	}
	reason = strings.TrimSpace(reason)
	if reason == "" {
		return Operation{}, &Error{Kind: ErrReasonNeeded}
	}
	if err := d.enter(); err != nil {
		return Operation{}, err
	}
	defer d.gate.RUnlock()
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
	e := d.claimSoon(ctx, id)
	if e == nil {
		return Operation{}, refuse
	}
	defer d.release(e)
	now := d.clock.Now()
	op, change := d.s.Rules.Settle(e.op.Clone(), operation.Settlement{
		As: as, By: by.Name, Reason: reason, At: now, SinceEnd: d.sinceEnd(e, now), Platform: d.clock.Platform(),
	})
	return d.once(e, op, change.Event)
}

// SettleDone and SettleNoEffect are what a manager may settle an operation as.
const (
	SettleDone     = operation.SettledDone
	SettleNoEffect = operation.SettledNoEffect
)

// once commits a person's decision; unlike an outcome it is not tried again
// behind the person's back.
func (d *Desk) once(e *entry, op Operation, event operation.Event) (Operation, error) {
	err := d.journal().Write(context.Background(), func(tx *journal.Tx) error { return tx.Put(&op, string(event)) })
	if err != nil {
		d.fail(err)
		return Operation{}, told(err)
	}
	d.mu.Lock()
	e.op, d.fault = op, nil
	d.mu.Unlock()
	return op, nil
}

// claimSoon waits for a lane that is asking about an open operation to end, and claims it then.
func (d *Desk) claimSoon(ctx context.Context, op string) *entry {
	ctx, cancel := context.WithTimeout(ctx, 2*d.s.Calls.AnswerTimeout+time.Second)
	defer cancel()
	changed, stop := d.Watch()
	defer stop()
	for {
		e, busy := d.claim(op)
		if e != nil || !busy {
			return e
		}
		select {
		case <-ctx.Done():
			return nil
		case <-changed:
		}
	}
}
