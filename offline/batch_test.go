package offline_test

import (
	"context"
	"slices"
	"testing"
	"time"

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
