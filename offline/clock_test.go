package offline_test

import (
	"testing"
	"time"

	"counterfoil/api"
	"counterfoil/api/sandbox"
	"counterfoil/offline"
)

func TestAClockSetBackBetweenRunsDoesNotHoldUpAsking(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.SetWrong(3 * time.Hour)
	s.known(reel)
	s.Faults(sandbox.Fault{Action: api.ActionReelActivate, Times: 1, Do: "drop_answer"})
	op := s.sent(s.accept(offline.Activate, reel))
	s.wantState(op, offline.Unknown)
	s.Must(s.Desk.Stop())
	s.SetWrong(0)
	s.Reopen()
	if err := s.Desk.Replay(within(t, 30*time.Second), nil); err != nil {
		t.Errorf("the replay waits for the clock to catch up: %v", err)
	}
	s.wantState(s.read(op), offline.Done)
}

func TestAClockSetForwardBetweenRunsProvesNoAbsence(t *testing.T) {
	t.Parallel()
	s := openShop(t, proofAfter(10*time.Minute))
	s.known(reel)
	s.Faults(sandbox.Fault{Action: api.ActionReelActivate, Times: 1, Do: "drop_request"})
	op := s.sent(s.accept(offline.Activate, reel))
	s.wantState(op, offline.Unknown)
	s.Must(s.Desk.Stop())
	s.SetWrong(20 * time.Minute) // the counter's clock only: the platform's says that seconds went by
	s.Reopen()
	op = s.replayed(op)
	if len(op.Attempts) != 1 || op.Attempts[0].NoEffect {
		t.Fatalf("seconds after the first attempt it counts as absent: %+v", op.Attempts)
	}
}

func TestAWrongDateAtTheStartRefusesNoSale(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.SetWrong(-26 * time.Hour)
	s.Reopen()
	op := s.replayed(s.accept(offline.Activate, reel, waiting))
	if op.State == offline.Refused {
		t.Fatalf("refused (%s) because of the counter's own clock: %+v", op.Why, op.Evidence)
	}
}

func TestAnUnknownOfAnEarlierRunIsAskedAboutWithoutOtherTraffic(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.known(reel)
	op := s.lost()
	s.Reopen()
	s.Desk.Start()
	s.Eventually("it is asked about", func() bool { return s.state(op.Op) == offline.Done })
}

func TestOperationNumbersRiseThoughTheClockWasSetBackBetweenRuns(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	codes := s.codesOf(1, 1, 2)
	first := s.accept(offline.Activate, codes[0], waiting)
	s.SetWrong(-3 * time.Hour)
	s.Reopen()
	if second := s.accept(offline.Activate, codes[1], waiting); second.Op <= first.Op {
		t.Errorf("%s was accepted behind %s", second.Op, first.Op)
	}
}
