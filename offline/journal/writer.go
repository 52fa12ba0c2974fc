package journal

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"
	"time"
)

const (
	// maxBatch bounds one commit, so that nobody waits behind an endless one.
	maxBatch = 256
	// idleAfter is how long nothing is written before the WAL is folded into the database.
	idleAfter = 15 * time.Second
)

// call is one waiting Write.
type call struct {
	fn       func(*Tx) error
	err      error
	panicked any
	done     chan struct{}
}

// writer owns the one writing connection.
type writer struct {
	j     *Journal
	c     *conn
	calls chan *call
	stop  chan struct{} // closed by Close: nothing new is taken
	ended chan struct{}
	tx    Tx
	head  atomic.Pointer[Head]
	// broken is set after a failure of the device or a damaged row: nothing more is accepted.
	broken atomic.Pointer[error]
	idle   time.Duration
}

func newWriter(j *Journal, c *conn, head Head) *writer {
	w := &writer{
		j: j, c: c, idle: idleAfter,
		calls: make(chan *call), stop: make(chan struct{}), ended: make(chan struct{}),
	}
	w.tx = Tx{c: c, now: j.o.Now, head: head}
	w.head.Store(&head)
	return w
}

// Write runs fn in the next commit, together with whatever else waits, and
// returns once it is durable. fn may run again after a rollback that another
// caller caused; it must not keep what it read outside the Tx, nor call the
// journal. An error of fn undoes only fn's own changes. A cancelled ctx gives
// up waiting for a place, never a write that has begun.
// Errors: ErrClosed, ErrReadOnly, ErrDiskFull, ErrDamaged and those of fn.
func (j *Journal) Write(ctx context.Context, fn func(*Tx) error) error {
	if j.w == nil {
		return ErrReadOnly
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	c := &call{fn: fn, done: make(chan struct{})}
	select {
	case j.w.calls <- c:
	case <-ctx.Done():
		return ctx.Err()
	case <-j.w.stop:
		return ErrClosed
	}
	<-c.done
	if c.panicked != nil {
		panic(c.panicked)
	}
	return c.err
}

func (w *writer) run() {
	defer close(w.ended)
	batch := make([]*call, 0, maxBatch)
	timer := time.NewTimer(w.idle)
	defer timer.Stop()
	written := false
	for {
		batch = batch[:0]
		select {
		case c := <-w.calls:
			batch = append(batch, c)
		case <-timer.C:
			if written && w.broken.Load() == nil {
				w.checkpoint()
				written = false
			}
			continue
		case <-w.stop:
			return
		}
		batch = w.gather(batch)
		w.commit(batch)
		for _, c := range batch {
			close(c.done)
		}
		written = true
		timer.Reset(w.idle)
	}
}

// gather takes whatever waits already. Callers that the last commit woke get
// the processor first, for as long as that brings any: a commit of one and
// then one of all others would cost two syncs. No clock is waited for.
func (w *writer) gather(batch []*call) []*call {
	for len(batch) < maxBatch {
		n := len(batch)
		runtime.Gosched()
	drain:
		for len(batch) < maxBatch {
			select {
			case c := <-w.calls:
				batch = append(batch, c)
			default:
				break drain
			}
		}
		if len(batch) == n {
			break
		}
	}
	return batch
}

// commit makes one transaction of the batch. Where the disk is full it tries
// again with the reserve freed, and then with the WAL folded in and cut.
func (w *writer) commit(batch []*call) {
	err := w.try(batch)
	if faultOf(err) == faultFull && w.j.reserve.release() {
		w.j.o.Log.Warn("the disk is full; the reserve is freed")
		err = w.try(batch)
	}
	if faultOf(err) == faultFull {
		w.checkpoint()
		err = w.try(batch)
	}
	if err == nil {
		return
	}
	switch faultOf(err) {
	case faultFull:
		w.j.reserve.noteFull()
		err = fmt.Errorf("%w: %w", ErrDiskFull, err)
	case faultIO, faultRows:
		w.fail(err)
		err = fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	for _, c := range batch {
		if c.err == nil && c.panicked == nil {
			c.err = err
		}
	}
}

// fail stops accepting. What is on disk is known again only after the next opening.
func (w *writer) fail(err error) {
	if w.broken.CompareAndSwap(nil, &err) {
		w.j.o.Log.Error("the journal stops accepting", "error", err)
		if faultOf(err) != faultIO {
			if err := w.j.leave(leftDamaged); err != nil {
				w.j.o.Log.Warn("the damage cannot be noted for the next start", "error", err)
			}
		}
	}
}

// try runs the batch in one transaction. Errors of the callers stay theirs; the
// returned error is the transaction's, and then nothing of the batch is stored.
func (w *writer) try(batch []*call) (err error) {
	if b := w.broken.Load(); b != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, *b)
	}
	before := w.tx.head
	w.tx.touched = w.tx.touched[:0]
	if _, err := w.c.exec("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			w.tx.head = before
			w.tx.undo(0)
			if !w.c.c.AutoCommit() {
				_, back := w.c.exec("ROLLBACK")
				err = errors.Join(err, back)
			}
		}
	}()
	good := 0
	for _, c := range batch {
		if err := w.part(c, len(batch) > 1); err != nil {
			return err
		}
		if c.err == nil && c.panicked == nil {
			good++
		}
	}
	if good == 0 {
		_, err = w.c.exec("ROLLBACK")
		w.tx.head = before
		w.tx.undo(0)
		return err
	}
	if _, err := w.c.exec("COMMIT"); err != nil {
		return err
	}
	head := w.tx.head
	w.head.Store(&head)
	return nil
}

// part runs one caller, in a savepoint where it has company.
func (w *writer) part(c *call, company bool) error {
	if company {
		if _, err := w.c.exec("SAVEPOINT part"); err != nil {
			return err
		}
	}
	head, from := w.tx.head, len(w.tx.touched)
	c.err, c.panicked = nil, nil
	func() {
		defer func() { c.panicked = recover() }()
		c.err = c.fn(&w.tx)
	}()
	if f := faultOf(c.err); f == faultFull || f == faultIO || f == faultRows || w.c.c.AutoCommit() {
		err := c.err
		c.err = nil
		return err
	}
	if c.err != nil || c.panicked != nil {
		w.tx.head = head
		w.tx.undo(from)
		if company {
			if _, err := w.c.exec("ROLLBACK TO part"); err != nil {
				return err
			}
		}
	}
	if company {
		_, err := w.c.exec("RELEASE part")
		return err
	}
	return nil
}

// checkpoint folds the WAL into the database and cuts it. A busy reader only puts it off.
func (w *writer) checkpoint() {
	if err := w.c.run("PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
		switch faultOf(err) {
		case faultIO, faultRows:
			w.fail(err)
		case faultFull:
			w.j.reserve.release()
		}
	}
}
