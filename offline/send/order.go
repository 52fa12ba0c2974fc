package send

import (
	"cmp"
	"context"
	"slices"
	"time"

	"counterfoil/api"
	"counterfoil/offline/journal"
	"counterfoil/offline/link"
	"counterfoil/offline/operation"
	"counterfoil/offline/worklist"
)

// A range goes to a gateway of its own, another server than the one that the link
// is about: what holds up the others does not hold up a range.

// order sends a range's order, for the first time or again, always with the
// fields that were journaled.
func (s *Sender) order(op *operation.Operation) api.Answer {
	r := op.Range
	return s.o.Client.ActivateRange(s.jobs.calling(), api.RangeRequest{
		OrderID: r.OrderID, Type: r.Type, BIN: r.BIN, From: r.From, To: r.To, Count: r.Count,
		SellingFen: r.SellingFen, CostFen: r.CostFen, ValidFrom: r.ValidFrom, ValidTo: r.ValidTo, B2B: r.B2B,
	})
}

// openRange reports a range that its own gateway alone is needed for.
func openRange(op *operation.Operation) bool {
	return op.Kind == operation.Range && op.State.Open()
}

// passing narrows what may be taken to what can go out: while the link is offline
// only ranges can.
func (s *Sender) passing(may func(*operation.Operation) bool) func(*operation.Operation) bool {
	if s.o.Link.State() != link.Offline {
		return may
	}
	return func(op *operation.Operation) bool { return openRange(op) && (may == nil || may(op)) }
}

// reached reports that the gateway can be reached; where it cannot, the range
// waits as it is, and no attempt is begun that would only fill the chain.
func (s *Sender) reached(item *worklist.Item, op operation.Operation) bool {
	err := s.o.Client.ReachB2B(s.jobs.calling())
	if err != nil {
		s.o.Log.Info("the gateway of ranges is out of reach", "op", op.Op, "err", err)
		s.retry(item, &op, operation.Retry{Kind: operation.RetryOrder, First: time.Second})
		item.Set(op)
	}
	return err == nil
}

// askOrder asks for a range's progress by sending the same order again
// (platform.md §2.7).
func (s *Sender) askOrder(item *worklist.Item, op operation.Operation, in lane) {
	answer := cutOff
	in.call(s.jobs.calling(), func() { answer = s.order(&op) })
	if s.jobs.calling().Err() != nil {
		return // cut off by Finish: nothing was learned
	}
	now := s.o.Clock.Now()
	asked := []operation.Evidence{operation.EvidenceOf(operation.AskedRepeat, op.Range.OrderID, answer, now)}
	next, change := s.o.Rules.Asked(op, operation.Round{Evidence: append(asked, s.samples(&op, answer, in)...), At: now})
	s.move(item, next, change)
}

// samples looks up a few codes of a range whose order is over, where the catalog
// knows any.
func (s *Sender) samples(op *operation.Operation, a api.Answer, in lane) (looked []operation.Evidence) {
	if op.Kind != operation.Range || !s.o.Rules.Sampled(a) {
		return nil
	}
	return s.look(s.o.Samples(s.jobs.calling(), op.Range, nil), in)
}

// lookAgain looks at those codes of a refused range once more that were seen when
// it was refused, and that no later operation of ours was on. ours says that a
// later range was on all of them.
func (s *Sender) lookAgain(op *operation.Operation, in lane) (looked []operation.Evidence, ours bool) {
	later, err := s.o.Journal().Operations(s.jobs.calling(), journal.Query{Kind: operation.Range, After: op.Op, States: []operation.State{operation.Done}})
	if err != nil {
		s.o.Log.Warn("later ranges are not read", "err", err)
	}
	ours = slices.ContainsFunc(later, func(other operation.Operation) bool { return other.Range.Overlaps(op.Range) })
	codes := s.o.Samples(s.jobs.calling(), op.Range, func(code api.ID) bool { return op.Sample(code.Masked()) != nil })
	codes = slices.DeleteFunc(codes, func(code api.ID) bool { return s.ours(op, code, operation.Activate) })
	return s.look(codes, in), ours
}

// look looks codes of a range up.
func (s *Sender) look(codes []api.ID, in lane) (looked []operation.Evidence) {
	for _, code := range codes {
		ev := s.lookBehind(code, in)
		ev.Message = code.Masked()
		if looked = append(looked, ev); ev.Seen == nil {
			break // a gateway that does not answer holds up the order's word no longer
		}
	}
	return looked
}

// handOutRanges works on one range that is due while the link is offline, and
// returns the time until it looks again.
func (s *Sender) handOutRanges(ctx context.Context) time.Duration {
	if ctx.Err() != nil || !s.o.List.Any(api.LevelRange) || !s.jobs.hold() {
		return time.Minute
	}
	defer s.jobs.Done()
	item, in := s.o.List.TakeQuestion(openRange)
	if item != nil {
		s.job(func() { s.askOne(item) })
		return 0
	}
	if item = s.o.List.TakeQueued(openRange); item != nil {
		s.job(func() {
			s.send(ctx, item, lane{})
			s.release(item)
		})
		return 0
	}
	return min(cmp.Or(in, time.Minute), time.Minute)
}
