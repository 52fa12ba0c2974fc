package journal

import (
	"context"
	"runtime"
	"slices"
	"sync"
	"time"
)

// maxBatch bounds one commit, so that nobody waits behind an endless one.
const maxBatch = 256

// call is one waiting Write.
type call struct {
	fn       func(*Tx) error
	err      error
	panicked any
	// turn is closed when the call is committed or refused, or when lead is set:
	// the caller then has to lead.
	turn chan struct{}
	lead bool
	done bool
	rows projecting // projectAll where the caller wants all rows written
}

// queue lets one caller at a time use the writing connection. A caller that finds
// it free leads: it commits its own call together with all that wait, and then
// hands the lead to the first of those that came meanwhile. So one caller alone
// commits without waking another goroutine, and many share one sync.
type queue struct {
	mu      sync.Mutex
	waiting []*call
	led     bool
	closed  bool
	free    sync.Cond // signalled when nobody leads any more
	last    time.Time // when the last commit ended; zero after whenIdle ran
}

func (q *queue) init() { q.free.L = &q.mu }

// Write runs fn in the next commit, together with whatever else waits, and
// returns once it is durable. fn may run again after a rollback that it or
// another caller caused, and on another goroutine; it must not keep what it
// read outside the Tx, nor call the journal. An error of fn undoes only fn's
// own changes. A cancelled ctx ends the waiting, never a write that has begun.
// Errors: ErrClosed, ErrReadOnly, ErrDiskFull, ErrDamaged and those of fn.
func (j *Journal) Write(ctx context.Context, fn func(*Tx) error) error {
	return j.write(ctx, &call{fn: fn})
}

// projectAll has all rows written, so that all events can be checked against rows.
func (j *Journal) projectAll(ctx context.Context) error {
	return j.write(ctx, &call{fn: func(*Tx) error { return nil }, rows: projectAll})
}

func (j *Journal) write(ctx context.Context, c *call) error {
	if j.w == nil {
		return ErrReadOnly
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := j.w.enter(ctx, c); err != nil {
		return err
	}
	if c.panicked != nil {
		panic(c.panicked)
	}
	return c.err
}

// enter returns when c is committed or refused; its own error means that c never began.
func (w *writer) enter(ctx context.Context, c *call) error {
	q := &w.queue
	q.mu.Lock()
	if q.closed {
		q.mu.Unlock()
		return ErrClosed
	}
	q.waiting = append(q.waiting, c)
	if !q.led {
		q.led = true
		q.mu.Unlock()
		w.lead(c)
		return nil
	}
	c.turn = make(chan struct{})
	q.mu.Unlock()
	return w.await(ctx, c)
}

// await returns when c is committed or refused; it leads where that is c's task.
func (w *writer) await(ctx context.Context, c *call) error {
	select {
	case <-c.turn:
	case <-ctx.Done():
		if w.queue.leave(c) {
			return ctx.Err()
		}
		<-c.turn
	}
	if c.lead {
		w.lead(c)
	}
	return nil
}

// leave takes a call out of the queue again; false where it is being committed or leads.
func (q *queue) leave(c *call) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	i := slices.Index(q.waiting, c)
	if i < 0 || c.lead {
		return false
	}
	q.waiting = slices.Delete(q.waiting, i, i+1)
	return true
}

// lead commits batches until c is in one (the first, unless more than maxBatch
// wait), and hands the lead on.
func (w *writer) lead(c *call) {
	q := &w.queue
	if w.shared {
		w.gather()
	}
	q.mu.Lock()
	for !c.done {
		batch := append(w.batch[:0], q.waiting[:min(len(q.waiting), maxBatch)]...)
		q.waiting = slices.Delete(q.waiting, 0, len(batch))
		q.mu.Unlock()
		w.commit(batch)
		w.batch, w.shared = batch, len(batch) > 1
		q.mu.Lock()
		q.end(batch)
	}
	q.pass()
	q.mu.Unlock()
}

// end tells the callers of a batch that it was committed or refused. q.mu is held.
func (q *queue) end(batch []*call) {
	q.last = time.Now()
	for _, c := range batch {
		c.done = true
		if c.turn != nil && !c.lead {
			close(c.turn)
		}
	}
	clear(batch)
}

// pass hands the lead to the first caller that waits, if any. q.mu is held.
func (q *queue) pass() {
	if len(q.waiting) == 0 || q.closed {
		q.led = false
		q.free.Broadcast()
		return
	}
	q.waiting[0].lead = true
	close(q.waiting[0].turn)
}

// gather yields the processor as long as that brings more callers, those that the
// last commit woke: without it a commit of one call and then one of all others
// would cost two syncs.
func (w *writer) gather() {
	q := &w.queue
	q.mu.Lock()
	n := len(q.waiting)
	q.mu.Unlock()
	for n < maxBatch {
		runtime.Gosched()
		q.mu.Lock()
		now := len(q.waiting)
		q.mu.Unlock()
		if now == n {
			return
		}
		n = now
	}
}

// whenIdle runs fn with the writing connection if something was written since fn
// ran last, and nothing during the last so.
func (q *queue) whenIdle(so time.Duration, fn func()) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.led || q.closed || q.last.IsZero() || time.Since(q.last) < so {
		return
	}
	q.led = true
	q.mu.Unlock()
	fn()
	q.mu.Lock()
	q.last = time.Time{}
	q.pass()
}

// close refuses the calls that wait and returns when nobody uses the connection.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	for _, c := range q.waiting {
		if !c.lead {
			c.err = ErrClosed
			close(c.turn)
		}
	}
	q.waiting = slices.DeleteFunc(q.waiting, func(c *call) bool { return c.err != nil })
	for q.led {
		q.free.Wait()
	}
}
