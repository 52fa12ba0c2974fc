package offline

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"counterfoil/api"
	"counterfoil/offline/journal"
	"counterfoil/offline/platformtime"
)

// drain takes queued operations out through lanes. The attempts of a window
// of operations are committed together, before the first of them is sent, and
// their outcomes are committed while the next ones are on their way: one
// sender then waits for the disk once a window, not twice an operation.
//
// After a crash every attempt of a window must be asked about, and of the one
// that is committed beside it, so a window is as small as the number of lanes,
// except where a repeat can do no harm (status_forward_only).
type drain struct {
	d *Desk
	// may says which operations this drain takes. It is asked with d.mu held.
	may func(*entry) bool
	// told hears of every operation after its outcome; nil for nobody.
	told func(Operation)

	mu      sync.Mutex
	toLook  []*entry
	looked  []ready
	claimed []ready
	over    []over
	taken   chan struct{} // closed when over is taken before its time
	// claiming counts the windows that are being committed beside the lanes.
	claiming int
	moved    *sync.Cond // a window was claimed
	window   int
	began    time.Time // when the window was claimed
}

// ready is an operation that was looked up, and after its claim carries its attempt.
type ready struct {
	e    *entry
	op   Operation
	seen Seen
}

const (
	// maxWindow is the largest number of attempts committed together.
	maxWindow = 64
	// windowTime is how long a window should take: the pre-state must not grow old in it.
	windowTime = 2 * time.Second
)

func (d *Desk) newDrain(may func(*entry) bool, told func(Operation)) *drain {
	lanes := max(d.s.Calls.Parallel, 1)
	r := &drain{d: d, may: may, told: told, window: lanes}
	r.moved = sync.NewCond(&r.mu)
	return r
}

// lane works until nothing is left to take.
func (r *drain) lane(ctx context.Context) {
	for ctx.Err() == nil {
		step := r.next(ctx)
		if step == nil {
			return
		}
		step()
	}
	r.giveBack()
}

// besideFrom is the window from which on two take turns: one is committed while
// the lanes look up or send the other.
const besideFrom = 16

// next is a lane's next piece of work, nil where there is none.
func (r *drain) next(ctx context.Context) func() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for {
		if len(r.claimed) > 0 {
			one := r.claimed[0]
			r.claimed = r.claimed[1:]
			if len(r.claimed) == 0 {
				r.resize()
			}
			return func() { r.transmit(one) }
		}
		beside := r.window >= besideFrom
		if len(r.toLook) == 0 && len(r.looked) == 0 {
			r.toLook = r.d.take(r.window, r.may)
		}
		switch {
		case len(r.toLook) > 0:
			e := r.toLook[0]
			r.toLook = r.toLook[1:]
			return func() { r.look(e) }
		case len(r.looked) > 0:
			batch, done := r.looked, r.takeOver()
			r.looked = nil
			if !beside {
				return func() { r.claim(batch, done) }
			}
			r.claimBeside(ctx, batch, done)
		case r.claiming > 0:
			r.moved.Wait()
		case len(r.over) > 0:
			done := r.takeOver()
			return func() { r.store(done) }
		default:
			return nil
		}
	}
}

// claimBeside commits a window while the lanes go on. r.mu is held.
func (r *drain) claimBeside(ctx context.Context, batch []ready, done []over) {
	r.claiming++
	r.d.lanes.Go(func() {
		r.claim(batch, done)
		r.mu.Lock()
		r.claiming--
		r.moved.Broadcast()
		r.mu.Unlock()
		if ctx.Err() != nil {
			r.giveBack() // the lanes may have ended before
		}
	})
}

// resize fits the window to what goes out in windowTime.
func (r *drain) resize() {
	least := max(r.d.s.Calls.Parallel, 1)
	switch took := time.Since(r.began); {
	case !r.d.s.Rules.StatusForwardOnly:
	case took < windowTime/2:
		r.window = min(2*r.window, max(maxWindow, least))
	case took > windowTime:
		r.window = max(r.window/2, least)
	}
}

