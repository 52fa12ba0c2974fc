package offline

import (
	"context"
	"errors"
	"time"

	"github.com/cenkalti/backoff/v5"

	"counterfoil/offline/journal"
	"counterfoil/offline/link"
	"counterfoil/offline/operation"
)

// dispatch hands what is due to lanes until ctx ends.
func (d *Desk) dispatch(ctx context.Context) {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		wait := d.handOut(ctx)
		timer.Reset(wait)
		select {
		case <-ctx.Done():
			return
		case <-d.wake:
		case <-timer.C:
		}
	}
}

// handOut starts lanes for what is due and returns the time until something else will be.
func (d *Desk) handOut(ctx context.Context) time.Duration {
	now := d.clock.Now()
	wait := time.Minute
	d.mu.Lock()
	defer d.mu.Unlock()
	if ctx.Err() != nil || d.link.State() == Offline {
		return wait // the probe finds the way back
	}
	full := d.busyLanes >= d.s.Calls.Parallel
	if in := time.Until(d.lookAgain); full && in > 0 {
		return in // nothing can be started, and thousands may wait
	}
	d.lookAgain = time.Now().Add(fullLook)
	d.giveWay = false
	waiting := 0
	for _, e := range d.open.order {
		if e.busy || e.op.State != Queued && e.op.State != Unknown {
			continue
		}
		if in := d.dueIn(e, now); in > 0 {
			wait = min(wait, in)
			continue
		}
		if e.op.State == Queued {
			if waiting < d.s.Calls.Parallel && d.open.blocker(e) == nil {
				waiting++
			}
		} else if d.mayAsk() {
			d.startLane(e, d.ask)
		} else if d.askingLanes == 0 {
			d.giveWay = true
		}
	}
	for _, e := range d.open.rechecks {
		if e.busy {
			continue
		}
		if in := d.dueIn(e, now); in > 0 {
			wait = min(wait, in)
		} else if d.mayAsk() {
			d.startLane(e, d.recheck)
		}
	}
	if full {
		wait = min(wait, fullLook)
	}
	for ; waiting > 0 && d.busyLanes < d.s.Calls.Parallel; waiting-- {
		d.busyLanes++
		d.lanes.Go(func() {
			d.drain.lane(ctx)
			d.mu.Lock()
			d.busyLanes--
			d.mu.Unlock()
			d.poke()
		})
	}
	return wait
}

// fullLook is how often it is looked for due questions while all lanes send.
const fullLook = 100 * time.Millisecond

// mayAsk reports a free lane for a question. Asking leaves one lane free, so
// that questions nobody answers hold up no sale. d.mu is held.
func (d *Desk) mayAsk() bool {
	return d.busyLanes < d.s.Calls.Parallel && (d.askingLanes == 0 || d.askingLanes < d.s.Calls.Parallel-1)
}

// startLane asks about an entry in one of the lanes. d.mu is held.
func (d *Desk) startLane(e *entry, work func(*entry)) {
	e.busy, e.laned = true, true
	d.busyLanes++
	d.askingLanes++
	d.lanes.Go(func() {
		work(e)
		d.release(e)
	})
}

// startDirect runs work on an entry that a cashier waits for: it does not
// queue for a lane behind a drain. d.mu is held.
func (d *Desk) startDirect(e *entry, work func(*entry)) {
	e.busy = true
	d.lanes.Go(func() {
		work(e)
		d.release(e)
	})
}

// dueIn is how long an entry pauses yet; not positive for due.
func (d *Desk) dueIn(e *entry, now time.Time) time.Duration {
	var in time.Duration
	if e.op.NextAt != nil {
		in = e.op.NextAt.Sub(now)
	}
	if e.op.State == Unknown {
		// Not before settle_time, however often somebody presses "try now".
		in = max(in, d.unsettled(e, now))
	}
	return in
}

// due reports an entry that need not pause any longer.
func (d *Desk) due(e *entry) bool { return d.dueIn(e, d.clock.Now()) <= 0 }

// release gives entries back after their lanes, and lets go of those that are closed.
func (d *Desk) release(entries ...*entry) {
	d.mu.Lock()
	for _, e := range entries {
		d.letGo(e)
	}
	d.mu.Unlock()
	d.poke()
	d.changed()
}

func (d *Desk) letGo(e *entry) {
	if e.laned {
		d.busyLanes--
		d.askingLanes--
	}
	e.busy, e.laned = false, false
	if e.op.State.Open() {
		return
	}
	if d.open.byOp[e.op.Op] == e {
		d.open.remove(e)
		d.link.NoteClosed()
	}
	if e.op.NextAt != nil {
		d.open.addRecheck(e)
	} else {
		delete(d.open.rechecks, e.op.Op)
	}
}

// claim makes the caller the one who may change an open operation; nil where
// it is not open, busy where a lane has it.
func (d *Desk) claim(op string) (e *entry, busy bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	e = d.open.byOp[op]
	if e == nil {
		return nil, false
	}
	if e.busy {
		return nil, true
	}
	e.busy = true
	return e, false
}

