package send_test

import (
	"context"
	"testing"
	"time"

	"counterfoil/api"
	"counterfoil/api/sandbox"
	"counterfoil/offline/operation"
	"counterfoil/offline/send"
)

func TestWhatIsDoneIsInTheCatalog(t *testing.T) {
	t.Parallel()
	l := openTill(t)
	codes := l.codes(2)
	l.faults(sandbox.Fault{Action: api.ActionActivate, Times: 1, Do: "drop_answer"}) // one is done by asking
	l.wait(operation.Activate, codes...)
	l.replay()
	l.lookups.Flush()
	for _, id := range codes {
		if n, _, err := l.catalog.Get(context.Background(), id); err != nil || n.Status != api.StatusActive {
			t.Errorf("the catalog holds %+v, %v", n, err)
		}
		if _, fresh := l.lookups.Fresh(id); fresh {
			t.Errorf("%s: a look-up from before the attempt counts as fresh", id)
		}
	}
}

func TestAnAttemptTellsTheLinkWhatItMet(t *testing.T) {
	t.Parallel()
	l := openTill(t)
	code := l.codes(1)[0]
	l.show(code)
	before := l.link.Missed()
	l.faults(sandbox.Fault{Action: api.ActionActivate, Do: "status:503"})
	l.Drive(l.wait(operation.Activate, code)[0])
	if l.link.Missed() == before {
		t.Error("an attempt without an answer left the link as it was")
	}
	if seen, fresh := l.lookups.Fresh(code); fresh {
		t.Errorf("what was seen before the attempt still counts: %v", seen.Counts)
	}
}

func TestWhatMayHaveHadEffectIsNotRefusedBecauseItsIDIsGone(t *testing.T) {
	t.Parallel()
	l := openTill(t)
	code := l.codes(1)[0]
	op := l.wait(operation.Activate, code)[0]
	l.faults(sandbox.Fault{Action: api.ActionActivate, Times: 1, Do: "drop_request"},
		sandbox.Fault{Action: api.ActionLookup, Skip: 2, Do: "refuse:H05"}) // before the attempt and behind it
	l.replay()
	got := l.stored(op)
	if len(got.Attempts) != 1 || !got.State.Open() {
		t.Errorf("it is %s (%s) with %d attempts, of which the first may arrive yet", got.State, got.Why, len(got.Attempts))
	}
	l.faults(sandbox.Fault{Action: api.ActionLookup, Do: "refuse:H05"})
	other := l.wait(operation.Activate, reelCode)[0]
	l.Drive(other)
	if got := l.wantState(other, operation.Refused); got.Why != operation.WhyUnknownID {
		t.Errorf("refused because of %q", got.Why)
	}
}

func TestAQuestionThatIsCutOffProvesNothing(t *testing.T) {
	t.Parallel()
	l := openTill(t)
	code := l.codes(1)[0]
	op := l.wait(operation.Activate, code)[0]
	l.faults(sandbox.Fault{Action: api.ActionActivate, Times: 1, Do: "drop_answer"})
	l.front.hold(api.ActionActivateQuery)
	l.run()
	l.until("it is asked about", func() bool { return l.front.count(api.ActionActivateQuery) > 0 })
	l.stop(0)
	got := l.wantState(op, operation.Unknown)
	if at, open := l.list.Standing(op); !open || at.Busy || got.Asked != 0 || len(got.Evidence) != 0 || at.Operation.Asked != 0 {
		t.Errorf("stands %+v", at)
	}
}

func TestQuestionsLeaveAPlaceForWhatIsSold(t *testing.T) {
	t.Parallel()
	l := openTill(t, parallel(3, true))
	codes := l.codes(8)
	l.faults(sandbox.Fault{Action: api.ActionActivate, Times: 6, Do: "drop_answer"})
	for _, op := range l.wait(operation.Activate, codes[:6]...) {
		l.Drive(op)
		l.wantState(op, operation.Unknown)
	}
	l.front.hold(api.ActionActivateQuery)
	l.run()
	l.until("they are asked about", func() bool { return l.front.count(api.ActionActivateQuery) == 2 })
	l.wait(operation.Activate, codes[6:]...)
	l.until("others go out meanwhile", func() bool { return l.count(operation.Done) == 2 })
	if asked := l.front.count(api.ActionActivateQuery); asked != 2 {
		t.Errorf("%d questions at once with three calls", asked)
	}
	l.front.letGo()
	l.until("all are done", func() bool { return l.count(operation.Done) == len(codes) })
	l.wantEffects(codes...)
}

func TestWhatIsSoldWaitsBehindWhatOverlapsIt(t *testing.T) {
	t.Parallel()
	l := openTill(t)
	l.show(reel, reelCode)
	first := l.wait(operation.Activate, reel)[0]
	second := l.sells(operation.Activate, reelCode)
	l.Finish(time.Minute)
	if at, open := l.list.Standing(second); !open || at.Busy || at.WaitsFor != first || len(at.Operation.Attempts) != 0 {
		t.Errorf("stands %+v", at)
	}
	l.wantEffects()
}

func TestWhatIsSoldStandsAsSendingWhileNobodyAnswers(t *testing.T) {
	t.Parallel()
	l := openTill(t)
	l.show(reel)
	l.front.hold(api.ActionReelActivate)
	op := l.sells(operation.Activate, reel)
	if at, _ := l.list.Standing(op); at.Operation.State != operation.Sending || len(at.Operation.Attempts) != 1 {
		t.Errorf("nobody may withdraw it any more, and it stands %+v", at)
	}
	l.front.letGo()
	l.Finish(time.Minute)
	l.wantState(op, operation.Done)
}

