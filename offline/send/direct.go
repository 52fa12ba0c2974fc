package send

import (
	"context"
	"errors"

	"counterfoil/api"
	"counterfoil/offline/journal"
	"counterfoil/offline/link"
	"counterfoil/offline/operation"
	"counterfoil/offline/platformtime"
	"counterfoil/offline/worklist"
)

// AcceptAndSend commits the acceptance of an item together with its first
// attempt and sends it in the background, where a fresh look-up allows it and
// nothing is in its way. It reports false, with nothing committed, where the
// acceptance must be committed by itself. A cashier waits for it, or it is one of a
// batch and takes its turn with the workers.
func (s *Sender) AcceptAndSend(item *worklist.Item, event operation.Event, batched bool) (begun operation.Operation, sent bool, err error) {
	op := item.Operation()
	seen, may := s.o.Lookups.Fresh(api.ID(op.ID))
	if may {
		_, _, may = s.o.Rules.Prelooked(op, seen)
	}
	if !may || !s.clear(item) || !s.jobs.hold() {
		return op, false, nil
	}
	in := s.lane(item, batched)
	in.attempts.take(context.Background(), false)
	in.gathering.wait()
	if batched && s.old(seen) {
		in.attempts.give()
		s.jobs.Done()
		return op, false, nil // it waited too long for its turn: it is looked up again
	}
	err = s.o.Journal().Write(context.Background(), func(tx *journal.Tx) error {
		accepted := op.Clone()
		if err := tx.Put(&accepted, string(event)); err != nil {
			return err
		}
		var err error
		begun, err = s.attempt(tx, accepted, seen)
		return err
	})
	if err != nil {
		in.attempts.give()
		s.jobs.Done()
		if errors.Is(err, platformtime.ErrMidnight) {
			return op, false, nil
		}
		s.Fail(err)
		return op, false, err
	}
	s.stored(item, begun)
	sending := begun.Clone()
	go func() {
		defer s.jobs.Done()
		defer in.attempts.give()
		in := in.hasty()
		s.outcome(item, sending, s.transmit(s.jobs.calling(), &sending, seen, in), in)
		s.release(item)
	}()
	return begun, true, nil
}

// lane is that of a cashier, or of a batch. The lines of a list come many at once
// and share commits as a drain's operations do.
func (s *Sender) lane(item *worklist.Item, batched bool) lane {
	switch {
	case !batched:
		return lane{}
	case item.Operation().Entered == operation.FromFile:
		return s.drain
	}
	return lane{permits: s.drain.permits}
}

// clear reports that neither the link nor an earlier operation holds an item
// up.
func (s *Sender) clear(item *worklist.Item) bool {
	return (item.Operation().Kind == operation.Range || s.o.Link.State() != link.Offline) && !s.o.List.Blocked(item)
}

// SendBeside sends an accepted item that a cashier waits for in the background,
// without waiting for its turn behind a drain. Where that cannot be, the item
// is given back and waits.
func (s *Sender) SendBeside(item *worklist.Item, batched bool) {
	if !s.clear(item) || !s.jobs.hold() {
		s.release(item)
		return
	}
	go func() {
		defer s.jobs.Done()
		s.send(s.jobs.calling(), item, s.lane(item, batched))
		s.release(item)
	}()
}

// Drive sends one queued operation in the caller's goroutine, after those that
// it waits for where these can go out. It is for a sender that does not Run.
func (s *Sender) Drive(op string) {
	at, open := s.o.List.Standing(op)
	for open && at.WaitsFor != "" {
		before := at.WaitsFor
		s.Drive(before)
		if _, still := s.o.List.Standing(before); still {
			return // that one is not closed: this one waits
		}
		at, open = s.o.List.Standing(op)
	}
	if !open || !at.Due || at.Operation.State != operation.Queued {
		return
	}
	item, _ := s.o.List.Claim(op)
	if item == nil {
		return
	}
	s.jobs.Add(1)
	defer s.jobs.Done()
	s.send(s.jobs.calling(), item, lane{})
	s.release(item)
}
