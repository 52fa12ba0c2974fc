package offline_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"counterfoil/api"
	"counterfoil/api/sandbox"
	"counterfoil/offline"
	"counterfoil/offline/offlinetest"
)

// within bounds what must not wait for a clock to catch up.
func within(t testing.TB, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), d)
	t.Cleanup(cancel)
	return ctx
}

// later lets two hours go by and the desk look once more at what it closed.
func (s *shop) later(op offline.Operation) offline.Operation {
	s.TB.Helper()
	s.Clock.Forward(2 * time.Hour)
	s.Desk.Start()
	s.Desk.TryNow()
	s.Eventually("it was looked up once more", func() bool { return len(s.read(op).Evidence) > len(op.Evidence) })
	return s.read(op)
}

func TestARefusedRepeatIsNotCalledRefusedWhileTheFirstAttemptSucceeded(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.known(reel)
	op := s.lost()
	s.Faults(
		sandbox.Fault{Action: api.ActionActivateQuery, Times: 2, Do: "drop_request"},
		sandbox.Fault{Action: api.ActionLookup, Times: 3, Do: "stale_lookup"},
	)
	op = s.replayed(op)
	s.WantEffects(1)
	if op.State == offline.Refused {
		t.Fatalf("the reel is active by our first attempt, which the query knows, and reads refused: %+v", op.Evidence)
	}
}

func TestAQueryWithoutAnyAnswerIsAskedAgainBeforeAPersonIs(t *testing.T) {
	t.Parallel()
	s := openShop(t, func(s *offlinetest.Shop) { s.Settings.Rules.StatusAloneDone = false })
	s.known(reel)
	op := s.lost()
	s.Faults(sandbox.Fault{Action: api.ActionActivateQuery, Times: 1, Do: "drop_request"})
	for range 3 {
		op = s.replayed(op)
	}
	s.wantState(op, offline.Done)
}

func TestAFormAnswerProvesNothingOfAnEarlierAttempt(t *testing.T) {
	t.Parallel()
	s := openShop(t, func(s *offlinetest.Shop) { s.Settings.Rules.TraceCodes = []string{"02"} })
	s.known(reel)
	s.Faults(
		sandbox.Fault{Action: api.ActionReelActivate, Times: 1, Do: "late:1h"},
		sandbox.Fault{Action: api.ActionReelActivate, Times: 1, Do: "refuse:02"},
		sandbox.Fault{Action: api.ActionReelActivate, Do: "drop_request"},
	)
	op := s.sent(s.accept(offline.Activate, reel))
	op = s.replayed(op)
	s.Sandbox.ApplyLate()
	s.WantEffects(1)
	op = s.replayed(op)
	applied := s.Sandbox.Effects()[0].Trace
	for i, a := range op.Attempts {
		if a.NoEffect && a.Trace == applied {
			t.Fatalf("attempt %d of %d had the effect and is called without; the operation is %s (%s)", i, len(op.Attempts), op.State, op.Why)
		}
	}
}

func TestNothingIsSentAgainWhileTheQueryReportsSuccess(t *testing.T) {
	t.Parallel()
	s := openShop(t, func(s *offlinetest.Shop) {
		s.Settings.Rules.StatusForwardOnly, s.Settings.Rules.TraceCodes = false, []string{"02"}
	})
	s.known(reel)
	s.Faults(
		sandbox.Fault{Action: api.ActionReelActivate, Times: 1, Do: "refuse:02"},
		sandbox.Fault{Action: api.ActionActivateQuery, Do: "query_always_ok"},
	)
	op := s.replayed(s.sent(s.accept(offline.Activate, reel)))
	if len(op.Attempts) != 1 {
		t.Fatalf("%d attempts, although the query calls the first one a success: %s", len(op.Attempts), op.State)
	}
}

func TestWhatBecameMixedMeanwhileGoesToAPersonInsteadOfRoundInCircles(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.known(reel)
	s.Faults(sandbox.Fault{Action: api.ActionReelActivate, Times: 1, Do: "drop_request"})
	op := s.sent(s.accept(offline.Activate, reel))
	s.wantState(op, offline.Unknown)
	// Another till voids one of the reel's codes.
	a := s.NewClient().Void(context.Background(), api.VoidRequest{TraceNo: s.Now().Format("20060102") + "000009000000001", ID: reelCode})
	if !a.Success() {
		t.Fatalf("void %+v", a)
	}
	s.Desk.Start()
	var got offline.Operation
	s.Eventually("it rests", func() bool {
		got = s.read(op)
		return got.State == offline.Attention || got.Asked > 40
	})
	if got.State != offline.Attention {
		t.Fatalf("asked %d times without a pause, %d pieces of evidence, %s", got.Asked, len(got.Evidence), got.State)
	}
}

func TestARefusedVoidStaysRefusedWhereNoStatusIsKnownToLookFor(t *testing.T) {
	t.Parallel()
	s := openShop(t, func(s *offlinetest.Shop) { s.Settings.Rules.VoidLeaves = "" })
	s.wantState(s.sent(s.accept(offline.Activate, reel)), offline.Done)
	s.Faults(sandbox.Fault{Action: api.ActionReelVoid, Times: 1, Do: "refuse:V05"})
	op := s.sent(s.accept(offline.Void, reel))
	s.wantState(op, offline.Refused)
	s.wantState(s.later(op), offline.Refused)
}

