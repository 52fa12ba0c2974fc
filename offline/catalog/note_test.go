package catalog

import (
	"context"
	"runtime"
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

func TestNoteSetsStatusesOfWhatItsAnswersRepeat(t *testing.T) {
	c := twoReels(t)
	var answers [][]api.Node
	var done []Confirmed
	for _, k := range []int{0, 1, 127, 128, 299, 300, 599} {
		answers = append(answers, path(k, k/300, "03"))
		done = append(done, Confirmed{api.ID(codeID(k)), "00", testTime})
	}
	shown, noted, err := c.Note(context.Background(), answers, done)
	if err != nil || !noted {
		t.Fatalf("shown %v, noted %v: %v", shown, noted, err)
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
	m := modelOf(c, t)
	m.equal(t, c)
	clean(t, c, m)
}

func TestNoteSetsNothingWhereAnAnswerTellsSomethingNew(t *testing.T) {
	c := twoReels(t)
	other := path(1, 0, "03")
	other[3].Remaining = 7
	for name, news := range map[string][]api.Node{
		"another status": path(1, 0, "04"), "another reel": path(1, 1, "03"), "an unknown code": path(9999, 0, "03"),
		"another number of uses": other, "nothing": nil,
	} {
		shown, noted, err := c.Note(context.Background(), [][]api.Node{path(0, 0, "03"), news, path(2, 0, "03")},
			[]Confirmed{{api.ID(codeID(0)), "00", testTime}})
		if err != nil || noted || !shown[0] || shown[1] || !shown[2] {
			t.Errorf("%s: shown %v, noted %v: %v", name, shown, noted, err)
		}
		if got := statusOf(t, c, 0); got != "03" {
			t.Errorf("%s: the status was set all the same: %s", name, got)
		}
	}
	if shown, noted, err := c.Note(context.Background(), [][]api.Node{path(0, 0, "03")}, nil); err != nil || !noted || !shown[0] {
		t.Errorf("without statuses: shown %v, noted %v: %v", shown, noted, err)
	}
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
	for i := range 20 {
		status := statuses[i%2]
		list := []Confirmed{{api.ID(codeID(5)), status, testTime}, {api.ID(codeID(6)), status, testTime}, {api.ID(codeID(200)), status, testTime}}
		if err := c.SetStatuses(ctx, list); err != nil {
			t.Fatal(err)
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

// Between a switch and the sweeper a code that moved stands in two places.
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
	queued := func(n int32) {
		for {
			if c.lock.waiting.Load() == n {
				return
			}
			runtime.Gosched()
		}
	}
	// The sweeper comes after the second one asking, which keeps the writer.
	give := c.lock.take(false)
	landed := make(chan struct{})
	go func() {
		defer close(landed)
		lookUp(t, c, "RX1-0-1", moved)
	}()
	queued(1)
	held := make(chan struct{})
	go func() {
		give = c.lock.take(false)
		close(held)
	}()
	queued(2)
	give()
	<-held
	<-landed
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
	give()
	drain(t, c)
	m := modelOf(c, t)
	m.equal(t, c)
	clean(t, c, m)
}
