package offline_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"counterfoil/offline"
	"counterfoil/offline/offlinetest"
	"counterfoil/offline/operators"
)

// approver is a fresh manager's session.
func (s *shop) approver() offline.Session {
	s.TB.Helper()
	return s.As(offlinetest.ManagerName, offlinetest.ManagerPIN)
}

func TestAnApprovalOfASettlementIsOfExactlyThat(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	ctx := context.Background()
	op, other := s.accept(offline.Activate, reel, waiting), s.accept(offline.Activate, offlinetest.FreeCode, waiting)
	by := s.Cashier.With(s.approver())
	refused := func(what string, err error) {
		t.Helper()
		if offline.KindOf(err) != offline.ErrNeedsManager {
			t.Errorf("%s: %v", what, err)
		}
	}
	settle := func(by offline.Session, id, as, reason string) error {
		_, err := s.Desk.Settle(ctx, by, id, as, reason)
		return err
	}
	s.Must(settle(by, op.Op, offline.SettleNoEffect, "asked"))
	if got := s.read(op); got.SettledBy != "mgr" || got.SettleAskedBy != "amy" || got.Operator != "amy" {
		t.Errorf("%+v", got)
	}
	refused("used twice", settle(by, other.Op, offline.SettleNoEffect, "asked"))

	by = s.Cashier.With(s.approver())
	refused("made for nothing that exists", s.Desk.Backup(ctx, s.Cashier, "x"))
	_, err := s.Desk.Settle(ctx, by, other.Op, "nothing", "asked") // a request of its own
	if offline.KindOf(err) != offline.ErrCannotSettle {
		t.Error(err)
	}
	refused("another outcome", settle(by, other.Op, offline.SettleNoEffect, "asked"))
	by = s.Cashier.With(s.approver())
	s.Clock.Forward(61 * time.Second)
	refused("late", settle(by, other.Op, offline.SettleDone, "asked"))
	refused("a cashier's own", settle(s.Cashier.With(s.Cashier), other.Op, offline.SettleDone, "asked"))
	if err := settle(offline.Session{}.With(s.approver()), other.Op, offline.SettleDone, "asked"); offline.KindOf(err) != offline.ErrSignedOut {
		t.Errorf("nobody's: %v", err)
	}
	s.wantState(s.read(other), offline.Queued)

	file := filepath.Join(t.TempDir(), "copy.db")
	s.Must(s.Desk.Backup(ctx, s.Cashier.With(s.approver()), file))
	s.Must(s.Desk.AddOperator(ctx, s.Cashier.With(s.approver()), "bob", offline.Cashier, "2222"))
	bob := s.As("bob", "2222")
	_, err = s.Desk.Withdraw(ctx, bob.With(s.approver()), other.Op)
	s.Must(err)
	got := s.read(other)
	s.wantState(got, offline.Withdrawn)
	if got.SettledBy != "mgr" || got.SettleAskedBy != "bob" || got.Operator != "amy" {
		t.Errorf("%+v", got)
	}
}

func TestAVoidThatComesTooLateToWithdrawKeepsItsApproval(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	op := s.accept(offline.Activate, reel, waiting)
	s.Must(s.Desk.AddOperator(context.Background(), s.Manager, "bob", offline.Cashier, "2222"))
	release := s.Desk.Claim(op.Op) // it is just going out
	void := s.accept(offline.Void, reel, waiting, s.approved, func(r *offline.Request) { r.Operator = s.As("bob", "2222") })
	release()
	if void.Op == op.Op || void.ApprovedBy != "mgr" || void.State != offline.Queued {
		t.Errorf("%+v", void)
	}
}

func TestAScreenThatAManagerOpenedHoldsUntilItIsLeft(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	ctx := context.Background()
	may := func(act offline.Act) bool { return s.Desk.Allowed(ctx, s.Cashier, act) == nil }
	open := func(screen offline.Act) error { return s.Desk.OpenScreen(ctx, s.Cashier.With(s.approver()), screen) }
	for leave, end := range map[string]func(){
		"left":         func() { s.Desk.LeaveScreen(s.Cashier) },
		"another":      func() { s.Must(open(operators.Review)) },
		"signed out":   func() { s.Desk.SignOut(s.Cashier); s.Cashier = s.As("amy", "1111") },
		"the opener's": func() { s.Must(s.Desk.DisableOperator(ctx, s.As("li", "8888"), "mgr")) },
	} {
		if leave == "the opener's" {
			s.Must(s.Desk.AddOperator(ctx, s.approver(), "li", offline.Manager, "8888"))
		}
		s.Must(open(operators.Day))
		s.Clock.Forward(time.Hour) // longer than a request
		if !may(operators.Day) || !may(operators.Export) || may(operators.Settle) || may(operators.Review) || may(operators.ChangePeople) {
			t.Errorf("%s: the day's screen is open for other acts than its own", leave)
		}
		if end(); may(operators.Day) {
			t.Errorf("%s: and still open", leave)
		}
		if leave == "the opener's" {
			s.Must(s.Desk.EnableOperator(ctx, s.As("li", "8888"), "mgr"))
		}
	}
	s.Desk.LeaveScreen(s.Cashier)
	if s.Desk.OpenScreen(ctx, s.Cashier, operators.Day) == nil || may(operators.Day) {
		t.Error("opened by nobody")
	}
	if open(operators.Settle) == nil || open(operators.ChangePeople) == nil || may(operators.Settle) {
		t.Error("an act that is no screen was opened")
	}
	s.Must(s.Desk.OpenScreen(ctx, s.As("mgr", "9999"), operators.Day)) // her own
}
