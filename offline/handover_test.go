package offline_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"counterfoil/api"
	"counterfoil/api/sandbox"
	"counterfoil/offline"
	"counterfoil/offline/operation"
)

func TestNothingIsHandedOverWhileALaterOperationOfOursOverlaps(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	ctx := context.Background()
	op := s.sent(s.accept(offline.Activate, reel))
	s.wantState(op, offline.Done)
	if !s.Desk.HandOver(ctx, op) {
		t.Fatal("a reel just activated may not be handed over")
	}
	void := s.accept(offline.Void, reelCode, waiting, s.approved)
	if s.Desk.HandOver(ctx, op) {
		t.Fatal("handed over while a void of a code in it waits")
	}
	s.wantState(s.sent(void), offline.Done)
	if s.Desk.HandOver(ctx, op) {
		t.Fatal("handed over after a code in it was voided")
	}
	s.known("R151102F-0000241-2555")
	other := s.sent(s.accept(offline.Activate, "R151102F-0000241-2555"))
	if !s.Desk.HandOver(ctx, other) {
		t.Fatal("another reel is held back")
	}
	s.Clock.Forward(61 * time.Second)
	if s.Desk.HandOver(ctx, other) {
		t.Fatal("handed over on evidence older than a minute")
	}
	s.Clock.Forward(-time.Hour)
	if s.Desk.HandOver(ctx, other) {
		t.Fatal("handed over on evidence of a clock that was set back since")
	}
}

func TestOnlyADoneActivationIsHandedOver(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	done := s.sent(s.accept(offline.Activate, reel))
	for _, state := range operation.States() {
		for _, kind := range []offline.Kind{offline.Activate, offline.Void, offline.Range} {
			op := done
			op.State, op.Kind = state, kind
			if got, want := s.Desk.HandOver(context.Background(), op), state == offline.Done && kind == offline.Activate; got != want {
				t.Errorf("%s %s: %v", kind, state, got)
			}
		}
	}
}

func TestACodeIsHandedOverUnlessALaterOperationIsOnItOrOnWhatHoldsIt(t *testing.T) {
	t.Parallel()
	const mine, besideIt, elsewhere = 0, 1, 2 // codes of two reels; the first is sold
	for name, c := range map[string]struct {
		kind  offline.Kind
		code  int
		level api.Level // of the operation: the code's, or what holds it there
		sent  bool
		want  bool
	}{
		"a void of it that waits":        {offline.Void, mine, api.LevelCode, false, false},
		"a void of it":                   {offline.Void, mine, api.LevelCode, true, false},
		"a void of its reel that waits":  {offline.Void, mine, api.LevelReel, false, false},
		"a void of its box that waits":   {offline.Void, mine, api.LevelBox, false, false},
		"another code's sale that waits": {offline.Activate, besideIt, api.LevelCode, false, true},
		"another code's sale":            {offline.Activate, besideIt, api.LevelCode, true, true},
		"another reel's sale that waits": {offline.Activate, elsewhere, api.LevelReel, false, true},
		"another reel's sale":            {offline.Activate, elsewhere, api.LevelReel, true, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openShop(t)
			codes := s.codesOf(1, 2, 4)
			sold := s.sent(s.accept(offline.Activate, codes[mine]))
			path, err := s.Desk.Path(t.Context(), codes[c.code])
			s.Must(err)
			on := codes[c.code]
			if i := slices.IndexFunc(path, func(n offline.Node) bool { return n.Level == c.level }); i >= 0 {
				on = api.ID(path[i].ID)
			}
			later := s.accept(c.kind, on, waiting)
			if c.sent {
				s.wantState(s.sent(later), offline.Done)
			}
			if got := s.Desk.HandOver(t.Context(), sold); got != c.want {
				t.Errorf("handed over: %v", got)
			}
		})
	}
}

func TestWhatIsNotKnownToLieElsewhereHoldsAHandOverBack(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	ctx := context.Background()
	id, err := s.Sandbox.Generate(1, 1, 2)
	s.Must(err)
	box := api.ID(id)
	s.known(box)
	op := s.sent(s.accept(offline.Activate, box))
	s.wantState(op, offline.Done)
	if !s.Desk.HandOver(ctx, op) {
		t.Fatal("a box just activated may not be handed over")
	}
	stray := s.accept(offline.Activate, reelCode, waiting) // never seen: it may lie in the box
	if s.Desk.HandOver(ctx, op) {
		t.Fatal("handed over while an activation waits of what may lie in it")
	}
	s.known(reelCode) // now the tree knows: it lies in another box
	if !s.Desk.HandOver(ctx, op) {
		t.Fatal("held back by what lies in another box")
	}
	s.wantState(s.sent(stray), offline.Done)
	if !s.Desk.HandOver(ctx, op) {
		t.Fatal("held back by what was done in another box")
	}
}

