package offline_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"counterfoil/api"
	"counterfoil/api/sandbox"
	"counterfoil/offline"
)

// within bounds what must not wait for a clock to catch up.
func within(t testing.TB, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), d)
	t.Cleanup(cancel)
	return ctx
}

func (s *shop) read(op offline.Operation) offline.Operation {
	s.t.Helper()
	got, err := s.desk.Operation(context.Background(), op.Op)
	s.must(err)
	return got
}

func (s *shop) restarted() {
	s.t.Helper()
	s.must(s.desk.Stop())
	s.reopen()
}

// later lets two hours go by and the desk look once more at what it closed.
func (s *shop) later(m *movable, op offline.Operation) offline.Operation {
	s.t.Helper()
	m.add(2 * time.Hour)
	s.desk.Start()
	s.desk.TryNow()
	s.until("it was looked up once more", func() bool { return len(s.read(op).Evidence) > len(op.Evidence) })
	return s.read(op)
}

// bothClocks moves the counter's clock and the platform's together.
func (m *movable) bothClocks(s *shop) { s.now = m.over(s.now); s.truth = s.now }

func (s *shop) known(id api.ID) offline.Card {
	s.t.Helper()
	card, err := s.desk.Lookup(context.Background(), id, nil)
	s.must(err)
	return card
}

// codesOf generates a box and returns its codes; the catalog knows the tree.
func (s *shop) codesOf(packages, reels, codes int) []api.ID {
	s.t.Helper()
	id, err := s.box.Generate(packages, reels, codes)
	s.must(err)
	s.known(api.ID(id))
	ctx := context.Background()
	var all []api.ID
	ps, err := s.desk.Children(ctx, offline.Page{Parent: id, Limit: 1000})
	s.must(err)
	for _, p := range ps {
		rs, err := s.desk.Children(ctx, offline.Page{Parent: p.ID, Limit: 1000})
		s.must(err)
		for _, r := range rs {
			cs, err := s.desk.Children(ctx, offline.Page{Parent: r.ID, Limit: 100_000})
			s.must(err)
			for _, c := range cs {
				all = append(all, api.ID(c.ID))
			}
		}
	}
	return all
}

func TestARefusedRepeatIsNotCalledRefusedWhileTheFirstAttemptSucceeded(t *testing.T) {
	s := openShop(t)
	s.known(reel)
	op := s.lost()
	s.faults(
		sandbox.Fault{Action: api.ActionActivateQuery, Times: 2, Do: "delay:400ms"},
		sandbox.Fault{Action: api.ActionLookup, Times: 3, Do: "stale_lookup"},
	)
	op = s.replayed(op)
	s.wantEffects(1)
	if op.State == offline.Refused {
		t.Fatalf("the reel is active by our first attempt, which the query knows, and reads refused: %+v", op.Evidence)
	}
}

func TestAQueryWithoutAnyAnswerIsAskedAgainBeforeAPersonIs(t *testing.T) {
	s := openShop(t, func(s *shop) { s.rules.StatusAloneDone = false })
	s.known(reel)
	op := s.lost()
	s.faults(sandbox.Fault{Action: api.ActionActivateQuery, Times: 1, Do: "delay:400ms"})
	for range 3 {
		op = s.replayed(op)
	}
	s.wantState(op, offline.Done)
}

func TestAFormAnswerProvesNothingOfAnEarlierAttempt(t *testing.T) {
	s := openShop(t, func(s *shop) { s.rules.TraceCodes = []string{"02"} })
	s.known(reel)
	s.faults(
		sandbox.Fault{Action: api.ActionReelActivate, Times: 1, Do: "late:700ms"},
		sandbox.Fault{Action: api.ActionReelActivate, Times: 1, Do: "refuse:02"},
		sandbox.Fault{Action: api.ActionReelActivate, Do: "drop_request"},
	)
	op := s.sent(s.accept(offline.Activate, reel))
	op = s.replayed(op)
	s.must(s.box.WaitLate(within(t, 5*time.Second)))
	s.wantEffects(1)
	op = s.replayed(op)
	applied := s.box.Effects()[0].Trace
	for i, a := range op.Attempts {
		if a.NoEffect && a.Trace == applied {
			t.Fatalf("attempt %d of %d had the effect and is called without; the operation is %s (%s)", i, len(op.Attempts), op.State, op.Why)
		}
	}
}