func TestTheOrderNumberThatTheQueryToldIsKept(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.known(reel)
	s.Faults(sandbox.Fault{Action: api.ActionReelActivate, Times: 1, Do: "drop_answer"})
	op := s.replayed(s.sent(s.accept(offline.Activate, reel)))
	s.wantState(op, offline.Done)
	if op.OrderNo == "" {
		t.Fatal("no order number, though the query answered with one")
	}
}

func TestAnEarlierAttemptIsAskedAboutUntilTheQueryAnswers(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.known(reel)
	s.Faults(sandbox.Fault{Action: api.ActionReelActivate, Times: 1, Do: "drop_request"})
	op := s.sent(s.accept(offline.Activate, reel))
	s.Desk.Probe(context.Background())
	s.Faults(
		sandbox.Fault{Action: api.ActionActivateQuery, Times: 2, Do: "drop_request"},
		sandbox.Fault{Action: api.ActionActivateQuery, Do: "query_always_ok"},
	)
	op = s.replayed(op)
	op = s.replayed(op)
	if op.State == offline.Done && len(op.Attempts) == 2 {
		t.Fatalf("done with two attempts, and the first was never heard of: %+v", op.Evidence)
	}
}

func TestAPreStateWithoutAnyCodeSendsNothing(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.Must(s.Sandbox.Load(strings.NewReader(`{"voucherBox":[{"boxId":"X9900-0000001-00001","voucherPkg":[` +
		`{"pkgId":"B9900-0000001-00001","voucherReel":[{"reelId":"R990000Z-0000001-0001","codeDetail":[]}]}]}]}`)))
	card, err := s.Desk.Lookup(context.Background(), "R990000Z-0000001-0001", nil)
	if err != nil {
		t.Fatalf("card %+v: %v", card, err)
	}
	op := s.sent(s.accept(offline.Activate, "R990000Z-0000001-0001"))
	if len(op.Attempts) != 0 {
		t.Fatalf("sent on a look-up that held no code: %s, %+v", op.State, op.Attempts)
	}
}

func TestAbsenceIsJudgedByAQueryAskedAfterTheRequestCouldArrive(t *testing.T) {
	t.Parallel()
	s := openShop(t, proofAfter(200*time.Millisecond), func(s *offlinetest.Shop) {
		s.Settings.Rules.SettleTime = time.Millisecond
	})
	s.known(reel)
	s.Faults(sandbox.Fault{Action: api.ActionReelActivate, Times: 1, Do: "drop_request"})
	op := s.sent(s.accept(offline.Activate, reel))
	s.Faults(sandbox.Fault{Action: api.ActionLookup, Times: 1, Do: "delay:400ms"}, sandbox.Fault{Action: api.ActionReelActivate, Do: "drop_request"})
	op = s.replayed(op)
	for _, a := range op.Attempts {
		if !a.NoEffect {
			continue
		}
		after := time.Duration(-1) // the attempt, that it was last asked about
		for _, e := range op.Evidence {
			if e.Trace == a.Trace {
				after = e.At.Sub(*a.EndedAt)
			}
		}
		if after >= 0 && after < s.Settings.Rules.AbsentAfter {
			t.Fatalf("absence proven by a query %v after the attempt, absent_after is %v", after, s.Settings.Rules.AbsentAfter)
		}
	}
}

func TestALateEffectOfAnEarlierRunIsAskedAboutAndNotWaitedForForEver(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.known(reel)
	s.Faults(sandbox.Fault{Action: api.ActionReelActivate, Times: 1, Do: "late:1h"})
	op := s.sent(s.accept(offline.Activate, reel))
	s.wantState(op, offline.Unknown)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	_ = s.Desk.Replay(ctx, func(op offline.Operation) {
		if op.State == offline.Queued {
			cancel() // the program ends before the further attempt
		}
	})
	if got := s.state(op.Op); got != offline.Queued {
		t.Fatalf("it is %s", got)
	}
	s.Sandbox.ApplyLate()
	s.Reopen()
	if err := s.Desk.Replay(within(t, 30*time.Second), nil); err != nil {
		t.Errorf("the replay waits for ever: %v", err)
	}
	s.wantState(s.read(op), offline.Done)
	s.WantEffects(1)
}

func TestAStaleLookupMakesNoSecondSaleOfOneVoucher(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.known(reelCode)
	s.wantState(s.sent(s.accept(offline.Activate, reelCode)), offline.Done)
	s.Faults(sandbox.Fault{Action: api.ActionLookup, Times: 1, Do: "stale_lookup"})
	s.known(reelCode) // reads not active
	s.Faults(sandbox.Fault{Action: api.ActionActivate, Times: 1, Do: "drop_answer"})
	second := s.replayed(s.accept(offline.Activate, reelCode))
	if second.State == offline.Done {
		t.Fatalf("one voucher is sold twice: %s, evidence %+v", second.Why, second.Evidence)
	}
	s.WantEffects(1)
}
