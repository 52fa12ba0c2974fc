package catalog

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"counterfoil/api"

	"pgregory.net/rapid"
)

// forest is a catalog with some history, and all of it read by pages.
func forest(rt *rapid.T, f func(c *Catalog, a *answerer, tree []Node)) {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "catalog")
	if err != nil {
		rt.Fatal(err)
	}
	defer os.RemoveAll(dir)
	c, err := Open(ctx, Options{Dir: dir})
	if err != nil {
		rt.Fatal(err)
	}
	defer c.Close()
	a := &answerer{
		r:     rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 1)),
		reels: 6, codes: rapid.SampledFrom([]int{30, 900}).Draw(rt, "codes"),
	}
	var ids []string
	for range rapid.IntRange(1, 6).Draw(rt, "steps") {
		root, answer := a.answer()
		lookUp(rt, c, root, answer)
		for _, n := range answer {
			ids = append(ids, n.ID)
		}
		for range 2 {
			id := api.ID(ids[a.r.IntN(len(ids))])
			if err := c.SetStatus(ctx, id, statuses[a.r.IntN(4)], testTime); err != nil {
				rt.Fatal(err)
			}
		}
	}
	drain(rt, c)
	var tree []Node
	var read func(parent string)
	read = func(parent string) {
		for n := range children(rt, c, parent, "", 100) {
			tree = append(tree, n)
			if n.Level != api.LevelCode {
				read(n.ID)
			}
		}
	}
	read("")
	f(c, a, tree)
}

func siblings(tree []Node, parent string) (out []Node) {
	for _, n := range tree {
		if n.Parent == parent {
			out = append(out, n)
		}
	}
	return out
}

func names(nodes []Node) (out []string) {
	for _, n := range nodes {
		out = append(out, n.ID)
	}
	return out
}

func TestPagesForwardAndBackwardAreTheSame(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		forest(rt, func(c *Catalog, a *answerer, tree []Node) {
			ctx := context.Background()
			parents := []string{""}
			for _, n := range tree {
				if n.Level != api.LevelCode {
					parents = append(parents, n.ID)
				}
			}
			for _, parent := range parents {
				for _, status := range append([]string{""}, statuses...) {
					var want []string
					for _, n := range siblings(tree, parent) {
						if status == "" || n.Counts[status] > 0 {
							want = append(want, n.ID)
						}
					}
					limit := 1 + a.r.IntN(150)
					var forward, backward []string
					for n := range children(rt, c, parent, status, limit) {
						forward = append(forward, n.ID)
					}
					p := Page{Parent: parent, Status: status, Limit: limit, Last: true}
					for {
						page, err := c.Children(ctx, p)
						if err != nil {
							rt.Fatal(err)
						}
						backward = append(names(page), backward...)
						if len(page) < limit {
							break
						}
						p.Last, p.Before = false, page[0].Key
					}
					if !slices.Equal(forward, want) || !slices.Equal(backward, want) {
						rt.Fatalf("%q %q by %d: forward %v\nbackward %v\nwant %v", parent, status, limit, forward, backward, want)
					}
				}
			}
		})
	})
}

func TestPlaceAmongSiblingsIsExact(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		forest(rt, func(c *Catalog, a *answerer, tree []Node) {
			ctx := context.Background()
			at := map[string]int64{}
			for _, n := range tree {
				i, of, ok, err := c.Position(ctx, api.ID(n.ID))
				if err != nil || !ok || i != at[n.Parent] || of != int64(len(siblings(tree, n.Parent))) {
					rt.Fatalf("%s in %q is %d of %d, want %d (%v)", n.ID, n.Parent, i, of, at[n.Parent], err)
				}
				got, ok, err := c.ChildAt(ctx, n.Parent, i)
				if err != nil || !ok || got.ID != n.ID || got.Key != n.Key {
					rt.Fatalf("child %d of %q is %q, want %q (%v)", i, n.Parent, got.ID, n.ID, err)
				}
				at[n.Parent]++
			}
			for parent, n := range at {
				if got, ok, err := c.ChildAt(ctx, parent, n); ok || err != nil {
					rt.Fatalf("child behind the last of %q is %q (%v)", parent, got.ID, err)
				}
			}
		})
	})
}

