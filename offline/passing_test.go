package offline_test

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"counterfoil/api"
	"counterfoil/api/sandbox"
	"counterfoil/offline"
	"counterfoil/offline/offlinetest"
)

func TestALookupThatOurOwnAttemptOvertookIsNoPreState(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	overtaken := false
	_, err := s.Desk.Lookup(context.Background(), reel, func(api.Node) error {
		if !overtaken {
			overtaken = true
			s.wantState(s.sent(s.accept(offline.Activate, reel)), offline.Done)
		}
		return nil
	})
	s.Must(err)
	op, err := s.tryAccept(offline.Activate, reel)
	if err == nil {
		op = s.sent(op)
		t.Errorf("a second activation was accepted on the old status: %s (%s), %d attempts sent", op.State, op.Why, len(op.Attempts))
	} else if offline.KindOf(err) != offline.ErrAlreadyActive {
		t.Error(err)
	}
}

// lost activates the reel, loses the answer, and brings the link back.
func (s *shop) lost() offline.Operation {
	s.TB.Helper()
	s.Faults(sandbox.Fault{Action: api.ActionReelActivate, Times: 1, Do: "drop_answer"})
	op := s.sent(s.accept(offline.Activate, reel))
	s.wantState(op, offline.Unknown)
	s.Desk.Probe(context.Background())
	return op
}

func TestAReelOfOursExplainsWhyACodeRefusedBeforeIsActiveNow(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.known(reel)
	s.Faults(sandbox.Fault{Action: api.ActionActivate, Times: 1, Do: "refuse:A05"})
	op := s.sent(s.accept(offline.Activate, reelCode))
	s.wantState(op, offline.Refused)
	s.wantState(s.sent(s.accept(offline.Activate, reel)), offline.Done)
	s.wantState(s.later(op), offline.Refused)
}

func TestALookupKeptLateDoesNotHideWhatWasConfirmed(t *testing.T) {
	t.Parallel()
	s := openShop(t, func(s *offlinetest.Shop) { s.Settings.Limits = offline.Limits{} })
	codes := s.codesOf(1, 4, 400)
	s.Must(s.Desk.Stop())
	s.Settings.Data = s.Folder() // a catalog that knows nothing yet has much to write
	s.Reopen()
	s.Down()
	for _, c := range codes[40:] {
		s.accept(offline.Activate, c, waiting)
	}
	s.Up()
	s.Desk.Start()
	s.Desk.TryNow()
	s.Eventually("the link is back", func() bool { return s.Desk.Status().Link == offline.Online })
	wrong := 0
	for _, c := range codes[:40] {
		s.sent(s.accept(offline.Activate, c))
	}
	s.Eventually("all is sent", func() bool { return s.Desk.Status().Waiting+s.Desk.Status().Unknown == 0 })
	s.Reopen() // what was kept behind the caller's back is written by now
	for _, c := range codes {
		card, err := s.Desk.Card(context.Background(), c)
		s.Must(err)
		if card.Node.Status == "03" {
			wrong++
		}
	}
	if wrong > 0 {
		t.Fatalf("%d of %d codes are done and the catalog shows them not active", wrong, len(codes))
	}
}

func TestOverlappingAcceptancesAtTheSameInstantAreNeverOnTheirWayTogether(t *testing.T) {
	t.Parallel()
	s := openShop(t, func(s *offlinetest.Shop) { s.Settings.Limits = offline.Limits{} })
	codes := s.codesOf(10, 200, 200)
	s.Desk.Start()
	s.Faults(sandbox.Fault{Action: api.ActionActivate, Do: "delay:30ms"}, sandbox.Fault{Action: api.ActionReelActivate, Do: "delay:30ms"})
	for _, c := range codes[:60] {
		path := s.known(c).Path
		r := api.ID(path[len(path)-1].ID)
		s.known(r)
		var both sync.WaitGroup
		ops := make([]offline.Operation, 2)
		for i, id := range []api.ID{r, c} {
			both.Go(func() { ops[i], _ = s.tryAccept(offline.Activate, id) })
		}
		both.Wait()
		for i := range ops {
			if ops[i].Op != "" {
				s.Eventually("it is closed", func() bool { st := s.state(ops[i].Op); return st != offline.Queued && st != offline.Sending })
				ops[i] = s.read(ops[i])
			}
		}
		a, b := ops[0], ops[1]
		if len(a.Attempts) == 0 || len(b.Attempts) == 0 {
			continue
		}
		x, y := a.Attempts[0], b.Attempts[0]
		if x.SentAt.Before(*y.EndedAt) && y.SentAt.Before(*x.EndedAt) {
			t.Fatalf("%s (%s) and %s (%s) were on their way at the same time", a.ID, a.State, b.ID, b.State)
		}
	}
}

func TestOfflineLimitsHoldAgainstAcceptancesAtTheSameInstant(t *testing.T) {
	t.Parallel()
	s := openShop(t, func(s *offlinetest.Shop) { s.Settings.Limits.MaxOperations = 1 })
	codes := s.codesOf(1, 1, 64)
	s.Down()
	for range 40 {
		var all sync.WaitGroup
		gate := make(chan struct{})
		for _, c := range codes {
			all.Go(func() { <-gate; _, _ = s.tryAccept(offline.Activate, c, waiting) })
		}
		close(gate)
		all.Wait()
		ops, err := s.Desk.Operations(context.Background(), offline.Query{States: []offline.State{offline.Queued}})
		s.Must(err)
		if len(ops) != 1 {
			t.Fatalf("%d operations wait, the limit is 1", len(ops))
		}
		_, err = s.Desk.Withdraw(context.Background(), s.Manager, ops[0].Op)
		s.Must(err)
	}
}

func TestNothingNewIsTakenOfflineWithoutTheReserveForTheOld(t *testing.T) {
	t.Parallel()
	if !mayMount(t) {
		return
	}
	s := openShop(t, wholeReserve)
	s.Must(s.Desk.Stop())
	s.Must(os.Remove(filepath.Join(s.Settings.Data, "reserve")))
	onSmallDisk(t, s.Settings.Data, "6m") // the ballast finds no place
	s.Reopen()
	s.Down()
	_, err := s.tryAccept(offline.Activate, reel, waiting)
	if offline.KindOf(err) != offline.ErrDiskFull {
		t.Fatalf("accepted offline without a reserve: %v", err)
	}
}
