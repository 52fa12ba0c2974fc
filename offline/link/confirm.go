package link

import (
	"context"
	"time"

	"counterfoil/api"
)

// One page of somebody else's, or one refused connection, does not make a
// working link offline. A platform that was heard before counts as offline when
// foreignTries questions more end that way, or none gets a signed answer for
// confirmTime: a captive portal is found out at once, a bad line is given its
// time.
const (
	foreignTries = 3
	confirmTime  = time.Second
)

// Pauses between these questions grow from confirmFirst to confirmLast.
const (
	confirmFirst = 5 * time.Millisecond
	confirmLast  = 300 * time.Millisecond
)

// confirmOffline asks the platform for a sign of life until a signed answer
// comes, to this or to any other call, or until the link counts as offline. It
// asks in the place of the call that was in doubt; others in doubt wait for it.
func (l *Link) confirmOffline() {
	over, mine, signed := l.beginConfirming()
	if !mine {
		<-over
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), confirmTime)
	defer cancel()
	var last api.Answer
	pauses := Growing(confirmFirst, confirmLast)
	for left := foreignTries; !l.heardSince(signed); {
		last = l.o.Alive(ctx)
		l.note(last)
		if foreign(last) {
			left--
		}
		if left == 0 || !Pause(ctx, pauses.NextBackOff()) {
			break
		}
	}
	if l.endConfirming(signed) {
		l.o.Changed(true, last)
	}
}

// beginConfirming begins the questions, or joins those that are being asked
// already; over is closed at their end. signed is the count of signed answers so far.
func (l *Link) beginConfirming() (over <-chan struct{}, mine bool, signed int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.confirming != nil {
		return l.confirming, false, 0
	}
	l.confirming = make(chan struct{})
	return l.confirming, true, l.answers.signed
}

// heardSince reports that more signed answers have come by now, to whatever call.
func (l *Link) heardSince(signed int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.answers.signed != signed
}

// endConfirming makes the link offline, unless a signed answer came meanwhile.
func (l *Link) endConfirming(signed int) (changed bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	close(l.confirming)
	l.confirming = nil
	if l.answers.signed != signed || l.state == Offline {
		return false
	}
	l.state, l.since = Offline, l.o.Now()
	return true
}
