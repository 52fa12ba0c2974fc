package offline_test

import (
	"testing"
	"time"

	"counterfoil/api"
	"counterfoil/api/sandbox"
	"counterfoil/offline"
)

func TestAClockSetBackBetweenRunsDoesNotHoldUpAsking(t *testing.T) {
	m := &movable{}
	s := openShop(t, func(s *shop) { s.now = m.over(s.now) })
	m.add(3 * time.Hour)
	s.known(reel)
	s.faults(sandbox.Fault{Action: api.ActionReelActivate, Times: 1, Do: "drop_answer"})
	op := s.sent(s.accept(offline.Activate, reel))
	s.wantState(op, offline.Unknown)
	s.must(s.desk.Stop())
	m.add(-3 * time.Hour)
	s.reopen()
	if err := s.desk.Replay(within(t, 3*time.Second), nil); err != nil {
		t.Errorf("the replay waits for the clock to catch up: %v", err)
	}
	s.wantState(s.read(op), offline.Done)
}

func TestAClockSetForwardBetweenRunsProvesNoAbsence(t *testing.T) {
	m := &movable{}
	s := openShop(t, func(s *shop) {
		s.now = m.over(s.now)
		s.rules.StatusForwardOnly = false
		s.rules.ActivationAbsentCodes = []string{"R01"}
		s.rules.AbsentAfter = 10 * time.Minute
	})
	s.known(reel)
	s.faults(sandbox.Fault{Action: api.ActionReelActivate, Times: 1, Do: "drop_request"})
	op := s.sent(s.accept(offline.Activate, reel))
	s.wantState(op, offline.Unknown)
	s.must(s.desk.Stop())
	m.add(20 * time.Minute) // the counter's clock only: the platform's says that seconds went by
	s.reopen()
	op = s.replayed(op)
	if len(op.Attempts) != 1 || op.Attempts[0].NoEffect {
		t.Fatalf("seconds after the first attempt it counts as absent: %+v", op.Attempts)
	}
}

func TestAWrongDateAtTheStartRefusesNoSale(t *testing.T) {
	m := &movable{}
	s := openShop(t, func(s *shop) { s.now = m.over(s.now) })
	m.add(-26 * time.Hour)
	s.restarted()
	op := s.replayed(s.accept(offline.Activate, reel, waiting))
	if op.State == offline.Refused {
		t.Fatalf("refused (%s) because of the counter's own clock: %+v", op.Why, op.Evidence)
	}
}

func TestAnUnknownOfAnEarlierRunIsAskedAboutWithoutOtherTraffic(t *testing.T) {
	s := openShop(t)
	s.known(reel)
	op := s.lost()
	s.restarted()
	s.desk.Start()
	s.until("it is asked about", func() bool { return s.state(op.Op) == offline.Done })
}
