package lookups

import (
	"context"
	"fmt"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"counterfoil/api"
	"counterfoil/offline/catalog"
)

// BenchmarkCatalogWriter is what a drain's notes cost an operation: the look-up before
// it, which mostly shows what the catalog shows already, and its confirmed
// status, of codes one behind the other and of codes here and there.
func BenchmarkCatalogWriter(b *testing.B) {
	for _, order := range []struct {
		name string
		step int
	}{{"in order", 1}, {"scattered", 7919}} {
		b.Run(order.name, func(b *testing.B) { writing(b, order.step) })
	}
}

const (
	benchReels = 10
	benchCodes = 1000 // in each reel
)

func benchPath(i int, status string) []api.Node {
	reel := fmt.Sprintf("R1-%d", i/benchCodes)
	return []api.Node{
		{Level: api.LevelBox, ID: "X1", Remaining: -1},
		{Level: api.LevelPackage, ID: "B1", Parent: "X1", Remaining: -1},
		{Level: api.LevelReel, ID: reel, Parent: "B1", Remaining: -1},
		{
			Level: api.LevelCode, ID: fmt.Sprintf("190107000000%09d", i), Parent: reel, Status: status, StatusText: "status " + status,
			Name: "five", FaceValue: "5.0", ValidFrom: "20180101000000", ValidTo: "20291231235959", Remaining: -1,
		},
	}
}

func writing(b *testing.B, step int) {
	ctx := context.Background()
	c, err := catalog.Open(ctx, catalog.Options{Dir: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	s, err := c.Stage(ctx, "X1")
	if err != nil {
		b.Fatal(err)
	}
	for i := range benchReels * benchCodes {
		path := benchPath(i, "03")
		if i%benchCodes > 0 {
			path = path[len(path)-1:]
		}
		for _, n := range path {
			if err := s.Add(n); err != nil {
				b.Fatal(err)
			}
		}
	}
	if _, err := s.Commit(ctx, time.Now()); err != nil {
		b.Fatal(err)
	}
	w := newCatalogWriter(func() *catalog.Catalog { return c }, func(err error) { b.Error(err) }, func() {})
	defer w.close()

	const half = groupMost / 2
	statuses := []string{"03", "00"}
	var spent time.Duration
	var bytes, objects uint64
	n := 0
	for b.Loop() {
		var tasks [half]struct{ answer, status catalog.News }
		for j := range tasks {
			i, round := (n+j)*step%(benchReels*benchCodes), (n+j)/(benchReels*benchCodes)
			path := benchPath(i, statuses[round%2])
			done := catalog.Confirmed{ID: api.ID(path[3].ID), Status: statuses[(round+1)%2], Seen: time.Now()}
			tasks[j].answer = catalog.News{Confirmed: catalog.Confirmed{ID: done.ID, Seen: done.Seen}, Nodes: path}
			tasks[j].status = catalog.News{Confirmed: done}
		}
		n += half
		before := spending()
		for _, t := range tasks {
			w.add(t.answer)
			w.confirm(t.status.Confirmed)
		}
		w.flush(time.Minute)
		after := spending()
		spent += after.cpu - before.cpu
		bytes, objects = bytes+after.bytes-before.bytes, objects+after.objects-before.objects
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(spent.Nanoseconds())/1e3/float64(n), "cpu-µs/operation")
	b.ReportMetric(float64(bytes)/float64(n), "B/operation")
	b.ReportMetric(float64(objects)/float64(n), "allocs/operation")
}

type expense struct {
	cpu            time.Duration
	bytes, objects uint64
}

func spending() expense {
	var u unix.Rusage
	_ = unix.Getrusage(unix.RUSAGE_SELF, &u)
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return expense{time.Duration(u.Utime.Nano() + u.Stime.Nano()), m.TotalAlloc, m.Mallocs}
}
