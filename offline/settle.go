package offline

import (
	"context"
	"strings"
	"time"

	"counterfoil/offline/journal"
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
	if e.op.State != Queued || everWritten(&e.op) {
		return Operation{}, refuse
	}
	op := cloneOperation(e.op)
	op.SettledBy = by.Name
	d.close(&op, Withdrawn, "")
	return d.once(e, op, eventWithdrawn)
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
	op := cloneOperation(e.op)
	op.SettledAs, op.SettledBy, op.Reason = as, by.Name, reason
	mayStill := as == SettleNoEffect && len(unproven(&op)) > 0 && !d.pastAbsent(&op, d.sinceEnd(e, d.clock.Now()))
	d.close(&op, Settled, "")
	if mayStill {
		op.Why = WhyMayTakeEffect
		d.again(&op)
	}
	return d.once(e, op, eventSettled)
}

// SettleDone and SettleNoEffect are what a manager may settle an operation as.
const (
	SettleDone     = "done"
	SettleNoEffect = "no-effect"
)

// once commits a person's decision; unlike an outcome it is not tried again
// behind the person's back.
func (d *Desk) once(e *entry, op Operation, event string) (Operation, error) {
	err := d.journal().Write(context.Background(), func(tx *journal.Tx) error { return tx.Put(&op, event) })
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
	ctx, cancel := context.WithTimeout(ctx, 2*d.s.Rules.AnswerTimeout+time.Second)
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
