package offline_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"counterfoil/api"
	"counterfoil/api/sandbox"
	"counterfoil/offline"
	"counterfoil/offline/offlinetest"
	"counterfoil/offline/operation"
)

func TestVoidOfAWaitingActivationWithdrawsItAndSendsNothing(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.Down()
	act := s.accept(offline.Activate, reel, waiting)
	op := s.accept(offline.Void, reel, waiting)
	if op.Op != act.Op {
		t.Fatalf("the void became operation %s of its own", op.Op)
	}
	s.wantState(op, offline.Withdrawn)
	s.Up()
	s.Must(s.Desk.Replay(context.Background(), nil))
	s.WantEffects(0)
}

func TestABoxAndThenAReelInItGoOutInThatOrder(t *testing.T) {
	t.Parallel()
	s := openShop(t, func(s *offlinetest.Shop) { s.Settings.Calls.Parallel = 8 })
	id, err := s.Sandbox.Generate(2, 4, 12)
	s.Must(err)
	box := api.ID(id)
	card, err := s.Desk.Lookup(context.Background(), box, nil)
	s.Must(err)
	packages, err := s.Desk.Children(context.Background(), offline.Page{Parent: id, Limit: 10})
	s.Must(err)
	reels, err := s.Desk.Children(context.Background(), offline.Page{Parent: packages[0].ID, Limit: 10})
	s.Must(err)
	if card.Node.Codes != 12 || len(reels) == 0 {
		t.Fatalf("card %+v, reels %+v", card, reels)
	}
	s.Down()
	first := s.accept(offline.Activate, box, waiting)
	second := s.accept(offline.Void, api.ID(reels[0].ID), waiting, s.approved)
	if got, _ := s.Desk.Operation(context.Background(), second.Op); got.WaitsFor != first.Op {
		t.Fatalf("the reel's void waits for %q, want %q", got.WaitsFor, first.Op)
	}
	s.Up()
	s.Must(s.Desk.Replay(context.Background(), nil))
	effects := s.Sandbox.Effects()
	if len(effects) != 2 || effects[0].Action != api.ActionReelActivate || effects[1].Action != api.ActionReelVoid {
		t.Fatalf("effects %+v", effects)
	}
}

func TestAVoidWaitsForTheOutcomeOfAnUnknownActivation(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.known(reel)
	s.Faults(sandbox.Fault{Action: api.ActionReelActivate, Times: 1, Do: "drop_answer"})
	act := s.sent(s.accept(offline.Activate, reel))
	s.wantState(act, offline.Unknown)
	void := s.accept(offline.Void, reel)
	if got := s.sent(void); got.State != offline.Queued || len(got.Attempts) != 0 || got.WaitsFor != act.Op {
		t.Fatalf("void %+v", got)
	}
	void = s.replayed(void)
	s.wantState(void, offline.Done)
	if got := s.state(act.Op); got != offline.Done {
		t.Fatalf("the activation is %s", got)
	}
	s.WantEffects(2)
}

func TestOneStuckIDHoldsUpNothingElse(t *testing.T) {
	t.Parallel()
	s := openShop(t, func(s *offlinetest.Shop) { s.Settings.Calls.Parallel, s.Settings.Rules.StatusForwardOnly = 2, false })
	id, err := s.Sandbox.Generate(1, 1, 60)
	s.Must(err)
	_, err = s.Desk.Lookup(context.Background(), api.ID(id), nil)
	s.Must(err)
	packages, _ := s.Desk.Children(context.Background(), offline.Page{Parent: id, Limit: 1})
	reels, _ := s.Desk.Children(context.Background(), offline.Page{Parent: packages[0].ID, Limit: 1})
	codes, err := s.Desk.Children(context.Background(), offline.Page{Parent: reels[0].ID, Limit: 100})
	s.Must(err)
	s.Down()
	stuck := s.accept(offline.Activate, reel, waiting)
	var others []offline.Operation
	for _, c := range codes {
		others = append(others, s.accept(offline.Activate, api.ID(c.ID), waiting))
	}
	s.Faults(sandbox.Fault{Action: api.ActionReelActivate, Do: "drop_request"})
	s.Up()
	s.Desk.Start()
	s.Desk.TryNow()
	s.Eventually("all others are done", func() bool {
		done, err := s.Desk.Operations(context.Background(), offline.Query{States: []offline.State{offline.Done}})
		return err == nil && len(done) == len(others)
	})
	if got := s.state(stuck.Op); got != offline.Unknown && got != offline.Sending && got != offline.Queued {
		t.Fatalf("the stuck one is %s", got)
	}
}