func TestWhatIsUnknownIsNotSentAgainBecauseSomebodyWaitsForIt(t *testing.T) {
	t.Parallel()
	l := openTill(t)
	l.show(reel)
	l.faults(sandbox.Fault{Action: api.ActionReelActivate, Do: "status:503"})
	op := l.sells(operation.Activate, reel)
	l.until("nobody knows what became of it", func() bool { at, _ := l.list.Standing(op); return !at.Busy && at.Operation.State == operation.Unknown })
	l.forward(time.Hour)
	l.Drive(op)
	if n := l.front.count(api.ActionReelActivate); n != 1 {
		t.Errorf("it went out %d times", n)
	}
	l.Finish(time.Minute)
}

func TestWhatSomebodyWaitsForIsTriedThoughTheLinkIsOffline(t *testing.T) {
	t.Parallel()
	l := openTill(t)
	op := l.wait(operation.Activate, l.codes(1)[0])[0]
	for range 3 {
		l.link.Note(api.Answer{Outcome: api.NotSent, Reason: api.ReasonUnreachable})
	}
	l.Drive(op)
	l.wantState(op, operation.Done)
}

func TestAnOperationOfAKindThatIsNotKnownIsNotSent(t *testing.T) {
	t.Parallel()
	l := openTill(t)
	code := l.codes(1)[0]
	l.Drive(l.wait(operation.Activate, code)[0])
	op := l.wait("later", code)[0]
	l.Drive(op)
	if got := l.wantState(op, operation.Queued); got.EverWritten() {
		t.Errorf("sent as %+v", got.Attempts)
	}
	l.wantEffects(code)
}

func TestNothingIsSoldIntoALinkThatIsOffline(t *testing.T) {
	t.Parallel()
	l := openTill(t)
	l.show(reel)
	for range 3 { // somebody else answers, and the confirmation finds no other
		l.faults(sandbox.Fault{Do: "html"})
		l.link.Probe(context.Background())
	}
	op := l.sells(operation.Activate, reel)
	l.Finish(time.Minute)
	if at, open := l.list.Standing(op); !open || at.Busy || len(at.Operation.Attempts) != 0 {
		t.Errorf("stands %+v", at)
	}
	if l.front.count(api.ActionReelActivate) != 0 {
		t.Error("it went out")
	}
}

func TestOnlyWhatIsDoneIsConfirmedInTheCatalog(t *testing.T) {
	t.Parallel()
	l := openTill(t, func(o *send.Options) { o.Rules.VoidLeaves = "" })
	status := func(id api.ID) string {
		t.Helper()
		l.lookups.Flush()
		n, _, err := l.catalog.Get(context.Background(), id)
		l.must(err)
		return n.Status
	}
	code := l.codes(1)[0]
	l.lost(operation.Activate, code, "drop_request")
	if got := status(code); got != api.StatusInactive {
		t.Errorf("nobody knows what became of it, and the catalog has %s", got)
	}
	l.faults()
	l.replay()
	if got := status(code); got != api.StatusActive {
		t.Errorf("it is done, and the catalog has %s", got)
	}
	l.wait(operation.Void, code)
	l.replay() // it is done, and what a void leaves is not known
	if got := status(code); got != api.StatusActive || l.count(operation.Done) != 2 {
		t.Errorf("the catalog has %q", got)
	}
}

func TestTriesThatReachNobodyPauseLongerAndLonger(t *testing.T) {
	t.Parallel()
	l := openTill(t, func(o *send.Options) {
		nobody, err := api.New(api.Settings{POSPURL: "http://127.0.0.1:1", PaaSURL: "http://127.0.0.1:1", AnswerTimeout: time.Second, MACKey: sandbox.DefaultMACKey})
		if err != nil {
			t.Fatal(err)
		}
		o.Client = nobody
	})
	op := l.wait(operation.Activate, l.codes(1)[0])[0]
	var pauses []time.Duration
	for range 6 {
		l.Drive(op)
		at, _ := l.list.Standing(op)
		if at.Operation.State != operation.Queued || at.Due {
			t.Fatalf("stands %+v", at)
		}
		pauses = append(pauses, at.Operation.NextAt.Sub(l.options.Clock.Now()))
		l.forward(10 * time.Minute)
	}
	if pauses[5] < 4*pauses[0] {
		t.Errorf("pauses %v", pauses)
	}
}

func TestARoundThatNobodyAnsweredIsStoredOnceAndPausesAllTheSame(t *testing.T) {
	t.Parallel()
	l := openTill(t)
	op := l.lost(operation.Activate, l.codes(1)[0], "drop_request")
	l.faults(sandbox.Fault{Do: "status:503"})
	l.run()
	asked := func() operation.Operation { at, _ := l.list.Standing(op); return at.Operation }
	for round := range 3 {
		l.until("it is asked about", func() bool {
			if asked().Asked > round {
				return true
			}
			l.link.Note(api.Answer{Outcome: api.Answered}) // to another call
			l.list.DropPauses(false)
			l.Wake()
			return false
		})
	}
	l.stop(time.Minute)
	if at := asked(); at.NextAt == nil || l.Fault() != nil {
		t.Errorf("no pause in %+v; the trouble is %v", at, l.Fault())
	}
	if got := l.stored(op); got.Asked != 1 || len(got.Evidence) != 2 {
		t.Errorf("%d rounds are stored, with %+v", got.Asked, got.Evidence)
	}
}
