package send

import (
	"context"

	"counterfoil/api"
	"counterfoil/offline/journal"
	"counterfoil/offline/operation"
	"counterfoil/offline/worklist"
)

// outcome commits what an attempt came back with.
func (s *Sender) outcome(item *worklist.Item, op operation.Operation, a api.Answer, in lane) {
	if s.o.Journal().Damaged() != nil {
		return // it could not be stored, and what is on disk decides: asked about after the reopening
	}
	now := s.o.Clock.Now()
	if a.Outcome != api.NotSent {
		item.Ended(now)
	}
	if a.Err != nil {
		s.o.Log.Info("attempt", "op", op.Op, "trace", op.Attempts[len(op.Attempts)-1].Trace,
			"outcome", string(a.Outcome), "reason", string(a.Reason), "err", a.Err)
	}
	platform := s.o.Clock.Platform()
	if !a.ServerTime.IsZero() { // this machine's clock may have jumped meanwhile
		platform = a.ServerTime.In(platform.Location())
	}
	op, read := s.o.Rules.Received(op, a, now, platform)
	asked := s.samples(&op, a, in)
	explained := false
	if op.Asks(read) {
		// What could not be asked counts as silence.
		asked, op.OrderNo, _ = s.askQueries(&op, op.OrderNo, in)
		if read == operation.ReadRefusal {
			asked = append(asked, s.lookBehind(api.ID(op.ID), in))
			explained = s.explained(&op)
		}
	}
	op, change := s.o.Rules.Concluded(op, read, asked, explained, s.o.Clock.Now())
	in.gathering.wait()
	s.move(item, op, change)
}

// move applies a transition: it sets the pause, commits, and brings a confirmed
// status into the catalog.
func (s *Sender) move(item *worklist.Item, op operation.Operation, change operation.Change) {
	s.retry(item, &op, change.Retry)
	if change.Event == "" {
		item.Set(op)
		return
	}
	if s.commit(item, op, change.Event) && op.State == operation.Done {
		if target := s.o.Rules.Target(op.Kind); target != "" {
			s.o.Lookups.Confirm(api.ID(op.ID), target)
		}
	}
}

// LastDone returns the newest operation that is done on any of the ids, nil for none.
func LastDone(ctx context.Context, j *journal.Journal, ids ...string) (*operation.Operation, error) {
	var newest *operation.Operation
	for _, id := range ids {
		ops, err := j.Operations(ctx, journal.Query{IDs: []string{id}, States: []operation.State{operation.Done}, Limit: 1})
		if err != nil {
			return nil, err
		}
		if len(ops) > 0 && (newest == nil || ops[0].Op > newest.Op) {
			newest = &ops[0]
		}
	}
	return newest, nil
}

// explained reports that another operation of ours, done before, already
// brought the id to the status that this one wants. The status then proves
// nothing for this one: its pre-state came from an outdated look-up.
func (s *Sender) explained(op *operation.Operation) bool {
	other, err := LastDone(context.Background(), s.o.Journal(), op.ID)
	if err != nil {
		s.o.Log.Warn("what is done is not read", "err", err)
		return true
	}
	return other != nil && other.Kind == op.Kind
}

// ours reports whether a later operation of this counter, of that kind and on the
// id or on what holds it, explains a change.
func (s *Sender) ours(op *operation.Operation, id api.ID, kind operation.Kind) bool {
	ctx, ids := context.Background(), []string{string(id)}
	for _, holder := range s.o.Above(ctx, id) {
		ids = append(ids, holder)
	}
	last, err := LastDone(ctx, s.o.Journal(), ids...)
	return err == nil && last != nil && last.Op > op.Op && last.Kind == kind
}
