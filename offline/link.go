package offline

import (
	"context"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"

	"counterfoil/api"
)

// shakyTries is how many calls in a row may end without a signed answer before the link counts as offline.
const shakyTries = 3

// Pauses between probes grow from probeFirst to probeLast (docs/rules.md, "The link").
const (
	probeFirst = time.Second
	probeLast  = time.Minute
)

// linkState judges the way to the platform by signed answers alone: a captive
// portal that says 200 OK is offline.
type linkState struct {
	now func() time.Time

	mu     sync.Mutex
	link   Link
	since  time.Time
	heard  time.Time // the last signed answer
	misses int       // in a row
	missed int       // in all
	probe  time.Time // the next probe; zero for none
	pauses *backoff.ExponentialBackOff
	closed int // operations closed since the link came back
	recent []time.Time
}

func newLinkState(now func() time.Time) *linkState {
	return &linkState{now: now, link: Unheard, since: now(), pauses: growing(probeFirst, probeLast)}
}

func growing(first, last time.Duration) *backoff.ExponentialBackOff {
	b := backoff.NewExponentialBackOff()
	b.InitialInterval, b.MaxInterval, b.Multiplier, b.RandomizationFactor = first, last, 2, 0.3
	b.Reset()
	return b
}

// note takes a call's outcome and reports whether the link changed.
func (l *linkState) note(a api.Answer) (changed bool) {
	if a.Reason == api.ReasonCancelled || a.Reason == api.ReasonSink || a.Reason == api.ReasonSetting {
		return false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	next := l.link
	if a.Outcome != api.Answered {
		l.missed++
	}
	switch {
	case a.Outcome == api.Answered:
		next, l.misses, l.heard = Online, 0, l.now()
		l.probe = time.Time{}
		l.pauses.Reset()
	case a.Outcome == api.NotSent, a.Reason == api.ReasonNotJSON, a.Reason == api.ReasonSignature:
		// Nobody there, or somebody else is answering.
		next = Offline
	default:
		l.misses++
		if l.link != Offline {
			next = Shaky
		}
		if l.misses >= shakyTries {
			next = Offline
		}
	}
	if next != Online && l.probe.IsZero() {
		l.probe = l.now().Add(l.pauses.NextBackOff())
	}
	if next == l.link {
		return false
	}
	if next == Online {
		l.closed = 0
	}
	l.link, l.since = next, l.now()
	return true
}

func (l *linkState) state() Link {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.link
}

// unheard counts the calls so far that brought no signed answer.
func (l *linkState) unheard() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.missed
}

// dueProbe returns when the next probe is due, zero for none.
func (l *linkState) dueProbe() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.probe
}

// probeAtStart makes a probe due at once, whatever the link: its answer tells the platform's time.
func (l *linkState) probeAtStart() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.probe = l.now()
}

// probed sets the pause to the probe after this one.
func (l *linkState) probed() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.probe.IsZero() {
		return
	}
	if !l.heard.IsZero() && l.now().Sub(l.heard) < heardLately {
		l.pauses.Reset() // a bad line, not a cut one
	}
	l.probe = l.now().Add(l.pauses.NextBackOff())
}

// heardLately is how long after a signed answer the pauses between probes do not grow yet.
const heardLately = 10 * time.Second

// probeNow makes the next probe due at once, from the shortest pause on.
func (l *linkState) probeNow() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.probe.IsZero() {
		l.pauses.Reset()
		l.probe = l.now()
	}
}

// rateWindow is the span over which the speed of a drain is shown.
const rateWindow = 10 * time.Second

// noteClosed counts a closed operation for the progress of a drain.
func (l *linkState) noteClosed() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed++
	now := l.now()
	l.recent = append(l.recent, now)
	l.trim(now)
}

func (l *linkState) trim(now time.Time) {
	cut := 0
	for cut < len(l.recent) && now.Sub(l.recent[cut]) > rateWindow {
		cut++
	}
	l.recent = l.recent[cut:]
}

func (l *linkState) fill(st *Status) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	l.trim(now)
	st.Link, st.Since, st.NextProbe = l.link, l.since, l.probe
	st.Closed, st.Rate = l.closed, float64(len(l.recent))/rateWindow.Seconds()
}

// noted tells the link and the clock about a call, and drains when the link came back.
func (d *Desk) noted(a api.Answer) api.Answer {
	d.noteSkew(a)
	if !d.link.note(a) {
		return a
	}
	d.log.Info("link", "state", string(d.link.state()), "reason", string(a.Reason), "err", a.Err)
	if d.link.state() == Online {
		d.dueNow()
	}
	d.poke()
	d.changed()
	return a
}

// dueNow drops the pauses of what waits to be sent.
func (d *Desk) dueNow() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, e := range d.open.order {
		if e.op.State == Queued && !e.busy {
			e.op.NextAt, e.tries = nil, 0
		}
	}
}

// probe asks the platform a harmless question while the link is not online:
// what became of a transaction that never was. Any signed answer will do.
func (d *Desk) probe(ctx context.Context) {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	changed, stop := d.Watch()
	defer stop()
	for {
		wait := time.Hour
		if due := d.link.dueProbe(); !due.IsZero() {
			wait = max(due.Sub(d.clock.now()), 0)
		}
		timer.Reset(wait)
		select {
		case <-ctx.Done():
			return
		case <-changed:
			continue
		case <-timer.C:
		}
		if d.link.dueProbe().IsZero() {
			continue
		}
		d.link.probed()
		d.Probe(ctx)
	}
}

// Probe asks the platform for a sign of life and returns its answer.
func (d *Desk) Probe(ctx context.Context) api.Answer {
	trace, err := d.traces.loose()
	if err != nil {
		return api.Answer{Outcome: api.NotSent, Reason: api.ReasonCancelled, Err: err}
	}
	return d.noted(d.client.Query(ctx, api.QueryRequest{TraceNo: trace, OriginalTraceNo: trace}))
}

// TryNow probes the link and looks at everything that waits without its pause.
func (d *Desk) TryNow() {
	d.mu.Lock()
	for _, e := range d.open.order {
		if !e.busy && (e.op.State == Queued || e.op.State == Unknown) {
			e.op.NextAt = nil
		}
	}
	d.mu.Unlock()
	d.link.probeNow()
	d.poke()
	d.changed()
}
