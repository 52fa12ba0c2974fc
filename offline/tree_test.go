package offline

import (
	"maps"
	"testing"
	"time"

	"counterfoil/api"
	"counterfoil/offline/platformtime"
	"counterfoil/offline/worklist"
)

func TestWaitingOperationsAreCountedOnAllThatHoldsThem(t *testing.T) {
	t.Parallel()
	box := map[api.Level]string{api.LevelBox: "X1"}
	reel := map[api.Level]string{api.LevelBox: "X1", api.LevelPackage: "B1"}
	code := map[api.Level]string{api.LevelBox: "X1", api.LevelPackage: "B1", api.LevelReel: "R1"}
	var items []*worklist.Item
	for i, o := range []struct {
		id    string
		above map[api.Level]string
	}{{"B1", box}, {"R1", reel}, {"1001", code}, {"1002", code}, {"1001", code}} {
		op := Operation{Op: string(rune('a' + i)), ID: o.id, State: []State{Queued, Sending, Unknown, Attention, Queued}[i]}
		items = append(items, worklist.Found(op, o.above, time.Time{}))
	}
	d := &Desk{list: worklist.NewList(nil, 0), clock: platformtime.NewClock(platformtime.Options{Now: time.Now, Zone: time.UTC})}
	d.list.Reset(items)
	p, err := d.Pending(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	queued, unknown, person := OpenCount{Waiting: 1}, OpenCount{Unknown: 1}, OpenCount{Attention: 1}
	if want := map[string]OpenCount{"B1": queued, "R1": queued, "1001": {Waiting: 1, Unknown: 1}, "1002": person}; !maps.Equal(p.On, want) {
		t.Errorf("on: %v, want %v", p.On, want)
	}
	below := OpenCount{Waiting: 2, Unknown: 1, Attention: 1}
	if want := map[string]OpenCount{"X1": below.Plus(queued), "B1": below.Plus(queued), "R1": below, "1001": queued.Plus(unknown), "1002": person}; !maps.Equal(p.Below, want) {
		t.Errorf("below: %v, want %v", p.Below, want)
	}
}
