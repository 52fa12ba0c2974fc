package offline

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"counterfoil/api"
	"counterfoil/offline/catalog"
	"counterfoil/offline/journal"
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
	op := cloneOperation(e.op)
	seen, fresh := d.looks.get(op.ID)
	if !fresh {
		var answer api.Answer
		answer, seen = d.look(d.sending, api.ID(op.ID), true, nil)
		switch {
		case answer.Success():
		case d.s.Rules.final(answer) && len(unproven(&op)) == 0:
			d.refuseUnsent(e, op, answer, seen)
			return op, seen, false
		default:
			op.Why = WhyNoLookup
			d.postpone(e, op, answer)
			return op, seen, false
		}
	}
	return op, seen, d.fit(e, &op, seen)
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
	d.looks.forget(id)
	return d.link.Note(answer)
}

// fit judges an operation by its pre-state; where a person must look, or an
// earlier attempt may be the cause of what is seen, nothing is sent.
func (d *Desk) fit(e *entry, op *Operation, seen Seen) bool {
	var why string
	switch d.s.Rules.judgeBefore(op.Kind, seen) {
	case preSend:
		return true
	case preNeverActive:
		if approvesInactive(op) {
			return true
		}
		why = WhyNeverActive
	case preAlreadyThere:
		why = WhyAlreadyThere
	case preMixed:
		why = WhyMixed
	case preEmpty:
		why = WhyNoCodes
	}
	op.Evidence = append(op.Evidence, Evidence{At: seen.At, Asked: askedLookup, Outcome: string(api.Answered), Seen: &seen, Verdict: why})
	if why == WhyAlreadyThere && len(unproven(op)) > 0 {
		// Our own earlier attempt may have done it: that is for asking to find out.
		op.State, op.NextAt = Unknown, nil
		d.commit(e, *op, eventLookedUp)
		return false
	}
	op.State, op.Why, op.NextAt = Attention, why, nil
	d.commit(e, *op, eventLookedUp)
	return false
}

// begin mints the trace number and commits the attempt before its first byte (docs/rules.md, rules 1 and 3).
func (d *Desk) begin(e *entry, op Operation, seen Seen) (Operation, error) {
	var next Operation
	err := d.journal().Write(context.Background(), func(tx *journal.Tx) error {
		var err error
		next, err = d.attempt(tx, cloneOperation(op), seen)
		return err
	})
	if err != nil {
		return op, err
	}
	d.mu.Lock()
	e.op = next
	d.mu.Unlock()
	d.changed()
	return cloneOperation(next), nil
}

// attempt mints a trace number and stores the attempt that will carry it.
func (d *Desk) attempt(tx *journal.Tx, op Operation, seen Seen) (Operation, error) {
	trace, err := d.traces.Mint(tx)
	if err != nil {
		return op, err
	}
	skew, _ := d.clock.Skew()
	op.State, op.Why, op.NextAt, op.WaitsFor = Sending, "", nil, ""
	op.Attempts = append(op.Attempts, Attempt{
		Trace: trace, SentAt: d.clock.Now(), Before: &seen, SkewMs: skew.Milliseconds(),
	})
	return op, tx.Put(&op, eventSending)
}

// putOff leaves an operation queued where its attempt could not begin.
func (d *Desk) putOff(e *entry, err error) {
	op := cloneOperation(e.op)
	if errors.Is(err, platformtime.ErrMidnight) {
		at := d.traces.AfterMidnight()
		op.NextAt = &at
		if op.State == Queued {
			op.Why = WhyMidnight
		}
	} else {
		d.fail(err)
		d.later(e, &op, time.Second)
	}
	d.mu.Lock()
	e.op = op
	d.mu.Unlock()
}

// postpone leaves an operation queued where nothing could be sent. It changes
// no state, so it is kept in memory only.
func (d *Desk) postpone(e *entry, op Operation, a api.Answer) {
	d.log.Info("not sent yet", "op", op.Op, "reason", string(a.Reason), "code", a.Code, "err", a.Err)
	if errors.Is(a.Err, platformtime.ErrMidnight) {
		d.putOff(e, platformtime.ErrMidnight)
		return
	}
	if a.Outcome == api.Answered {
		d.rest(e, &op, time.Second, 0) // "not now", in the platform's own words
	} else {
		d.later(e, &op, time.Second)
	}
	d.mu.Lock()
	e.op = op
	d.mu.Unlock()
}

