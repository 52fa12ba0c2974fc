package send

import (
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"counterfoil/api"
	"counterfoil/offline/link"
	"counterfoil/offline/operation"
	"counterfoil/offline/platformtime"
	"counterfoil/offline/worklist"
)

// pausing is a sender that does nothing but pause, on a bubble's clock.
func pausing() *Sender {
	log := slog.New(slog.DiscardHandler)
	clock := platformtime.NewClock(platformtime.Options{Now: time.Now, Zone: time.UTC, Beside: true, Changed: func() {}, Log: log,
		SinceBoot: func() time.Duration { return 0 }})
	return New(Options{
		Changed: func() {}, Log: log, Platform: Platform{
			Clock: clock,
			Link:  link.New(link.Options{Now: time.Now, Heard: func(api.Answer) {}, Back: func() {}, Changed: func(bool, api.Answer) {}}),
		},
	})
}

// near reports a pause as long as meant, but for what spreads counters.
func near(got, want time.Duration) bool {
	return got >= want*7/10-time.Millisecond && got <= want*13/10+time.Millisecond
}

func TestPausesGrowWithEveryFruitlessLook(t *testing.T) {
	t.Parallel()
	for n, want := range []time.Duration{time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second} {
		if got := nthPause(time.Second, time.Minute, n); !near(got, want) {
			t.Errorf("after %d looks %v, want about %v", n, got, want)
		}
	}
	for _, n := range []int{9, 1000} {
		if got := nthPause(time.Second, time.Minute, n); !near(got, time.Minute) {
			t.Errorf("after %d looks %v", n, got)
		}
	}
	if got := nthPause(0, time.Minute, 0); got < 5*time.Millisecond {
		t.Errorf("without a pause: %v", got)
	}
}

func TestThePauseFollowsWhatTheLastLookBrought(t *testing.T) {
	t.Parallel()
	silent := operation.Retry{Kind: operation.RetryUnanswered, First: time.Second}
	undecided := operation.Retry{Kind: operation.RetryUndecided, First: time.Second}
	signed := api.Answer{Outcome: api.Answered}
	for name, c := range map[string]struct {
		before func(*Sender, *worklist.Item)
		retry  operation.Retry
		looks  int
		want   time.Duration
	}{
		"a range at work":                         {nil, operation.Retry{Kind: operation.RetryOrder, First: 2 * time.Second}, 1, 2 * time.Second},
		"a range at work for long":                {nil, operation.Retry{Kind: operation.RetryOrder, First: 2 * time.Second}, 20, time.Minute},
		"nobody was ever heard":                   {nil, silent, 1, time.Second},
		"grown":                                   {nil, silent, 20, retryLast},
		"others are answered: bad luck":           {func(s *Sender, _ *worklist.Item) { s.o.Link.Note(signed) }, silent, 1, luckFirst},
		"bad luck, again and again":               {func(s *Sender, _ *worklist.Item) { s.o.Link.Note(signed) }, silent, 20, luckLast},
		"others were answered a while ago":        {func(s *Sender, _ *worklist.Item) { s.o.Link.Note(signed); <-time.After(time.Minute) }, silent, 1, time.Second},
		"the trouble is our own":                  {func(s *Sender, _ *worklist.Item) { s.o.Link.Note(signed); s.Fail(errors.New("disk")) }, silent, 1, time.Second},
		"the trouble is over":                     {func(s *Sender, _ *worklist.Item) { s.o.Link.Note(signed); s.Fail(errors.New("disk")); s.Well() }, silent, 1, luckFirst},
		"answers that decide nothing":             {func(s *Sender, _ *worklist.Item) { s.o.Link.Note(signed) }, undecided, 1, time.Second},
		"decided at a time":                       {nil, operation.Retry{Kind: operation.RetryUndecided, First: time.Second, Most: 3 * time.Second}, 20, 3 * time.Second},
		"after an attempt they begin anew":        {func(_ *Sender, i *worklist.Item) { i.SetTries(9); i.Ended(time.Now()) }, silent, 1, time.Second},
		"silence and indecision count as one row": {func(_ *Sender, i *worklist.Item) { i.Tried(false) }, silent, 1, 2 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, item := pausing(), worklist.New(operation.Operation{}, nil)
				if c.before != nil {
					c.before(s, item)
				}
				var op operation.Operation
				for range c.looks {
					s.retry(item, &op, c.retry)
				}
				if got := time.Until(*op.NextAt); c.retry.Most > 0 && got != c.want || !near(got, c.want) {
					t.Errorf("looked at again in %v, want about %v", got, c.want)
				}
			})
		})
	}
}

func TestTheThirdFurtherAttemptIsTheFirstToPause(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, item := pausing(), worklist.New(operation.Operation{}, nil)
		for i, want := range []time.Duration{0, 0, time.Second, 2 * time.Second, 4 * time.Second} {
			soon := time.Now()
			op := operation.Operation{Attempts: make([]operation.Attempt, i+1), NextAt: &soon}
			s.retry(item, &op, operation.Retry{Kind: operation.RetryAttempt})
			switch {
			case want == 0 && op.NextAt != nil:
				t.Errorf("after %d attempts a pause", i+1)
			case want > 0 && (op.NextAt == nil || !near(time.Until(*op.NextAt), want)):
				t.Errorf("after %d attempts until %v, want about %v", i+1, op.NextAt, want)
			}
		}
		if n := item.Tried(false); n != 4 {
			t.Errorf("the next questions pause as after %d looks, want 4", n)
		}
	})
}

func TestAPauseThatTheRulesSetStays(t *testing.T) {
	t.Parallel()
	at := time.Now()
	op := operation.Operation{NextAt: &at}
	pausing().retry(worklist.New(op, nil), &op, operation.Retry{})
	if op.NextAt != &at {
		t.Errorf("moved to %v", op.NextAt)
	}
}
