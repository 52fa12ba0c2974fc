package send

import (
	"context"
	"time"

	"counterfoil/offline/link"
	"counterfoil/offline/operation"
)

// fullLook is how often the list is looked over while all workers send:
// nothing more can go out, and thousands may wait.
const fullLook = 100 * time.Millisecond

// Run hands out what is due until ctx ends. What a worker has not sent by then
// is not sent.
func (s *Sender) Run(ctx context.Context) {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		timer.Reset(s.handOut(ctx))
		select {
		case <-ctx.Done():
			return
		case <-s.wake:
		case <-timer.C:
		}
	}
}

// handOut starts workers for what is due and returns the time until something else will be.
func (s *Sender) handOut(ctx context.Context) time.Duration {
	if s.o.Link.State() == link.Offline {
		return s.handOutRanges(ctx) // for the others the probe finds the way back
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.open || ctx.Err() != nil {
		return time.Minute
	}
	free := s.crew() - s.workers
	if wait := fullLook - time.Since(s.looked); free <= 0 && wait > 0 {
		return wait
	}
	s.looked = time.Now()
	due := s.o.List.Due(free)
	for ; due.Questions > 0 && s.askers < s.askersMost(); due.Questions-- {
		s.askers++
		s.job(func() {
			s.askAll(ctx)
			s.mu.Lock()
			s.askers--
			s.mu.Unlock()
		})
	}
	for range due.Sendable {
		s.workers++
		s.job(func() {
			s.sendAll(ctx, nil, nil)
			s.mu.Lock()
			s.workers--
			s.mu.Unlock()
		})
	}
	if due.Sendable >= free {
		return min(due.In, fullLook)
	}
	return due.In
}

// job runs work that Finish waits for, and wakes the dispatcher after it. s.mu
// is held.
func (s *Sender) job(work func()) {
	s.jobs.Go(func() {
		work()
		s.Wake()
	})
}

// askersMost is how many ask at once. They leave one permit free, so that
// questions nobody answers hold up no sale.
func (s *Sender) askersMost() int { return max(s.o.Calls.Parallel-1, 1) }

// sendAll is a worker: it sends what is due, one after the other, until nothing
// is left. may narrows what it takes; each is called with every operation
// afterwards.
func (s *Sender) sendAll(ctx context.Context, may func(*operation.Operation) bool, each func(operation.Operation)) {
	for ctx.Err() == nil && s.o.Link.State() != link.Offline {
		item := s.o.List.TakeQueued(may)
		if item == nil {
			return
		}
		s.send(ctx, item, lane{permits: s.permits, claims: s.claims, gathering: s.gathering})
		if each != nil {
			each(item.Operation())
		}
		s.release(item)
	}
}

// askAll asks what is due, one after the other, until nothing is left.
func (s *Sender) askAll(ctx context.Context) {
	for ctx.Err() == nil && s.o.Link.State() != link.Offline {
		item, _ := s.o.List.TakeQuestion(nil)
		if item == nil {
			return
		}
		s.askOne(item)
	}
}
