package offline_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"counterfoil/api"
	"counterfoil/api/sandbox"
	"counterfoil/offline"
	"counterfoil/offline/offlinetest"
)

// wantOpenHere holds an error against the open operation that it must name.
func (s *shop) wantOpenHere(err error, op offline.Operation) {
	s.TB.Helper()
	var refusal *offline.Error
	if !errors.As(err, &refusal) || refusal.Kind != offline.ErrOpenHere ||
		refusal.Args["Op"] != op.Op || refusal.Args["State"] != string(op.State) || refusal.Args["Kind"] != string(op.Kind) {
		s.TB.Errorf("while %s %s is %s: %+v", op.Kind, op.ID, op.State, err)
	}
}

func TestASecondActivationIsRefusedWhileOneOnTheSameIDIsOpen(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.known(reel)
	queued := s.accept(offline.Activate, reel, waiting)
	_, err := s.tryAccept(offline.Activate, reel)
	s.wantOpenHere(err, queued)
	s.Faults(sandbox.Fault{Action: api.ActionReelActivate, Times: 1, Do: "drop_answer"})
	unknown := s.sent(queued)
	s.wantState(unknown, offline.Unknown)
	for _, more := range []func(*offline.Request){s.approved, waiting} {
		_, err = s.tryAccept(offline.Activate, reel, more)
		s.wantOpenHere(err, unknown)
	}
	void := s.accept(offline.Void, reel)
	_, err = s.tryAccept(offline.Void, reel)
	s.wantOpenHere(err, void)
	s.Reopen() // what is open is known from the disk
	_, err = s.tryAccept(offline.Activate, reel)
	s.wantOpenHere(err, s.read(unknown))
	s.Must(s.Desk.Replay(context.Background(), nil))
	s.wantState(s.read(unknown), offline.Done)
	s.wantState(s.read(void), offline.Done)
	s.WantEffects(2)
}

func TestOfActivationsOfOneIDAtTheSameInstantOneIsAccepted(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	for _, id := range s.codesOf(1, 1, 10) {
		var all sync.WaitGroup
		var accepted atomic.Int64
		gate := make(chan struct{})
		for range 8 {
			all.Go(func() {
				<-gate
				switch _, err := s.tryAccept(offline.Activate, id, waiting); offline.KindOf(err) {
				case "":
					accepted.Add(1)
				case offline.ErrOpenHere:
				default:
					t.Error(err)
				}
			})
		}
		close(gate)
		all.Wait()
		if accepted.Load() != 1 {
			t.Fatalf("%d activations of one voucher wait", accepted.Load())
		}
	}
}

func TestAVoidBehindAnActivationThatWaitsNeedsNoManager(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.known(reel)
	s.known(reelCode) // not active yet
	s.accept(offline.Activate, reel, waiting)
	void, err := s.tryAccept(offline.Void, reelCode)
	if err != nil {
		t.Fatalf("the reel will be active by then: %v", err)
	}
	s.wantState(s.sent(void), offline.Done)
	s.WantEffects(2)
}

func TestWhatCouldNotBeStoredIsNotOpen(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.known(reel)
	closed := s.Desk
	s.Stop()
	r := offline.Request{Kind: offline.Activate, ID: reel, AmountFen: 3000, Operator: s.Cashier}
	if op, err := closed.Accept(context.Background(), r); err == nil {
		t.Fatalf("accepted without a journal: %+v", op)
	}
	if st := closed.Status(); st.Waiting != 0 {
		t.Errorf("%d operations wait, and none is stored", st.Waiting)
	}
}

func TestSettledAsNoEffectWhenNothingCanArriveAnyMoreIsNotLookedUpAgain(t *testing.T) {
	t.Parallel()
	s := openShop(t, func(s *offlinetest.Shop) { s.Settings.Rules.StatusForwardOnly = false })
	s.known(reel)
	s.Faults(sandbox.Fault{Action: api.ActionReelActivate, Times: 1, Do: "drop_request"})
	op := s.sent(s.accept(offline.Activate, reel))
	s.Clock.Forward(2 * time.Hour)
	got, err := s.Desk.Settle(context.Background(), s.Manager, op.Op, offline.SettleNoEffect, "asked by telephone")
	s.Must(err)
	s.wantState(got, offline.Settled)
	if got.Why != "" || got.NextAt != nil {
		t.Errorf("it reads %q and is looked up at %v", got.Why, got.NextAt)
	}
}
