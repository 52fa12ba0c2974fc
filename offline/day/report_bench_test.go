package day_test

import (
	"context"
	"flag"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"counterfoil/offline/day"
	"counterfoil/offline/journal"
	"counterfoil/offline/journal/chain"
	"counterfoil/offline/operation"
	"counterfoil/offline/sqlite"
)

// The journal's size before the day; the promise is of ten million.
var earlier = flag.Int("earlier", 1_000_000, "events before the day of the benchmark")

const operations = 100_000

var cst = time.FixedZone("CST", 8*60*60)

// BenchmarkReport measures report X, and a close, of a day of a hundred thousand
// operations, in a journal that holds nothing before it and in one that holds much.
func BenchmarkReport(b *testing.B) {
	for _, before := range []int{0, *earlier} {
		b.Run(fmt.Sprintf("earlier=%d", before), func(b *testing.B) {
			dir := filepath.Join(b.TempDir(), "data")
			fill(b, dir, before)
			j := openIn(b, dir)
			c := day.Closing{Zone: cst, Today: "2026-11-22"}
			b.Run("x", func(b *testing.B) {
				for b.Loop() {
					err := j.Snapshot(context.Background(), func(s *journal.Snapshot) error {
						r, err := day.Preview(s, c)
						if err == nil && r.Outcomes.Active.Ops != operations {
							err = fmt.Errorf("%d active", r.Outcomes.Active.Ops)
						}
						return err
					})
					if err != nil {
						b.Fatal(err)
					}
				}
			})
			b.Run("z", func(b *testing.B) {
				undone := fmt.Errorf("not kept")
				for b.Loop() {
					err := j.Write(context.Background(), func(t *journal.Tx) error {
						if _, _, err := day.Close(t, c); err != nil {
							return err
						}
						return undone // the next round closes the same day
					})
					if err != undone { //nolint:errorlint // as it was returned
						b.Fatal(err)
					}
				}
			})
		})
	}
}

func openIn(tb testing.TB, dir string) *journal.Journal {
	tb.Helper()
	j, err := journal.Open(context.Background(), journal.Options{Dir: dir})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = j.Close() })
	return j
}

// fill makes a journal with so many events before, cut by a close, and a day.
func fill(b *testing.B, dir string, before int) {
	b.Helper()
	must := func(err error) {
		b.Helper()
		if err != nil {
			b.Fatal(err)
		}
	}
	j := openIn(b, dir)
	must(j.Close())
	if before > 0 {
		db, err := sqlite.Open(sqlite.Name(filepath.Join(dir, journal.DatabaseName), ""))
		must(err)
		must(db.Script(fmt.Sprintf(`PRAGMA synchronous=OFF; BEGIN;
			INSERT INTO headings VALUES (1, 'accepted', 'activate', 'amy', '2026-11-21', 1, 0), (2, 'active', 'activate', 'amy', '2026-11-21', 1, 0);
			WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < %[1]d)
				INSERT INTO events SELECT i, '2026-11-21T10:00:00+08:00', 'op' || (i / 3), 'accepted', '{}', '', '' FROM n;
			INSERT INTO postings SELECT seq, 1, 3000, seq FROM events WHERE seq %% 3 = 0;
			INSERT INTO postings SELECT seq, 2, 3000, seq - 1 FROM events WHERE seq %% 3 = 1 AND seq > 1;
			UPDATE meta SET value = '%[1]d' WHERE key = '%[2]s'; COMMIT`, before-before%3+1, chain.MetaProjected)))
		must(db.Close())
	}
	j = openIn(b, dir)
	if before > 0 {
		must(j.Write(context.Background(), func(t *journal.Tx) error {
			_, _, err := day.Close(t, day.Closing{Zone: cst, Today: "2026-11-21"})
			return err
		}))
	}
	began := time.Date(2026, 11, 22, 9, 0, 0, 0, cst)
	for first := 0; first < operations; first += 500 {
		must(j.Write(context.Background(), func(t *journal.Tx) error {
			for i := first; i < first+500; i++ {
				if err := sale(t, i, began.Add(time.Duration(i)*400*time.Millisecond)); err != nil {
					return err
				}
			}
			return nil
		}))
	}
	must(j.Close())
}

// sale takes an activation through its events.
func sale(t *journal.Tx, i int, at time.Time) error {
	o := operation.Operation{Op: fmt.Sprintf("01K%023d", i), Kind: operation.Activate, ID: fmt.Sprintf("R112102F-%07d-2585", i), Level: "reel",
		State: operation.Queued, AmountFen: 3000, Operator: []string{"amy", "bob", "eve"}[i%3], Counter: "C01", AcceptedAt: at, Day: "2026-11-22"}
	if err := t.Put(&o, "accepted"); err != nil {
		return err
	}
	o.State = operation.Sending
	o.Attempts = []operation.Attempt{{Trace: fmt.Sprintf("20261122000001%09d", i), SentAt: at, Before: &operation.Seen{At: at, Counts: map[string]int{"03": 10}}}}
	if err := t.Put(&o, "sending"); err != nil {
		return err
	}
	o.State, o.FinishedAt = operation.Done, &at
	o.Attempts[0].EndedAt, o.Attempts[0].Outcome, o.Attempts[0].Code = &at, "answered", "A00"
	return t.Put(&o, "answered")
}
