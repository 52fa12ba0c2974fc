package review

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"counterfoil/api"
	"counterfoil/offline/operation"
	"counterfoil/offline/review/marks"
	"counterfoil/offline/sqlite"
)

var zone = time.FixedZone("CST", 8*60*60)

func room(tb testing.TB, ask func(context.Context, api.ID) (api.Answer, []api.Record)) *Room {
	tb.Helper()
	day := func(t time.Time) string { return t.Format(time.DateOnly) }
	none := func(context.Context, []string) ([]operation.Operation, error) { return nil, nil }
	r := New(Options{
		Settings: Settings{MaxAge: time.Hour, Kinds: map[string]string{"1": "made", "2": "used", "3": "cancelled"}, Marks: marks.Defaults()},
		Dir:      tb.TempDir(), Zone: zone, Now: time.Now, Parallel: 4, Ask: ask, Operations: none,
		OfDay: func(context.Context, string) ([]operation.Operation, error) { return nil, nil },
		Face:  func(context.Context, string) int64 { return 0 }, Shop: marks.Shop{No: "1490", Day: day},
	})
	tb.Cleanup(func() {
		if err := r.Close(); err != nil {
			tb.Error(err)
		}
	})
	return r
}

const (
	box     = "X1123-6430582-102F5"
	usedAt  = "20261122%02d%02d%02d"
	codeFmt = "1001901070%09d-M4DEDSfV"
)

// filled is a room with a box of ten packages and so many records, two a code.
func filled(tb testing.TB, records int) *Room {
	tb.Helper()
	r := room(tb, nil)
	const batch = 5000
	for from := 0; from < records/2; from += batch {
		err := r.write(func(c *sqlite.Conn) error {
			for n := from; n < min(from+batch, records/2); n++ {
				code, pkg, reel := fmt.Sprintf(codeFmt, n), fmt.Sprintf("B1123-%07d-102F5", n*10/(records/2)), fmt.Sprintf("R112102F-%07d-2585", n/1000)
				if err := c.Exec(`INSERT INTO codes (code, reel, pkg, box, most, seen, fetched, trouble, records) VALUES (?,?,?,?,1,1,1,'',2)`, code, reel, pkg, box); err != nil {
					return err
				}
				for i, kind := range []string{"1", "2"} {
					given := api.Record{Code: code, Type: kind, At: fmt.Sprintf(usedAt, n%24, n*7%60, n*13%60), ReturnCode: "00", ShopNo: strconv.Itoa(1400 + n*31%120), TID: strconv.Itoa(54022000 + n*17%400)}
					mark := ""
					if n%100 == 0 && i == 1 {
						mark = []string{"two_shops", "over_use"}[n/100%2]
					}
					if err := c.Exec(`INSERT INTO records (code, at, kind, ok, shop, tid, mark, marks, times, reel, pkg, box, type, data) VALUES (?,?,?,1,?,?,?,?,1,?,?,?,?,?)`,
						code, r.millis(given.At)+int64(n%1000), r.o.Kinds[kind], given.ShopNo, given.TID, mark, mark, reel, pkg, box, kind, encode(given)); err != nil {
						return err
					}
				}
			}
			return nil
		})
		if err != nil {
			tb.Fatal(err)
		}
	}
	return r
}

