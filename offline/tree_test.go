package offline

import (
	"maps"
	"testing"
	"time"

	"counterfoil/api"
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
		op := Operation{Op: string(rune('a' + i)), ID: o.id, State: Queued}
		items = append(items, worklist.Found(op, o.above, time.Time{}))
	}
	d := &Desk{list: worklist.NewList(nil, 0)}
	d.list.Reset(items)
	p, err := d.Pending(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if want := map[string]int{"B1": 1, "R1": 1, "1001": 2, "1002": 1}; !maps.Equal(p.On, want) {
		t.Errorf("on: %v, want %v", p.On, want)
	}
	if want := map[string]int{"X1": 5, "B1": 5, "R1": 4, "1001": 2, "1002": 1}; !maps.Equal(p.Below, want) {
		t.Errorf("below: %v, want %v", p.Below, want)
	}
}
