package offline

import (
	"context"
	"time"

	"counterfoil/api"
)

// One page of somebody else's, or one refused connection, does not cut a line
// that works. A platform that was heard before counts as offline when
// foreignTries questions more end that way, or none gets a signed answer for
// opinionTime: a captive portal is told at once, a bad line is given its time.
const (
	foreignTries = 3
	opinionTime  = time.Second
)

// Pauses between the questions of a second opinion grow from opinionFirst to opinionLast.
const (
	opinionFirst = 5 * time.Millisecond
	opinionLast  = 300 * time.Millisecond
)

// opine begins a second opinion, or joins the one that is being made, which
// ends when over is closed. heards is the count of signed answers so far.
func (l *linkState) opine() (over chan struct{}, mine bool, heards int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.opinion != nil {
		return l.opinion, false, 0
	}
	l.opinion = make(chan struct{})
	return l.opinion, true, l.heards
}

// heardSince reports a signed answer after heards of them, to whatever call.
func (l *linkState) heardSince(heards int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.heards != heards
}

// conclude ends a second opinion: offline, unless a signed answer came meanwhile.
func (l *linkState) conclude(heards int) (changed bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	close(l.opinion)
	l.opinion = nil
	if l.heards != heards || l.link == Offline {
		return false
	}
	l.link, l.since = Offline, l.now()
	return true
}

// secondOpinion asks the platform for a sign of life until a signed answer
// comes, to this or to any other call, or opinionTime is over. It asks in the
// place of the call that was in doubt; whoever else is in doubt waits for it.
func (d *Desk) secondOpinion() {
	over, mine, heards := d.link.opine()
	if !mine {
		<-over
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), opinionTime)
	defer cancel()
	var last api.Answer
	pauses := growing(opinionFirst, opinionLast)
	for left := foreignTries; !d.link.heardSince(heards); {
		last = d.askAlive(ctx)
		d.note(last)
		if foreign(last) {
			left--
		}
		if left == 0 || !pause(ctx, pauses.NextBackOff()) {
			break
		}
	}
	if d.link.conclude(heards) {
		d.linkChanged(true, last)
	}
}
