package send

import (
	"time"

	"counterfoil/api"
	"counterfoil/offline/operation"
	"counterfoil/offline/worklist"
)

// ask questions the witnesses about an operation whose outcome is not known,
// or looks a closed one up once more, and commits what they prove
// (docs/rules.md, "Asking about an unknown outcome").
func (s *Sender) ask(item *worklist.Item) {
	in := lane{permits: s.drain.permits}
	op := item.Operation()
	if !op.State.Open() {
		s.recheck(item, op, in)
		return
	}
	if next, change, ok := operation.NothingToAsk(op); ok {
		s.move(item, next, change)
		return
	}
	if op.Kind == operation.Range {
		s.askOrder(item, op, in)
		return
	}
	began := s.o.Clock.Now()
	var round operation.Round
	var err error
	if round.Evidence, round.OrderNo, err = s.askQueries(&op, "", in); err != nil {
		s.putOff(item, err)
		return
	}
	if records, ok := s.askRecords(&op, in); ok {
		round.Evidence = append(round.Evidence, records)
	}
	round.Evidence = append(round.Evidence, s.lookBehind(api.ID(op.ID), in))
	if s.jobs.calling().Err() != nil {
		return // cut off by Finish: nothing was learned
	}
	round.SinceEnd, round.Explained = s.o.List.SinceEnd(item, began), s.explained(&op)
	round.At, round.Platform = s.o.Clock.Now(), s.o.Clock.Platform()
	op, change := s.o.Rules.Asked(op, round)
	if op.State == operation.Done {
		s.o.Lookups.Sent(api.ID(op.ID)) // what was seen before it is not true any more
	}
	s.move(item, op, change)
}

// askQueries asks what became of an activation's attempts that may have had
// effect, and returns the order number of one that had, else the given one.
// The error is platformtime.ErrMidnight.
func (s *Sender) askQueries(op *operation.Operation, orderNo string, in lane) ([]operation.Evidence, string, error) {
	var asked []operation.Evidence
	if op.Kind != operation.Activate {
		return nil, orderNo, nil
	}
	for _, i := range op.Unproven() {
		answer, err := s.query(op, op.Attempts[i].Trace, in)
		if err != nil {
			return asked, orderNo, err
		}
		if answer.Success() && answer.OrderNo != "" {
			orderNo = answer.OrderNo
		}
		asked = append(asked, operation.EvidenceOf(operation.AskedQuery, op.Attempts[i].Trace, answer, s.o.Clock.Now()))
	}
	return asked, orderNo, nil
}

// cutOff stands for the answer of a call that was not made.
var cutOff = api.Answer{Outcome: api.NotSent, Reason: api.ReasonCancelled}

// query asks what became of one attempt. The error is platformtime.ErrMidnight.
func (s *Sender) query(op *operation.Operation, original string, in lane) (api.Answer, error) {
	ctx, answer := s.jobs.calling(), cutOff
	var failed error
	in.call(ctx, func() {
		answer = s.o.Link.Insist(ctx, func() api.Answer {
			trace, err := s.o.Traces.Loose()
			if failed = err; err != nil {
				return cutOff
			}
			return s.o.Link.Note(s.o.Client.Query(ctx, api.QueryRequest{TraceNo: trace, OriginalTraceNo: original, ID: api.ID(op.ID)}))
		})
	})
	return answer, failed
}

// lookBehind looks an id up after an operation's attempts.
func (s *Sender) lookBehind(id api.ID, in lane) operation.Evidence {
	ctx, answer := s.jobs.calling(), cutOff
	var seen operation.Seen
	in.call(ctx, func() { answer, seen = s.o.Lookups.Look(ctx, id) })
	ev := operation.EvidenceOf(operation.AskedLookup, "", answer, s.o.Clock.Now())
	if answer.Success() {
		ev.Seen = &seen
	}
	return ev
}

// askRecords reads a code's operation records as a void's second witness. Their
// types are not documented, so only a record that carries our own trace number tells.
func (s *Sender) askRecords(op *operation.Operation, in lane) (operation.Evidence, bool) {
	id := api.ID(op.ID)
	if op.Kind != operation.Void || id.Level() != api.LevelCode {
		return operation.Evidence{}, false
	}
	ctx, answer := s.jobs.calling(), cutOff
	var records []api.Record
	in.call(ctx, func() { answer, records = s.o.Client.Records(ctx, id) })
	if answer.Reason == api.ReasonSetting {
		return operation.Evidence{}, false
	}
	return operation.RecordsOf(op, answer, records, s.o.Clock.Now()), true
}

// recheck looks a closed operation up once more, after what may have arrived late.
func (s *Sender) recheck(item *worklist.Item, op operation.Operation, in lane) {
	var looked []operation.Evidence
	var ours bool
	if op.Kind == operation.Range {
		looked, ours = s.lookAgain(&op, in)
	} else {
		looked, ours = []operation.Evidence{s.lookBehind(api.ID(op.ID), in)}, s.ours(&op, api.ID(op.ID), op.Kind)
	}
	for _, look := range looked {
		answered := look.Outcome == string(api.Answered)
		if look.Seen == nil && !s.o.Rules.Final(api.Answer{Outcome: api.Outcome(look.Outcome), Code: look.Code}) {
			s.retry(item, &op, operation.RetryAfter(answered, time.Minute))
			item.Set(op)
			return
		}
	}
	op, change := s.o.Rules.Rechecked(op, looked, ours)
	s.move(item, op, change)
}
