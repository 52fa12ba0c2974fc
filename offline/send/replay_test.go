package send_test

import (
	"context"
	"errors"
	"flag"
	"os"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"counterfoil/api"
	"counterfoil/api/sandbox"
	"counterfoil/offline/operation"
	"counterfoil/offline/send"
)

func TestMain(m *testing.M) {
	_ = flag.Set("test.parallel", "16") // they wait for answers more than they work
	os.Exit(m.Run())
}

// replay sends and asks until nothing changes, and returns what it told of.
func (l *till) replay() (said []operation.Operation) {
	l.t.Helper()
	var within atomic.Bool
	l.must(l.Replay(context.Background(), func(op operation.Operation) {
		if within.Swap(true) {
			l.t.Error("told of two at once")
		}
		for range 1000 {
			l.list.Behind(op.Op, operation.Place{ID: op.ID, Level: api.Level(op.Level)}) // whoever is told may ask the worklist, also while others take from it
		}
		said = append(said, op)
		within.Store(false)
	}))
	return said
}

func TestAReplaySendsEverythingOnceAndTellsOfIt(t *testing.T) {
	t.Parallel()
	l := openTill(t)
	codes := l.codes(100)
	ops := l.wait(operation.Activate, codes...)
	ops = append(ops, l.wait(operation.Void, codes[0])...) // waits for the first
	var told []string
	for _, op := range l.replay() {
		if op.State != operation.Done {
			t.Errorf("%s is %s", op.Op, op.State)
		}
		told = append(told, op.Op)
	}
	if slices.Sort(told); !slices.Equal(told, ops) {
		t.Errorf("told of %v, want %v", told, ops)
	}
	if said := l.replay(); len(said) != 0 {
		t.Errorf("with nothing open it tells of %v", said)
	}
	if most := l.front.atOnce(); most > 4 {
		t.Errorf("%d calls at once", most)
	}
}

func TestAReplayKeepsToItsCallsAtOnceWhereEachAnswerIsAskedAbout(t *testing.T) {
	t.Parallel()
	l := openTill(t)
	codes := l.codes(40)
	l.faults(sandbox.Fault{Action: api.ActionActivate, Skip: 20, Do: "refuse:A05"}, // looked up behind each
		sandbox.Fault{Action: api.ActionActivate, Times: 20, Do: "drop_answer"})
	l.wait(operation.Activate, codes...)
	l.replay()
	if most := l.front.atOnce(); most > 4 {
		t.Errorf("%d calls at once", most)
	}
	if done, refused := l.count(operation.Done), l.count(operation.Refused); done != 20 || refused != 20 {
		t.Errorf("%d done, %d refused", done, refused)
	}
}

func TestAReplayEndsWhateverThePlatformDoes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		faults  []sandbox.Fault
		forward bool
		rounds  int // of sending or asking at most
	}{
		"it takes nothing":     {[]sandbox.Fault{{Action: api.ActionActivate, Do: "drop_request"}}, true, 10},
		"it decides nothing":   {[]sandbox.Fault{{Action: api.ActionActivate, Times: 1, Do: "drop_request"}}, false, 2},
		"it answers no query":  {[]sandbox.Fault{{Action: api.ActionActivate, Times: 1, Do: "drop_answer"}, {Action: api.ActionActivateQuery, Do: "html"}}, true, 10},
		"nobody is there":      {[]sandbox.Fault{{Do: "drop_request"}}, true, 0},
		"somebody else's page": {[]sandbox.Fault{{Do: "html"}}, true, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := openTill(t, func(o *send.Options) { o.Rules.StatusForwardOnly = c.forward })
			code := l.codes(1)[0]
			op := l.wait(operation.Activate, code)[0]
			l.faults(c.faults...)
			l.replay()
			got := l.stored(op)
			if !got.State.Open() || len(got.Attempts) > c.rounds || got.Asked > c.rounds {
				t.Errorf("%s after %d attempts and %d rounds of questions", got.State, len(got.Attempts), got.Asked)
			}
			if at, open := l.list.Standing(op); !open || at.Busy {
				t.Errorf("stands %+v", at)
			}
		})
	}
}

func TestAReplayEndsWithItsContext(t *testing.T) {
	t.Parallel()
	l := openTill(t)
	codes := l.codes(20)
	l.wait(operation.Activate, codes...)
	l.front.hold(api.ActionActivate)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- l.Replay(ctx, nil) }()
	l.until("some are on their way", func() bool { return l.front.count(api.ActionActivate) == 4 })
	cancel()
	l.front.letGo()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("ended with %v", err)
	}
	if done, queued := l.count(operation.Done), l.count(operation.Queued); done != 4 || queued != 16 {
		t.Errorf("%d done, %d queued", done, queued)
	}
}

func TestAReplayStaysWithALineThatLosesHalfOfTheAnswers(t *testing.T) {
	t.Parallel()
	l := openTill(t)
	codes := l.codes(40)
	l.wait(operation.Activate, codes...)
	l.faults(sandbox.Fault{Probability: 0.3, Do: "drop_answer"}, sandbox.Fault{Probability: 0.1, Do: "drop_request"},
		sandbox.Fault{Probability: 0.05, Do: "status:503"}, sandbox.Fault{Probability: 0.05, Do: "html"})
	l.replay()
	if done := l.count(operation.Done); done != len(codes) {
		t.Errorf("%d of %d done", done, len(codes))
	}
	l.wantEffects(codes...)
}

