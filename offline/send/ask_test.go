package send_test

import (
	"testing"
	"time"

	"counterfoil/api"
	"counterfoil/api/sandbox"
	"counterfoil/offline/operation"
	"counterfoil/offline/send"
)

// proof has a further attempt wait for the proof that the earlier one had no effect.
func proof(o *send.Options) {
	o.Rules.StatusForwardOnly, o.Rules.ActivationAbsentCodes = false, []string{"R01"}
}

func TestAnAttemptProvenWithoutEffectIsMadeOnceMore(t *testing.T) {
	t.Parallel()
	l := openTill(t, proof)
	code := l.codes(1)[0]
	op := l.lost(operation.Activate, code, "drop_request")
	l.replay()
	l.wantState(op, operation.Unknown)
	l.forward(l.options.Rules.AbsentAfter + time.Second)
	l.replay()
	got := l.wantState(op, operation.Done)
	if len(got.Attempts) != 2 || !got.Attempts[0].NoEffect {
		t.Errorf("attempts %+v", got.Attempts)
	}
	l.wantEffects(code)
}

func TestWhatAskingFindsDoneIsClosedThen(t *testing.T) {
	t.Parallel()
	l := openTill(t)
	op := l.lost(operation.Activate, l.codes(1)[0], "drop_answer")
	l.forward(time.Hour)
	before := l.options.Clock.Now()
	l.replay()
	got := l.wantState(op, operation.Done)
	if got.FinishedAt.Before(before) || got.FinishedAt.After(l.options.Clock.Now()) || got.OrderNo == "" {
		t.Errorf("finished at %v with order number %q", got.FinishedAt, got.OrderNo)
	}
	if len(got.Evidence) != 2 || got.Evidence[0].Asked != operation.AskedQuery || got.Evidence[1].Asked != operation.AskedLookup {
		t.Errorf("asked %+v", got.Evidence)
	}
}

func TestAStatusThatAnEarlierOperationBroughtDoesNotMakeALaterOneDone(t *testing.T) {
	t.Parallel()
	l := openTill(t)
	code := l.codes(1)[0]
	l.Drive(l.wait(operation.Activate, code)[0])
	op := l.wait(operation.Activate, code)[0]
	l.faults(sandbox.Fault{Action: api.ActionActivate, Times: 1, Do: "drop_request"},
		sandbox.Fault{Action: api.ActionLookup, Times: 1, Do: "stale_lookup"})
	l.Drive(op)
	l.wantState(op, operation.Unknown)
	l.replay()
	if got := l.wantState(op, operation.Attention); got.Why != operation.WhyAlreadyThere || len(got.Attempts) != 1 {
		t.Errorf("it is %s with %+v", got.Why, got.Attempts)
	}
}

func TestNothingIsAskedCloseToMidnight(t *testing.T) {
	t.Parallel()
	l := openTill(t)
	op := l.lost(operation.Activate, l.codes(1)[0], "drop_answer")
	l.forward(11*time.Hour + 59*time.Minute + 45*time.Second)
	l.run()
	l.Wake()
	l.until("it waits for the new day", func() bool {
		at, _ := l.list.Standing(op)
		return !at.Busy && at.Operation.NextAt != nil && at.Operation.NextAt.Sub(l.options.Clock.Now()) > 30*time.Second
	})
	if got := l.wantState(op, operation.Unknown); got.Asked != 0 || l.front.count(api.ActionActivateQuery) != 0 {
		t.Errorf("asked %d times, in %d queries", got.Asked, l.front.count(api.ActionActivateQuery))
	}
	l.forward(50 * time.Second)
	l.Wake()
	l.until("it is done", func() bool { return l.count(operation.Done) == 1 })
}
