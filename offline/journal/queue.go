package journal

import (
	"context"
	"runtime"
	"time"
)

// maxBatch bounds one commit, so that nobody waits behind an endless one.
const maxBatch = 256

// call is one waiting Write.
type call struct {
	fn       func(*Tx) error
	how      projecting // projectAll where the caller wants all rows written
	err      error
	panicked any
	done     chan struct{} // closed when the call is committed or refused
}

func (c *call) failed() bool { return c.err != nil || c.panicked != nil }

// Write runs fn in the next commit, together with whatever else waits, and
// returns once it is durable. fn may run again after a rollback that it or
// another caller caused, and runs on another goroutine; it must not keep what it
// read outside the Tx, nor call the journal. An error of fn undoes only fn's
// own changes. A cancelled ctx ends the waiting, never a write that has begun.
// Errors: ErrClosed, ErrReadOnly, ErrDiskFull, ErrDamaged and those of fn.
func (j *Journal) Write(ctx context.Context, fn func(*Tx) error) error {
	return j.write(ctx, &call{fn: fn})
}

// projectAll has all rows written, so that all events can be checked against rows.
func (j *Journal) projectAll(ctx context.Context) error {
	return j.write(ctx, &call{fn: func(*Tx) error { return nil }, how: projectAll})
}

func (j *Journal) write(ctx context.Context, c *call) error {
	if j.w == nil {
		return ErrReadOnly
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	c.done = make(chan struct{})
	select {
	case j.w.calls <- c:
	case <-j.running.Done():
		return ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
	<-c.done
	if c.panicked != nil {
		panic(c.panicked)
	}
	return c.err
}

// serve commits what comes until the journal is closed, everything that waits in
// one commit, so that many callers share one sync.
func (w *writer) serve() {
	idle := time.NewTimer(idleAfter)
	idle.Stop()
	shared := false
	for {
		select {
		case <-w.j.running.Done():
			return
		case <-idle.C:
			w.idle()
		case first := <-w.calls:
			batch := w.gather(first, shared)
			shared = len(batch) > 1
			w.commit(batch)
			for _, c := range batch {
				close(c.done)
			}
			idle.Reset(idleAfter)
		}
	}
}

// gather returns the first call with all that wait. Where the last commit was
// shared it yields the processor as long as that brings more callers, those that
// the commit woke: without it a commit of one call and then one of all others
// would cost two syncs.
func (w *writer) gather(first *call, shared bool) []*call {
	batch := []*call{first}
	for yielded := !shared; len(batch) < maxBatch; {
		select {
		case c := <-w.calls:
			batch, yielded = append(batch, c), !shared
		default:
			if yielded {
				return batch
			}
			runtime.Gosched()
			yielded = true
		}
	}
	return batch
}

// idle is what is done while nobody writes: the database file alone then holds everything.
func (w *writer) idle() {
	w.projectAll()
	w.fold("RESTART")
	w.lengthen()
}