func TestOfflineLimitsNeedAManagersApproval(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		limit string
		set   func(*offline.Limits)
		more  func(*offline.Request)
	}{
		{"operations", func(l *offline.Limits) { l.MaxOperations = 1 }, waiting},
		{"amount", func(l *offline.Limits) { l.MaxAmountFen = 5000 }, func(r *offline.Request) { r.Offline, r.AmountFen = true, 5001 }},
		{"total", func(l *offline.Limits) { l.MaxTotalFen = 5999 }, waiting},
		{"age", func(l *offline.Limits) { l.MaxAge = time.Nanosecond }, waiting},
	} {
		t.Run(c.limit, func(t *testing.T) {
			t.Parallel()
			s := openShop(t, func(s *offlinetest.Shop) { c.set(&s.Settings.Limits) })
			s.Down()
			_, _ = s.Desk.Lookup(context.Background(), reel, nil)
			s.accept(offline.Activate, reel, waiting)
			other := api.ID("R151102F-0000241-2555")
			_, err := s.tryAccept(offline.Activate, other, c.more)
			var told *offline.Error
			if !errors.As(err, &told) || told.Kind != offline.ErrOverLimit || told.Args["Limit"] != c.limit {
				t.Fatalf("over the limit %s: %v", c.limit, err)
			}
			inactiveOnly := func(r *offline.Request) { r.ApprovedFor = []offline.ErrorKind{offline.ErrNeedsManager} }
			if _, err := s.tryAccept(offline.Activate, other, c.more, s.approved, inactiveOnly); offline.KindOf(err) != offline.ErrOverLimit {
				t.Fatalf("approved for another reason: %v", err)
			}
			op := s.accept(offline.Activate, other, c.more, s.approved)
			if op.ApprovedBy != "mgr" || op.Operator != "amy" {
				t.Fatalf("operator %q, approved by %q", op.Operator, op.ApprovedBy)
			}
		})
	}
}

func TestWithdrawTakesBackOnlyWhatWasNeverWritten(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.known(reel)
	s.Faults(sandbox.Fault{Action: api.ActionReelActivate, Times: 1, Do: "drop_request"})
	op := s.sent(s.accept(offline.Activate, reel))
	if _, err := s.Desk.Withdraw(context.Background(), s.Cashier, op.Op); offline.KindOf(err) != offline.ErrCannotWithdraw {
		t.Fatalf("withdraw of an unknown one: %v", err)
	}
	s.Down()
	queued := s.accept(offline.Activate, "R151102F-0000241-2555", waiting)
	s.Must(s.Desk.AddOperator(context.Background(), s.Manager, "bob", offline.Cashier, "2222"))
	bob, err := s.Desk.SignIn(context.Background(), "bob", "2222")
	s.Must(err)
	if _, err := s.Desk.Withdraw(context.Background(), bob, queued.Op); offline.KindOf(err) != offline.ErrNeedsManager {
		t.Fatalf("another cashier's withdraw: %v", err)
	}
	got, err := s.Desk.Withdraw(context.Background(), s.Cashier, queued.Op)
	s.Must(err)
	s.wantState(got, offline.Withdrawn)
}

func TestSettlingIsAManagersEventAndEarlyNoEffectIsMarked(t *testing.T) {
	t.Parallel()
	s := openShop(t, func(s *offlinetest.Shop) { s.Settings.Rules.StatusForwardOnly = false })
	s.known(reel)
	s.Faults(sandbox.Fault{Action: api.ActionReelActivate, Times: 1, Do: "drop_request"})
	op := s.sent(s.accept(offline.Activate, reel))
	if _, err := s.Desk.Settle(context.Background(), s.Cashier, op.Op, offline.SettleDone, "x"); offline.KindOf(err) != offline.ErrNeedsManager {
		t.Fatalf("cashier settles: %v", err)
	}
	if _, err := s.Desk.Settle(context.Background(), s.Manager, op.Op, offline.SettleDone, "  "); offline.KindOf(err) != offline.ErrReasonNeeded {
		t.Fatalf("no reason: %v", err)
	}
	got, err := s.Desk.Settle(context.Background(), s.Manager, op.Op, offline.SettleNoEffect, "asked by telephone")
	s.Must(err)
	s.wantState(got, offline.Settled)
	if got.Why != operation.WhyMayTakeEffect || got.SettledBy != "mgr" || got.SettleAskedBy != "" || got.NextAt == nil {
		t.Fatalf("operation %+v", got)
	}
	_, err = s.Desk.Verify(context.Background(), nil)
	s.Must(err)
}

