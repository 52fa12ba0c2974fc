package send

import (
	"context"
	"sync"
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

// crew counts those at work whom the dispatcher started.
type crew struct {
	mu      sync.Mutex
	senders int
	askers  int
	looked  time.Time // when it looked over the list last
}

// leave takes a worker off a count of the crew.
func (c *crew) leave(count *int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	*count--
}

// handOut starts workers for what is due and returns the time until something else will be.
func (s *Sender) handOut(ctx context.Context) time.Duration {
	if s.o.Link.State() == link.Offline {
		return s.handOutRanges(ctx) // for the others the probe finds the way back
	}
	if ctx.Err() != nil || !s.jobs.hold() {
		return time.Minute
	}
	defer s.jobs.Done()
	c := &s.crew
	c.mu.Lock()
	defer c.mu.Unlock()
	free := s.sendersMost() - c.senders
	if wait := fullLook - time.Since(c.looked); free <= 0 && wait > 0 {
		return wait
	}
	c.looked = time.Now()
	due := s.o.List.Due(free)
	for ; due.Questions > 0 && c.askers < s.askersMost(); due.Questions-- {
		c.askers++
		s.job(func() {
			s.askAll(ctx)
			c.leave(&c.askers)
		})
	}
	for range due.Sendable {
		c.senders++
		s.job(func() {
			s.sendAll(ctx, nil, nil)
			c.leave(&c.senders)
		})
	}
	if due.Sendable >= free {
		return min(due.In, fullLook)
	}
	return due.In
}

// job runs work that Finish waits for, and wakes the dispatcher after it. The
// caller holds a job.
func (s *Sender) job(work func()) {
	s.jobs.Go(func() {
		work()
		s.Wake()
	})
}

// sendersMost is how many send at once: some look up while others wait for their commit.
func (s *Sender) sendersMost() int { return s.drain.attempts.of + s.o.Calls.Parallel }

// askersMost is how many ask at once. They leave one permit free, so that
// questions nobody answers hold up no sale.
func (s *Sender) askersMost() int { return max(s.o.Calls.Parallel-1, 1) }

// sendAll is a worker: it sends what is due, one after the other, until nothing
// is left. may narrows what it takes; each is called with every operation
// afterwards.
func (s *Sender) sendAll(ctx context.Context, may func(*operation.Operation) bool, each func(operation.Operation)) {
	for ctx.Err() == nil {
		item := s.o.List.TakeQueued(s.passing(may))
		if item == nil {
			return
		}
		s.send(ctx, item, s.drain)
		if each != nil {
			each(item.Operation())
		}
		s.release(item)
	}
}

// askAll asks what is due, one after the other, until nothing is left.
func (s *Sender) askAll(ctx context.Context) {
	for ctx.Err() == nil {
		item, _ := s.o.List.TakeQuestion(s.passing(nil))
		if item == nil {
			return
		}
		s.askOne(item)
	}
}
