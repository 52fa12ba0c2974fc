package catalog

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"counterfoil/api"
)

// A box is whole at every moment: either as it was or as it is, never between.
func TestReadersSeeEitherBoxWhileItIsReplaced(t *testing.T) {
	ctx := context.Background()
	c := open(t, t.TempDir())
	c.pace.group, c.pace.moves = 64, 100
	old := collect(func(each func(api.Node) error) error { return box("X1", 3, 5, 40, "03", each) })
	fresh := collect(func(each func(api.Node) error) error { return box("X1", 4, 6, 40, "00", each) })
	lookUp(t, c, "X1", old)
	stop := make(chan struct{})
	var wg sync.WaitGroup
	fail := make(chan error, 8)
	for range 3 {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if err := seesOneBox(ctx, c); err != nil {
					fail <- err
					return
				}
			}
		})
	}
	// Meanwhile cards are looked up and statuses set in another box.
	wg.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			id := fmt.Sprintf("2001-%d", i%50)
			lookUp(t, c, id, []api.Node{
				{Level: api.LevelBox, ID: "X2"}, {Level: api.LevelPackage, ID: "B2", Parent: "X2"},
				{Level: api.LevelReel, ID: "R2", Parent: "B2"}, {Level: api.LevelCode, ID: id, Parent: "R2", Status: "03"},
			})
			if err := c.SetStatus(ctx, api.ID(id), "00", testTime); err != nil {
				fail <- err
				return
			}
		}
	})
	for range 2 {
		lookUp(t, c, "X1", fresh)
		lookUp(t, c, "X1", old)
	}
	close(stop)
	wg.Wait()
	select {
	case err := <-fail:
		t.Fatal(err)
	default:
	}
	drain(t, c)
	m := modelOf(c, t)
	m.equal(t, c)
	clean(t, c, m)
}

func seesOneBox(ctx context.Context, c *Catalog) error {
	n, ok, err := c.Get(ctx, "X1")
	if err != nil || !ok {
		return fmt.Errorf("the box is gone: %w", err)
	}
	if n.Codes != 600 && n.Codes != 960 || n.Codes == 600 && n.Counts["03"] != 600 || n.Codes == 960 && n.Counts["00"] != 960 {
		return fmt.Errorf("half a box: %d %v", n.Codes, n.Counts)
	}
	id := api.ID(codeID(rand.IntN(600)))
	if _, ok, err = c.Get(ctx, id); err != nil || !ok {
		return fmt.Errorf("code %s is gone: %w", id, err)
	}
	if path, err := c.Path(ctx, id); err != nil || len(path) != 3 {
		return fmt.Errorf("path of %s is %d long: %w", id, len(path), err)
	}
	page, err := c.Children(ctx, Page{Parent: "X1", Limit: 10})
	if err != nil || len(page) < 3 {
		return fmt.Errorf("%d packages: %w", len(page), err)
	}
	return nil
}

func TestLoadsAtOnceLeaveOneTree(t *testing.T) {
	c := open(t, t.TempDir())
	c.pace.group, c.pace.moves = 16, 50
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for range 3 {
				lookUp(t, c, "X1", collect(func(each func(api.Node) error) error {
					return box("X1", 2+i%2, 3, 30+i, statuses[i], each)
				}))
			}
		})
	}
	wg.Wait()
	drain(t, c)
	m := modelOf(c, t)
	m.equal(t, c)
	clean(t, c, m)
}

func TestStatusConfirmedWhileItsLookUpArrivesHolds(t *testing.T) {
	ctx := context.Background()
	for _, known := range []bool{false, true} {
		c := open(t, t.TempDir())
		answer := collect(func(each func(api.Node) error) error { return box("X1", 1, 2, 3, "03", each) })
		if known {
			lookUp(t, c, "X1", answer)
		}
		s, err := c.Stage(ctx, "X1")
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range answer {
			if err := s.Add(n); err != nil {
				t.Fatal(err)
			}
		}
		if err := c.SetStatus(ctx, "RX1-0-1", "00", testTime); err != nil {
			t.Fatal(err)
		}
		n, err := s.Commit(ctx, testTime)
		if err != nil || n.Counts["00"] != 3 || n.Counts["03"] != 3 {
			t.Fatalf("known %v: %v %v", known, n.Counts, err)
		}
	}
}

func TestCloseEndsWhatIsStaged(t *testing.T) {
	ctx := context.Background()
	c := open(t, t.TempDir())
	s, err := c.Stage(ctx, "X1")
	if err != nil {
		t.Fatal(err)
	}
	if err := box("X1", 2, 2, 500, "03", s.Add); err != nil {
		t.Fatal(err)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Commit(ctx, testTime); !errors.Is(err, ErrClosed) {
		t.Fatalf("commit after the end: %v", err)
	}
	if _, _, err := c.Get(ctx, "X1"); !errors.Is(err, ErrClosed) {
		t.Fatalf("get after the end: %v", err)
	}
}

func TestFindEndsWithItsContext(t *testing.T) {
	c := open(t, t.TempDir())
	lookUp(t, c, "X1", collect(func(each func(api.Node) error) error { return box("X1", 2, 2, 500, "03", each) }))
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	_, err := c.Find(ctx, Search{Text: "1"}, func(Match) error { cancel(); return nil })
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("find after cancel: %v", err)
	}
}
