package review

import (
	"context"
	"fmt"
	"path/filepath"
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
				steps = strings.ReplaceAll(steps, "TEMP B-TREE FOR LAST 3 TERMS", "") // of codes that begin alike
				if strings.Contains(steps, "SCAN") || strings.Contains(steps, "TEMP B-TREE") && !sorted {
					t.Errorf("%s of %s by %s:\n%s", name, q.ID, q.Sort, steps)
				}
				if after != nil && q.only(q.Sort) != "" && !sorted && !strings.Contains(steps, "at>") && !strings.Contains(steps, "at<") {
					t.Errorf("%s of %s by %s walks from the end of its value:\n%s", name, q.ID, q.Sort, steps)
				}
				if q.ID == box && q.narrowest() != "" && strings.Contains(steps, "codes_box") {
					t.Errorf("%s by code reads what the filter leaves out:\n%s", name, steps)
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

func TestAPlaceGrowsWithTheCode(t *testing.T) {
	t.Parallel()
	list := []string{"", "-", "1", "10", "10-a", "1001901070000000258-M4DEDSfV", "1001901070000000258-a", "1001901070000000259-A", "10014030013500006013", "10014030013500006014",
		"1001901070", "100190107X", "1a", "1z9", "2", "999999999999999999", "9999999999999999999", "A", "z1"}
	slices.Sort(list)
	for i, code := range list[1:] {
		if place(list[i]) > place(code) {
			t.Errorf("%s stands at %d, %s at %d", list[i], place(list[i]), code, place(code))
		}
	}
}

func TestTheBeginningOfACodeIsFoundWithoutReadingTheOthers(t *testing.T) {
	t.Parallel()
	r := filled(t, 2000)
	for _, by := range []Sort{ByTime, ByCode, ByKind, ByShop, ByTerminal, ByMark} {
		for text, want := range map[string]int{
			"10019010700000000": 200, "100190107000000003": 20, "1001901070000000030-m4de": 2, fmt.Sprintf(codeFmt, 30): 2, "1001901070000000030-X": 0,
		} {
			q := Query{ID: box, Sort: by, Filter: Filter{Text: text}, Limit: 300}
			page, err := r.Records(t.Context(), q)
			if err != nil || len(page) != want {
				t.Errorf("%s by %s: %d records, want %d (%v)", text, by, len(page), want, err)
			}
			if steps := plan(t, r, q, few); !strings.Contains(steps, "codes_box (box=? AND code>? AND code<?)") {
				t.Errorf("%s by %s:\n%s", text, by, steps)
			}
		}
	}
}

func TestWhatIsLookedForIsInARecordsValues(t *testing.T) {
	t.Parallel()
	r := filled(t, 100)
	for text, want := range map[string]int{"shop 1": 100, "Shop 1600": 10, "54022017": 2, "ReturnCode": 0, "shopn": 0, "\":\"": 0, "nobody": 0} {
		if page, err := r.Records(t.Context(), Query{ID: box, Filter: Filter{Text: text}, Limit: 200}); err != nil || len(page) != want {
			t.Errorf("%q: %d records, want %d (%v)", text, len(page), want, err)
		}
	}
}

// A review that is opened again holds nobody up with marks that stand already.
func TestMarksThatStandAreNotWrittenAgain(t *testing.T) {
	t.Parallel()
	r := filled(t, 2000)
	if err := r.write(func(c *sqlite.Conn) error { return c.Exec(`UPDATE records SET times=2 WHERE key%100=0`) }); err != nil {
		t.Fatal(err)
	}
	c, err := sqlite.Open(sqlite.Name(filepath.Join(r.o.Dir, fileName), reading))
	if err != nil {
		t.Fatal(err)
	}
	var versions []int64
	for range 3 { // the first takes away what the fixture set
		if _, err := r.Mark(t.Context(), box); err != nil {
			t.Fatal(err)
		}
		n, err := c.Int(`PRAGMA data_version`)
		if err != nil {
			t.Fatal(err)
		}
		versions = append(versions, n)
	}
	if versions[0] != versions[1] || versions[1] != versions[2] {
		t.Errorf("the file was written each time: %v", versions)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}
