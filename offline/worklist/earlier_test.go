package worklist_test

import (
	"testing"
	"time"

	"counterfoil/offline/operation"
	"counterfoil/offline/worklist"
)

// left is an unknown operation that an earlier run left: its attempt ended so
// long ago by the platform's clock, and the counter's clock was off by skew.
func left(ago, skew time.Duration) operation.Operation {
	ended := noon.Add(-ago - skew)
	return operation.Operation{
		Op: "op0000", ID: "1", Level: "code", State: operation.Unknown,
		Attempts: []operation.Attempt{{EndedAt: &ended, Outcome: "unanswered", SkewMs: skew.Milliseconds()}},
	}
}

func TestAnAttemptOfAnEarlierRunIsJudgedByThePlatformsClock(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		ago  time.Duration
		skew time.Duration // of the counter's clock now; the attempt's was another
		want time.Duration // since its end, as soon as the platform was heard
	}{
		"an hour ago":                        {time.Hour, 0, time.Hour},
		"an hour ago, the clock set back":    {time.Hour, 3 * time.Hour, 4 * time.Hour},
		"an hour ago, the clock set forward": {time.Hour, -30 * time.Minute, 30 * time.Minute},
		"it seems to lie ahead":              {time.Hour, -3 * time.Hour, 0},
	} {
		l := newTill(t)
		item := worklist.Found(left(c.ago, 7*time.Minute), nil, noon)
		l.Reset([]*worklist.Item{item})
		l.clock.forward(time.Second)
		if got := l.SinceEnd(item, l.clock.now); got != time.Second {
			t.Errorf("%s: before the platform was heard it ended %v ago, want since this run read of it", name, got)
		}
		if taken, in := l.TakeQuestion(nil); taken != nil || in != settleTime-time.Second {
			t.Errorf("%s: asked in %v before the platform was heard", name, in)
		}
		l.clock.skew, l.clock.measured = c.skew, l.clock.now
		want := c.want + time.Second
		if got := l.SinceEnd(item, l.clock.now); got != want {
			t.Errorf("%s: it ended %v ago, want %v", name, got, want)
		}
		if taken, _ := l.TakeQuestion(nil); (taken != nil) != (want >= settleTime) {
			t.Errorf("%s: asked about: %v", name, taken != nil)
		}
	}
}

func TestAnAttemptOfThisRunIsJudgedByTheCountersOwnTime(t *testing.T) {
	t.Parallel()
	l := newTill(t)
	item := worklist.Found(left(time.Hour, 0), nil, noon)
	l.Reset([]*worklist.Item{item})
	l.clock.skew, l.clock.measured = 5*time.Hour, noon
	l.clock.forward(time.Minute)
	item.Ended(l.clock.now)
	l.clock.forward(time.Second)
	if got := l.SinceEnd(item, l.clock.now); got != time.Second {
		t.Errorf("it ended %v ago", got)
	}
}

func TestWhatWasNeverSentEndedJustNow(t *testing.T) {
	t.Parallel()
	l := newTill(t)
	op := l.code("1")
	l.clock.forward(time.Hour)
	item := l.claim(op)
	if got := l.SinceEnd(item, l.clock.now); got != 0 {
		t.Errorf("it ended %v ago", got)
	}
	ended := noon.Add(-time.Hour)
	accepted := operation.Operation{Op: "op", AcceptedAt: ended, State: operation.Queued}
	found := worklist.Found(accepted, nil, noon)
	l.clock.measured = noon
	l.Reset([]*worklist.Item{found})
	if got := l.SinceEnd(found, noon); got != time.Hour {
		t.Errorf("of an earlier run and never sent: %v", got)
	}
}