// refuseUnsent closes an operation whose id the platform does not know: its
// look-up is the platform's word, and nothing was sent.
func (d *Desk) refuseUnsent(e *entry, op Operation, a api.Answer, seen Seen) {
	op.Evidence = append(op.Evidence, Evidence{
		At: seen.At, Asked: askedLookup, Outcome: string(a.Outcome), Code: a.Code, Message: a.Message, Verdict: "refused",
	})
	d.close(&op, Refused, WhyUnknownID)
	d.commit(e, op, eventLookedUp)
}

// close ends an operation now.
func (d *Desk) close(op *Operation, s State, why string) {
	now := d.clock.Now()
	op.State, op.Why, op.FinishedAt, op.NextAt, op.WaitsFor = s, why, &now, nil, ""
}

// returned notes what an attempt came back with.
func (d *Desk) returned(e *entry, op *Operation, a api.Answer) *Attempt {
	now := d.clock.Now()
	last := &op.Attempts[len(op.Attempts)-1]
	last.EndedAt, last.Outcome, last.Cause = &now, string(a.Outcome), string(a.Reason)
	last.Code, last.Message, last.OrderNo = a.Code, a.Message, a.OrderNo
	if a.Outcome != api.NotSent {
		d.ended(e, now)
	}
	if a.Err != nil {
		d.log.Info("attempt", "op", op.Op, "trace", last.Trace, "outcome", string(a.Outcome), "reason", string(a.Reason), "err", a.Err)
	}
	return last
}

// sold closes an operation that the platform says is done.
func (d *Desk) sold(op *Operation, a api.Answer) {
	op.OrderNo = a.OrderNo
	d.close(op, Done, "")
}

// outcome commits what an attempt came back with.
func (d *Desk) outcome(ctx context.Context, e *entry, op Operation, a api.Answer) {
	if d.journal().Damaged() != nil {
		return // it could not be stored, and what is on disk decides: asked about after the reopening
	}
	last := d.returned(e, &op, a)
	switch {
	case a.Outcome == api.NotSent:
		last.NoEffect = true
		op.State = Queued
		d.later(e, &op, time.Second)
		d.commit(e, op, eventNotSent)
	case a.Outcome != api.Answered:
		d.unclear(e, op, "")
	default:
		switch d.s.Rules.classify(a) {
		case meansSuccess:
			d.succeeded(ctx, e, op, a)
		case meansForm:
			// Not a refusal: ask, then a new number (docs/rules.md). The answer set the clock right.
			d.unclear(e, op, WhyForm)
		case meansUnclear:
			d.unclear(e, op, "")
		case meansRefusal:
			last.NoEffect = true
			if !d.traces.Today(last.Trace) {
				// The answer itself showed that our date was wrong: no word on the voucher.
				d.unclear(e, op, WhyForm)
				return
			}
			d.refused(ctx, e, op)
		}
	}
}

// unclear leaves an operation unknown until it was asked about.
func (d *Desk) unclear(e *entry, op Operation, why string) {
	op.State, op.Why = Unknown, why
	due := d.clock.Now()
	if why == "" {
		due = due.Add(d.s.Rules.SettleTime)
	}
	op.NextAt = &due
	d.commit(e, op, eventUnknown)
}

// succeeded closes an operation that the platform says is done. Where an
// earlier attempt of it may have had effect too, that one is asked about first.
func (d *Desk) succeeded(ctx context.Context, e *entry, op Operation, a api.Answer) {
	op.OrderNo = a.OrderNo
	if op.Kind == Activate {
		for _, i := range unproven(&op) {
			answer, err := d.query(ctx, op.Attempts[i].Trace)
			if err != nil {
				continue
			}
			ev := evidenceOf(askedQuery, op.Attempts[i].Trace, answer, d.clock.Now())
			op.Evidence = append(op.Evidence, ev)
			switch d.s.Rules.querySaid(answer) {
			case saidSuccess:
				op.Evidence[len(op.Evidence)-1].Verdict = "contradiction"
				op.State, op.Why, op.NextAt = Attention, WhyTwoSuccesses, nil
				d.commit(e, op, eventAnswered)
				return
			case saidSilence:
				// Whether it took effect twice is not known yet.
				op.State, op.Why = Unknown, ""
				d.later(e, &op, min(time.Second, d.s.Rules.SettleTime))
				d.commit(e, op, eventAnswered)
				return
			}
		}
	}
	d.sold(&op, a)
	if d.commit(e, op, eventAnswered) {
		d.mark(op)
	}
}

