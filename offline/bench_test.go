package offline_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	_ "github.com/mattn/go-sqlite3"

	"counterfoil/api"
	"counterfoil/offline"
	"counterfoil/offline/offlinetest"
)

// BenchmarkActivation holds one activation through the desk against the same
// HTTP call alone plus the two commits that no honest journal can do without
// (the attempt before its first byte, the outcome before it is shown), turn by
// turn in one run. Reported are medians, and desk ÷ floor.
func BenchmarkActivation(b *testing.B) {
	s := openShop(b, offlinetest.OnDisk)
	box, err := s.Sandbox.Generate(1, 1+b.N/500, 4*b.N+4)
	s.Must(err)
	codes := s.codesIn(box)
	s.Desk.Start()
	floor, client := openFloor(b), s.NewClient()
	var desk, bare []time.Duration
	b.ResetTimer()
	for i := range b.N {
		mine, other := codes[2*i], codes[2*i+1]
		_, err := s.Desk.Lookup(context.Background(), mine, nil)
		s.Must(err)
		start := time.Now()
		op := s.sent(s.accept(offline.Activate, mine))
		desk = append(desk, time.Since(start))
		s.wantState(op, offline.Done)
		start = time.Now()
		floor.commit(i, "attempt")
		a := client.Activate(context.Background(), api.ActivateRequest{
			TraceNo: fmt.Sprintf("%s000009%09d", s.Now().Format("20060102"), i), ID: other, TotalAmount: "3000",
		})
		floor.commit(i, "outcome")
		bare = append(bare, time.Since(start))
		if !a.Success() {
			b.Fatalf("bare call: %+v", a)
		}
	}
	report(b, desk, bare)
}

func report(b *testing.B, ours, floor []time.Duration) {
	b.ReportMetric(float64(median(ours).Microseconds()), "desk-µs")
	b.ReportMetric(float64(median(floor).Microseconds()), "floor-µs")
	b.ReportMetric(float64(median(ours))/float64(median(floor)), "desk/floor")
}

func median[N float64 | time.Duration](all []N) N {
	all = slices.Clone(all)
	slices.Sort(all)
	return all[len(all)/2]
}

// floorDB is a bare SQLite table written at the desk's durability.
type floorDB struct {
	b  *testing.B
	db *sql.DB
}

func openFloor(b *testing.B) *floorDB {
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(b.TempDir(), "floor.db")+"?_journal_mode=WAL&_synchronous=FULL&_txlock=immediate")
	if err != nil {
		b.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	b.Cleanup(func() { _ = db.Close() })
	if _, err := db.Exec(`CREATE TABLE rows (n INTEGER PRIMARY KEY, what TEXT, data TEXT)`); err != nil {
		b.Fatal(err)
	}
	return &floorDB{b: b, db: db}
}

// commit writes one row of the size of an operation's event.
func (f *floorDB) commit(_ int, what string) {
	if _, err := f.db.Exec(`INSERT INTO rows (what, data) VALUES (?, ?)`, what, strings.Repeat("x", 1024)); err != nil {
		f.b.Fatal(err)
	}
}
