package offline

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"counterfoil/api"
	"counterfoil/offline/journal"
	"counterfoil/offline/operation"
	"counterfoil/offline/platformtime"
)

// send takes a queued operation through one attempt: look, judge, mint and
// commit, send, commit the outcome (docs/rules.md, "Before sending").
func (d *Desk) send(e *entry) {
	op, seen, ok := d.prepare(e)
	if !ok {
		return
	}
	op, err := d.begin(e, op, seen)
	if err != nil {
		d.putOff(e, err)
		return
	}
	d.outcome(d.sending, e, op, d.call(&op))
}

// prepare makes the look-up that an attempt is sent on, where no fresh one is
// at hand, and judges it. It reports false where nothing is to be sent.
func (d *Desk) prepare(e *entry) (Operation, Seen, bool) {
	op := e.op.Clone()
	seen, fresh := d.lookups.Fresh(api.ID(op.ID))
	if !fresh {
		var answer api.Answer
		answer, seen = d.lookups.Look(d.sending, api.ID(op.ID))
		switch {
		case answer.Success():
		case d.s.Rules.Final(answer) && len(op.Unproven()) == 0:
			next, change := operation.UnknownID(op, answer, seen.At)
			d.commit(e, next, change.Event)
			return op, seen, false
		default:
			d.postpone(e, op, answer)
			return op, seen, false
		}
	}
	return d.fit(e, op, seen)
}

// call sends the attempt that was committed last.
func (d *Desk) call(op *Operation) api.Answer {
	ctx, id := d.sending, api.ID(op.ID)
	trace := op.Attempts[len(op.Attempts)-1].Trace
	var answer api.Answer
	switch {
	case d.journal().Damaged() != nil:
		answer = heldBack() // what came back could not be stored
	case !d.traces.Today(trace):
		// Midnight came between the commit and the first byte: the number is discarded.
		answer = api.Answer{Outcome: api.NotSent, Reason: api.ReasonCancelled, Err: platformtime.ErrMidnight}
	case op.Kind == Activate:
		answer = d.client.Activate(ctx, api.ActivateRequest{
			TraceNo: trace, ID: id, TotalAmount: d.amount(op.AmountFen), Reel: d.reelAction(id),
		})
	case op.Kind == Void:
		answer = d.client.Void(ctx, api.VoidRequest{TraceNo: trace, ID: id, Reel: d.reelAction(id)})
	default:
		return api.Answer{Outcome: api.NotSent, Reason: api.ReasonSetting, Err: fmt.Errorf("no action for %q", op.Kind)}
	}
	d.lookups.Sent(id)
	return d.link.Note(answer)
}

// fit judges an operation by its pre-state. It reports false where nothing is to be sent.
func (d *Desk) fit(e *entry, op Operation, seen Seen) (Operation, Seen, bool) {
	next, change, ok := d.s.Rules.Prelooked(op, seen)
	if !ok {
		d.commit(e, next, change.Event)
	}
	return next, seen, ok
}

// begin mints the trace number and commits the attempt before its first byte (docs/rules.md, rules 1 and 3).
func (d *Desk) begin(e *entry, op Operation, seen Seen) (Operation, error) {
	var next Operation
	err := d.journal().Write(context.Background(), func(tx *journal.Tx) error {
		var err error
		next, err = d.attempt(tx, op.Clone(), seen)
		return err
	})
	if err != nil {
		return op, err
	}
	d.mu.Lock()
	e.op = next
	d.mu.Unlock()
	d.changed()
	return next.Clone(), nil
}

// attempt mints a trace number and stores the attempt that will carry it.
func (d *Desk) attempt(tx *journal.Tx, op Operation, seen Seen) (Operation, error) {
	trace, err := d.traces.Mint(tx)
	if err != nil {
		return op, err
	}
	skew, _ := d.clock.Skew()
	op, change := operation.Begun(op, Attempt{Trace: trace, SentAt: d.clock.Now(), Before: &seen, SkewMs: skew.Milliseconds()})
	return op, tx.Put(&op, string(change.Event))
}

