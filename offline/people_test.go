package offline_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"counterfoil/offline"
	"counterfoil/offline/offlinetest"
)

// acts tries every act of the desk in somebody's name on one waiting operation,
// and returns what kept each from happening.
func (s *shop) acts(who offline.Session, op offline.Operation) map[string]error {
	ctx, d := context.Background(), s.Desk
	kept := map[string]error{}
	_, kept["sell"] = d.Accept(ctx, offline.Request{Kind: offline.Activate, ID: offlinetest.FreeCode, AmountFen: 1500, Offline: true, Operator: who})
	_, kept["approve"] = d.Accept(ctx, offline.Request{Kind: offline.Activate, ID: offlinetest.FreeCode, AmountFen: 1500, Offline: true, Operator: s.Cashier, Approver: who})
	_, kept["withdraw"] = d.Withdraw(ctx, who, op.Op)
	_, kept["settle"] = d.Settle(ctx, who, op.Op, offline.SettleNoEffect, "x")
	kept["backup"] = d.Backup(ctx, who, filepath.Join(s.Folder(), "copy.db"))
	kept["add"] = d.AddOperator(ctx, who, "eve", offline.Manager, "2222")
	kept["reset"] = d.ResetPIN(ctx, who, offlinetest.CashierName, "2222")
	kept["disable"] = d.DisableOperator(ctx, who, offlinetest.CashierName)
	return kept
}

func TestAZeroOrEndedSessionMayDoNothingButRead(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	op := s.accept(offline.Activate, reel, waiting)
	s.Desk.SignOut(s.Manager)
	other := openShop(t)
	for name, who := range map[string]offline.Session{
		"nobody": {}, "ended": s.Manager, "made by hand": {Name: "mgr", Role: offline.Manager}, "of another desk": other.Manager,
	} {
		for act, err := range s.acts(who, op) {
			if act == "approve" && who == (offline.Session{}) {
				continue // nobody approves: the cashier's own act
			}
			if offline.KindOf(err) != offline.ErrSignedOut {
				t.Errorf("%s by %s: %v", act, name, err)
			}
		}
	}
	s.wantState(s.read(op), offline.Queued)
}

func TestDisablingAPersonEndsHerSessionsAtOnce(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	op := s.accept(offline.Activate, reel, waiting)
	s.Must(s.Desk.DisableOperator(context.Background(), s.Manager, offlinetest.CashierName))
	for act, err := range s.acts(s.Cashier, op) {
		if offline.KindOf(err) != offline.ErrSignedOut {
			t.Errorf("%s: %v", act, err)
		}
	}
	s.Must(s.Desk.Replay(context.Background(), nil)) // what she had accepted goes on
	s.WantEffects(1)
}

func TestAnApprovalIsOfOneFrozenRequestOnceWithinAMinute(t *testing.T) {
	t.Parallel()
	s := openShop(t, func(s *offlinetest.Shop) { s.Settings.Limits.MaxAmountFen = 5000 })
	ctx := context.Background()
	r := offline.Request{Kind: offline.Activate, ID: offlinetest.FreeCode, AmountFen: 6000, Offline: true, Operator: s.Cashier}
	refused := func(what string, r offline.Request, want offline.ErrorKind) {
		t.Helper()
		if _, err := s.Desk.Accept(ctx, r); offline.KindOf(err) != want {
			t.Errorf("%s: %v, want %s", what, err, want)
		}
	}
	s.approved(&r)
	online := r
	online.Offline = false
	s.CutOff()
	refused("not confirmed yet", online, offline.ErrNotConfirmed)
	grown := r
	grown.AmountFen = 609000
	refused("an amount that grew", grown, offline.ErrNeedsManager)
	another := r
	another.ID = reelCode
	refused("another id", another, offline.ErrNeedsManager)
	_, err := s.Desk.Accept(ctx, r)
	s.Must(err)
	another = r
	another.ID = reelCode
	refused("used twice", another, offline.ErrSignedOut)

	run := r
	run.ID, run.Offline = "R112102F-0000242-2585", false
	s.approved(&run)
	refused("not confirmed yet", run, offline.ErrNotConfirmed)
	run.ID, run.AmountFen, run.Offline = "R112102F-0000242-258", 56000, true
	refused("a digit of the id that went to the amount", run, offline.ErrNeedsManager)

	s.approved(&another)
	s.Clock.Forward(61 * time.Second)
	refused("late", another, offline.ErrNeedsManager)
	another.Approver = s.Cashier
	refused("by a cashier", another, offline.ErrNeedsManager)
	another.Operator = s.Manager
	s.approved(&another)
	refused("by the operator herself", another, offline.ErrNeedsManager)
}

func TestAnotherCashiersActivationIsWithdrawnByAVoidOnlyWithAManager(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	op := s.accept(offline.Activate, reel, waiting)
	s.Must(s.Desk.AddOperator(context.Background(), s.Manager, "bob", offline.Cashier, "2222"))
	byBob := func(r *offline.Request) { r.Operator = s.As("bob", "2222") }
	if _, err := s.tryAccept(offline.Void, reel, waiting, byBob); offline.KindOf(err) != offline.ErrNeedsManager {
		t.Fatalf("another cashier's: %v", err)
	}
	var by offline.Session
	got := s.accept(offline.Void, reel, waiting, byBob, s.approved, func(r *offline.Request) { by = r.Approver })
	if _, err := s.tryAccept(offline.Void, offlinetest.FreeCode, waiting, func(r *offline.Request) { r.Approver = by }); offline.KindOf(err) != offline.ErrSignedOut {
		t.Errorf("the approval is not used up: %v", err)
	}
	if got.Op != op.Op || got.State != offline.Withdrawn || got.Operator != "amy" || got.SettledBy != "mgr" || got.SettleAskedBy != "bob" {
		t.Fatalf("%+v", got)
	}
}
