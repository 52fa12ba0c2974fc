package offline

import (
	"context"
	"sync"
	"time"

	"counterfoil/offline/journal"
	"counterfoil/offline/platformtime"
)

// watchers tell faces that something changed. Each channel holds one signal:
// a lost one costs nothing, since faces read the state again.
type watchers struct {
	mu  sync.Mutex
	all map[chan struct{}]struct{}
}

func newWatchers() *watchers { return &watchers{all: map[chan struct{}]struct{}{}} }

func (w *watchers) add() chan struct{} {
	c := make(chan struct{}, 1)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.all[c] = struct{}{}
	return c
}

func (w *watchers) drop(c chan struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.all, c)
}

func (w *watchers) signal() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for c := range w.all {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}

// Watch returns a channel that holds at most one signal: something changed
// since it was last read. stop ends it.
func (d *Desk) Watch() (changed <-chan struct{}, stop func()) {
	c := d.watch.add()
	return c, func() { d.watch.drop(c) }
}

func (d *Desk) changed() { d.watch.signal() }

// Status returns the latest status, without touching the disk.
func (d *Desk) Status() Status {
	var st Status
	l := d.link.Report()
	st.Link, st.Since, st.NextProbe, st.Closed, st.Rate = l.State, l.Since, l.NextProbe, l.Closed, l.Rate
	st.Skew, st.SkewAt = d.clock.Skew()
	fault := d.sender.Fault()
	if fault == nil && d.journal().Full() {
		fault = journal.ErrDiskFull // the opening met it
	}
	if fault != nil {
		st.Fault = asError(publicError(fault))
	}
	st.Healed = d.health.report(d.clock.Now())
	platform := d.clock.Platform()
	d.list.Each(func(op *Operation) {
		one := d.s.Rules.CountOpen(op, platform)
		if st.OpenCount = st.Plus(one); one.Waiting > 0 && st.Oldest.IsZero() {
			st.Oldest = op.AcceptedAt
		}
	})
	return st
}

// SinceBoot is the time since the machine started, sleep included: what a clock
// that somebody may set cannot tell.
func SinceBoot() time.Duration { return platformtime.SinceBoot() }

// ClosedToday counts the operations of this business day that are closed.
func (d *Desk) ClosedToday(ctx context.Context) (int, error) {
	day := d.Day()
	n, err := d.journal().CountDay(ctx, day)
	d.list.Each(func(op *Operation) {
		if op.Day == day {
			n--
		}
	})
	return max(n, 0), publicError(err)
}

// NeedsManager reports an operation that waits for a person: in attention, or
// unknown for longer than attention_after.
func (d *Desk) NeedsManager(op Operation) bool {
	return d.s.Rules.NeedsManager(&op, d.clock.Platform())
}
