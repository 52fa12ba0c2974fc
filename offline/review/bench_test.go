package review

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

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

// filled is a room with a box of ten packages and so many records, two a code. The
// last package is a shop's of its own.
func filled(tb testing.TB, records int) *Room {
	tb.Helper()
	r := room(tb, nil)
	const group = 5000
	for from := 0; from < records/2; from += group {
		var answers []answered
		_, err := r.plan(box, func(each func(Code) error) error {
			for n := from; n < min(from+group, records/2); n++ {
				k := Code{fmt.Sprintf(codeFmt, n), fmt.Sprintf("R112102F-%07d-2585", n/1000), fmt.Sprintf("B1123-%07d-102F5", n*10/(records/2)), box, 1, time.Now()}
				shop := strconv.Itoa(1400 + n*31%120)
				if n*10/(records/2) == 9 {
					shop = "1600"
				}
				var given []api.Record
				for _, kind := range []string{"1", "2"} {
					given = append(given, api.Record{Code: k.ID, Type: kind, At: fmt.Sprintf(usedAt, n%24, n*7%60, n*13%60), ReturnCode: "00", ShopNo: shop, ShopName: "Shop " + shop, TID: strconv.Itoa(54022000 + n*17%400)})
				}
				answers = append(answers, answered{k.ID, api.Answer{Outcome: api.Answered, Code: "00"}, given})
				if err := each(k); err != nil {
					return err
				}
			}
			return nil
		})
		if err == nil {
			err = r.store(answers)
		}
		if err != nil {
			tb.Fatal(err)
		}
	}
	err := r.write(func(c *sqlite.Conn) error {
		return c.Exec(`UPDATE records SET marks=iif(key%400=0, 'two_shops', 'over_use') WHERE key%200=0`)
	})
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

// queries are pages of a box, a package and a reel in every order, by every filter
// and by two at once.
func queries() map[string][]Query {
	all := map[string][]Query{}
	filters := map[string]func(*Query){
		"": func(*Query) {}, "kind": func(q *Query) { q.Kind = "used" }, "shop": func(q *Query) { q.Shop = "1431" }, "own-shop": func(q *Query) { q.Shop = "1600" },
		"terminal": func(q *Query) { q.TID = "54022017" }, "mark": func(q *Query) { q.Mark = "two_shops" },
		"time":          func(q *Query) { q.From = time.Date(2026, 11, 22, 9, 0, 0, 0, zone); q.To = q.From.Add(time.Hour) },
		"kind+shop":     func(q *Query) { q.Kind, q.Shop = "used", "1600" },
		"kind+terminal": func(q *Query) { q.Kind, q.TID = "used", "54022017" },
		"nothing":       func(q *Query) { q.Shop, q.TID = "1600", "54022999" },
	}
	for _, id := range []api.ID{box, "B1123-0000004-102F5", "B1123-0000009-102F5", "R112102F-0000000-2585"} {
		for _, by := range []Sort{ByTime, ByCode, ByKind, ByShop, ByTerminal, ByMark} {
			for _, desc := range []bool{false, true} {
				for name, filter := range filters {
					q := Query{ID: id, Sort: by, Desc: desc, Limit: 50}
					if filter(&q); name == "" {
						name = "by-" + string(by)
					}
					all[name] = append(all[name], q)
				}
			}
		}
	}
	return all
}

// BenchmarkMillion reads pages of a million records in every order and by every
// filter, the next page, the page around a record on coming back, the sums and the
// marks; the slowest reading of each kind is told, in time of the processor, and
// what the file takes.
func BenchmarkMillion(b *testing.B) {
	r := filled(b, 1_000_000)
	ctx := context.Background()
	slowest := map[string]time.Duration{}
	took := func(what string, q Query) (page []Record) {
		began := processor()
		page, err := r.Records(ctx, q)
		if err != nil {
			b.Fatal(err)
		}
		d := processor() - began
		slowest[what] = max(slowest[what], d)
		if d > 50*time.Millisecond {
			b.Logf("%s: %+v took %v", what, q, d)
		}
		return page
	}
	for b.Loop() {
		for name, list := range queries() {
			for _, q := range list {
				page := took(name, q)
				if len(page) > 0 {
					q.After = &page[len(page)-1]
					took("next", q)
					q.Backward = true
					took("back", q)
				}
			}
		}
		for _, id := range []api.ID{box, "B1123-0000004-102F5", "R112102F-0000000-2585"} {
			began := processor()
			if _, err := r.Totals(ctx, id); err != nil {
				b.Fatal(err)
			}
			slowest["totals"] = max(slowest["totals"], processor()-began)
		}
	}
	began := time.Now()
	if _, err := r.Mark(ctx, box); err != nil {
		b.Fatal(err)
	}
	slowest["marks"] = time.Since(began)
	for what, d := range slowest {
		b.ReportMetric(float64(d.Microseconds())/1000, what+"-ms")
	}
	if file, err := os.Stat(filepath.Join(r.o.Dir, fileName)); err == nil {
		b.ReportMetric(float64(file.Size())/1_000_000, "B/record")
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

// processor is what this thread has used of the processor; the caller keeps to it.
func processor() time.Duration {
	runtime.LockOSThread()
	var u unix.Rusage
	_ = unix.Getrusage(unix.RUSAGE_THREAD, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
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
