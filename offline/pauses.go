package offline

import (
	"time"

	"counterfoil/offline/link"
	"counterfoil/offline/operation"
)

// ended notes the end of an attempt, and that whatever comes next starts from the shortest pause.
func (d *Desk) ended(e *entry, at time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	e.ended, e.tries, e.unheard = at, 0, false
}

// retry sets the next look at an operation by what the transition asks for.
// Pauses grow with every fruitless look. Where nobody answered while the
// platform answers others, it merely had bad luck and is looked at again soon;
// not so where the trouble is the counter's own.
func (d *Desk) retry(e *entry, op *Operation, r operation.Retry) {
	if r.Kind == operation.RetryFixed {
		return
	}
	lucky := d.link.Flows()
	d.mu.Lock()
	defer d.mu.Unlock()
	first, last, tries := r.First, pauseLast, e.tries
	e.tries++
	e.unheard = r.Kind == operation.RetryUnanswered
	switch r.Kind {
	case operation.RetryUnanswered:
		if lucky && d.fault == nil {
			first, last = min(first, luckFirst), luckLast
		}
	case operation.RetryAttempt:
		e.tries = len(op.Attempts) - 1
		if e.tries <= 1 {
			op.NextAt = nil
			return
		}
		first, tries = time.Second, e.tries-2
	}
	in := nthPause(first, last, tries)
	if r.Most > 0 {
		in = min(in, r.Most)
	}
	at := d.clock.Now().Add(in)
	op.NextAt = &at
}

// Pauses between looks at one operation grow up to pauseLast; from luckFirst up
// to luckLast where the platform answers others.
const (
	pauseLast = 5 * time.Minute
	luckFirst = 100 * time.Millisecond
	luckLast  = 30 * time.Second
)

func nthPause(first, last time.Duration, n int) time.Duration {
	pauses := link.Growing(max(first, 10*time.Millisecond), last)
	pause := pauses.NextBackOff()
	for range min(n, 16) {
		pause = pauses.NextBackOff()
	}
	return pause
}
