package offline_test

import (
	"context"
	"path/filepath"
	"testing"

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
