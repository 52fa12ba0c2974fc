package offline_test

import (
	"context"
	"testing"

	"counterfoil/api"
	"counterfoil/api/sandbox"
)

func TestADownloadStandsStillWhileACardIsWaitedFor(t *testing.T) {
	s := openShop(t)
	box, err := s.box.Generate(1, 3, 60_000)
	s.must(err)
	s.faults(sandbox.Fault{Action: api.ActionLookup, Skip: 1, Times: 1, Do: "delay:200ms"})
	arrived, passed, asked, answered := 0, -1, make(chan struct{}), make(chan struct{})
	_, err = s.desk.Lookup(context.Background(), api.ID(box), func(api.Node) error {
		switch arrived++; arrived {
		case 10_000:
			go func() {
				close(asked)
				s.known(reel)
				close(answered)
			}()
			<-asked
		}
		select {
		case <-answered:
			if passed < 0 {
				passed = arrived
			}
		default:
		}
		return nil
	})
	s.must(err)
	<-answered
	if passed < 0 || passed > 40_000 {
		t.Errorf("the card came after %d of 60,000 codes had passed", passed)
	}
}
