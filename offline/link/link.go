package link

import (
	"context"
	"sync"
	"time"

	"counterfoil/api"
)

// State is the state of the way to the platform, judged only by signed answers:
// a captive portal that says 200 OK is offline.
type State string

// The states. Before the first answer, or the first call without one, nothing
// is known of the link: it is tried like one that is online.
const (
	Unheard State = "unheard"
	Online  State = "online"
	Shaky   State = "shaky"
	Offline State = "offline"
)

// Options are what a link is given from outside.
type Options struct {
	Now func() time.Time
	// Alive asks the platform a harmless question. Any signed answer will do.
	Alive func(context.Context) api.Answer
	// Permit takes a probe's place among the calls that may be on their way at
	// once; ok is false where it must not be made.
	Permit func() (release func(), ok bool)
	// Heard is called with every answer before the link judges it.
	Heard func(api.Answer)
	// Back is called when the platform is heard again after a silence.
	Back func()
	// Changed is called when the state changed, with the answer that did it.
	// offline is set where it changed from or to Offline: a bad line changes
	// between the others many times a second.
	Changed func(offline bool, a api.Answer)
}

// Link is safe for concurrent use.
type Link struct {
	o Options

	mu      sync.Mutex
	state   State
	since   time.Time
	answers answers
	// confirming is closed when the questions that are being asked to confirm
	// offline are over; nil for none.
	confirming chan struct{}
	probe      probe
	closings   closings
}

// answers counts what the calls brought.
type answers struct {
	heard  time.Time // the last signed answer
	signed int
	misses int // calls without one, in a row
	missed int // and in all
}

// lately reports that a signed answer came a short while ago.
func (a *answers) lately(now time.Time) bool {
	return a.signed > 0 && now.Sub(a.heard) < heardLately
}

// New returns a link of which nothing is known.
func New(o Options) *Link {
	return &Link{
		o: o, state: Unheard, since: o.Now(),
		probe: probe{pauses: Growing(probeFirst, probeLast), moved: make(chan struct{}, 1)},
	}
}

// shakyTries is how many calls in a row may end without a signed answer before
// it is to be confirmed that the link is offline. A page of somebody else's, or
// a connection that is refused, is enough by itself.
const shakyTries = 3

// heardLately is how long after a signed answer the line counts as a bad one,
// not as cut: pauses between probes do not grow yet, those between questions stay short.
const heardLately = 10 * time.Second

// Note takes a call's answer and returns it. Where it leaves in doubt whether
// the link is offline, it returns only when that is decided: the caller keeps
// its place among the calls, and nobody sends more into what may be a captive portal.
func (l *Link) Note(a api.Answer) api.Answer {
	if l.note(a) {
		l.confirmOffline()
	}
	return a
}

func (l *Link) note(a api.Answer) (doubt bool) {
	l.o.Heard(a)
	v := l.judge(a)
	if v.back {
		l.o.Back()
	}
	if v.changed {
		l.o.Changed(v.offline, a)
	}
	return v.doubt
}

// verdict is what an answer says of the link.
type verdict struct {
	changed, offline bool // the state did, from or to offline
	back             bool // the platform is heard again after a silence
	doubt            bool // it is to be confirmed that the link is offline
}

func (l *Link) judge(a api.Answer) verdict {
	if a.Reason == api.ReasonCancelled || a.Reason == api.ReasonSink || a.Reason == api.ReasonSetting {
		return verdict{}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	was, now := l.state, l.o.Now()
	var v verdict
	if a.Outcome == api.Answered {
		v.back = was == Unheard || was == Offline || l.answers.misses > 0 && !l.answers.lately(now)
		l.state, l.answers.misses, l.answers.heard = Online, 0, now
		l.answers.signed++
		l.probe.pauses.Reset()
		l.probe.set(time.Time{})
	} else {
		l.answers.missed++
		l.answers.misses++
		switch {
		case was == Offline:
		case !foreign(a) && l.answers.misses < shakyTries:
			l.state = Shaky
		case l.answers.signed == 0:
			l.state = Offline // nothing speaks against it
		default:
			l.state, v.doubt = Shaky, true
		}
		if l.probe.due.IsZero() {
			l.probe.next(now)
		}
	}
	if l.state == was {
		return v
	}
	l.since = now
	if l.state == Online && was != Shaky {
		l.closings.total = 0
	}
	v.changed, v.offline = true, was == Offline || l.state == Offline
	return v
}

// foreign reports that nobody was there, or that somebody else answered.
func foreign(a api.Answer) bool {
	return a.Outcome == api.NotSent || a.Reason == api.ReasonNotJSON || a.Reason == api.ReasonCoding ||
		a.Reason == api.ReasonProxy || a.Reason == api.ReasonSignature
}

// State is the link's state now.
func (l *Link) State() State {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.state
}

// Missed counts the calls so far that brought no signed answer.
func (l *Link) Missed() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.answers.missed
}

// EverHeard reports a signed answer in this run.
func (l *Link) EverHeard() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.answers.signed > 0
}

// Flows reports that signed answers come: what one call missed may be tried again soon.
func (l *Link) Flows() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.state != Offline && l.answers.lately(l.o.Now())
}