// take claims up to n queued operations that nothing holds up.
func (d *Desk) take(n int, may func(*entry) bool) []*entry {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.link.State() == Offline || d.giveWay {
		return nil
	}
	var taken []*entry
	for _, e := range d.open.order {
		if len(taken) == n {
			break
		}
		if e.busy || e.op.State != Queued || !may(e) {
			continue
		}
		if b := d.open.blocker(e); b != nil {
			e.op.WaitsFor = b.op.Op
			continue
		}
		e.op.WaitsFor, e.busy = "", true
		taken = append(taken, e)
	}
	return taken
}

// look makes the look-up before sending.
func (r *drain) look(e *entry) {
	if r.d.link.State() == Offline {
		r.finish(e)
		return
	}
	op, seen, ok := r.d.prepare(e)
	if !ok {
		r.finish(e)
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.looked == nil {
		r.looked = make([]ready, 0, r.window)
	}
	r.looked = append(r.looked, ready{e, op, seen})
}

// claim commits a window's attempts with their trace numbers before the first
// byte of any, together with what is over.
func (r *drain) claim(batch []ready, done []over) {
	var begun []Operation
	err := r.d.journal().Write(context.Background(), func(tx *journal.Tx) error {
		if err := putAll(tx, done); err != nil {
			return err
		}
		begun = slices.Grow(begun[:0], len(batch))
		for _, one := range batch {
			op, err := r.d.attempt(tx, one.op.Clone(), one.seen)
			if err != nil {
				return err
			}
			begun = append(begun, op)
		}
		return nil
	})
	if len(done) > 0 {
		r.stored(done, err)
		if err != nil {
			r.claim(batch, nil)
			return
		}
	}
	if err != nil && len(batch) > 1 && !errors.Is(err, platformtime.ErrMidnight) {
		// One operation that cannot be stored must not hold up its window.
		for _, one := range batch {
			r.claim([]ready{one}, nil)
		}
		return
	}
	if err != nil {
		for _, one := range batch {
			r.d.putOff(one.e, err)
			r.finish(one.e)
		}
		return
	}
	r.d.mu.Lock()
	for i := range batch {
		batch[i].e.op = begun[i]
		batch[i].op = begun[i].Clone()
	}
	r.d.mu.Unlock()
	r.d.changed()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.claimed = append(r.claimed, batch...)
	r.began = time.Now()
}

// errHeldBack says that an attempt was claimed and not sent after all.
var errHeldBack = errors.New("held back: the link went down, or the look-up grew old")

// transmit sends one claimed attempt; what it came back with is committed while the lane goes on.
func (r *drain) transmit(one ready) {
	d := r.d
	old := platformtime.Age(one.seen.At, d.clock.Now()) > max(d.s.Calls.PrelookMaxAge, d.s.Calls.AnswerTimeout)
	var answer api.Answer
	if old || d.link.State() == Offline {
		answer = heldBack()
	} else {
		answer = d.call(&one.op)
	}
	if d.sells(&one.op, answer) {
		op, read := d.received(one.e, one.op, answer)
		op, _ = d.s.Rules.Concluded(op, read, nil, false, d.clock.Now())
		r.keep(over{one.e, op})
		return
	}
	// It may ask the platform: the lane's own turn, or more than its share would be on their way.
	d.outcome(d.sending, one.e, one.op, answer)
	r.finish(one.e)
}

func heldBack() api.Answer {
	return api.Answer{Outcome: api.NotSent, Reason: api.ReasonCancelled, Err: errHeldBack}
}

// giveBack returns what a stopped drain took and did not send.
func (r *drain) giveBack() {
	r.mu.Lock()
	idle := r.toLook
	for _, one := range r.looked {
		idle = append(idle, one.e)
	}
	claimed, done := r.claimed, r.takeOver()
	r.toLook, r.looked, r.claimed = nil, nil, nil
	r.mu.Unlock()
	r.store(done)
	for _, e := range idle {
		r.finish(e)
	}
	for _, one := range claimed {
		r.d.lanes.Go(func() {
			r.d.outcome(r.d.sending, one.e, one.op, heldBack())
			r.finish(one.e)
		})
	}
}

func (r *drain) finish(e *entry) {
	r.tell(e)
	r.d.release(e)
}

func (r *drain) tell(e *entry) {
	if r.told != nil {
		r.told(e.op.Clone())
	}
}