// refused closes an operation that the platform refused, unless the look-up
// shows that an earlier attempt of ours did it. It is looked up once more
// after absent_after (docs/rules.md, "refusal").
func (d *Desk) refused(ctx context.Context, e *entry, op Operation) {
	answer, seen := d.look(ctx, api.ID(op.ID), true, nil)
	ev := evidenceOf(askedLookup, "", answer, d.clock.Now())
	earlier := unproven(&op)
	if answer.Success() {
		ev.Seen = &seen
	}
	success, silent := d.askEarlier(ctx, &op, earlier)
	moved := changeUnseen
	if len(earlier) > 0 {
		moved = compare(op.Attempts[earlier[0]].Before, &seen, d.s.Rules.target(op.Kind))
	}
	switch {
	case len(earlier) == 0:
		d.close(&op, Refused, "")
		d.again(&op)
	case moved == changeSome:
		op.State, op.Why, op.NextAt = Attention, WhyPartial, nil
	case !answer.Success(), silent, success && moved != changeAll:
		// An earlier attempt may have done it; one witness alone does not tell.
		op.State = Unknown
		d.later(e, &op, min(time.Second, d.s.Rules.SettleTime))
	case moved == changeAll && !success && d.explained(&op):
		op.State, op.Why, op.NextAt = Attention, WhyAlreadyThere, nil
	case moved == changeAll:
		ev.Verdict = "done"
		d.close(&op, Done, "")
	default:
		d.close(&op, Refused, "")
		d.again(&op)
	}
	op.Evidence = append(op.Evidence, ev)
	if d.commit(e, op, eventAnswered) && op.State == Done {
		d.mark(op)
	}
}

// askEarlier asks what became of the attempts before a refused one, and
// reports a success among them and one that nobody answered for.
func (d *Desk) askEarlier(ctx context.Context, op *Operation, earlier []int) (success, silent bool) {
	if op.Kind != Activate {
		return false, false
	}
	for _, i := range earlier {
		answer, err := d.query(ctx, op.Attempts[i].Trace)
		if err != nil {
			silent = true
			continue
		}
		op.Evidence = append(op.Evidence, evidenceOf(askedQuery, op.Attempts[i].Trace, answer, d.clock.Now()))
		switch d.s.Rules.querySaid(answer) {
		case saidSuccess:
			success, op.OrderNo = true, answer.OrderNo
		case saidSilence:
			silent = true
		}
	}
	return success, silent
}

// again has a refused operation looked up once more after absent_after.
func (d *Desk) again(op *Operation) {
	at := d.clock.Now().Add(d.s.Rules.AbsentAfter)
	op.NextAt = &at
}

// mark notes in the catalog what the platform confirmed.
func (d *Desk) mark(op Operation) {
	target := d.s.Rules.target(op.Kind)
	if target == "" {
		return
	}
	at := d.clock.Now()
	// Behind every look-up that was answered before the attempt.
	d.looks.keeping.Lock()
	defer d.looks.keeping.Unlock()
	d.keeper.confirm(catalog.Confirmed{ID: api.ID(op.ID), Status: target, Seen: at})
}

// amount writes fen as the platform counts them: the unit of totalAmount is not documented (platform.md §5).
func (d *Desk) amount(fen int64) string {
	if !d.s.Rules.AmountInYuan {
		return strconv.FormatInt(fen, 10)
	}
	return fmt.Sprintf("%d.%02d", fen/100, fen%100)
}

// reelAction chooses between the single-voucher and the B2B action (platform.md §2.5).
func (d *Desk) reelAction(id api.ID) bool {
	return d.s.Rules.ReelActions && id.Level() != api.LevelCode
}

func evidenceOf(asked, trace string, a api.Answer, at time.Time) Evidence {
	return Evidence{
		At: at, Asked: asked, Trace: trace, Outcome: string(a.Outcome), Cause: string(a.Reason),
		Code: a.Code, Message: a.Message,
	}
}
