package offline_test

import (
	"context"
	"slices"
	"testing"

	"counterfoil/api"
	"counterfoil/offline"
	"counterfoil/offline/journal"
	"counterfoil/offline/operation"
)

// overLimitVoid accepts a void of the reel, never active, with the queue full already.
func (s *shop) overLimitVoid(more ...func(*offline.Request)) offline.Operation {
	s.t.Helper()
	s.down()
	_, err := s.desk.Lookup(context.Background(), reel, nil)
	if offline.KindOf(err) != offline.ErrNothingKnown {
		s.t.Fatalf("look-up: %v", err)
	}
	s.accept(offline.Activate, "R151102F-0000241-2555", waiting)
	if _, err := s.tryAccept(offline.Void, reel, waiting); offline.KindOf(err) != offline.ErrOverLimit {
		s.t.Fatalf("over the limit: %v", err)
	}
	return s.accept(offline.Void, reel, append(more, waiting)...)
}

func TestAnApprovalHoldsAtSendingForWhatItWasGivenFor(t *testing.T) {
	byManager := func(r *offline.Request) { r.Operator = mgr }
	reasons := func(list ...offline.ErrorKind) func(*offline.Request) {
		return func(r *offline.Request) { r.ApprovedFor = list }
	}
	limit, inactive := operation.ApprovedOverLimit, operation.ApprovedVoidInactive
	for name, c := range map[string]struct {
		by   []func(*offline.Request)
		kept []string
		want offline.State
	}{
		"the limit":       {[]func(*offline.Request){approved, reasons(offline.ErrOverLimit)}, []string{limit}, offline.Attention},
		"both":            {[]func(*offline.Request){approved, reasons(offline.ErrNeedsManager, offline.ErrOverLimit)}, []string{inactive, limit}, offline.Done},
		"the whole act":   {[]func(*offline.Request){approved}, []string{limit, inactive}, offline.Done},
		"a manager's own": {[]func(*offline.Request){byManager, reasons(offline.ErrOverLimit)}, []string{limit, inactive}, offline.Done},
	} {
		t.Run(name, func(t *testing.T) {
			s := openShop(t, func(s *shop) { s.limits.MaxOperations = 1 })
			op := s.overLimitVoid(c.by...)
			if op.ApprovedBy != "mgr" || !slices.Equal(op.ApprovedFor, c.kept) {
				t.Fatalf("approved by %q for %q, want %q", op.ApprovedBy, op.ApprovedFor, c.kept)
			}
			s.must(s.desk.Stop())
			s.up()
			s.reopen() // the approval is known from the disk
			op = s.replayed(op)
			s.wantState(op, c.want)
			if c.want == offline.Done {
				return
			}
			if op.Why != operation.WhyNeverActive || len(op.Attempts) != 0 {
				t.Fatalf("why %q, attempts %+v", op.Why, op.Attempts)
			}
			for _, e := range s.box.Effects() {
				if e.Action == api.ActionReelVoid {
					t.Fatalf("the void went out: %+v", e)
				}
			}
		})
	}
}

func TestAnApprovalFromBeforeReasonsWereKeptStillHolds(t *testing.T) {
	s := openShop(t, func(s *shop) { s.limits.MaxOperations = 1 })
	op := s.overLimitVoid(approved)
	s.must(s.desk.Stop())
	j, err := journal.Open(context.Background(), journal.Options{Dir: s.dir, Now: s.now})
	s.must(err)
	op.ApprovedFor = nil
	s.must(j.Write(context.Background(), func(tx *journal.Tx) error { return tx.Put(&op, "accepted") }))
	s.must(j.Close())
	s.up()
	s.reopen()
	s.wantState(s.replayed(op), offline.Done)
}
