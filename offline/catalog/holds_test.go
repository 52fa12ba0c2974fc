package catalog

import (
	"context"
	"testing"

	"counterfoil/api"
)

func TestHoldsKnowsWhatItCannotTell(t *testing.T) {
	ctx := context.Background()
	c := open(t, t.TempDir())
	lookUp(t, c, "X100001", []api.Node{
		{Level: api.LevelBox, ID: "X100001"}, {Level: api.LevelPackage, ID: "B100001", Parent: "X100001"},
		{Level: api.LevelReel, ID: "R100001", Parent: "B100001"}, {Level: api.LevelCode, ID: "1000001", Parent: "R100001"},
	})
	lookUp(t, c, "R200001", []api.Node{
		{Level: api.LevelReel, ID: "R200001"}, {Level: api.LevelCode, ID: "2000001", Parent: "R200001"},
	})
	for _, k := range []struct {
		ancestor, id api.ID
		holds, known bool
	}{
		{"X100001", "1000001", true, true},
		{"R100001", "1000001", true, true},
		{"X100001", "B100001", true, true},
		{"X999999", "1000001", false, true},
		{"R999999", "1000001", false, true},
		{"R200001", "2000001", true, true},
		{"R100001", "2000001", false, true},  // it stands in another reel
		{"B100001", "2000001", false, false}, // its package was never seen
		{"X100001", "R200001", false, false},
		{"X100001", "3000001", false, false},
		{"R100001", "R200001", false, true}, // a reel holds no reel
		{"1000001", "X100001", false, true},
	} {
		holds, known, err := c.Holds(ctx, k.ancestor, k.id)
		if err != nil || holds != k.holds || known != k.known {
			t.Errorf("%s holds %s: %v, known %v (%v)", k.ancestor, k.id, holds, known, err)
		}
	}
}

func TestPackagesWithoutABoxGetItWhenItIsSeen(t *testing.T) {
	ctx := context.Background()
	c := open(t, t.TempDir())
	reel := []api.Node{
		{Level: api.LevelPackage, ID: "B100001"}, {Level: api.LevelReel, ID: "R100001", Parent: "B100001"},
		{Level: api.LevelCode, ID: "1000001", Parent: "R100001", Status: "03"},
		{Level: api.LevelCode, ID: "1000002", Parent: "R100001", Status: "03"},
	}
	if n := lookUp(t, c, "R100001", reel); n.Partial || n.Codes != 2 || n.Parent != "B100001" {
		t.Fatalf("the reel is %+v", n)
	}
	if n, _, err := c.Get(ctx, "B100001"); err != nil || !n.Partial {
		t.Fatalf("the package is %+v (%v)", n, err)
	}
	boxed := append([]api.Node{{Level: api.LevelBox, ID: "X100001"}}, reel...)
	boxed[1].Parent = "X100001"
	n := lookUp(t, c, "1000001", boxed)
	if n.Parent != "R100001" {
		t.Fatalf("the code is %+v", n)
	}
	path, err := c.Path(ctx, "1000002")
	if err != nil || len(path) != 3 || path[0].ID != "X100001" || path[0].Codes != 2 {
		t.Fatalf("the path is %+v (%v)", path, err)
	}
	// An answer without the box again does not take it away.
	lookUp(t, c, "B100001", reel)
	roots, err := c.Children(ctx, Page{Limit: 10})
	if err != nil || len(roots) != 1 || roots[0].ID != "X100001" || roots[0].Counts["03"] != 2 {
		t.Fatalf("the roots are %+v (%v)", roots, err)
	}
}
