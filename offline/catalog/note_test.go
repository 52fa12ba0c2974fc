package catalog

import (
	"context"
	"errors"
	"slices"
	"testing"

	"counterfoil/api"
)

// path is the answer to a look-up of a code of box X1: what holds it, and the code.
func path(k, reel int, status string) []api.Node {
	of := collect(func(each func(api.Node) error) error { return box("X1", 1, 2, 300, status, each) })
	code := of[len(of)-1]
	code.ID, code.Parent = codeID(k), []string{"RX1-0-0", "RX1-0-1"}[reel]
	return []api.Node{
		{Level: api.LevelBox, ID: "X1", Remaining: -1}, {Level: api.LevelPackage, ID: "BX1-0", Parent: "X1", Remaining: -1},
		{Level: api.LevelReel, ID: code.Parent, Parent: "BX1-0", Remaining: -1}, code,
	}
}

func twoReels(t *testing.T) *Catalog {
	c := open(t, t.TempDir())
	lookUp(t, c, "X1", collect(func(each func(api.Node) error) error { return box("X1", 1, 2, 300, "03", each) }))
	return c
}

func statusOf(t *testing.T, c *Catalog, k int) string {
	t.Helper()
	n, ok, err := c.Get(context.Background(), api.ID(codeID(k)))
	if err != nil || !ok {
		t.Fatalf("code %d: %v %v", k, ok, err)
	}
	return n.Status
}

// answered is an answer to a look-up of code k as news.
func answered(k int, nodes []api.Node) News {
	return News{Confirmed{ID: api.ID(codeID(k)), Seen: testTime}, nodes}
}

func activated(k int) News {
	return News{Confirmed: Confirmed{api.ID(codeID(k)), "00", testTime}}
}

func TestNoteSetsStatusesOfWhatItsAnswersRepeat(t *testing.T) {
	c := twoReels(t)
	var news []News
	for _, k := range []int{0, 1, 127, 128, 299, 300, 599} {
		news = append(news, answered(k, path(k, k/300, "03")), activated(k))
	}
	if err := c.Note(context.Background(), news); err != nil {
		t.Fatal(err)
	}
	for k := range 600 {
		want := "03"
		switch k {
		case 0, 1, 127, 128, 299, 300, 599:
			want = "00"
		}
		if got := statusOf(t, c, k); got != want {
			t.Errorf("code %d is %s, not %s", k, got, want)
		}
	}
	drain(t, c)
	m := modelOf(c, t)
	m.equal(t, c)
	clean(t, c, m)
}

func TestNoteTakesNewsInTheirOrder(t *testing.T) {
	ctx := context.Background()
	other := path(1, 0, "03")
	other[3].Remaining = 7
	for name, k := range map[string]struct {
		code int
		news []api.Node
	}{
		"another status": {1, path(1, 0, "04")}, "another reel": {1, path(1, 1, "03")}, "an unknown code": {9999, path(9999, 0, "03")},
		"another number of uses": {1, other},
	} {
		c := twoReels(t)
		err := c.Note(ctx, []News{
			answered(0, path(0, 0, "03")), activated(0), answered(k.code, k.news), activated(2), answered(2, path(2, 0, "03")),
		})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		want := k.news[3]
		n, _, err := c.Get(ctx, api.ID(want.ID))
		if err != nil || n.Parent != want.Parent || n.Status != want.Status || n.Remaining != want.Remaining {
			t.Errorf("%s: the code is %+v, want %+v (%v)", name, n, want, err)
		}
		if got := statusOf(t, c, 0); got != "00" {
			t.Errorf("%s: the status was not set behind its answer: %s", name, got)
		}
		if got := statusOf(t, c, 2); got != "03" {
			t.Errorf("%s: the answer behind the status was not taken: %s", name, got)
		}
		drain(t, c)
		m := modelOf(c, t)
		m.equal(t, c)
		clean(t, c, m)
	}
}

func TestNoteSetsNothingWhereAnAnswerCannotBeStored(t *testing.T) {
	c := twoReels(t)
	want := modelOf(c, t)
	orphan := path(9999, 0, "03")[3:]
	err := c.Note(context.Background(), []News{activated(0), answered(1, path(1, 1, "03")), answered(9999, orphan)})
	if !errors.Is(err, ErrOrder) {
		t.Errorf("noted an answer whose parent has not come: %v", err)
	}
	drain(t, c)
	want.equal(t, c)
	clean(t, c, want)
}

// What a connection keeps in memory must not outlive the next commit.
func TestReadersSeeEveryCommitAtOnce(t *testing.T) {
	ctx := context.Background()
	c := twoReels(t)
	everyReader := func(want string, reel int) {
		t.Helper()
		for range 2 * readers {
			for _, k := range []int{5, 6, 200} {
				if got := statusOf(t, c, k); got != want {
					t.Fatalf("code %d is %s, not %s", k, got, want)
				}
				name, holders, err := c.Above(ctx, api.ID(codeID(k)))
				if n, _, _ := c.Get(ctx, api.ID(codeID(k))); err != nil || name != n.Name || len(holders) != 3 ||
					holders[api.LevelBox] != "X1" || holders[api.LevelPackage] != "BX1-0" || holders[api.LevelReel] != path(k, reel, "")[3].Parent {
					t.Fatalf("code %d: %q %v %v", k, name, holders, err)
				}
			}
		}
	}
	everyReader("03", 0)
	for i := range 6 {
		status := statuses[i%2]
		for _, k := range []int{5, 6, 200} {
			if err := c.SetStatus(ctx, api.ID(codeID(k)), status, testTime); err != nil {
				t.Fatal(err)
			}
		}
		everyReader(status, 0)
		for _, k := range []int{5, 6, 200} { // each moves into the other reel, and back
			lookUp(t, c, codeID(k), path(k, 1, status))
		}
		everyReader(status, 1)
		if err := c.SetStatus(ctx, "RX1-0-1", "04", testTime); err != nil {
			t.Fatal(err)
		}
		everyReader("04", 1)
		for _, k := range []int{5, 6, 200} {
			lookUp(t, c, codeID(k), path(k, 0, "04"))
		}
		everyReader("04", 0)
	}
	drain(t, c)
	m := modelOf(c, t)
	m.equal(t, c)
	clean(t, c, m)
}

// Between a switch and the collector a code that moved stands in two places.
func TestMovedCodeIsSoughtInItsNewPlaceBeforeTheOldOneIsCleared(t *testing.T) {
	ctx := context.Background()
	c := twoReels(t)
	drain(t, c)
	c.pace.moves = 0
	moved := collect(func(each func(api.Node) error) error { return box("X1", 1, 2, 300, "03", each) })
	moved = slices.DeleteFunc(moved, func(n api.Node) bool { return n.ID == "RX1-0-0" || n.Parent == "RX1-0-0" })
	for k := range 10 {
		moved = append(moved, path(k, 1, "03")[3])
	}
	c.collector.stop()
	c.collector = collector{}
	lookUp(t, c, "RX1-0-1", moved)
	for _, k := range []int{50, 5, 51, 6, 7} {
		want := "RX1-0-0"
		if k < 10 {
			want = "RX1-0-1"
		}
		for range 2 * readers {
			if _, holders, err := c.Above(ctx, api.ID(codeID(k))); err != nil || holders[api.LevelReel] != want {
				t.Errorf("code %d: %v %v", k, holders, err)
			}
		}
	}
	drain(t, c)
	m := modelOf(c, t)
	m.equal(t, c)
	clean(t, c, m)
}
