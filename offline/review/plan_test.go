package review

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"counterfoil/api"
	"counterfoil/offline/sqlite"
)

// plan is how SQLite goes about the pages of a query, where up to few rows are sorted.
func plan(t *testing.T, r *Room, q Query, few int64) (steps string) {
	t.Helper()
	err := r.read(context.Background(), func(c *sqlite.Conn) error {
		query, args, err := q.keys(c, few)
		if err != nil {
			return err
		}
		return c.Each("EXPLAIN QUERY PLAN "+query, args, func(row sqlite.Row) error {
			steps += row.Text(3) + "\n"
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return steps
}

// A package's and a box's rows are walked in every order, and the next page goes on
// where the last ended. A code's and a reel's are sorted, by themselves only.
func TestNoPageReadsOrSortsWhatIsNotOfTheId(t *testing.T) {
	t.Parallel()
	r := filled(t, 2000)
	for name, list := range queries() {
		for _, q := range list {
			page, err := r.Records(t.Context(), Query{ID: q.ID, Limit: 1})
			if err != nil || len(page) == 0 {
				t.Fatalf("%s: %d records, %v", q.ID, len(page), err)
			}
			for _, after := range []*Record{nil, &page[0]} {
				q.After = after
				scope, _ := in(q.ID, "records")
				sorted := q.Sort != ByCode && !slices.Contains(ordered(scope), q.Sort)
				steps := plan(t, r, q, -1)
				if strings.Contains(steps, "SCAN") || strings.Contains(steps, "TEMP B-TREE") && !sorted {
					t.Errorf("%s of %s by %s:\n%s", name, q.ID, q.Sort, steps)
				}
				if steps = plan(t, r, q, few); strings.Contains(steps, "SCAN") {
					t.Errorf("%s of %s by %s, narrow:\n%s", name, q.ID, q.Sort, steps)
				}
			}
		}
	}
}

// Which way a page is found must not show in it.
func TestAPageIsTheSameWalkedOrSorted(t *testing.T) {
	t.Parallel()
	r := filled(t, 2000)
	for name, list := range queries() {
		for _, q := range list {
			var keys [2][]int64
			for i, most := range []int64{-1, few} {
				err := r.read(t.Context(), func(c *sqlite.Conn) error {
					query, args, err := q.keys(c, most)
					if err != nil {
						return err
					}
					return c.Each(query, args, func(row sqlite.Row) error {
						keys[i] = append(keys[i], row.Int(0))
						return nil
					})
				})
				if err != nil {
					t.Fatal(err)
				}
			}
			if !slices.Equal(keys[0], keys[1]) {
				t.Errorf("%s of %s by %s: %v walked, %v sorted", name, q.ID, q.Sort, keys[0], keys[1])
			}
		}
	}
}

func TestARecordIsOfABoxThatBecameKnownLater(t *testing.T) {
	t.Parallel()
	r := room(t, func(_ context.Context, code api.ID) (api.Answer, []api.Record) {
		return api.Answer{Outcome: api.Answered, Code: "00"}, []api.Record{{Code: string(code), At: "20261122101500", Type: "2", ReturnCode: "00"}}
	})
	const pkg = "B1123-0000004-102F5"
	for _, k := range []Code{{Pkg: pkg, Remaining: -1}, {Reel: "R112102F-0000007-2585", Pkg: pkg, Box: box, Remaining: 1}, {Remaining: -1}} {
		k.ID = fmt.Sprintf(codeFmt, 1)
		if err := r.Fetch(t.Context(), api.ID(k.ID), false, func(each func(Code) error) error { return each(k) }, nil); err != nil {
			t.Fatal(err)
		}
	}
	for _, id := range []api.ID{box, pkg, "R112102F-0000007-2585"} {
		if page, err := r.Records(t.Context(), Query{ID: id, Limit: 9}); err != nil || len(page) != 1 {
			t.Errorf("%s has %d records, want 1 (%v)", id, len(page), err)
		}
	}
}