func TestFindEqualsASearchThroughAll(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		forest(rt, func(c *Catalog, a *answerer, tree []Node) {
			ctx := context.Background()
			byID := map[string]Node{}
			for _, n := range tree {
				byID[n.ID] = n
			}
			under := func(id, top string) bool {
				for at := byID[id].Parent; ; at = byID[at].Parent {
					if at == top {
						return true
					}
					if at == "" {
						return false
					}
				}
			}
			for range 12 {
				s := Search{Text: []string{"", "1", "01", "r", "R1", "-aB", "0021-abc", "name1", "NAME", "B", "zz", "5-abc1"}[a.r.IntN(12)]}
				if s.Text == "" || a.r.IntN(3) == 0 {
					s.Status = statuses[a.r.IntN(4)]
				}
				if a.r.IntN(3) == 0 {
					s.Under = tree[a.r.IntN(len(tree))].ID
				}
				behind := 0
				if k := a.r.IntN(len(tree)); a.r.IntN(3) == 0 && (s.Under == "" || under(tree[k].ID, s.Under)) {
					s.After, behind = tree[k].ID, k+1
				}
				var want []Match
				for _, n := range tree[behind:] {
					text := strings.Contains(strings.ToLower(n.ID), strings.ToLower(s.Text)) ||
						strings.Contains(strings.ToLower(n.Name), strings.ToLower(s.Text))
					if s.Text == "" {
						text = n.Level == api.LevelCode
					}
					if text && (s.Status == "" || n.Counts[s.Status] > 0) && (s.Under == "" || under(n.ID, s.Under)) {
						want = append(want, Match{int64(len(want)) + 1, n.ID, n.Level, n.Parent})
					}
				}
				if a.r.IntN(3) == 0 {
					s.Limit = 1 + a.r.IntN(5)
					want = want[:min(len(want), s.Limit)]
				}
				count := int64(len(want))
				if a.r.IntN(3) == 0 {
					s.Whole, s.Every = 1+a.r.Int64N(3), a.r.Int64N(4)
					want = slices.DeleteFunc(want, func(m Match) bool {
						return m.N > s.Whole && (s.Every == 0 || (m.N-s.Whole)%s.Every != 0)
					})
				}
				var got []Match
				n, err := c.Find(ctx, s, func(m Match) error { got = append(got, m); return nil })
				if err != nil || n != count || !slices.Equal(got, want) {
					rt.Fatalf("%+v finds %d %v\nwant %v (%v)", s, n, got, want, err)
				}
			}
		})
	})
}

func TestWalkTellsAllOfATree(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		forest(rt, func(c *Catalog, a *answerer, tree []Node) {
			top := tree[a.r.IntN(len(tree))].ID
			want, in := []string{}, map[string]bool{top: true}
			for _, n := range tree {
				if in[n.ID] || in[n.Parent] {
					in[n.ID] = true
					want = append(want, fmt.Sprint(n))
				}
			}
			got := []string{}
			err := c.Walk(context.Background(), api.ID(top), func(n Node) error { got = append(got, fmt.Sprint(n)); return nil })
			if err != nil || !slices.Equal(got, want) {
				rt.Fatalf("walk of %s: %v\nwant %v (%v)", top, got, want, err)
			}
		})
	})
}

// looksOf is what a node's neighbours are compared by.
func looksOf(n Node) string {
	var has []string
	for s := range n.Counts {
		has = append(has, s)
	}
	slices.Sort(has)
	return strings.Join(has, " ")
}

func TestOutlierFindsWhatDiffersFromItsNeighbours(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		forest(rt, func(c *Catalog, a *answerer, tree []Node) {
			for range 10 {
				from := tree[a.r.IntN(len(tree))]
				n, ok, err := c.Outlier(context.Background(), api.ID(from.ID))
				if err != nil {
					rt.Fatal(err)
				}
				if ok {
					if (n.Level == api.LevelCode) != (from.Level == api.LevelCode) {
						rt.Fatalf("outlier from %s is %s", from.ID, n.ID)
					}
					most(rt, siblings(tree, n.Parent), n)
					continue
				}
				// None: then all siblings but perhaps from look as most of them do.
				for _, s := range siblings(tree, from.Parent) {
					if (s.Level == api.LevelCode) == (from.Level == api.LevelCode) && s.ID != from.ID && isOutlier(siblings(tree, from.Parent), s) {
						rt.Fatalf("outlier from %s found nothing, but %s is", from.ID, s.ID)
					}
				}
			}
		})
	})
}

// count says how many nodes of like's kind look as it does, how many look as
// most do, and whether most of them look like one.
func count(nodes []Node, like Node) (same, most int, tie bool) {
	by := map[string]int{}
	for _, n := range nodes {
		if n.Codes > 0 && (n.Level == api.LevelCode) == (like.Level == api.LevelCode) {
			by[looksOf(n)]++
			most = max(most, by[looksOf(n)])
		}
	}
	looks := 0
	for _, n := range by {
		if n == most {
			looks++
		}
	}
	return by[looksOf(like)], most, looks > 1
}

func isOutlier(nodes []Node, n Node) bool {
	same, most, _ := count(nodes, n)
	return n.Codes > 0 && same < most
}

func most(rt *rapid.T, nodes []Node, n Node) {
	if same, most, tie := count(nodes, n); same == most && !tie {
		rt.Fatalf("%s looks as most of its %d neighbours do", n.ID, len(nodes))
	}
}
