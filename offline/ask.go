package offline

import (
	"context"
	"strings"
	"time"

	"counterfoil/api"
)

// ask questions both witnesses about an operation whose outcome is not known,
// and commits what they prove (docs/rules.md, "Asking about an unknown outcome").
func (d *Desk) ask(e *entry) {
	ctx := d.sending
	op := cloneOperation(e.op)
	pending := unproven(&op)
	if len(pending) == 0 {
		// Every attempt is proven to have changed nothing: it may simply go out again.
		op.State, op.Why, op.NextAt = Queued, "", nil
		d.commit(e, op, eventNoEffect)
		return
	}
	// What is proven by time counts to the moment of asking, not of the answer.
	asked := d.clock.Now()
	w := witnesses{before: op.Attempts[pending[0]].Before, overdue: d.overdue(&op), form: op.Why == WhyForm}
	for _, a := range op.Attempts {
		if succeeded(a) {
			w.earlier++
		}
	}
	heard, silent := false, false
	if op.Kind == Activate {
		for _, i := range pending {
			answer, err := d.query(ctx, op.Attempts[i].Trace)
			if err != nil {
				d.putOff(e, err)
				return
			}
			heard = heard || answer.Outcome == api.Answered
			silent = silent || answer.Outcome != api.Answered
			w.queries = append(w.queries, d.s.Rules.querySaid(answer))
			if answer.Success() && answer.OrderNo != "" {
				op.OrderNo = answer.OrderNo
			}
			op.Evidence = append(op.Evidence, evidenceOf(askedQuery, op.Attempts[i].Trace, answer, d.clock.Now()))
		}
	}
	answer, seen := d.look(ctx, api.ID(op.ID), true, nil)
	ev := evidenceOf(askedLookup, "", answer, d.clock.Now())
	if answer.Success() {
		ev.Seen, w.now, heard = &seen, &seen, true
	}
	silent = silent || answer.Outcome != api.Answered
	op.Evidence = append(op.Evidence, ev)
	if op.Kind == Void {
		w.confirmed = d.askRecords(ctx, &op, pending)
	}
	if ctx.Err() != nil {
		return // cut off by Stop: nothing was learned
	}
	since := d.sinceEnd(e, asked)
	w.settled = since >= d.s.Rules.SettleTime
	w.absent = d.pastAbsent(&op, since)
	v := d.s.Rules.decide(op.Kind, w)
	if v.proven {
		for _, i := range pending {
			op.Attempts[i].NoEffect = true
		}
	}
	if v.formed {
		op.Attempts[pending[len(pending)-1]].NoEffect = true
		op.Why = ""
	}
	op.Evidence[len(op.Evidence)-1].Verdict = v.word
	op.Asked++
	d.conclude(e, op, v, heard, silent)
}

// explained reports that another operation of ours, done before, already
// brought the id where this one wants it: a changed status tells nothing of
// this one then, whose pre-state came from a look-up that was behind.
func (d *Desk) explained(op *Operation) bool {
	other, err := d.lastDone(context.Background(), op.ID, nil)
	if err != nil {
		d.log.Warn("what is done is not read", "err", err)
		return true
	}
	return other != nil && other.Kind == op.Kind
}

// conclude commits a verdict. heard and silent tell whether any witness answered, and whether any did not.
func (d *Desk) conclude(e *entry, op Operation, v verdict, heard, silent bool) {
	if v.why == WhyByStatus && d.explained(&op) {
		v = needsPerson(WhyAlreadyThere, "contradiction")
		op.Evidence[len(op.Evidence)-1].Verdict = v.word
	}
	switch v.state {
	case Done:
		if op.OrderNo == "" {
			op.OrderNo = lastOrder(op)
		}
		d.close(&op, Done, v.why)
		if d.commit(e, op, eventAsked) {
			d.looks.forget(api.ID(op.ID))
			d.mark(op)
		}
	case Attention:
		op.State, op.Why, op.NextAt = Attention, v.why, nil
		d.commit(e, op, eventAsked)
	case Queued:
		op.State, op.Why = Queued, ""
		d.pauseBy(e, &op, len(op.Attempts)-1)
		d.commit(e, op, eventNoEffect)
	default:
		first := min(2*time.Second, max(d.s.Rules.SettleTime, 50*time.Millisecond))
		if silent {
			d.later(e, &op, first)
		} else {
			d.rest(e, &op, first, d.untilAbsent(e, &op))
		}
		if stored := len(e.op.Evidence); !heard && sameSilence(op.Evidence[:stored], op.Evidence[stored:]) {
			// Nobody answered, as before: neither the evidence nor the chain need grow with it.
			op.Evidence = op.Evidence[:stored]
			d.mu.Lock()
			e.op = op
			d.mu.Unlock()
			return
		}
		d.commit(e, op, eventAsked)
	}
}