func TestNothingIsSentAgainWhileTheQueryReportsSuccess(t *testing.T) {
	s := openShop(t, func(s *shop) { s.rules.StatusForwardOnly, s.rules.TraceCodes = false, []string{"02"} })
	s.known(reel)
	s.faults(
		sandbox.Fault{Action: api.ActionReelActivate, Times: 1, Do: "refuse:02"},
		sandbox.Fault{Action: api.ActionActivateQuery, Do: "query_always_ok"},
	)
	op := s.replayed(s.sent(s.accept(offline.Activate, reel)))
	if len(op.Attempts) != 1 {
		t.Fatalf("%d attempts, although the query calls the first one a success: %s", len(op.Attempts), op.State)
	}
}

func TestWhatBecameMixedMeanwhileGoesToAPersonInsteadOfRoundInCircles(t *testing.T) {
	s := openShop(t)
	s.known(reel)
	s.faults(sandbox.Fault{Action: api.ActionReelActivate, Times: 1, Do: "drop_request"})
	op := s.sent(s.accept(offline.Activate, reel))
	s.wantState(op, offline.Unknown)
	// Another till voids one of the reel's codes.
	a := s.client.Void(context.Background(), api.VoidRequest{TraceNo: s.now().Format("20060102") + "000009000000001", ID: reelCode})
	if !a.Success() {
		t.Fatalf("void %+v", a)
	}
	s.desk.Start()
	var got offline.Operation
	s.until("it rests", func() bool {
		got = s.read(op)
		return got.State == offline.Attention || got.Asked > 40
	})
	if got.State != offline.Attention {
		t.Fatalf("asked %d times without a pause, %d pieces of evidence, %s", got.Asked, len(got.Evidence), got.State)
	}
}

func TestReplayGoesOnWhileRoundsBringAttemptsToAnEnd(t *testing.T) {
	s := openShop(t)
	s.down()
	_, _ = s.desk.Lookup(context.Background(), reel, nil)
	op := s.accept(offline.Activate, reel, waiting)
	s.faults(sandbox.Fault{Action: api.ActionReelActivate, Times: 1, Do: "drop_request"})
	s.up()
	op = s.replayed(op)
	s.wantState(op, offline.Done)
}

func TestReplayLooksAtWhatMayStillTakeEffect(t *testing.T) {
	m := &movable{}
	s := openShop(t, m.bothClocks, func(s *shop) { s.rules.StatusForwardOnly = false })
	s.known(reel)
	op := s.lost()
	_, err := s.desk.Settle(context.Background(), mgr, op.Op, offline.SettleNoEffect, "guessed")
	s.must(err)
	m.add(2 * time.Hour)
	op = s.replayed(op)
	s.wantState(op, offline.Attention)
}

func TestARefusedVoidStaysRefusedWhereNoStatusIsKnownToLookFor(t *testing.T) {
	m := &movable{}
	s := openShop(t, m.bothClocks, func(s *shop) { s.rules.VoidLeaves = "" })
	s.wantState(s.sent(s.accept(offline.Activate, reel)), offline.Done)
	s.faults(sandbox.Fault{Action: api.ActionReelVoid, Times: 1, Do: "refuse:V05"})
	op := s.sent(s.accept(offline.Void, reel))
	s.wantState(op, offline.Refused)
	s.wantState(s.later(m, op), offline.Refused)
}

func TestTheOrderNumberThatTheQueryToldIsKept(t *testing.T) {
	s := openShop(t)
	s.known(reel)
	s.faults(sandbox.Fault{Action: api.ActionReelActivate, Times: 1, Do: "drop_answer"})
	op := s.replayed(s.sent(s.accept(offline.Activate, reel)))
	s.wantState(op, offline.Done)
	if op.OrderNo == "" {
		t.Fatal("no order number, though the query answered with one")
	}
}

func TestAnEarlierAttemptIsAskedAboutUntilTheQueryAnswers(t *testing.T) {
	s := openShop(t)
	s.known(reel)
	s.faults(sandbox.Fault{Action: api.ActionReelActivate, Times: 1, Do: "drop_request"})
	op := s.sent(s.accept(offline.Activate, reel))
	s.desk.Probe(context.Background())
	s.faults(
		sandbox.Fault{Action: api.ActionActivateQuery, Times: 2, Do: "delay:400ms"},
		sandbox.Fault{Action: api.ActionActivateQuery, Do: "query_always_ok"},
	)
	op = s.replayed(op)
	op = s.replayed(op)
	if op.State == offline.Done && len(op.Attempts) == 2 {
		t.Fatalf("done with two attempts, and the first was never heard of: %+v", op.Evidence)
	}
}

