package offline

import (
	"context"
	"strings"
	"time"

	"counterfoil/api"
	"counterfoil/offline/operation"
)

// ask questions the witnesses about an operation whose outcome is not known,
// and commits what they prove (docs/rules.md, "Asking about an unknown outcome").
func (d *Desk) ask(e *entry) {
	ctx := d.sending
	op := e.op.Clone()
	if next, change, ok := operation.NothingToAsk(op); ok {
		d.commit(e, next, change.Event)
		return
	}
	began := d.clock.Now()
	round := operation.Round{}
	var err error
	if round.Evidence, round.OrderNo, err = d.askQueries(ctx, &op, ""); err != nil {
		d.putOff(e, err)
		return
	}
	if records, ok := d.askRecords(ctx, &op); ok {
		round.Evidence = append(round.Evidence, records)
	}
	round.Evidence = append(round.Evidence, d.lookBehind(ctx, &op))
	if ctx.Err() != nil {
		return // cut off by Stop: nothing was learned
	}
	round.SinceEnd, round.Explained = d.sinceEnd(e, began), d.explained(&op)
	round.At, round.Platform = d.clock.Now(), d.clock.Platform()
	op, change := d.s.Rules.Asked(op, round)
	if op.State == Done {
		d.lookups.Sent(api.ID(op.ID))
	}
	d.move(e, op, change)
}

// askQueries asks what became of an activation's attempts that may have had
// effect, and returns the order number of one that had, else the given one.
// The error is platformtime.ErrMidnight.
func (d *Desk) askQueries(ctx context.Context, op *Operation, orderNo string) ([]Evidence, string, error) {
	var asked []Evidence
	if op.Kind != Activate {
		return nil, orderNo, nil
	}
	for _, i := range op.Unproven() {
		answer, err := d.query(ctx, op.Attempts[i].Trace)
		if err != nil {
			return asked, orderNo, err
		}
		if answer.Success() && answer.OrderNo != "" {
			orderNo = answer.OrderNo
		}
		asked = append(asked, operation.EvidenceOf(operation.AskedQuery, op.Attempts[i].Trace, answer, d.clock.Now()))
	}
	return asked, orderNo, nil
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
func (d *Desk) askRecords(ctx context.Context, op *Operation) (Evidence, bool) {
	id := api.ID(op.ID)
	if op.Kind != Void || id.Level() != api.LevelCode {
		return Evidence{}, false
	}
	answer, records := d.client.Records(ctx, id)
	if answer.Reason == api.ReasonSetting {
		return Evidence{}, false
	}
	ev := operation.EvidenceOf(operation.AskedRecords, "", answer, d.clock.Now())
	for _, r := range records {
		for _, i := range op.Unproven() {
			if carries(op, r, op.Attempts[i].Trace) {
				ev = operation.RecordsSupport(ev)
			}
		}
	}
	return ev, true
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

// recheck looks a closed operation up once more, after what may have arrived late.
func (d *Desk) recheck(e *entry) {
	op := e.op.Clone()
	look := d.lookBehind(d.sending, &op)
	if look.Seen == nil && !d.s.Rules.Final(api.Answer{Outcome: api.Outcome(look.Outcome), Code: look.Code}) {
		d.retry(e, &op, operation.RetryAfter(look.Outcome == string(api.Answered), time.Minute))
		d.show(e, op)
		return
	}
	op, change := d.s.Rules.Rechecked(op, look, d.ours(op))
	if !d.commit(e, op, change.Event) {
		return
	}
	d.mu.Lock()
	delete(d.open.rechecks, op.Op)
	if op.State.Open() && d.open.byOp[op.Op] == nil {
		d.open.add(e)
	}
	d.mu.Unlock()
}

// ours reports whether a later operation of this counter, on the id or on what holds it, explains the change.
func (d *Desk) ours(op Operation) bool {
	last, err := d.lastDone(context.Background(), op.ID, d.ancestry(context.Background(), op))
	return err == nil && last != nil && last.Op > op.Op && last.Kind == op.Kind
}