// untilAbsent is how long it takes yet until the absence of a transaction
// proves that it never was, 0 for it proves nothing more then than now.
func (d *Desk) untilAbsent(e *entry, op *Operation) time.Duration {
	if op.Kind != Activate || len(d.s.Rules.ActivationAbsentCodes) == 0 {
		return 0
	}
	in := d.s.Rules.AbsentAfter - d.sinceEnd(e, d.clock.Now())
	if in < 0 {
		return 0
	}
	return in + luckFirst // it must have passed
}

// sameSilence reports that fresh evidence repeats the silence of the last round.
func sameSilence(stored, fresh []Evidence) bool {
	if len(stored) < len(fresh) {
		return false
	}
	tail := stored[len(stored)-len(fresh):]
	for i, ev := range fresh {
		old := tail[i]
		if ev.Asked != old.Asked || ev.Trace != old.Trace || ev.Outcome != old.Outcome || ev.Cause != old.Cause {
			return false
		}
	}
	return true
}

// query asks what became of one attempt. The error is platformtime.ErrMidnight.
func (d *Desk) query(ctx context.Context, original string) (api.Answer, error) {
	var failed error
	answer := d.link.Insist(ctx, func() api.Answer {
		trace, err := d.traces.Loose()
		if failed = err; err != nil {
			return api.Answer{}
		}
		return d.link.Note(d.client.Query(ctx, api.QueryRequest{TraceNo: trace, OriginalTraceNo: original}))
	})
	return answer, failed
}

// askRecords reads a code's operation records as a void's second witness. Their
// types are not documented, so only a record that carries our own trace number tells.
func (d *Desk) askRecords(ctx context.Context, op *Operation, pending []int) bool {
	id := api.ID(op.ID)
	if id.Level() != api.LevelCode {
		return false
	}
	answer, records := d.client.Records(ctx, id)
	if answer.Reason == api.ReasonSetting {
		return false
	}
	ev := evidenceOf(askedRecords, "", answer, d.clock.Now())
	found := false
	for _, r := range records {
		for _, i := range pending {
			found = found || carries(op, r, op.Attempts[i].Trace)
		}
	}
	if found {
		ev.Verdict = "done"
	}
	// The look-up stays last: it carries the round's verdict.
	last := op.Evidence[len(op.Evidence)-1]
	op.Evidence = append(op.Evidence[:len(op.Evidence)-1], ev, last)
	return found
}

func carries(op *Operation, r api.Record, trace string) bool {
	if r.Code != "" && r.Code != op.ID {
		return false
	}
	if strings.Contains(r.Swift, trace) {
		return true
	}
	for _, v := range r.Extend {
		if v == trace {
			return true
		}
	}
	return false
}

func lastOrder(op Operation) string {
	for i := len(op.Attempts) - 1; i >= 0; i-- {
		if op.Attempts[i].OrderNo != "" {
			return op.Attempts[i].OrderNo
		}
	}
	return ""
}

// recheck looks a refused operation up once more: what changed after all needs a person.
func (d *Desk) recheck(e *entry) {
	op := cloneOperation(e.op)
	answer, seen := d.look(d.sending, api.ID(op.ID), true, nil)
	if !answer.Success() && !d.s.Rules.final(answer) {
		if answer.Outcome == api.Answered {
			d.rest(e, &op, time.Minute, 0)
		} else {
			d.later(e, &op, time.Minute)
		}
		d.mu.Lock()
		e.op = op
		d.mu.Unlock()
		return
	}
	ev := evidenceOf(askedLookup, "", answer, d.clock.Now())
	op.NextAt = nil
	if answer.Success() {
		ev.Seen = &seen
		moved := compare(firstBefore(op), &seen, d.s.Rules.target(op.Kind))
		if (moved == changeSome || moved == changeAll) && !d.ours(op) {
			ev.Verdict = "contradiction"
			op.State, op.Why, op.FinishedAt = Attention, WhyLateChange, nil
		}
	}
	op.Evidence = append(op.Evidence, ev)
	if !d.commit(e, op, eventRechecked) {
		return
	}
	d.mu.Lock()
	delete(d.open.rechecks, op.Op)
	if op.State.Open() && d.open.byOp[op.Op] == nil {
		d.open.add(e)
	}
	d.mu.Unlock()
}

func firstBefore(op Operation) *Seen {
	if len(op.Attempts) == 0 {
		return nil
	}
	return op.Attempts[0].Before
}

// ours reports whether a later operation of this counter, on the id or on what holds it, explains the change.
func (d *Desk) ours(op Operation) bool {
	last, err := d.lastDone(context.Background(), op.ID, d.ancestry(context.Background(), op))
	return err == nil && last != nil && last.Op > op.Op && last.Kind == op.Kind
}
