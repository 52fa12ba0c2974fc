package offline_test

import (
	"testing"

	"counterfoil/api"
	"counterfoil/offline"
	"counterfoil/offline/offlinetest"
)

func TestWhatHappenedOnAnIdAndOnWhatHoldsItIsRead(t *testing.T) {
	t.Parallel()
	s := offlinetest.Open(t).Start()
	s.LookUp(offlinetest.Box)
	done, err := s.Desk.Accept(t.Context(), offline.Request{Kind: offline.Activate, ID: offlinetest.Reel, AmountFen: 3000, Operator: s.Cashier})
	s.Must(err)
	_, err = s.Desk.Wait(t.Context(), done.Op)
	s.Must(err)
	for id, want := range map[api.ID]int{offlinetest.ReelCode: 1, offlinetest.Reel: 1, offlinetest.Box: 0} {
		ops, err := s.Desk.Here(t.Context(), id)
		if err != nil || len(ops) != want || want > 0 && ops[0].Op != done.Op {
			t.Errorf("on %s: %+v (%v), want the reel's activation %d times", id, ops, err, want)
		}
	}
}

func TestWhatANodeIsWorthIsKnownAtEverySize(t *testing.T) {
	t.Parallel()
	s := offlinetest.Open(t).Start()
	box := s.Known(1, 3, 6000)
	card, err := s.Desk.Card(t.Context(), api.ID(box))
	s.Must(err)
	code := offline.Node{Level: api.LevelCode, FaceValue: card.Node.Values[0].FaceValue}
	one, ok := s.Desk.FaceValue(code)
	if worth, known := s.Desk.Worth(card.Node); !ok || !known || worth != 6000*one || card.AmountOK {
		t.Errorf("6,000 codes of %d fen are worth %d, known %v, offered %v", one, worth, known, card.AmountOK)
	}
	part := card.Node
	part.Partial = true
	if _, ok := s.Desk.Worth(part); ok {
		t.Error("what is known in part has a sum")
	}
}
