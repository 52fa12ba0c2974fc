package send

import (
	"time"

	"counterfoil/offline/link"
	"counterfoil/offline/operation"
	"counterfoil/offline/worklist"
)

// Pauses between tries at one operation grow up to retryLast; where the
// platform answers other calls, from luckFirst up to luckLast.
const (
	retryLast = 5 * time.Minute
	luckFirst = 100 * time.Millisecond
	luckLast  = 30 * time.Second
	orderLast = time.Minute // between two repeats of a range's order
)

// retry sets when an operation is tried again, by what its transition asks for.
// Pauses grow with every fruitless try. Where nobody answered while the
// platform answers other calls, the next try comes soon; not so where the
// trouble is the counter's own.
func (s *Sender) retry(item *worklist.Item, op *operation.Operation, r operation.Retry) {
	first, last := r.First, retryLast
	var tries int
	switch r.Kind {
	case operation.RetryFixed:
		return
	case operation.RetryUnanswered:
		if s.o.Link.Flows() && s.Fault() == nil {
			first, last = min(first, luckFirst), luckLast
		}
		tries = item.Tried(true)
	case operation.RetryUndecided:
		tries = item.Tried(false)
	case operation.RetryOrder:
		last = orderLast
		tries = item.Tried(false)
	case operation.RetryAttempt:
		further := len(op.Attempts) - 1
		item.SetTries(further)
		if tries = further - 2; tries < 0 {
			op.NextAt = nil // none before the second and the third attempt
			return
		}
		first = time.Second
	}
	in := nthPause(first, last, tries)
	if r.Most > 0 {
		in = min(in, r.Most)
	}
	at := s.o.Clock.Now().Add(in)
	op.NextAt = &at
}

// nthPause is the pause after n fruitless tries.
func nthPause(first, last time.Duration, n int) time.Duration {
	pauses := link.Growing(max(first, 10*time.Millisecond), last)
	pause := pauses.NextBackOff()
	for range min(n, 16) {
		pause = pauses.NextBackOff()
	}
	return pause
}