func TestEachDayHasItsOwnDateInTheTraceNumber(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.Down()
	op := s.accept(offline.Activate, reel, waiting)
	s.Clock.Forward(13*time.Hour + 44*time.Minute + 45*time.Second) // a quarter of a minute before midnight
	s.Up()
	op = s.replayed(op)
	s.wantState(op, offline.Queued)
	if len(op.Attempts) != 0 {
		t.Fatalf("a number was minted at midnight: %+v", op.Attempts)
	}
	if op.Why != offline.WhyMidnight {
		t.Errorf("it waits because of %q, not of midnight", op.Why)
	}
	if _, err := s.Desk.Lookup(context.Background(), "R151102F-0000241-2555", nil); offline.KindOf(err) != offline.ErrMidnight {
		t.Errorf("a look-up at midnight fails with %v", err)
	}
	s.Clock.Forward(time.Minute)
	op = s.replayed(op)
	s.wantState(op, offline.Done)
	if day := s.Now().Format("20060102"); !strings.HasPrefix(op.Attempts[0].Trace, day) {
		t.Fatalf("trace %s, want %s", op.Attempts[0].Trace, day)
	}
}

func TestAClockADayAheadStillSendsThePlatformsDate(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.SetWrong(26 * time.Hour)
	s.Desk.Probe(context.Background())
	if skew := s.Desk.Status().Skew; (skew + 26*time.Hour).Abs() > 3*time.Second {
		t.Fatalf("skew %v", skew)
	}
	op := s.sent(s.accept(offline.Activate, reel))
	s.wantState(op, offline.Done)
	if day := s.Clock.Now().Format("20060102"); !strings.HasPrefix(op.Attempts[0].Trace, day) {
		t.Fatalf("trace %s, want the platform's day %s", op.Attempts[0].Trace, day)
	}
	if op.Attempts[0].SkewMs == 0 {
		t.Fatal("the attempt does not record the skew")
	}
}

func TestACaptivePortalIsOffline(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.Faults(sandbox.Fault{Action: "*", Do: "html"})
	if _, err := s.Desk.Lookup(context.Background(), reel, nil); offline.KindOf(err) != offline.ErrNothingKnown {
		t.Fatalf("look-up: %v", err)
	}
	if link := s.Desk.Status().Link; link != offline.Offline {
		t.Fatalf("link is %s", link)
	}
	s.Faults()
	if a := s.Desk.Probe(context.Background()); a.Outcome != api.Answered {
		t.Fatalf("probe %+v", a)
	}
	if link := s.Desk.Status().Link; link != offline.Online {
		t.Fatalf("link is %s", link)
	}
}

// Hundreds of waiting operations, answers cut in every way, the counter
// reopened again and again: each effect exactly once.
func TestAStormOfFaultsLosesAndDoublesNothing(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	id, err := s.Sandbox.Generate(1, 3, 90)
	s.Must(err)
	_, err = s.Desk.Lookup(context.Background(), api.ID(id), nil)
	s.Must(err)
	var codes []string
	packages, _ := s.Desk.Children(context.Background(), offline.Page{Parent: id, Limit: 10})
	for _, p := range packages {
		reels, _ := s.Desk.Children(context.Background(), offline.Page{Parent: p.ID, Limit: 10})
		for _, r := range reels {
			list, err := s.Desk.Children(context.Background(), offline.Page{Parent: r.ID, Limit: 100})
			s.Must(err)
			for _, c := range list {
				codes = append(codes, c.ID)
			}
		}
	}
	s.Down()
	for _, c := range codes {
		s.accept(offline.Activate, api.ID(c), waiting)
	}
	storm := []sandbox.Fault{
		{Action: api.ActionActivate, Probability: 0.3, Do: "drop_answer"},
		{Action: api.ActionActivate, Probability: 0.1, Do: "drop_request"},
		{Action: api.ActionActivate, Probability: 0.05, Do: "status:503"},
		{Action: api.ActionActivate, Probability: 0.05, Do: "html"},
	}
	s.Faults(storm...)
	s.Up()
	for range 40 {
		s.Must(s.Desk.Replay(context.Background(), nil))
		st := s.Desk.Status()
		if st.Waiting+st.Unknown+st.Attention == 0 {
			break
		}
		s.Reopen()
	}
	counts := map[string]int{}
	for _, e := range s.Sandbox.Effects() {
		counts[e.ID]++
	}
	for _, c := range codes {
		if counts[c] != 1 {
			t.Errorf("%s: %d effects", api.ID(c).Masked(), counts[c])
		}
	}
	done, err := s.Desk.Operations(context.Background(), offline.Query{States: []offline.State{offline.Done}})
	s.Must(err)
	if len(done) != len(codes) {
		t.Fatalf("%d of %d done: %s", len(done), len(codes), fmt.Sprint(s.Desk.Status()))
	}
	_, err = s.Desk.Verify(context.Background(), nil)
	s.Must(err)
}

