package offline_test

import (
	"context"
	"slices"
	"testing"

	"counterfoil/api"
	"counterfoil/offline"
	"counterfoil/offline/journal"
	"counterfoil/offline/offlinetest"
	"counterfoil/offline/operation"
)

// overLimitVoid accepts a void of the reel, never active, with the queue full already.
func (s *shop) overLimitVoid(more ...func(*offline.Request)) offline.Operation {
	s.TB.Helper()
	s.Down()
	_, err := s.Desk.Lookup(context.Background(), reel, nil)
	if offline.KindOf(err) != offline.ErrNothingKnown {
		s.TB.Fatalf("look-up: %v", err)
	}
	s.accept(offline.Activate, "R151102F-0000241-2555", waiting)
	if _, err := s.tryAccept(offline.Void, reel, waiting); offline.KindOf(err) != offline.ErrOverLimit {
		s.TB.Fatalf("over the limit: %v", err)
	}
	return s.accept(offline.Void, reel, append(more, waiting)...)
}

func TestAnApprovalHoldsAtSendingForWhatItWasGivenFor(t *testing.T) {
	t.Parallel()
	byManager := func(s *shop, r *offline.Request) { r.Operator = s.Manager }
	reasons := func(list ...offline.ErrorKind) func(*shop, *offline.Request) {
		return func(_ *shop, r *offline.Request) { r.ApprovedFor = list }
	}
	limit, inactive := operation.ApprovedOverLimit, operation.ApprovedVoidInactive
	type by []func(*shop, *offline.Request)
	for name, c := range map[string]struct {
		by   by
		kept []string
		want offline.State
	}{
		"the limit":       {by{(*shop).approved, reasons(offline.ErrOverLimit)}, []string{limit}, offline.Attention},
		"both":            {by{(*shop).approved, reasons(offline.ErrNeedsManager, offline.ErrOverLimit)}, []string{inactive, limit}, offline.Done},
		"the whole act":   {by{(*shop).approved}, []string{limit, inactive}, offline.Done},
		"a manager's own": {by{byManager, reasons(offline.ErrOverLimit)}, []string{inactive}, offline.Done},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openShop(t, func(s *offlinetest.Shop) { s.Settings.Limits.MaxOperations = 1 })
			op := s.overLimitVoid(func(r *offline.Request) {
				for _, f := range c.by {
					f(s, r)
				}
			})
			if op.ApprovedBy != map[string]string{"amy": "mgr"}[op.Operator] || !slices.Equal(op.ApprovedFor, c.kept) {
				t.Fatalf("approved by %q for %q, want %q", op.ApprovedBy, op.ApprovedFor, c.kept)
			}
			s.Must(s.Desk.Stop())
			s.Up()
			s.Reopen() // the approval is known from the disk
			op = s.replayed(op)
			s.wantState(op, c.want)
			if c.want == offline.Done {
				return
			}
			if op.Why != operation.WhyNeverActive || len(op.Attempts) != 0 {
				t.Fatalf("why %q, attempts %+v", op.Why, op.Attempts)
			}
			for _, e := range s.Sandbox.Effects() {
				if e.Action == api.ActionReelVoid {
					t.Fatalf("the void went out: %+v", e)
				}
			}
		})
	}
}

func TestAnApprovalFromBeforeReasonsWereKeptStillHolds(t *testing.T) {
	t.Parallel()
	s := openShop(t, func(s *offlinetest.Shop) { s.Settings.Limits.MaxOperations = 1 })
	op := s.overLimitVoid(s.approved)
	s.Must(s.Desk.Stop())
	j, err := journal.Open(context.Background(), journal.Options{Dir: s.Settings.Data, Now: s.Now})
	s.Must(err)
	op.ApprovedFor = nil
	s.Must(j.Write(context.Background(), func(tx *journal.Tx) error { return tx.Put(&op, "accepted") }))
	s.Must(j.Close())
	s.Up()
	s.Reopen()
	s.wantState(s.replayed(op), offline.Done)
}
