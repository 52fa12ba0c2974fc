package offline

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"

	"counterfoil/api"
)

// shakyTries is how many calls in a row may end without a signed answer before
// the link is in doubt. A page of somebody else's, or nobody there, is a doubt at once.
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
	heards int       // signed answers in all
	misses int       // in a row
	missed int       // in all
	// opinion is closed at the end of the second opinion that is being made, nil for none.
	opinion chan struct{}
	probe   time.Time // the next probe; zero for none
	pauses  *backoff.ExponentialBackOff
	closed  int // operations closed since the link came back
	recent  []time.Time
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

// heed is what a call's outcome says of the link.
type heed struct {
	changed, offline bool // the state did, from or to offline
	back             bool // the platform is heard again after a silence
	doubt            bool // a second opinion is to say whether the link is offline
}

// note takes a call's outcome.
func (l *linkState) note(a api.Answer) heed {
	if a.Reason == api.ReasonCancelled || a.Reason == api.ReasonSink || a.Reason == api.ReasonSetting {
		return heed{}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	was, now := l.link, l.now()
	var h heed
	if a.Outcome == api.Answered {
		h.back = was == Unheard || was == Offline || l.misses > 0 && now.Sub(l.heard) >= heardLately
		l.link, l.misses, l.heard = Online, 0, now
		l.heards++
		l.probe = time.Time{}
		l.pauses.Reset()
	} else {
		l.missed++
		l.misses++
		switch {
		case was == Offline:
		case !foreign(a) && l.misses < shakyTries:
			l.link = Shaky
		case l.heards == 0:
			l.link = Offline // nothing speaks against it
		default:
			l.link, h.doubt = Shaky, true
		}
		if l.probe.IsZero() {
			l.probe = now.Add(l.pauses.NextBackOff())
		}
	}
	if l.link == was {
		return h
	}
	l.since = now
	if l.link == Online && was != Shaky {
		l.closed = 0
	}
	h.changed, h.offline = true, was == Offline || l.link == Offline
	return h
}

// foreign reports that nobody was there, or that somebody else answered.
func foreign(a api.Answer) bool {
	return a.Outcome == api.NotSent || a.Reason == api.ReasonNotJSON || a.Reason == api.ReasonSignature
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

// everHeard reports a signed answer in this run.
func (l *linkState) everHeard() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.heards > 0
}

// flows reports that signed answers come: what one call missed may be tried again soon.
func (l *linkState) flows() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.link != Offline && l.heards > 0 && l.now().Sub(l.heard) < heardLately
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

// heardLately is how long after a signed answer the line counts as a bad one,
// not as cut: pauses between probes do not grow yet, those between looks stay short.
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

// noted tells the link and the clock about a call. Where it leaves the link in
// doubt, the caller's turn goes on until a second opinion is in: nobody sends
// more into what may be a captive portal, and no further call is on its way.
func (d *Desk) noted(a api.Answer) api.Answer {
	if d.note(a) {
		d.secondOpinion()
	}
	return a
}

// note does the telling, and looks at what waits when the link came back.
func (d *Desk) note(a api.Answer) (doubt bool) {
	d.clock.Note(a)
	h := d.link.note(a)
	if h.back {
		d.dueNow()
	}
	if h.changed {
		d.linkChanged(h.offline, a)
	}
	return h.doubt
}

// linkChanged tells of a change. One from or to offline matters to the log; a
// bad line changes many times a second.
func (d *Desk) linkChanged(offline bool, a api.Answer) {
	level := slog.LevelDebug
	if offline {
		level = slog.LevelInfo
	}
	d.log.Log(context.Background(), level, "link", "state", string(d.link.state()), "reason", string(a.Reason), "err", a.Err)
	d.poke()
	d.changed()
}

// dueNow drops the pauses of what waits to be sent, and of questions that nobody answered.
func (d *Desk) dueNow() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, e := range d.open.order {
		if !e.busy && (e.op.State == Queued || e.op.State == Unknown && e.unheard) {
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
			wait = max(due.Sub(d.clock.Now()), 0)
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
		if d.takeLane() {
			d.Probe(ctx)
			d.giveLane()
		}
	}
}

// takeLane counts a probe among the lanes. Where all of them ask the platform
// already, one more question tells nothing; of a link that is offline only the
// probe asks, beside what may still be on its way.
func (d *Desk) takeLane() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.busyLanes >= d.s.Rules.Parallel && d.link.state() != Offline {
		return false
	}
	d.busyLanes++
	return true
}

func (d *Desk) giveLane() {
	d.mu.Lock()
	d.busyLanes--
	d.mu.Unlock()
	d.poke()
}

// Probe asks the platform for a sign of life and returns its answer.
func (d *Desk) Probe(ctx context.Context) api.Answer {
	return d.noted(d.askAlive(ctx))
}

func (d *Desk) askAlive(ctx context.Context) api.Answer {
	trace, err := d.traces.Loose()
	if err != nil {
		return api.Answer{Outcome: api.NotSent, Reason: api.ReasonCancelled, Err: err}
	}
	return d.client.Query(ctx, api.QueryRequest{TraceNo: trace, OriginalTraceNo: trace})
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