func TestAPreStateWithoutAnyCodeSendsNothing(t *testing.T) {
	s := openShop(t)
	s.must(s.box.Load(strings.NewReader(`{"voucherBox":[{"boxId":"X9900-0000001-00001","voucherPkg":[` +
		`{"pkgId":"B9900-0000001-00001","voucherReel":[{"reelId":"R990000Z-0000001-0001","codeDetail":[]}]}]}]}`)))
	card, err := s.desk.Lookup(context.Background(), "R990000Z-0000001-0001", nil)
	if err != nil {
		t.Fatalf("card %+v: %v", card, err)
	}
	op := s.sent(s.accept(offline.Activate, "R990000Z-0000001-0001"))
	if len(op.Attempts) != 0 {
		t.Fatalf("sent on a look-up that held no code: %s, %+v", op.State, op.Attempts)
	}
}

func TestAbsenceIsJudgedByAQueryAskedAfterTheRequestCouldArrive(t *testing.T) {
	s := openShop(t, func(s *shop) {
		s.rules.StatusForwardOnly = false
		s.rules.ActivationAbsentCodes = []string{"R01"}
		s.rules.SettleTime = time.Millisecond
		s.rules.AbsentAfter = 200 * time.Millisecond
		s.calls.AnswerTimeout = 2 * time.Second
	})
	s.known(reel)
	s.faults(sandbox.Fault{Action: api.ActionReelActivate, Times: 1, Do: "drop_request"})
	op := s.sent(s.accept(offline.Activate, reel))
	s.faults(sandbox.Fault{Action: api.ActionLookup, Times: 1, Do: "delay:400ms"}, sandbox.Fault{Action: api.ActionReelActivate, Do: "drop_request"})
	op = s.replayed(op)
	for _, a := range op.Attempts {
		if !a.NoEffect {
			continue
		}
		for _, e := range op.Evidence {
			if e.Trace == a.Trace && e.At.Sub(*a.EndedAt) < s.rules.AbsentAfter {
				t.Fatalf("absence proven by a query %v after the attempt, absent_after is %v", e.At.Sub(*a.EndedAt), s.rules.AbsentAfter)
			}
		}
	}
}

func TestALateEffectOfAnEarlierRunIsAskedAboutAndNotWaitedForForEver(t *testing.T) {
	s := openShop(t)
	s.known(reel)
	s.faults(sandbox.Fault{Action: api.ActionReelActivate, Times: 1, Do: "late:500ms"})
	op := s.sent(s.accept(offline.Activate, reel))
	s.wantState(op, offline.Unknown)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	_ = s.desk.Replay(ctx, func(op offline.Operation) {
		if op.State == offline.Queued {
			cancel() // the program ends before the further attempt
		}
	})
	if got := s.state(op.Op); got != offline.Queued {
		t.Fatalf("it is %s", got)
	}
	s.must(s.box.WaitLate(within(t, 5*time.Second)))
	s.restarted()
	if err := s.desk.Replay(within(t, 5*time.Second), nil); err != nil {
		t.Errorf("the replay waits for ever: %v", err)
	}
	s.wantState(s.read(op), offline.Done)
	s.wantEffects(1)
}

func TestAStaleLookupMakesNoSecondSaleOfOneVoucher(t *testing.T) {
	s := openShop(t)
	s.known(reelCode)
	s.wantState(s.sent(s.accept(offline.Activate, reelCode)), offline.Done)
	s.faults(sandbox.Fault{Action: api.ActionLookup, Times: 1, Do: "stale_lookup"})
	s.known(reelCode) // reads not active
	s.faults(sandbox.Fault{Action: api.ActionActivate, Times: 1, Do: "drop_answer"})
	second := s.replayed(s.accept(offline.Activate, reelCode))
	if second.State == offline.Done {
		t.Fatalf("one voucher is sold twice: %s, evidence %+v", second.Why, second.Evidence)
	}
	s.wantEffects(1)
}
