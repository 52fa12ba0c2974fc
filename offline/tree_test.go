package offline

import (
	"maps"
	"testing"

	"counterfoil/api"
)

func TestWaitingOperationsAreCountedOnAllThatHoldsThem(t *testing.T) {
	d := &Desk{open: newOpenSet()}
	box := map[api.Level]string{api.LevelBox: "X1"}
	reel := map[api.Level]string{api.LevelBox: "X1", api.LevelPackage: "B1"}
	code := map[api.Level]string{api.LevelBox: "X1", api.LevelPackage: "B1", api.LevelReel: "R1"}
	for i, e := range []*entry{
		{op: Operation{ID: "B1"}, chain: box},
		{op: Operation{ID: "R1"}, chain: reel},
		{op: Operation{ID: "1001"}, chain: code},
		{op: Operation{ID: "1002"}, chain: code},
		{op: Operation{ID: "1001"}, chain: code},
	} {
		e.op.Op = string(rune('a' + i))
		d.open.add(e)
	}
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
