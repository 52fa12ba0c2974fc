package offline_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"counterfoil/api"
	"counterfoil/offline"
	"counterfoil/offline/offlinetest"
	"counterfoil/offline/operation"
)

// shared puts a request on a share of a batch.
func shared(share *offline.Share) func(*offline.Request) {
	return func(r *offline.Request) { r.Share = share }
}

func TestNothingAboveABatchsLimitIsAcceptedWithoutASecondPerson(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := openShop(t, func(s *offlinetest.Shop) { s.Settings.Batch.Count = 2 })
	b := s.Desk.NewBatch()
	line := offline.Line{Kind: offline.Activate, ID: offlinetest.FreeCode, Pieces: 1, Fen: 3000}
	first := b.Take(offline.Line{Kind: offline.Activate, ID: reel, Pieces: 2, Fen: 3000})
	s.accept(offline.Activate, reel, shared(first))
	over := b.Take(line)
	refused := func(what string, want offline.ErrorKind, more ...func(*offline.Request)) {
		t.Helper()
		if _, err := s.tryAccept(offline.Activate, offlinetest.FreeCode, append(more, shared(over))...); offline.KindOf(err) != want {
			t.Errorf("%s: %v, want %s", what, err, want)
		}
	}
	byManager := func(r *offline.Request) { r.Operator = s.Manager }
	refused("by nobody else", offline.ErrOverLimit)
	refused("by a manager alone", offline.ErrOverLimit, byManager)
	refused("with an approval of one act", offline.ErrOverLimit, s.approved)

	needs := func(what string, operator, manager offline.Session) {
		t.Helper()
		if err := s.Desk.ApproveBatch(ctx, operator, manager, []*offline.Share{over}); offline.KindOf(err) != offline.ErrNeedsManager {
			t.Errorf("%s: %v", what, err)
		}
	}
	needs("by a cashier", s.Manager, s.Cashier)
	needs("by the same manager", s.Manager, s.approver())
	seen := s.approver()
	s.Must(s.Desk.ApproveBatch(ctx, s.Cashier, seen, []*offline.Share{b.Take(line)}))
	if err := s.Desk.ApproveBatch(ctx, s.Cashier, seen, []*offline.Share{over}); offline.KindOf(err) != offline.ErrSignedOut {
		t.Error("used twice:", err)
	}
	late := s.approver()
	s.Clock.Forward(61 * time.Second)
	needs("late", s.Cashier, late)
	refused("after all that", offline.ErrOverLimit)

	s.Must(s.Desk.ApproveBatch(ctx, s.Cashier, s.approver(), []*offline.Share{over}))
	op := s.accept(offline.Activate, offlinetest.FreeCode, shared(over))
	if op.Operator != "amy" || op.ApprovedBy != "mgr" || !slices.Equal(op.ApprovedFor, []string{operation.ApprovedOverLimit}) {
		t.Errorf("%s, approved by %q for %q", op.Operator, op.ApprovedBy, op.ApprovedFor)
	}
	refused("used twice", offline.ErrOverLimit)
}

func TestAnApprovalAboveABatchsLimitIsForThatOnly(t *testing.T) {
	t.Parallel()
	s := openShop(t, func(s *offlinetest.Shop) { s.Settings.Batch.Count = 1 })
	share := func(fen int64, kind offline.Kind, id api.ID) func(*offline.Request) {
		over := s.Desk.NewBatch().Take(offline.Line{Kind: kind, ID: id, Pieces: 2, Fen: fen})
		s.Must(s.Desk.ApproveBatch(t.Context(), s.Cashier, s.approver(), []*offline.Share{over}))
		return shared(over)
	}
	s.known(reel)
	if _, err := s.tryAccept(offline.Void, reel, waiting, share(0, offline.Void, reel)); offline.KindOf(err) != offline.ErrNeedsManager {
		t.Errorf("a void of what was never active: %v", err)
	}
	void := s.accept(offline.Void, reelCode, waiting, share(0, offline.Void, reelCode))
	if void.ApprovedBy != offlinetest.ManagerName || !slices.Equal(void.ApprovedFor, []string{operation.ApprovedOverLimit}) {
		t.Errorf("a void is approved by %q for %q", void.ApprovedBy, void.ApprovedFor)
	}
	if got := s.replayed(void); got.State != offline.Attention || got.Why != operation.WhyNeverActive {
		t.Errorf("it is %s (%s)", got.State, got.Why)
	}
	own := s.accept(offline.Activate, offlinetest.FreeCode, waiting)
	if own.ApprovedBy != "" || own.ApprovedFor != nil {
		t.Errorf("a sale that needs no approval is approved by %q for %q", own.ApprovedBy, own.ApprovedFor)
	}
}

func TestALimitIsNamedInItsOwnUnit(t *testing.T) {
	t.Parallel()
	for limit, c := range map[string]struct {
		limits offline.Limits
		most   string
	}{
		"operations": {offline.Limits{MaxOperations: 1}, "1"},
		"amount":     {offline.Limits{MaxAmountFen: 2950}, offline.Yuan(2950)},
		"total":      {offline.Limits{MaxTotalFen: 5000}, offline.Yuan(5000)},
		"age":        {offline.Limits{MaxAge: 90 * time.Minute}, "1.5"},
		"one":        {offline.Limits{OneMaxFen: 2999}, offline.Yuan(2999)},
	} {
		s := openShop(t, func(s *offlinetest.Shop) { s.Settings.Limits = c.limits })
		s.accept(offline.Activate, offlinetest.FreeCode, waiting, s.approved)
		s.Clock.Forward(2 * time.Hour)
		_, err := s.tryAccept(offline.Activate, reel, waiting)
		var said *offline.Error
		if !errors.As(err, &said) || said.Kind != offline.ErrOverLimit || said.Args["Limit"] != limit || said.Args["Max"] != c.most {
			t.Errorf("%s: %v %+v", limit, err, said)
		}
	}
}
