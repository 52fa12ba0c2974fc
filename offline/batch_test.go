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
	s := openShop(t, func(s *offlinetest.Shop) { s.Settings.Rules.Batch.Count = 2 })
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
	s := openShop(t, func(s *offlinetest.Shop) { s.Settings.Rules.Batch.Count = 1 })
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

// holders are a reel and a box, of 4 codes and of 3, and a code.
func (s *shop) holders() (reel, box, code api.ID) {
	s.TB.Helper()
	codes := s.codesOf(1, 1, 4)
	path, err := s.Desk.Path(s.TB.Context(), codes[0])
	s.Must(err)
	return api.ID(path[2].ID), api.ID(s.Known(1, 1, 3)), offlinetest.FreeCode
}

func TestOneIDForManyCodesIsABatchOfItself(t *testing.T) {
	t.Parallel()
	s := openShop(t, func(s *offlinetest.Shop) { s.Settings.Rules.Batch = operation.BatchLimits{Count: 3, TotalFen: 10_000} })
	large, small, code := s.holders()
	byManager := func(r *offline.Request) { r.Operator = s.Manager }
	dear := func(r *offline.Request) { r.AmountFen = 10_001 }
	refused := func(what string, want offline.ErrorKind, limit string, kind offline.Kind, id api.ID, more ...func(*offline.Request)) {
		t.Helper()
		_, err := s.tryAccept(kind, id, more...)
		var said *offline.Error
		if !errors.As(err, &said) || said.Kind != want || limit != "" && said.Args["Limit"] != limit {
			t.Errorf("%s: %v", what, err)
		}
	}
	for _, kind := range []offline.Kind{offline.Activate, offline.Void} {
		refused("too many codes", offline.ErrOverLimit, "bulk_count", kind, large, waiting)
		refused("too many codes, of a manager alone", offline.ErrOverLimit, "bulk_count", kind, large, waiting, byManager)
		refused("approved by herself", offline.ErrNeedsManager, "", kind, large, waiting, byManager, s.approved)
	}
	refused("too much money", offline.ErrOverLimit, "bulk_total", offline.Activate, small, waiting, dear)
	refused("too much money, of a manager alone", offline.ErrOverLimit, "bulk_total", offline.Activate, small, waiting, dear, byManager)
	other := s.approved
	refused("approved for something else", offline.ErrOverLimit, "bulk_count", offline.Void, large, waiting, other,
		func(r *offline.Request) { r.ApprovedFor = []offline.ErrorKind{offline.ErrNeedsManager} })

	s.accept(offline.Activate, small, waiting)
	s.accept(offline.Activate, code, waiting, dear) // one code is no batch
	op := s.accept(offline.Activate, large, waiting, s.approved)
	if op.Operator != "amy" || op.ApprovedBy != "mgr" || !slices.Equal(op.ApprovedFor, []string{operation.ApprovedOverLimit}) {
		t.Errorf("%s, approved by %q for %q", op.Operator, op.ApprovedBy, op.ApprovedFor)
	}
	if got := s.replayed(op); got.State != offline.Done {
		t.Errorf("it is %s (%s)", got.State, got.Why)
	}
	refused("a void of what is active", offline.ErrOverLimit, "bulk_count", offline.Void, large, waiting, byManager)
	s.Must(s.Desk.AddOperator(t.Context(), s.approver(), "li", offline.Manager, "8888"))
	void := s.accept(offline.Void, large, waiting, byManager, func(r *offline.Request) { r.Approver = s.As("li", "8888") })
	if void.Operator != "mgr" || void.ApprovedBy != "li" {
		t.Errorf("%s, approved by %q", void.Operator, void.ApprovedBy)
	}
}

func TestWhatNobodyLookedAtIsHeldToTheLimitBeforeItIsSent(t *testing.T) {
	t.Parallel()
	s := openShop(t, func(s *offlinetest.Shop) { s.Settings.Rules.Batch.Count = 3 })
	unknown := func() api.ID {
		box, err := s.Sandbox.Generate(1, 1, 4)
		s.Must(err)
		return api.ID(box)
	}
	// Of what nobody has looked at it counts as one piece, as in a basket.
	box, approved := unknown(), unknown()
	op, fine := s.accept(offline.Activate, box, waiting), s.accept(offline.Activate, approved, waiting, s.approved)
	got := s.replayed(op)
	if got.State != offline.Attention || got.Why != operation.WhyOverLimit || len(got.Attempts) != 0 || got.Evidence[0].Seen.Codes() != 4 {
		t.Errorf("it is %s (%s): %+v", got.State, got.Why, got.Evidence)
	}
	if got := s.read(fine); got.State != offline.Done {
		t.Errorf("what a manager approved is %s (%s)", got.State, got.Why)
	}
	_, err := s.Desk.Settle(t.Context(), s.Manager, op.Op, offline.SettleNoEffect, "asked for again")
	s.Must(err)
	if got := s.replayed(s.accept(offline.Activate, box, waiting, s.approved)); got.State != offline.Done {
		t.Errorf("asked for again with an approval it is %s (%s)", got.State, got.Why)
	}
	s.WantEffects(2)
}

func TestALineCountsWithTheCodesThatAreKnownOfItByNow(t *testing.T) {
	t.Parallel()
	s := openShop(t, func(s *offlinetest.Shop) { s.Settings.Rules.Batch.Count = 4 })
	b := s.Desk.NewBatch()
	box, err := s.Sandbox.Generate(1, 1, 4)
	s.Must(err)
	unknown := b.Take(offline.Line{Kind: offline.Activate, ID: api.ID(box), Fen: 3000})
	one := b.Take(offline.Line{Kind: offline.Activate, ID: offlinetest.FreeCode, Fen: 3000})
	s.LookUp(box)
	_, err = s.tryAccept(offline.Activate, api.ID(box), waiting, shared(unknown))
	if offline.KindOf(err) != offline.ErrOverLimit || unknown.Pieces != 4 {
		t.Errorf("%v, as %d pieces", err, unknown.Pieces)
	}
	s.accept(offline.Activate, offlinetest.FreeCode, waiting, shared(one))
	s.Must(s.Desk.ApproveBatch(t.Context(), s.Cashier, s.approver(), []*offline.Share{unknown}))
	if op := s.accept(offline.Activate, api.ID(box), waiting, shared(unknown)); op.ApprovedBy != "mgr" {
		t.Errorf("approved by %q", op.ApprovedBy)
	}
}