func TestAReplaySaysOfWhatWaitsForMidnightThatItDoes(t *testing.T) {
	t.Parallel()
	l := openTill(t)
	code := l.codes(1)[0]
	l.forward(11*time.Hour + 59*time.Minute + 45*time.Second)
	l.link.Note(api.Answer{Outcome: api.NotSent, Reason: api.ReasonUnreachable}) // a line that is not known to work
	op := l.wait(operation.Activate, code)[0]
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	_ = l.Replay(ctx, nil)
	if at, _ := l.list.Standing(op); at.Busy || at.Due || at.Operation.Why != operation.WhyMidnight {
		t.Errorf("stands %+v", at)
	}
}

func TestWhatMayTakeEffectYetIsLookedUpOnceMore(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		do   string
		want operation.State
	}{"it did": {"drop_answer", operation.Attention}, "it did not": {"drop_request", operation.Settled}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := openTill(t, func(o *send.Options) { o.Rules.StatusForwardOnly = false })
			code := l.codes(1)[0]
			op := l.wait(operation.Activate, code)[0]
			l.faults(sandbox.Fault{Action: api.ActionActivate, Times: 1, Do: c.do})
			l.Drive(op)
			item, _ := l.list.Claim(op)
			now := l.options.Clock.Now()
			settled, change := l.options.Rules.Settle(item.Operation(), operation.Settlement{
				As: operation.SettledNoEffect, By: "mgr", Reason: "guessed", At: now, Platform: now,
			})
			_, err := l.CommitOnce(item, settled, change.Event)
			l.must(err)
			l.Release(item)
			l.replay()
			if got := l.wantState(op, operation.Settled); got.NextAt == nil {
				t.Fatal("it is not to be looked up again")
			}
			l.forward(2 * time.Hour)
			l.faults(sandbox.Fault{Action: api.ActionLookup, Do: "status:503"})
			l.replay()
			if got := l.stored(op); got.NextAt == nil || len(got.Evidence) != len(settled.Evidence) {
				t.Errorf("a look-up without an answer counts: %+v", got.Evidence)
			}
			l.faults()
			l.forward(time.Hour)
			l.replay()
			if got := l.wantState(op, c.want); got.NextAt != nil {
				t.Errorf("looked up again at %v", got.NextAt)
			}
		})
	}
}

func TestDrivingSendsWhatIsWaitedForFirst(t *testing.T) {
	t.Parallel()
	l := openTill(t)
	l.show(reel)
	first := l.wait(operation.Activate, reelCode)[0]
	second := l.wait(operation.Activate, l.codes(1)[0])[0] // in nobody's way
	third := l.wait(operation.Void, reelCode)[0]
	l.Drive(third)
	l.wantState(first, operation.Done)
	l.wantState(third, operation.Done)
	if got := l.wantState(second, operation.Queued); len(got.Attempts) != 0 {
		t.Errorf("sent: %+v", got.Attempts)
	}
	l.Drive(third) // closed: nothing to do
	if n := len(l.sandbox.Effects()); n != 2 {
		t.Errorf("%d effects", n)
	}
}

func TestWhatTheOneInFrontLeavesOpenIsNotPassed(t *testing.T) {
	t.Parallel()
	l := openTill(t)
	first := l.wait(operation.Activate, reelCode)[0]
	void := l.wait(operation.Void, reelCode)[0]
	l.faults(sandbox.Fault{Action: api.ActionActivate, Times: 1, Do: "drop_request"})
	l.Drive(void)
	l.wantState(first, operation.Unknown)
	if got := l.wantState(void, operation.Queued); len(got.Attempts) != 0 {
		t.Errorf("passed it: %+v", got.Attempts)
	}
}

func TestDrivingKeepsToThePause(t *testing.T) {
	t.Parallel()
	l := openTill(t)
	code := l.codes(1)[0]
	op := l.wait(operation.Activate, code)[0]
	l.faults(sandbox.Fault{Action: api.ActionLookup, Do: "status:503"})
	l.Drive(op)
	asked := l.front.count(api.ActionLookup)
	if at, _ := l.list.Standing(op); at.Due || at.Operation.Why != operation.WhyNoLookup {
		t.Fatalf("stands %+v", at)
	}
	l.Drive(op)
	if l.front.count(api.ActionLookup) != asked {
		t.Error("asked again within its pause")
	}
}

func TestAReplayTriesWhatPausesAndTellsNothingOfWhatStaysQueued(t *testing.T) {
	t.Parallel()
	l := openTill(t)
	op := l.wait(operation.Activate, l.codes(1)[0])[0]
	l.faults(sandbox.Fault{Action: api.ActionLookup, Times: 6, Do: "status:503"}) // each is repeated at once, twice
	l.Drive(op)
	if at, _ := l.list.Standing(op); at.Due || at.Operation.Why != operation.WhyNoLookup {
		t.Fatalf("stands %+v", at)
	}
	told := l.replay() // its first round looks up in vain too
	if len(told) != 1 || told[0].State != operation.Done {
		t.Errorf("it tells of %+v", told)
	}
	l.wantState(op, operation.Done)
}

func TestAReplayThatReachesNobodyBlamesMidnightOnlyThen(t *testing.T) {
	t.Parallel()
	l := openTill(t)
	op := l.wait(operation.Activate, l.codes(1)[0])[0]
	l.faults(sandbox.Fault{Do: "html"})
	for range 3 {
		l.link.Probe(context.Background())
	}
	l.replay()
	if at, _ := l.list.Standing(op); !at.Due || at.Operation.Why != "" {
		t.Errorf("at noon it stands %+v", at)
	}
}
