package offline_test

import (
	"context"
	"testing"

	"counterfoil/api"
	"counterfoil/offline"
)

func TestABoxIsKeptThoughThingsAreSoldWhileItLoads(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	box, err := s.Sandbox.Generate(1, 3, 3000)
	s.Must(err)
	var last api.ID
	_, err = s.Desk.Lookup(context.Background(), api.ID(box), func(n api.Node) error {
		if n.Level == api.LevelReel {
			last = api.ID(n.ID)
		}
		return nil
	})
	s.Must(err)
	sold := false
	_, err = s.Desk.Lookup(context.Background(), api.ID(box), func(api.Node) error {
		if !sold {
			sold = true
			s.wantState(s.sent(s.accept(offline.Activate, reel)), offline.Done)
			s.wantState(s.sent(s.accept(offline.Activate, last)), offline.Done)
		}
		return nil
	})
	s.Must(err)
	s.Eventually("the box is known with what was sold", func() bool {
		card, err := s.Desk.Card(context.Background(), api.ID(box))
		s.Must(err)
		n := card.Node
		return n.Codes == 3000 && n.Counts["03"] == 2000 && n.Counts["00"] == 1000
	})
}