func TestAQuestionIsAskedWhileALongQueueDrains(t *testing.T) {
	t.Parallel()
	s := openShop(t, func(s *offlinetest.Shop) {
		s.Settings.Calls.Parallel, s.Settings.Rules.StatusForwardOnly = 1, false
		s.Settings.Limits = offline.Limits{}
	})
	box, err := s.Sandbox.Generate(1, 4, 400)
	s.Must(err)
	codes := s.codesIn(box)
	s.known(reel)
	s.Down()
	stuck := s.accept(offline.Activate, reel, waiting)
	for _, c := range codes {
		s.accept(offline.Activate, c, waiting)
	}
	s.Faults(sandbox.Fault{Action: api.ActionReelActivate, Times: 1, Do: "drop_answer"},
		sandbox.Fault{Action: api.ActionActivate, Do: "delay:5ms"})
	s.Up()
	s.Desk.Start()
	s.Desk.TryNow()
	s.Eventually("the unknown one is asked about", func() bool { return s.state(stuck.Op) == offline.Done })
	if left := s.Desk.Status().Waiting; left == 0 {
		t.Fatal("it was asked about only after everything else was sent")
	}
}

func TestACodeBehindItsActionsLetterIsTheOneOfTheSetting(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.known(reelCode)
	s.Faults(sandbox.Fault{Action: api.ActionActivate, Times: 1, Do: "refuse:A32"}) // "this number was used before"
	s.wantState(s.sent(s.accept(offline.Activate, reelCode)), offline.Unknown)
}

func TestWhatIsNotLookedUpOnALineInDoubtIsHeldToTheLimitsOfWhatWaits(t *testing.T) {
	t.Parallel()
	s := openShop(t, func(s *offlinetest.Shop) {
		s.Settings.Limits = offline.Limits{MaxOperations: 1, MaxAmountFen: 3000}
	})
	s.known(reel)
	s.Faults(sandbox.Fault{Do: "status:503"})
	_, err := s.Desk.Lookup(t.Context(), offlinetest.FreeCode, nil)
	s.wantLink(offline.Shaky)
	if offline.KindOf(err) != offline.ErrNothingKnown {
		t.Fatal(err)
	}
	dear := func(r *offline.Request) { r.AmountFen = 3001 }
	if _, err := s.tryAccept(offline.Activate, offlinetest.FreeCode, dear); offline.KindOf(err) != offline.ErrOverLimit {
		t.Errorf("above the amount: %v", err)
	}
	s.accept(offline.Activate, offlinetest.FreeCode)
	if _, err := s.tryAccept(offline.Activate, offlinetest.ReelCode); offline.KindOf(err) != offline.ErrOverLimit {
		t.Errorf("one more than may wait: %v", err)
	}
	s.accept(offline.Activate, reel, dear) // the platform was asked about it just now
}

func TestWhatWasLookedUpInVainIsHeldToTheLimitsOfWhatWaits(t *testing.T) {
	t.Parallel()
	s := openShop(t, func(s *offlinetest.Shop) {
		s.Settings.Limits = offline.Limits{MaxAmountFen: 3000}
		s.Settings.Rules.UnclearCodes = []string{"80"}
	})
	s.Faults(sandbox.Fault{Action: api.ActionLookup, Do: "in_process"})
	if _, err := s.Desk.Lookup(t.Context(), reel, nil); err == nil {
		t.Fatal("a platform that is busy answered")
	}
	s.wantLink(offline.Online)
	dear := func(r *offline.Request) { r.AmountFen = 3001 }
	if _, err := s.tryAccept(offline.Activate, reel, dear); offline.KindOf(err) != offline.ErrOverLimit {
		t.Errorf("above the amount: %v", err)
	}
	s.Faults()
	const nobodys = "R112102F-9999999-0000"
	if _, err := s.Desk.Lookup(t.Context(), nobodys, nil); err == nil {
		t.Fatal("the platform knows it")
	}
	s.accept(offline.Activate, nobodys, dear) // that is an answer: it is refused before it is sent, and does not wait
	s.known(reel)
	s.Clock.Forward(2 * time.Minute) // an older card is looked up again as it is sent
	s.accept(offline.Activate, reel, dear)
}
