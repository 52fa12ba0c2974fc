package link

import (
	"context"
	"time"

	"github.com/cenkalti/backoff/v5"

	"counterfoil/api"
)

// Pauses between probes grow from probeFirst to probeLast (docs/rules.md, "The link").
const (
	probeFirst = time.Second
	probeLast  = time.Minute
)

// probe is the next question for a sign of life.
type probe struct {
	due    time.Time // zero for none
	pauses *backoff.ExponentialBackOff
	moved  chan struct{} // holds one where due changed
}

// Probe asks the platform for a sign of life and returns its answer.
func (l *Link) Probe(ctx context.Context) api.Answer { return l.Note(l.o.Alive(ctx)) }

// ProbeNow makes the next probe due at once, where one is to be made, and has
// the pauses behind it grow from the shortest on.
func (l *Link) ProbeNow() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.probe.due.IsZero() {
		l.probe.pauses.Reset()
		l.probe.set(l.o.Now())
	}
}

// Run probes once, whatever is known of the link, since the answer also tells
// the platform's time; then whenever signed answers fail to come. It ends with ctx.
func (l *Link) Run(ctx context.Context) {
	l.mu.Lock()
	l.probe.set(l.o.Now())
	l.mu.Unlock()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		timer.Reset(l.untilProbe())
		select {
		case <-ctx.Done():
			return
		case <-l.probe.moved:
			continue
		case <-timer.C:
		}
		if !l.probing() {
			continue
		}
		if release, ok := l.o.Permit(); ok {
			l.Probe(ctx)
			release()
		}
	}
}

// untilProbe is how long it is until the next probe, an hour for none.
func (l *Link) untilProbe() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.probe.due.IsZero() {
		return time.Hour
	}
	return max(l.probe.due.Sub(l.o.Now()), 0)
}

// probing reports whether a probe is to be made, and sets the pause to the one behind it.
func (l *Link) probing() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.probe.due.IsZero() {
		return false
	}
	now := l.o.Now()
	if l.answers.lately(now) {
		l.probe.pauses.Reset() // a bad line, not a cut one
	}
	l.probe.next(now)
	return true
}

// set says when it is due, zero for none. The link's lock is held, as for next.
func (p *probe) set(due time.Time) {
	if p.due.Equal(due) {
		return
	}
	p.due = due
	select {
	case p.moved <- struct{}{}:
	default:
	}
}

// next has it due after the next pause.
func (p *probe) next(now time.Time) { p.set(now.Add(p.pauses.NextBackOff())) }
