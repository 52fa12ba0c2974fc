package offline_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"counterfoil/api"
	"counterfoil/api/sandbox"
	"counterfoil/offline"
	"counterfoil/offline/offlinetest"
	"counterfoil/offline/operation"
)

func TestActivatingAReelIsDoneOnceAndJournaled(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	card, err := s.Desk.Lookup(context.Background(), reel, nil)
	s.Must(err)
	if card.Node.Counts["03"] != 2 || !card.Fresh || !card.AmountOK || card.AmountFen != 3000 {
		t.Fatalf("card %+v", card)
	}
	op := s.sent(s.accept(offline.Activate, reel))
	s.wantState(op, offline.Done)
	s.WantEffects(1)
	if len(op.Attempts) != 1 || len(op.Attempts[0].Trace) != 23 || op.Attempts[0].Code != "A00" || op.OrderNo == "" || op.FinishedAt == nil {
		t.Fatalf("operation %+v", op)
	}
	if day := s.Now().Format("20060102"); !strings.HasPrefix(op.Attempts[0].Trace, day+"000001") {
		t.Fatalf("trace %s does not begin with %s and the counter's number", op.Attempts[0].Trace, day)
	}
	void := s.sent(s.accept(offline.Void, reel))
	s.wantState(void, offline.Done)
	s.WantEffects(2)
	if _, err := s.Desk.Verify(context.Background(), nil); err != nil {
		t.Fatal(err)
	}
}

func TestSecondActivationOfWhatThisCounterActivatedIsRefusedHere(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.wantState(s.sent(s.accept(offline.Activate, reel)), offline.Done)
	_, err := s.tryAccept(offline.Activate, reel)
	if offline.KindOf(err) != offline.ErrAlreadyActive {
		t.Fatalf("second activation: %v", err)
	}
	// A code of the reel is known to be active too.
	_, err = s.tryAccept(offline.Activate, reelCode)
	if offline.KindOf(err) != offline.ErrAlreadyActive {
		t.Fatalf("activation of a code in it: %v", err)
	}
	s.WantEffects(1)
}

func TestWhatIsActiveAlreadyNeedsAManagerAndIsNotSent(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.wantState(s.sent(s.accept(offline.Activate, reelCode)), offline.Done)
	// Another counter: it knows nothing of the first one's work.
	s.Must(s.Desk.Stop())
	s.Settings.Data = s.Folder()
	s.Reopen()
	op := s.sent(s.accept(offline.Activate, reelCode))
	s.wantState(op, offline.Attention)
	if op.Why != operation.WhyAlreadyThere || len(op.Attempts) != 0 {
		t.Fatalf("operation %+v", op)
	}
	mixed := s.sent(s.accept(offline.Activate, reel))
	s.wantState(mixed, offline.Attention)
	if mixed.Why != operation.WhyMixed {
		t.Fatalf("why %q", mixed.Why)
	}
	s.WantEffects(1)
}

func TestUnknownIDIsRefusedWithThePlatformsWords(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	op := s.sent(s.accept(offline.Activate, "R999999Z-0000001-0001"))
	s.wantState(op, offline.Refused)
	if len(op.Evidence) == 0 || op.Evidence[0].Code == "" || op.Evidence[0].Message == "" {
		t.Fatalf("evidence %+v", op.Evidence)
	}
	s.WantEffects(0)
}

func TestRefusalIsFinalAndLookedUpOnce(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.Faults(sandbox.Fault{Action: api.ActionReelActivate, Do: "refuse:A05"})
	op := s.sent(s.accept(offline.Activate, reel))
	s.wantState(op, offline.Refused)
	if op.Attempts[0].Code != "A05" || len(op.Evidence) != 1 || op.Evidence[0].Asked != "lookup" {
		t.Fatalf("operation %+v", op)
	}
	s.WantEffects(0)
}