func TestWhatHadNoEffectHoldsNoHandOverBack(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	ctx := context.Background()
	op := s.sent(s.accept(offline.Activate, reel))
	for _, end := range []func(offline.Operation) (offline.Operation, error){
		func(op offline.Operation) (offline.Operation, error) { return s.Desk.Withdraw(ctx, s.Cashier, op.Op) },
		func(op offline.Operation) (offline.Operation, error) {
			return s.Desk.Settle(ctx, s.Manager, op.Op, offline.SettleNoEffect, "never sent")
		},
	} {
		void := s.accept(offline.Void, reel, waiting)
		if s.Desk.HandOver(ctx, op) {
			t.Fatal("handed over while its void waits")
		}
		ended, err := end(void)
		s.Must(err)
		if !s.Desk.HandOver(ctx, op) {
			t.Fatalf("held back by a void that is %s", ended.State)
		}
	}
}

func TestAReplayNeverCallsActiveWhatItsVoidWaitsBehind(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.known(reel)
	s.Faults(sandbox.Fault{Action: api.ActionReelActivate, Times: 1, Do: "drop_answer"})
	s.wantState(s.sent(s.accept(offline.Activate, reel)), offline.Unknown)
	s.accept(offline.Void, reel, waiting)
	s.Must(s.Desk.Replay(context.Background(), func(op offline.Operation) {
		if s.Desk.HandOver(context.Background(), op) {
			t.Errorf("%s %s is told to be handed over, and its void waits", op.Kind, op.ID)
		}
	}))
	s.WantEffects(2)
}

func TestWhatWaitsBehindAnotherSendsThatOneFirst(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.known(reel)
	act := s.accept(offline.Activate, reel, waiting)
	void := s.sent(s.accept(offline.Void, reelCode, s.approved))
	if got := s.state(act.Op); got != offline.Done {
		t.Fatalf("the activation in front is %s", got)
	}
	s.wantState(void, offline.Done)
}

func TestAClosedOperationSaysSoWhenItIsToBeWithdrawn(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	op := s.sent(s.accept(offline.Activate, reel))
	if _, err := s.Desk.Withdraw(context.Background(), s.Cashier, op.Op); offline.KindOf(err) != offline.ErrClosed {
		t.Fatalf("withdraw of a done one: %v", err)
	}
	if _, err := s.Desk.Settle(context.Background(), s.Manager, op.Op, offline.SettleDone, "twice"); offline.KindOf(err) != offline.ErrClosed {
		t.Fatalf("settling a done one: %v", err)
	}
	if _, err := s.Desk.Withdraw(context.Background(), s.Cashier, "none"); offline.KindOf(err) != offline.ErrNoOperation {
		t.Errorf("withdrawing what nobody accepted: %v", err)
	}
	if _, err := s.Desk.Settle(context.Background(), s.Manager, "none", offline.SettleDone, "never"); offline.KindOf(err) != offline.ErrNoOperation {
		t.Errorf("settling what nobody accepted: %v", err)
	}
}

func TestASettlementWaitsForWhoeverWorksOnTheOperation(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	op := s.accept(offline.Activate, reel, waiting)
	release := s.Desk.Claim(op.Op)
	left, leave := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer leave()
	if _, err := s.Desk.Settle(left, s.Manager, op.Op, offline.SettleNoEffect, "asked"); offline.KindOf(err) != offline.ErrCannotSettle {
		t.Errorf("of what is worked on: %v", err)
	}
	var settling sync.WaitGroup
	settling.Go(func() {
		got, err := s.Desk.Settle(t.Context(), s.Manager, op.Op, offline.SettleNoEffect, "asked")
		if kept := s.read(op); err != nil || got.State != offline.Settled || got.Seq != kept.Seq || got.Hash != kept.Hash {
			t.Errorf("%+v, %v", got, err)
		}
	})
	release()
	settling.Wait()
}