// putOff leaves an operation as it is where an attempt or a question could not begin.
func (d *Desk) putOff(e *entry, err error) {
	op := e.op.Clone()
	if errors.Is(err, platformtime.ErrMidnight) {
		op = operation.PutOff(op, d.traces.AfterMidnight())
	} else {
		d.fail(err)
		d.retry(e, &op, operation.Retry{Kind: operation.RetryUnanswered, First: time.Second})
	}
	d.show(e, op)
}

// postpone leaves an operation queued that could not be looked up. It changes
// no state, so it is kept in memory only.
func (d *Desk) postpone(e *entry, op Operation, a api.Answer) {
	d.log.Info("not sent yet", "op", op.Op, "reason", string(a.Reason), "code", a.Code, "err", a.Err)
	if errors.Is(a.Err, platformtime.ErrMidnight) {
		d.putOff(e, platformtime.ErrMidnight)
		return
	}
	op, change := operation.NotLookedUp(op, a.Outcome == api.Answered)
	d.retry(e, &op, change.Retry)
	d.show(e, op)
}

// show makes a change visible that need not be stored.
func (d *Desk) show(e *entry, op Operation) {
	d.mu.Lock()
	defer d.mu.Unlock()
	e.op = op
}

// received notes what an attempt came back with.
func (d *Desk) received(e *entry, op Operation, a api.Answer) (Operation, operation.Reading) {
	now := d.clock.Now()
	if a.Outcome != api.NotSent {
		d.ended(e, now)
	}
	if a.Err != nil {
		d.log.Info("attempt", "op", op.Op, "trace", op.Attempts[len(op.Attempts)-1].Trace,
			"outcome", string(a.Outcome), "reason", string(a.Reason), "err", a.Err)
	}
	return d.s.Rules.Received(op, a, now, d.clock.Platform())
}

// outcome commits what an attempt came back with.
func (d *Desk) outcome(ctx context.Context, e *entry, op Operation, a api.Answer) {
	if d.journal().Damaged() != nil {
		return // it could not be stored, and what is on disk decides: asked about after the reopening
	}
	op, read := d.received(e, op, a)
	var asked []Evidence
	explained := false
	if op.Asks(read) {
		// What could not be asked counts as silence.
		asked, op.OrderNo, _ = d.askQueries(ctx, &op, op.OrderNo)
		if read == operation.ReadRefusal {
			asked = append(asked, d.lookBehind(ctx, &op))
			explained = d.explained(&op)
		}
	}
	op, change := d.s.Rules.Concluded(op, read, asked, explained, d.clock.Now())
	d.move(e, op, change)
}

// move brings a transition into force: its pause, its commit, and what follows from it.
func (d *Desk) move(e *entry, op Operation, change operation.Change) {
	d.retry(e, &op, change.Retry)
	if change.Event == "" {
		d.show(e, op)
		return
	}
	if d.commit(e, op, change.Event) && op.State == Done {
		d.mark(op)
	}
}

// lookBehind looks an operation's id up behind an attempt.
func (d *Desk) lookBehind(ctx context.Context, op *Operation) Evidence {
	answer, seen := d.lookups.Look(ctx, api.ID(op.ID))
	ev := operation.EvidenceOf(operation.AskedLookup, "", answer, d.clock.Now())
	if answer.Success() {
		ev.Seen = &seen
	}
	return ev
}

// mark notes in the catalog what the platform confirmed.
func (d *Desk) mark(op Operation) {
	target := d.s.Rules.Target(op.Kind)
	if target == "" {
		return
	}
	d.lookups.Confirm(api.ID(op.ID), target)
}

// amount writes fen as the platform counts them: the unit of totalAmount is not documented (platform.md §5).
func (d *Desk) amount(fen int64) string {
	if !d.s.Calls.AmountInYuan {
		return strconv.FormatInt(fen, 10)
	}
	return fmt.Sprintf("%d.%02d", fen/100, fen%100)
}

// reelAction chooses between the single-voucher and the B2B action (platform.md §2.5).
func (d *Desk) reelAction(id api.ID) bool {
	return d.s.Calls.ReelActions && id.Level() != api.LevelCode
}