// Every way an answer can be lost: the operation is unknown first, and what
// was asked afterwards finds the truth, with one effect in the end.
func TestLostAnswersAreFoundOutByAsking(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		do      string
		first   offline.State
		effects int // after the first attempt
	}{
		{"drop_answer", offline.Unknown, 1},
		{"drop_request", offline.Unknown, 0},
		{"status:503", offline.Unknown, 0},
		{"html", offline.Unknown, 0},
		{"garbage", offline.Unknown, 0},
		{"bad_sign", offline.Unknown, 1},
		{"other_answer", offline.Unknown, 1},
		{"slow_drip", offline.Unknown, 1},
		{late, offline.Unknown, 1},
		{"in_process", offline.Refused, 1},
	} {
		t.Run(c.do, func(t *testing.T) {
			t.Parallel()
			s := openShop(t, func(s *offlinetest.Shop) {
				if c.do == late || c.do == "slow_drip" {
					impatient(s)
				}
				if c.do == "in_process" {
					s.Settings.Rules.UnclearCodes = []string{"A80"}
				}
			})
			s.known(reel)
			s.Faults(sandbox.Fault{Action: api.ActionReelActivate, Times: 1, Do: c.do})
			op := s.sent(s.accept(offline.Activate, reel))
			if c.do == "in_process" {
				c.first = offline.Unknown
			}
			s.wantState(op, c.first)
			op = s.replayed(op)
			s.wantState(op, offline.Done)
			s.WantEffects(1)
			if len(op.Evidence) == 0 {
				t.Fatal("no evidence kept")
			}
			if _, err := s.Desk.Verify(context.Background(), nil); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestStaleLookupIsAskedAgainAndNotBelieved(t *testing.T) {
	t.Parallel()
	s := openShop(t, proofAfter(time.Hour))
	s.known(reel)
	s.Faults(
		sandbox.Fault{Action: api.ActionReelActivate, Times: 1, Do: "drop_answer"},
		sandbox.Fault{Action: api.ActionLookup, Times: 1, Do: "stale_lookup"},
	)
	op := s.replayed(s.sent(s.accept(offline.Activate, reel)))
	s.wantState(op, offline.Unknown)
	op = s.replayed(op)
	s.wantState(op, offline.Done)
	s.WantEffects(1)
}

func TestWithoutProofNothingIsSentTwice(t *testing.T) {
	t.Parallel()
	s := openShop(t, proofAfter(10*time.Minute))
	s.known(reel)
	s.Faults(sandbox.Fault{Action: api.ActionReelActivate, Times: 1, Do: "drop_request"})
	op := s.replayed(s.sent(s.accept(offline.Activate, reel)))
	s.wantState(op, offline.Unknown)
	if len(op.Attempts) != 1 {
		t.Fatalf("%d attempts before the first could not arrive any more", len(op.Attempts))
	}
	s.Clock.Forward(11 * time.Minute)
	op = s.replayed(op)
	s.wantState(op, offline.Done)
	if len(op.Attempts) != 2 || !op.Attempts[0].NoEffect {
		t.Fatalf("attempts %+v", op.Attempts)
	}
	s.WantEffects(1)
}

func TestVoidWithoutAnswerGoesToAManagerWhereNothingCanTell(t *testing.T) {
	t.Parallel()
	s := openShop(t, func(s *offlinetest.Shop) { s.Settings.Rules.VoidLeaves = "" })
	s.wantState(s.sent(s.accept(offline.Activate, reel)), offline.Done)
	s.Faults(sandbox.Fault{Action: api.ActionReelVoid, Times: 1, Do: "drop_answer"})
	op := s.replayed(s.sent(s.accept(offline.Void, reel)))
	s.wantState(op, offline.Attention)
	if op.Why != operation.WhyVoidUnclear {
		t.Fatalf("why %q", op.Why)
	}
}

func TestVoidOfWhatWasNeverActiveNeedsAManager(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.known(reel)
	if _, err := s.tryAccept(offline.Void, reel); offline.KindOf(err) != offline.ErrNeedsManager {
		t.Fatalf("cashier's void: %v", err)
	}
	limitOnly := func(r *offline.Request) { r.ApprovedFor = []offline.ErrorKind{offline.ErrOverLimit} }
	if _, err := s.tryAccept(offline.Void, reel, s.approved, limitOnly); offline.KindOf(err) != offline.ErrNeedsManager {
		t.Fatalf("a void approved for being over a limit: %v", err)
	}
	op := s.sent(s.accept(offline.Void, reel, s.approved))
	s.wantState(op, offline.Done)
	if op.ApprovedBy != "mgr" || op.Operator != "amy" {
		t.Fatalf("operator %q, approved by %q", op.Operator, op.ApprovedBy)
	}
}

func TestWhatWasInFlightAtTheEndIsUnknownAtTheNextStart(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.known(reel)
	s.Faults(sandbox.Fault{Action: api.ActionReelActivate, Times: 1, Do: "delay:30s"})
	s.Settings.Calls.AnswerTimeout = time.Minute
	s.Reopen()
	s.known(reel)
	s.Desk.Start()
	op := s.accept(offline.Activate, reel)
	s.Eventually("the attempt is on its way", func() bool { return s.state(op.Op) == offline.Sending })
	s.Must(s.Desk.Stop())
	s.Desk = nil
	s.Reopen()
	if got := s.state(op.Op); got != offline.Unknown {
		t.Fatalf("after the restart it is %s", got)
	}
}

func TestStoppingTwiceIsHarmless(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.Desk.Start()
	var all sync.WaitGroup
	for range 3 {
		all.Go(func() {
			if err := s.Desk.Stop(); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	s.Reopen() // the first one freed the folder
}

func TestAnUnreachablePlatformQueuesAndDrainsWhenItReturns(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.Down()
	if _, err := s.Desk.Lookup(context.Background(), reel, nil); offline.KindOf(err) != offline.ErrNothingKnown {
		t.Fatalf("look-up: %v", err)
	}
	if _, err := s.tryAccept(offline.Activate, reel); offline.KindOf(err) != offline.ErrNotConfirmed {
		t.Fatalf("accepted without confirmation: %v", err)
	}
	op := s.accept(offline.Activate, reel, waiting)
	if got := s.sent(op); got.State != offline.Queued || !got.Offline {
		t.Fatalf("operation %+v", got)
	}
	s.Desk.Start()
	s.Up()
	s.Desk.TryNow()
	s.Eventually("the queue drains", func() bool { return s.state(op.Op) == offline.Done })
	s.WantEffects(1)
	if st := s.Desk.Status(); st.Link != offline.Online || st.Waiting != 0 {
		t.Fatalf("status %+v", st)
	}
}