// BenchmarkMillion reads pages of a million records in every order and by every
// filter, and their sums; the slowest reading of each kind is told.
func BenchmarkMillion(b *testing.B) {
	r := filled(b, 1_000_000)
	ctx := context.Background()
	slowest := map[string]time.Duration{}
	took := func(what string, f func() error) {
		began := time.Now()
		if err := f(); err != nil {
			b.Fatal(err)
		}
		slowest[what] = max(slowest[what], time.Since(began))
	}
	scopes := []api.ID{box, "B1123-0000004-102F5", "R112102F-0000007-2585"}
	filters := []func(*Query){
		func(*Query) {}, func(q *Query) { q.Kind = "used" }, func(q *Query) { q.Shop = "1431" }, func(q *Query) { q.TID = "54022017" },
		func(q *Query) { q.Mark = "two_shops" }, func(q *Query) { q.Kind, q.Shop = "used", "1431" },
		func(q *Query) { q.From = time.Date(2026, 11, 22, 9, 0, 0, 0, zone); q.To = q.From.Add(time.Hour) },
	}
	for b.Loop() {
		for _, id := range scopes {
			for _, by := range []Sort{ByTime, ByCode, ByKind, ByShop, ByTerminal, ByMark} {
				for _, desc := range []bool{false, true} {
					for n, filter := range filters {
						q := Query{ID: id, Sort: by, Desc: desc, Limit: 50}
						filter(&q)
						var page []Record
						what := "sort-ms"
						if n > 0 {
							what = "filter-ms"
						}
						read := func() (err error) {
							page, err = r.Records(ctx, q)
							return err
						}
						began := time.Now()
						took(what, read)
						if d := time.Since(began); d > 50*time.Millisecond && os.Getenv("SLOW") != "" {
							b.Logf("%s by %s desc %v filter %d: %v", id, by, desc, n, d)
						}
						if len(page) > 0 {
							q.After = &page[len(page)-1]
							took("next-ms", read)
						}
					}
				}
			}
			took("totals-ms", func() error {
				_, err := r.Totals(ctx, id)
				return err
			})
		}
	}
	for what, d := range slowest {
		b.ReportMetric(float64(d.Microseconds())/1000, what)
	}
}

// BenchmarkFetch has the records of a package against a platform that answers
// in 20 ms, and the same calls bare.
func BenchmarkFetch(b *testing.B) {
	const codes, parallel = 2000, 4
	ask := func(_ context.Context, code api.ID) (api.Answer, []api.Record) {
		<-time.After(20 * time.Millisecond)
		return api.Answer{Outcome: api.Answered, Code: "00"}, []api.Record{{Code: string(code), At: "20261122101500", Type: "1", ReturnCode: "00"}, {Code: string(code), At: "20261122111500", Type: "2", ReturnCode: "00", ShopNo: "1490"}}
	}
	var shares []float64
	for b.Loop() {
		began := time.Now()
		done := make(chan bool)
		for w := range parallel {
			go func() {
				for n := w; n < codes; n += parallel {
					ask(context.Background(), api.ID(fmt.Sprintf(codeFmt, n)))
				}
				done <- true
			}()
		}
		for range parallel {
			<-done
		}
		bare := time.Since(began)
		r := room(b, ask)
		began = time.Now()
		err := r.Fetch(context.Background(), box, false, func(each func(Code) error) error {
			for n := range codes {
				if err := each(Code{ID: fmt.Sprintf(codeFmt, n), Reel: "R1", Pkg: "B1", Box: box, Remaining: 1, Seen: time.Now()}); err != nil {
					return err
				}
			}
			return nil
		}, nil)
		if err != nil {
			b.Fatal(err)
		}
		shares = append(shares, bare.Seconds()/time.Since(began).Seconds())
	}
	slices.Sort(shares)
	b.ReportMetric(shares[len(shares)/2], "×bare")
}

func TestNothingIsOpenedOnceTheRoomIsClosed(t *testing.T) {
	t.Parallel()
	r := room(t, nil)
	if err := r.NoteLook(marks.Look{At: time.Now(), ID: box}, operation.Scanned); err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if err := r.NoteLook(marks.Look{At: time.Now(), ID: box}, operation.Scanned); !errors.Is(err, sqlite.ErrClosed) {
		t.Errorf("got %v", err)
	}
}

func TestADamagedFileIsBegunAnew(t *testing.T) {
	t.Parallel()
	r := room(t, nil)
	look := func() error { return r.NoteLook(marks.Look{At: time.Now(), ID: box}, operation.Scanned) }
	if err := os.WriteFile(filepath.Join(r.o.Dir, fileName), []byte(strings.Repeat("no database ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := look(); err != nil {
		t.Errorf("a cache that may be lost hinders: %v", err)
	}
}
