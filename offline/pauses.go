package offline

import (
	"time"

	"counterfoil/offline/link"
)

// ended notes the end of an attempt, and that whatever comes next starts from the shortest pause.
func (d *Desk) ended(e *entry, at time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	e.ended, e.tries, e.unheard = at, 0, false
}

// later sets the next look at an operation that nobody answered for, after a
// pause that grows with every fruitless one. While the platform answers others
// it merely had bad luck, and is looked at again soon; not so where the trouble
// is the counter's own.
func (d *Desk) later(e *entry, op *Operation, first time.Duration) {
	flows := d.link.Flows()
	d.mu.Lock()
	tries := e.tries
	e.tries++
	e.unheard = true
	well := d.fault == nil
	d.mu.Unlock()
	last := pauseLast
	if flows && well {
		first, last = min(first, luckFirst), luckLast
	}
	d.pauseFor(op, nthPause(first, last, tries))
}

// rest sets the next look at an operation after the platform's own answers did
// not decide it: only time will, so asking soon would be of no use. within
// bounds the pause, 0 for not.
func (d *Desk) rest(e *entry, op *Operation, first, within time.Duration) {
	d.mu.Lock()
	tries := e.tries
	e.tries++
	e.unheard = false
	d.mu.Unlock()
	in := nthPause(first, pauseLast, tries)
	if within > 0 {
		in = min(in, within)
	}
	d.pauseFor(op, in)
}

func (d *Desk) pauseFor(op *Operation, in time.Duration) {
	at := d.clock.Now().Add(in)
	op.NextAt = &at
}

// pauseBy sets the pause before a further attempt: none before the second, then growing.
func (d *Desk) pauseBy(e *entry, op *Operation, attempts int) {
	op.NextAt = nil
	if attempts > 1 {
		d.pauseFor(op, nthPause(time.Second, pauseLast, attempts-2))
	}
	d.mu.Lock()
	e.tries = attempts
	d.mu.Unlock()
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
