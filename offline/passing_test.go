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
)

func TestALookupThatOurOwnAttemptOvertookIsNoPreState(t *testing.T) {
	s := openShop(t)
	overtaken := false
	_, err := s.desk.Lookup(context.Background(), reel, func(api.Node) error {
		if !overtaken {
			overtaken = true
			s.wantState(s.sent(s.accept(offline.Activate, reel)), offline.Done)
		}
		return nil
	})
	s.must(err)
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
	s.t.Helper()
	s.faults(sandbox.Fault{Action: api.ActionReelActivate, Times: 1, Do: "drop_answer"})
	op := s.sent(s.accept(offline.Activate, reel))
	s.wantState(op, offline.Unknown)
	s.desk.Probe(context.Background())
	return op
}

func TestAReelOfOursExplainsWhyACodeRefusedBeforeIsActiveNow(t *testing.T) {
	m := &movable{}
	s := openShop(t, m.bothClocks)
	s.known(reel)
	s.faults(sandbox.Fault{Action: api.ActionActivate, Times: 1, Do: "refuse:A05"})
	op := s.sent(s.accept(offline.Activate, reelCode))
	s.wantState(op, offline.Refused)
	s.wantState(s.sent(s.accept(offline.Activate, reel)), offline.Done)
	s.wantState(s.later(m, op), offline.Refused)
}

func TestALookupKeptLateDoesNotHideWhatWasConfirmed(t *testing.T) {
	s := openShop(t, func(s *shop) { s.limits = offline.Limits{} })
	codes := s.codesOf(1, 4, 400)
	s.must(s.desk.Stop())
	s.dir = s.folder() // a catalog that knows nothing yet has much to write
	s.reopen()
	s.down()
	for _, c := range codes[40:] {
		s.accept(offline.Activate, c, waiting)
	}
	s.up()
	s.desk.Start()
	s.desk.TryNow()
	s.until("the link is back", func() bool { return s.desk.Status().Link == offline.Online })
	wrong := 0
	for _, c := range codes[:40] {
		s.sent(s.accept(offline.Activate, c))
	}
	s.until("all is sent", func() bool { return s.desk.Status().Waiting+s.desk.Status().Unknown == 0 })
	s.restarted() // what was kept behind the caller's back is written by now
	for _, c := range codes {
		card, err := s.desk.Card(context.Background(), c)
		s.must(err)
		if card.Node.Status == "03" {
			wrong++
		}
	}
	if wrong > 0 {
		t.Fatalf("%d of %d codes are done and the catalog shows them not active", wrong, len(codes))
	}
}

func TestOverlappingAcceptancesAtTheSameInstantAreNeverOnTheirWayTogether(t *testing.T) {
	s := openShop(t, func(s *shop) { s.limits = offline.Limits{} })
	codes := s.codesOf(10, 200, 200)
	s.desk.Start()
	s.faults(sandbox.Fault{Action: api.ActionActivate, Do: "delay:30ms"}, sandbox.Fault{Action: api.ActionReelActivate, Do: "delay:30ms"})
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
				s.until("it is closed", func() bool { st := s.state(ops[i].Op); return st != offline.Queued && st != offline.Sending })
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
	s := openShop(t, func(s *shop) { s.limits.MaxOperations = 1 })
	codes := s.codesOf(1, 1, 64)
	s.down()
	for range 40 {
		var all sync.WaitGroup
		gate := make(chan struct{})
		for _, c := range codes {
			all.Go(func() { <-gate; _, _ = s.tryAccept(offline.Activate, c, waiting) })
		}
		close(gate)
		all.Wait()
		ops, err := s.desk.Operations(context.Background(), offline.Query{States: []offline.State{offline.Queued}})
		s.must(err)
		if len(ops) != 1 {
			t.Fatalf("%d operations wait, the limit is 1", len(ops))
		}
		_, err = s.desk.Withdraw(context.Background(), mgr, ops[0].Op)
		s.must(err)
	}
}

func TestNothingNewIsTakenOfflineWithoutTheReserveForTheOld(t *testing.T) {
	s := openShop(t)
	s.must(s.desk.Stop())
	path := filepath.Join(s.dir, "reserve")
	s.must(os.Remove(path))
	s.must(os.Mkdir(path, 0o700)) // the ballast finds no place
	s.reopen()
	s.down()
	_, err := s.tryAccept(offline.Activate, reel, waiting)
	if offline.KindOf(err) != offline.ErrDiskFull {
		t.Fatalf("accepted offline without a reserve: %v", err)
	}
}
