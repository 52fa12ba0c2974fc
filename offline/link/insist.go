package link

import (
	"context"
	"time"

	"github.com/cenkalti/backoff/v5"

	"counterfoil/api"
)

// insistTries is how often a question is put where its answer is lost on a line
// that works otherwise, insistFirst the first pause between them. What took
// insistFor to be lost is not put again: it would hold its place for long.
const (
	insistTries = 3
	insistFirst = 10 * time.Millisecond
	insistFor   = time.Second
)

// Insist puts a question, and again where a bad line lost its answer.
func (l *Link) Insist(ctx context.Context, question func() api.Answer) api.Answer {
	began := l.o.Now()
	answer := question()
	pauses := Growing(insistFirst, time.Second)
	for range insistTries - 1 {
		if !worthRepeating(answer) || l.o.Now().Sub(began) > insistFor || !l.Flows() || !Pause(ctx, pauses.NextBackOff()) {
			break
		}
		answer = question()
	}
	return answer
}

// worthRepeating reports a question whose answer was lost quickly. What nobody
// answered in time is not among them: repeated, it would hold its place among
// the calls for long.
func worthRepeating(a api.Answer) bool {
	switch a.Reason {
	case api.ReasonUnreachable, api.ReasonDNS, api.ReasonLost, api.ReasonHTTP, api.ReasonNotJSON, api.ReasonCoding,
		api.ReasonSignature, api.ReasonOther:
		return true
	}
	return false
}

// Growing returns pauses that double from first to last, each up to three
// tenths shorter or longer, so that many counters do not come back together.
func Growing(first, last time.Duration) *backoff.ExponentialBackOff {
	b := backoff.NewExponentialBackOff()
	b.InitialInterval, b.MaxInterval, b.Multiplier, b.RandomizationFactor = first, last, 2, 0.3
	b.Reset()
	return b
}

// Pause waits; false where ctx ended first.
func Pause(ctx context.Context, wait time.Duration) bool {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