// commit makes a changed operation durable, then visible, in that order. It
// does not give up on an outcome: a full disk may be emptied. What stays
// uncommitted is asked about once the journal was opened again.
func (d *Desk) commit(e *entry, op Operation, event operation.Event) bool {
	var pauses *backoff.ExponentialBackOff
	j := d.journal()
	for {
		err := j.Write(context.Background(), func(tx *journal.Tx) error { return tx.Put(&op, string(event)) })
		if err == nil {
			d.mu.Lock()
			e.op = op
			d.fault = nil
			d.mu.Unlock()
			d.changed()
			return true
		}
		d.fail(err)
		if hopeless(err) {
			return false
		}
		if pauses == nil {
			pauses = link.Growing(100*time.Millisecond, 5*time.Second)
		}
		select {
		case <-d.sending.Done():
			return false
		case <-time.After(pauses.NextBackOff()):
		}
	}
}

// hopeless reports an error that waiting does not cure: what is on disk must be read anew first.
func hopeless(err error) bool {
	for _, end := range []error{journal.ErrDamaged, journal.ErrStale, journal.ErrShrunk, journal.ErrClosed, journal.ErrReadOnly} {
		if errors.Is(err, end) {
			return true
		}
	}
	return false
}

// fail keeps a trouble of the counter itself for the faces.
func (d *Desk) fail(err error) {
	d.log.Error("journal", "err", err)
	if errors.Is(err, journal.ErrStale) || errors.Is(err, journal.ErrShrunk) {
		// Nobody else writes here: memory and disk disagree, and the disk is right.
		d.journal().Distrust(err)
	}
	d.mu.Lock()
	d.fault = asError(told(err))
	d.mu.Unlock()
	d.changed()
}

// Wait returns the operation once it is closed, needs a person, waits in the
// queue for a link or a time, or is unknown; or as it stands when ctx ends. On
// a desk that was not started it sends the operation itself.
func (d *Desk) Wait(ctx context.Context, op string) (Operation, error) {
	d.mu.Lock()
	started := d.started
	d.mu.Unlock()
	if !started {
		d.drive(op)
		return d.Operation(ctx, op)
	}
	changed, stop := d.Watch()
	defer stop()
	for {
		now, moving := d.moving(op)
		if !moving {
			got, err := d.Operation(context.WithoutCancel(ctx), op)
			if err == nil || !d.tells(err) {
				return got, err
			}
		}
		select {
		case <-ctx.Done():
			return now, nil
		case <-changed:
		}
	}
}

// moving returns an open operation and whether it is on its way without waiting for anything.
func (d *Desk) moving(op string) (Operation, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	e := d.open.byOp[op]
	if e == nil {
		return Operation{}, false
	}
	if e.busy || d.ailing() {
		return e.op.Clone(), true // also while what came of it is yet to be read back
	}
	if e.op.State != Queued || d.dueIn(e, d.clock.Now()) > 0 || d.link.State() == Offline || d.open.blocker(e) != nil {
		return Operation{}, false
	}
	return e.op.Clone(), true
}

// drive sends one operation in the caller's goroutine, after those that it
// waits for, where these can go out.
func (d *Desk) drive(op string) {
	d.mu.Lock()
	e := d.open.byOp[op]
	if e == nil || e.busy || e.op.State != Queued || d.dueIn(e, d.clock.Now()) > 0 {
		d.mu.Unlock()
		return
	}
	for b := d.open.blocker(e); b != nil; b = d.open.blocker(e) {
		e.op.WaitsFor = b.op.Op
		before := b.op.State
		d.mu.Unlock()
		if before == Queued {
			d.drive(b.op.Op)
		}
		d.mu.Lock()
		if d.open.byOp[b.op.Op] == b {
			d.mu.Unlock()
			return // that one is not closed: this one waits
		}
	}
	e.op.WaitsFor = ""
	e.busy = true
	d.mu.Unlock()
	d.lanes.Add(1)
	defer d.lanes.Done()
	d.send(e)
	d.release(e)
}

// Operation reads one operation.
func (d *Desk) Operation(ctx context.Context, op string) (Operation, error) {
	found, err := d.journal().Operation(ctx, op)
	if err != nil {
		return Operation{}, toldOf(err, map[string]any{"Op": op})
	}
	d.overlay(&found)
	return found, nil
}

// Operations reads a page. Where damage hides some rows, a desk that was not
// started returns the others with ErrDamaged.
func (d *Desk) Operations(ctx context.Context, q Query) ([]Operation, error) {
	ops, err := d.journal().Operations(ctx, q)
	for i := range ops {
		d.overlay(&ops[i])
	}
	if err != nil && !(len(ops) > 0 && d.tells(err)) {
		return ops, told(err)
	}
	return ops, nil
}

// tells reports damage that the status of a started desk tells about until it
// is mended; lists show what can be read meanwhile.
func (d *Desk) tells(err error) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.ailing() && errors.Is(err, journal.ErrDamaged)
}

// overlay adds what is true of this moment only: what an operation waits for.
func (d *Desk) overlay(op *Operation) {
	if op.State != Queued {
		op.WaitsFor = ""
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	e := d.open.byOp[op.Op]
	if e == nil {
		return
	}
	op.WaitsFor, op.Why, op.NextAt = "", e.op.Why, e.op.NextAt
	if b := d.open.blocker(e); b != nil {
		op.WaitsFor = b.op.Op
	}
}
