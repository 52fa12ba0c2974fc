package queue_test

import (
	"context"
	"testing"
	"time"

	"counterfoil/api"
	"counterfoil/api/sandbox"
	"counterfoil/offline"
	"counterfoil/offline/offlinetest"
	"counterfoil/screens/screenstest"
)

var sizes = [][2]int{{80, 24}, {100, 30}, {120, 40}, {160, 50}}

func TestTheEmptyQueueLooksAsItShould(t *testing.T) {
	screenstest.Looks(t, sizes[:1], func(t *testing.T, width, height int, lang string) {
		s := screenstest.Open(t, width, height, lang)
		s.SignIn()
		s.Keys("f5")
		s.Until(s.Words.T("queue.empty"))
		s.Golden()
	})
}

func TestTheQueueLooksAsItShould(t *testing.T) {
	screenstest.Looks(t, sizes, func(t *testing.T, width, height int, lang string) {
		s := filled(t, width, height, lang)
		s.Keys("f5")
		s.Chosen("? ")
		s.Until("X22169")
		s.Until(s.Words.T("status_line.waiting", map[string]any{"Count": 2}))
		s.Golden()
	})
}

func TestASettlementLooksAsItShould(t *testing.T) {
	screenstest.Looks(t, sizes[:2], func(t *testing.T, width, height int, lang string) {
		s := filled(t, width, height, lang)
		s.Keys("f5")
		s.Chosen("? ")
		s.Until("X22169")
		s.Until(s.Words.T("status_line.waiting", map[string]any{"Count": 2}))
		s.Keys("s")
		s.Until(s.Words.T("settle.as"))
		s.Golden()
	})
}

// filled is a counter with one activation that is done, one that is not known and
// a void and an activation that wait for the platform.
func filled(t *testing.T, width, height int, lang string) *screenstest.Counter {
	t.Helper()
	s := screenstest.Open(t, width, height, lang, func(s *offlinetest.Shop) {
		s.Settings.Rules.AttentionAfter, s.Settings.Rules.SettleTime = time.Hour, 5*time.Minute // nothing is asked about
	})
	s.SignIn()
	box := s.Known(1, 1, 3)
	s.LookUp(offlinetest.Reel)
	accept := func(r offline.Request) {
		t.Helper()
		r.Operator = s.Cashier
		op, err := s.Desk.Accept(context.Background(), r)
		s.Must(err)
		if !r.Offline {
			_, err = s.Desk.Wait(context.Background(), op.Op)
			s.Must(err)
		}
	}
	accept(offline.Request{Kind: offline.Activate, ID: api.ID(box), AmountFen: 4_500_00})
	s.LookUp(offlinetest.Reel)
	s.Faults(sandbox.Fault{Action: api.ActionReelActivate, Times: 1, Do: "drop_answer"}, sandbox.Fault{Skip: 1, Do: "refuse_connection"})
	accept(offline.Request{Kind: offline.Activate, ID: offlinetest.Reel, AmountFen: 3000})
	s.Faults(sandbox.Fault{Do: "refuse_connection"})
	s.Outage()
	accept(offline.Request{Kind: offline.Void, ID: offlinetest.ReelCode, Offline: true})
	accept(offline.Request{Kind: offline.Activate, ID: offlinetest.OtherBox, AmountFen: 5000, Offline: true})
	s.Clock.Forward(2*time.Minute + 20*time.Second) // an age that stays for the test
	return s
}
