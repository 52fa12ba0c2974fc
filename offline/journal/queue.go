package journal

import (
	"context"
	"runtime"
)

// maxGroup bounds one commit, so that nobody waits behind an endless one.
const maxGroup = 256

// line is where callers wait for the writer.
type line struct {
	turn    chan struct{} // full while somebody has it
	calls   chan *call    // to the one who has it
	shared  bool          // the last commit was of several calls
	commits int           // since the opening
}

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
	case j.w.turn <- struct{}{}: // nobody commits
		j.w.lead(c)
	case j.w.calls <- c:
		<-c.done
	case <-j.background.running.Done():
		return ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
	if c.panicked != nil {
		panic(c.panicked)
	}
	return c.err
}

// lead commits the call together with all that wait, so that many callers share
// one sync, and hands the turn to the first of those that came meanwhile. One
// caller alone wakes no other goroutine.
func (w *writer) lead(c *call) {
	group := w.gather(c)
	w.shared = len(group) > 1
	w.commit(group)
	for _, c := range group {
		close(c.done)
	}
	if w.commits++; w.commits == fewCommits {
		w.lengthen()
	}
	w.quiet.Reset(idleAfter)
	<-w.turn
}

// keep does what is due while nobody writes. At the journal's end it takes the turn
// for good: the connection is then free to be closed.
func (w *writer) keep() {
	for {
		select {
		case <-w.j.background.running.Done():
			w.turn <- struct{}{}
			return
		case <-w.quiet.C:
			w.turn <- struct{}{}
			w.idle()
			<-w.turn
		}
	}
}

// gather returns the first call with all that wait. Where the last commit was
// shared it yields the processor as long as that brings more callers, those that
// the commit woke: without it a commit of one call and then one of all others
// would cost two syncs.
func (w *writer) gather(first *call) []*call {
	group := []*call{first}
	for yielded := !w.shared; len(group) < maxGroup; {
		select {
		case c := <-w.calls:
			group, yielded = append(group, c), !w.shared
		default:
			if yielded {
				return group
			}
			runtime.Gosched()
			yielded = true
		}
	}
	return group
}

// idle is what is done while nobody writes: the database file alone then holds everything.
func (w *writer) idle() {
	w.projectAll()
	w.fold("RESTART")
	w.lengthen()
}
