package offline_test

import (
	"context"
	"testing"
	"time"

	"counterfoil/api"
	"counterfoil/offline"
	"counterfoil/offline/offlinetest"
)

func TestAShiftsSumSaysWhatVoidsTookBack(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	ctx := context.Background()
	want := func(want offline.Summary) {
		t.Helper()
		if got, err := s.Desk.Shift(ctx, s.Cashier); err != nil || got != want {
			t.Errorf("the shift is %+v (%v), want %+v", got, err, want)
		}
	}
	s.known(reel)
	s.wantState(s.sent(s.accept(offline.Activate, reel)), offline.Done)
	want(offline.Summary{Active: offline.Totals{Count: 1, Fen: 3000}})
	s.known(reel)
	s.wantState(s.sent(s.accept(offline.Void, reelCode)), offline.Done)
	want(offline.Summary{Active: offline.Totals{Count: 1, Fen: 3000}, Void: offline.Totals{Count: 1, Fen: 1500}})
	s.known(reel)
	s.wantState(s.sent(s.accept(offline.Void, "1001901070000000242-EOHEMM9K")), offline.Done)
	want(offline.Summary{Active: offline.Totals{Count: 1, Fen: 3000}, Void: offline.Totals{Count: 2, Fen: 3000}})
	if other, err := s.Desk.Shift(ctx, s.Manager); err != nil || other != (offline.Summary{}) {
		t.Errorf("the manager's shift is %+v (%v), want nothing", other, err)
	}
}

func TestACardTellsAVoidWhoseStatusWasNotSeenSince(t *testing.T) {
	t.Parallel()
	s := openShop(t, func(s *offlinetest.Shop) { s.Settings.Rules.VoidLeaves = "" })
	ctx := context.Background()
	voided := func(want bool) {
		t.Helper()
		for _, id := range []api.ID{reel, reelCode} {
			card, err := s.Desk.Card(ctx, id)
			s.Must(err)
			if (card.Voided != nil) != want {
				t.Errorf("of %s, with %v, the card tells %+v", id, card.Node.Counts, card.Voided)
			}
		}
	}
	s.known(reel)
	s.wantState(s.sent(s.accept(offline.Activate, reel)), offline.Done)
	s.known(reel)
	voided(false)
	s.wantState(s.sent(s.accept(offline.Void, reelCode)), offline.Done)
	voided(true)
	s.Clock.Forward(time.Second) // what is known here is dated by the millisecond
	s.known(reel)
	voided(false)
}
