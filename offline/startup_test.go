package offline_test

import (
	"context"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"counterfoil/api"
	"counterfoil/api/sandbox"
	"counterfoil/offline"
	"counterfoil/offline/offlinetest"
	"counterfoil/offline/sqlite"
)

// asAKillLeaves opens what a kill would leave just now: a copy of the data folder,
// whose log is not folded into the database between the copies of the two.
func (s *shop) asAKillLeaves() {
	s.TB.Helper()
	copied := s.Folder()
	db, err := sqlite.Open(sqlite.Name(filepath.Join(s.Settings.Data, "counterfoil.db"), ""))
	s.Must(err)
	s.Must(db.Exec("BEGIN IMMEDIATE"))
	s.Must(exec.Command("cp", "-a", s.Settings.Data+"/.", copied).Run())
	s.Must(db.Exec("ROLLBACK"))
	s.Must(db.Close())
	s.Must(s.Desk.Stop())
	s.Desk = nil
	s.Settings.Data = copied
}

func TestAnAttemptFoundInFlightEndedNowWhateverTheClockSays(t *testing.T) {
	t.Parallel()
	s := openShop(t, proofAfter(10*time.Minute))
	s.known(reel)
	s.Faults(sandbox.Fault{Action: api.ActionReelActivate, Times: 1, Do: "delay:1s"})
	s.Desk.Start()
	op := s.accept(offline.Activate, reel)
	s.Eventually("it is on its way", func() bool { return s.state(op.Op) == offline.Sending })
	s.asAKillLeaves()
	s.SetWrong(-3 * time.Hour)
	// Both witnesses know nothing of it yet.
	s.Faults(sandbox.Fault{Action: api.ActionActivateQuery, Do: "refuse:R01"}, sandbox.Fault{Action: api.ActionLookup, Do: "stale_lookup"})
	s.Reopen()
	op = s.replayed(op)
	if len(op.Evidence) == 0 || len(op.Attempts) != 1 || op.Attempts[0].NoEffect {
		t.Fatalf("a moment after the start it is %s, and counts as absent: %+v, %+v", op.State, op.Attempts, op.Evidence)
	}
}

func TestAStartLooksAtOnceAtWhatTheLastRunPutOff(t *testing.T) {
	t.Parallel()
	for do, state := range map[string]offline.State{"refuse_connection": offline.Queued, "drop_answer": offline.Unknown} {
		t.Run(string(state), func(t *testing.T) {
			t.Parallel()
			s := openShop(t)
			s.SetWrong(3 * time.Hour)
			s.known(reel)
			fault := sandbox.Fault{Action: api.ActionReelActivate, Times: 1, Do: do}
			if do == "refuse_connection" {
				fault = sandbox.Fault{Do: do}
			}
			s.Faults(fault)
			op := s.sent(s.accept(offline.Activate, reel))
			if s.wantState(op, state); op.NextAt == nil {
				t.Fatal("it is put off until nobody knows when")
			}
			s.Must(s.Desk.Stop())
			s.Desk = nil
			s.SetWrong(0) // what was put off for a moment is due in three hours now
			s.Faults()
			s.Reopen()
			s.Desk.Start() // and nobody who has it look again
			s.Eventually("it is done", func() bool { return s.state(op.Op) == offline.Done })
		})
	}
}

func TestWhatMayBeAmongLostEventsGoesOutByItselfOnlyWhereARepeatDoesNoHarm(t *testing.T) {
	t.Parallel()
	for name, forward := range map[string]bool{"it does": false, "it does not": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openShop(t, func(s *offlinetest.Shop) { s.Settings.Rules.StatusForwardOnly = forward })
			codes := s.codesOf(1, 1, 3)
			var ops []offline.Operation
			for _, code := range codes {
				ops = append(ops, s.accept(offline.Activate, code, waiting))
			}
			s.Must(s.Desk.Stop())
			s.Desk = nil
			s.damage("sql", "counterfoil.db", "DELETE FROM events WHERE op='"+ops[1].Op+"'")
			s.Reopen()
			got, err := s.Desk.Operation(context.Background(), ops[0].Op)
			s.Must(err)
			want := map[bool]offline.State{false: offline.Attention, true: offline.Queued}[forward]
			if got.State != want {
				t.Errorf("it is %s (%s), want %s", got.State, got.Why, want)
			}
		})
	}
}
