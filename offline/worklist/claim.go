package worklist

import (
	"time"

	"counterfoil/offline/operation"
)

// Claim makes the caller the one who may change an open operation. The item is nil
// where the operation is not open, and, with busy, where somebody else has it.
func (l *List) Claim(op string) (item *Item, busy bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	i := l.byOp[op]
	if i == nil {
		return nil, false
	}
	if i.busy {
		return nil, true
	}
	i.busy = true
	return i, false
}

// TakeQueued claims the oldest queued operation that is due, that nothing holds
// up, and that may allows; nil for none. may is asked with the list locked.
func (l *List) TakeQueued(may func(*operation.Operation) bool) *Item {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.clock.Now()
	for _, i := range l.order {
		if (may == nil || may(&i.op)) && l.sendable(i, now) {
			i.busy = true
			return i
		}
	}
	return nil
}

// sendable reports a queued item that is due and that nothing holds up.
func (l *List) sendable(i *Item, now time.Time) bool {
	return !i.busy && i.op.State == operation.Queued && l.dueIn(i, now) <= 0 && l.free(i)
}

// free reports an item that neither an earlier one nor anybody keeps.
func (l *List) free(i *Item) bool { return l.kept[i.op.ID] == 0 && l.blocker(i) == nil }

// Keep holds back whatever waits on an id until end is called: somebody is about to
// take it back. What is on its way is not stopped.
func (l *List) Keep(id string) (end func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.kept[id]++
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.kept[id]--; l.kept[id] == 0 {
			delete(l.kept, id)
		}
	}
}

// TakeQuestion claims an operation that may allows and that is due: one whose outcome
// is not known, or a closed one for its last look-up. Where none is due, in is the
// time until one will be, 0 for never.
func (l *List) TakeQuestion(may func(*operation.Operation) bool) (item *Item, in time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.clock.Now()
	take := func(i *Item) bool {
		if i.busy || may != nil && !may(&i.op) {
			return false
		}
		if due := l.dueIn(i, now); due > 0 {
			if in == 0 || due < in {
				in = due
			}
			return false
		}
		i.busy = true
		return true
	}
	for _, i := range l.order {
		if i.op.State == operation.Unknown && take(i) {
			return i, 0
		}
	}
	for _, i := range l.rechecks {
		if take(i) {
			return i, 0
		}
	}
	return nil, in
}

// Release gives items back. Those that are closed leave the list, or wait for
// their last look-up where NextAt says when; it returns how many left it.
func (l *List) Release(items ...*Item) (closed int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, i := range items {
		i.busy = false
		switch open := i.op.State.Open(); {
		case open && i.recheck: // a last look-up found it changed
			delete(l.rechecks, i.op.Op)
			i.recheck = false
			l.put(i)
		case open:
		case i.recheck:
			if i.op.NextAt == nil {
				delete(l.rechecks, i.op.Op)
			}
		case l.byOp[i.op.Op] == i:
			l.remove(i)
			closed++
			if i.op.NextAt != nil {
				i.recheck = true
				l.put(i)
			}
		}
	}
	return closed
}

// dueIn is how long an item pauses yet; not positive for due. An unknown
// outcome is not asked about before settle_time, however often somebody asks
// to try now.
func (l *List) dueIn(i *Item, now time.Time) time.Duration {
	var in time.Duration
	if i.op.NextAt != nil {
		in = i.op.NextAt.Sub(now)
	}
	if i.op.State == operation.Unknown {
		in = max(in, l.waitLeft(i, now))
	}
	return in
}

// waitLeft is how much of settle_time is left. What the platform did not take for
// its form has no effect to wait for, and the progress of a range is asked for at
// its own pauses.
func (l *List) waitLeft(i *Item, now time.Time) time.Duration {
	if i.op.Why == operation.WhyForm || i.op.Kind == operation.Range {
		return 0
	}
	return l.settleTime - i.sinceEnd(now, l.clock)
}

// SinceEnd is how long the last attempt of an item had ended at that time.
func (l *List) SinceEnd(i *Item, at time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return i.sinceEnd(at, l.clock)
}

// Due says what the list has to do.
type Due struct {
	Sendable  int           // operations that could be sent now, at most as many as asked for
	Questions int           // due questions that nobody has taken
	In        time.Duration // until something else is due, at most a minute
}

// Due looks over the list; most bounds Sendable.
func (l *List) Due(most int) Due {
	l.mu.Lock()
	defer l.mu.Unlock()
	due, now := Due{In: time.Minute}, l.clock.Now()
	for _, i := range l.order {
		if i.busy || i.op.State != operation.Queued && i.op.State != operation.Unknown {
			continue
		}
		switch in := l.dueIn(i, now); {
		case in > 0:
			due.In = min(due.In, in)
		case i.op.State == operation.Unknown:
			due.Questions++
		case due.Sendable < most && l.free(i):
			due.Sendable++
		}
	}
	for _, i := range l.rechecks {
		if i.busy {
			continue
		}
		if in := l.dueIn(i, now); in > 0 {
			due.In = min(due.In, in)
		} else {
			due.Questions++
		}
	}
	return due
}

// DropPauses makes due at once all that waits to be sent, and all questions, or with
// unheardOnly only those that nobody answered.
func (l *List) DropPauses(unheardOnly bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, i := range l.order {
		switch {
		case i.busy:
		case i.op.State == operation.Queued, i.op.State == operation.Unknown && (i.unheard || !unheardOnly):
			i.op.NextAt = nil
			if unheardOnly {
				i.tries = 0
			}
		}
	}
}

// Standing is how an open operation stands at this moment.
type Standing struct {
	Operation operation.Operation
	Busy      bool   // somebody works on it
	Due       bool   // it need not pause any longer
	WaitsFor  string // the operation it waits for before it is sent, "" for none
}

// Standing returns how an operation stands; ok is false where it is not open.
func (l *List) Standing(op string) (s Standing, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	i := l.byOp[op]
	if i == nil {
		return Standing{}, false
	}
	s = Standing{Operation: i.op.Clone(), Busy: i.busy, Due: l.dueIn(i, l.clock.Now()) <= 0}
	if i.op.State == operation.Queued {
		if b := l.blocker(i); b != nil {
			s.WaitsFor = b.op.Op
		}
	}
	return s, true
}

// Blocked reports that an earlier operation holds this one up.
func (l *List) Blocked(i *Item) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.blocker(i) != nil
}
