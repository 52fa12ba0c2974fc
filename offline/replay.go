package offline

import (
	"context"
	"maps"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"counterfoil/api"
	"counterfoil/offline/link"
	"counterfoil/offline/platformtime"
)

// Replay sends and asks until a round changes nothing. Rounds that a bad line
// made fruitless are repeated, so often that what the platform can decide is
// decided, and no oftener: a replay ends, whatever the platform does. each, which may be nil,
// is called with every operation whose state changed. It is for a desk that was not started.
func (d *Desk) Replay(ctx context.Context, each func(Operation)) error {
	told := func(Operation) {}
	if each != nil {
		told = serial(each)
	}
	stumbles, pauses := 0, link.Growing(reachPause, stumbleLast)
	for ctx.Err() == nil {
		d.recheckRound(ctx, told)
		before, tries := d.states()
		if len(before) == 0 {
			return nil
		}
		if !d.reach(ctx) {
			d.heldByMidnight()
			return ctx.Err()
		}
		unheard := d.link.Missed()
		d.sendRound(ctx, told)
		d.askRound(ctx, told)
		after, more := d.states()
		if len(after) < len(before) {
			stumbles = 0
			pauses.Reset()
			continue
		}
		// Where all stand as before, another round is worth it only after attempts
		// that came to an end, or calls that nobody answered.
		if maps.Equal(before, after) && more == tries && unheard == d.link.Missed() {
			return ctx.Err()
		}
		if stumbles++; stumbles > replayStumbles {
			return ctx.Err()
		}
		link.Pause(ctx, pauses.NextBackOff())
	}
	return ctx.Err()
}

// replayStumbles is how many rounds in a row may close no operation, with
// pauses between them that grow up to stumbleLast. On a line that loses half of
// all answers a round closes an operation in two cases of three.
const (
	replayStumbles = 8
	stumbleLast    = 500 * time.Millisecond
)

// reach finds the platform, where it is not known to be there: one that was
// heard before is given some tries, one that nobody ever reached few. The answer also tells the platform's
// time, by which attempts of earlier runs are judged.
func (d *Desk) reach(ctx context.Context) bool {
	if _, at := d.clock.Skew(); !at.IsZero() && d.link.State() == Online {
		return true
	}
	pauses := link.Growing(reachPause, time.Second)
	for absent, tries := 0, 0; absent < 2 && tries < 8; tries++ {
		switch answer := d.Probe(ctx); {
		case answer.Outcome == api.Answered:
			return true
		case answer.Outcome == api.NotSent && !d.link.EverHeard():
			absent++
		}
		select {
		case <-ctx.Done():
			return false
		case <-time.After(pauses.NextBackOff()):
		}
	}
	return false
}

// heldByMidnight says of what is queued that it waits for the new date, where
// that is why the platform was not asked.
func (d *Desk) heldByMidnight() {
	if !d.traces.NearMidnight() {
		return
	}
	d.mu.Lock()
	var queued []*entry
	for _, e := range d.open.order {
		if e.op.State == Queued && !e.busy {
			queued = append(queued, e)
		}
	}
	d.mu.Unlock()
	for _, e := range queued {
		d.putOff(e, platformtime.ErrMidnight)
	}
}

// reachPause is the first pause between two tries to reach the platform.
const reachPause = 100 * time.Millisecond

// recheckRound looks once more at closed operations that are due for it.
func (d *Desk) recheckRound(ctx context.Context, each func(Operation)) {
	d.mu.Lock()
	var due []*entry
	for _, e := range d.open.rechecks {
		if !e.busy && d.dueIn(e, d.clock.Now()) <= 0 {
			e.busy = true
			due = append(due, e)
		}
	}
	d.mu.Unlock()
	for _, e := range due {
		was := e.op.State
		if ctx.Err() == nil {
			d.recheck(e)
		}
		if e.op.State != was {
			each(e.op.Clone())
		}
		d.release(e)
	}
}

// serial has one lane at a time tell what changed.
func serial(each func(Operation)) func(Operation) {
	turn := make(chan struct{}, 1)
	return func(op Operation) {
		turn <- struct{}{}
		defer func() { <-turn }()
		each(op)
	}
}

// states is where every open operation stands and how many attempts were made
// for them, to see whether a round changed anything.
func (d *Desk) states() (all map[string]State, attempts int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	all = make(map[string]State, len(d.open.order))
	for _, e := range d.open.order {
		all[e.op.Op] = e.op.State
		attempts += len(e.op.Attempts)
	}
	return all, attempts
}

// sendRound sends every queued operation once, in order where it matters.
func (d *Desk) sendRound(ctx context.Context, each func(Operation)) {
	var tried sync.Map
	count := 0
	turn := serial(func(op Operation) {
		tried.Store(op.Op, true)
		count++
		if op.State != Queued {
			each(op)
		}
	})
	r := d.newDrain(func(e *entry) bool {
		_, done := tried.Load(e.op.Op)
		return !done
	}, turn)
	for before := -1; ctx.Err() == nil && before != count; {
		before = count
		var lanes sync.WaitGroup
		for range max(d.s.Calls.Parallel, 1) {
			lanes.Go(func() { r.lane(ctx) })
		}
		lanes.Wait()
		d.lanes.Wait() // an outcome may free what waits behind it
	}
}

// askRound asks once about every operation whose outcome is not known, each as soon as settle_time allows.
func (d *Desk) askRound(ctx context.Context, each func(Operation)) {
	d.lanesOver(ctx, Unknown, each, d.ask, func(e *entry) (time.Duration, bool) {
		return d.unsettled(e, d.clock.Now()), true
	})
}

// lanesOver runs work once over every entry in a state, parallel at a time.
// ready tells how long an entry pauses yet and whether it may go at all; it is
// asked again whenever a lane is free, since one operation may free another.
func (d *Desk) lanesOver(ctx context.Context, state State, each func(Operation), work func(*entry), ready func(*entry) (time.Duration, bool)) {
	tried := map[string]bool{}
	var lanes errgroup.Group
	running := 0
	done := make(chan struct{})
	defer func() { _ = lanes.Wait() }()
	for {
		if running >= max(d.s.Calls.Parallel, 1) {
			<-done
			running--
		}
		e, wait := d.pick(state, tried, ready)
		switch {
		case ctx.Err() != nil, e == nil && wait == 0 && running == 0, e != nil && d.link.State() == Offline:
			if e != nil {
				d.release(e)
			}
			for ; running > 0; running-- {
				<-done
			}
			return
		case e == nil && running > 0 && wait == 0:
			<-done
			running--
			continue
		case e == nil:
			timer := time.NewTimer(wait)
			select {
			case <-ctx.Done():
			case <-timer.C:
			case <-done:
				running--
			}
			timer.Stop()
			continue
		}
		tried[e.op.Op] = true
		running++
		was := e.op.State
		lanes.Go(func() error {
			work(e)
			if e.op.State != was {
				each(e.op.Clone())
			}
			d.release(e)
			done <- struct{}{}
			return nil
		})
	}
}

// pick claims the next entry that is ready, or says how long until one will be; zero for never.
func (d *Desk) pick(state State, tried map[string]bool, ready func(*entry) (time.Duration, bool)) (*entry, time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	var soonest time.Duration
	for _, e := range d.open.order {
		if e.op.State != state || e.busy || tried[e.op.Op] {
			continue
		}
		in, may := ready(e)
		switch {
		case !may:
		case in > 0:
			if soonest == 0 || in < soonest {
				soonest = in
			}
		default:
			e.busy = true
			return e, 0
		}
	}
	return nil, soonest
}
