package offline_test

import (
	"context"
	"testing"
	"time"

	"counterfoil/api"
	"counterfoil/api/sandbox"
	"counterfoil/offline"
)

func TestNothingIsHandedOverWhileALaterOperationOfOursOverlaps(t *testing.T) {
	m := &movable{}
	s := openShop(t, func(s *shop) { s.now = m.over(s.now); s.truth = s.now })
	ctx := context.Background()
	op := s.sent(s.accept(offline.Activate, reel))
	s.wantState(op, offline.Done)
	if !s.desk.HandOver(ctx, op) {
		t.Fatal("a reel just activated may not be handed over")
	}
	void := s.accept(offline.Void, reelCode, waiting, approved)
	if s.desk.HandOver(ctx, op) {
		t.Fatal("handed over while a void of a code in it waits")
	}
	s.wantState(s.sent(void), offline.Done)
	if s.desk.HandOver(ctx, op) {
		t.Fatal("handed over after a code in it was voided")
	}
	s.known("R151102F-0000241-2555")
	other := s.sent(s.accept(offline.Activate, "R151102F-0000241-2555"))
	if !s.desk.HandOver(ctx, other) {
		t.Fatal("another reel is held back")
	}
	m.add(61 * time.Second)
	if s.desk.HandOver(ctx, other) {
		t.Fatal("handed over on evidence older than a minute")
	}
	m.add(-time.Hour)
	if s.desk.HandOver(ctx, other) {
		t.Fatal("handed over on evidence of a clock that was set back since")
	}
}

func TestWhatIsNotKnownToLieElsewhereHoldsAHandOverBack(t *testing.T) {
	s := openShop(t)
	ctx := context.Background()
	id, err := s.box.Generate(1, 1, 2)
	s.must(err)
	box := api.ID(id)
	s.known(box)
	op := s.sent(s.accept(offline.Activate, box))
	s.wantState(op, offline.Done)
	if !s.desk.HandOver(ctx, op) {
		t.Fatal("a box just activated may not be handed over")
	}
	stray := s.accept(offline.Activate, reelCode, waiting) // never seen: it may lie in the box
	if s.desk.HandOver(ctx, op) {
		t.Fatal("handed over while an activation waits of what may lie in it")
	}
	s.known(reelCode) // now the tree knows: it lies in another box
	if !s.desk.HandOver(ctx, op) {
		t.Fatal("held back by what lies in another box")
	}
	s.wantState(s.sent(stray), offline.Done)
	if !s.desk.HandOver(ctx, op) {
		t.Fatal("held back by what was done in another box")
	}
}

func TestWhatHadNoEffectHoldsNoHandOverBack(t *testing.T) {
	s := openShop(t)
	ctx := context.Background()
	op := s.sent(s.accept(offline.Activate, reel))
	for _, end := range []func(offline.Operation) (offline.Operation, error){
		func(op offline.Operation) (offline.Operation, error) { return s.desk.Withdraw(ctx, amy, op.Op) },
		func(op offline.Operation) (offline.Operation, error) {
			return s.desk.Settle(ctx, mgr, op.Op, offline.SettleNoEffect, "never sent")
		},
	} {
		void := s.accept(offline.Void, reel, waiting)
		if s.desk.HandOver(ctx, op) {
			t.Fatal("handed over while its void waits")
		}
		ended, err := end(void)
		s.must(err)
		if !s.desk.HandOver(ctx, op) {
			t.Fatalf("held back by a void that is %s", ended.State)
		}
	}
}

func TestAReplayNeverCallsActiveWhatItsVoidWaitsBehind(t *testing.T) {
	s := openShop(t)
	s.known(reel)
	s.faults(sandbox.Fault{Action: api.ActionReelActivate, Times: 1, Do: "drop_answer"})
	s.wantState(s.sent(s.accept(offline.Activate, reel)), offline.Unknown)
	s.accept(offline.Void, reel, waiting)
	s.must(s.desk.Replay(context.Background(), func(op offline.Operation) {
		if s.desk.HandOver(context.Background(), op) {
			t.Errorf("%s %s is told to be handed over, and its void waits", op.Kind, op.ID)
		}
	}))
	s.wantEffects(2)
}

func TestWhatWaitsBehindAnotherSendsThatOneFirst(t *testing.T) {
	s := openShop(t)
	s.known(reel)
	act := s.accept(offline.Activate, reel, waiting)
	void := s.sent(s.accept(offline.Void, reelCode, approved))
	if got := s.state(act.Op); got != offline.Done {
		t.Fatalf("the activation in front is %s", got)
	}
	s.wantState(void, offline.Done)
}

func TestAClosedOperationSaysSoWhenItIsToBeWithdrawn(t *testing.T) {
	s := openShop(t)
	op := s.sent(s.accept(offline.Activate, reel))
	if _, err := s.desk.Withdraw(context.Background(), amy, op.Op); offline.KindOf(err) != offline.ErrClosed {
		t.Fatalf("withdraw of a done one: %v", err)
	}
	if _, err := s.desk.Settle(context.Background(), mgr, op.Op, offline.SettleDone, "twice"); offline.KindOf(err) != offline.ErrClosed {
		t.Fatalf("settling a done one: %v", err)
	}
}

func TestAReplayStaysWithAShakyLine(t *testing.T) {
	s := openShop(t)
	codes := s.codesOf(1, 2, 40)
	s.down()
	for _, c := range codes {
		s.accept(offline.Activate, c, waiting)
	}
	s.faults(
		sandbox.Fault{Probability: 0.3, Do: "drop_answer"}, sandbox.Fault{Probability: 0.1, Do: "drop_request"},
		sandbox.Fault{Probability: 0.05, Do: "status:503"}, sandbox.Fault{Probability: 0.05, Do: "html"},
	)
	s.up()
	s.must(s.desk.Replay(context.Background(), nil))
	if st := s.desk.Status(); st.Waiting+st.Unknown > 0 {
		t.Fatalf("one replay over a bad line left %+v of %d", st, len(codes))
	}
	s.faults()
	s.must(s.desk.Replay(context.Background(), nil))
	s.wantEffects(len(codes))
}
