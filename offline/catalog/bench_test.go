package catalog

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"counterfoil/api"
)

// made is a catalog of one box, made once for all benchmarks of a run.
type made struct {
	once sync.Once
	c    *Catalog
	err  error

	packages, reels, codes int
}

// The small box has two reels of fifty, the large ones a million codes.
var (
	small = &made{packages: 1, reels: 2, codes: 50}
	large = &made{packages: 1, reels: 10, codes: 100_000}
	many  = &made{packages: 10, reels: 10_000, codes: 10}
)

func (m *made) get(b testing.TB) *Catalog {
	m.once.Do(func() {
		var dir string
		dir, m.err = os.MkdirTemp("", "catalog-bench")
		if m.err != nil {
			return
		}
		benchDirs = append(benchDirs, dir)
		if m.c, m.err = Open(context.Background(), Options{Dir: dir}); m.err == nil {
			m.err = m.load(m.c)
		}
		// One code among them is not like the others.
		if m.err == nil {
			m.err = m.c.SetStatus(context.Background(), api.ID(codeID(m.packages*m.reels*m.codes-1)), "05", testTime)
		}
	})
	if m.err != nil {
		b.Fatal(m.err)
	}
	return m.c
}

var benchDirs []string

func removeBenchDirs() {
	for _, d := range benchDirs {
		_ = os.RemoveAll(d)
	}
}

func (m *made) load(c *Catalog) error {
	s, err := c.Stage(context.Background(), "X1")
	if err != nil {
		return err
	}
	if err = box("X1", m.packages, m.reels, m.codes, "03", s.Add); err != nil {
		return err
	}
	n, err := s.Commit(context.Background(), testTime)
	if err == nil && n.Codes != int64(m.packages*m.reels*m.codes) {
		err = errors.New("codes are missing")
	}
	return err
}

// BenchmarkLoad loads a million codes into an empty catalog, and again over what is there.
func BenchmarkLoad(b *testing.B) {
	for _, again := range []bool{false, true} {
		for name, m := range map[string]*made{"reels of 100000": large, "reels of 10": many} {
			if again {
				name += ", again"
			}
			b.Run(name, func(b *testing.B) {
				n := m.packages * m.reels * m.codes
				for b.Loop() {
					b.StopTimer()
					c, err := Open(context.Background(), Options{Dir: b.TempDir()})
					if err != nil {
						b.Fatal(err)
					}
					if again {
						if err := m.load(c); err != nil {
							b.Fatal(err)
						}
					}
					var most uint64
					stop := watchHeap(&most)
					b.StartTimer()
					if err := m.load(c); err != nil {
						b.Fatal(err)
					}
					b.StopTimer()
					stop()
					if err := c.Close(); err != nil {
						b.Fatal(err)
					}
					info, err := os.Stat(filepath.Join(c.opts.Dir, fileName))
					if err != nil {
						b.Fatal(err)
					}
					b.ReportMetric(float64(info.Size())/float64(n), "bytes/code")
					b.ReportMetric(float64(most)/(1<<20), "heap-MiB")
					b.StartTimer()
				}
				b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "codes/s")
			})
		}
	}
}

func watchHeap(most *uint64) (stop func()) {
	end, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for {
			var s runtime.MemStats
			runtime.ReadMemStats(&s)
			*most = max(*most, s.Sys-s.HeapReleased)
			select {
			case <-end:
				return
			case <-tick.C:
			}
		}
	}()
	return func() { close(end); <-done }
}

// BenchmarkMillion compares each call at a million codes with the same at a
// hundred, in turns; the ratio is of medians, and of 99th percentiles.
func BenchmarkMillion(b *testing.B) {
	ctx := context.Background()
	reel := func(m *made) string { return fmt.Sprintf("RX1-%d-%d", m.packages-1, m.reels-1) }
	last := func(m *made) int { return m.packages*m.reels*m.codes - 1 }
	calls := []struct {
		name string
		call func(c *Catalog, m *made, i int) error
	}{
		{"get code", func(c *Catalog, m *made, i int) error {
			_, ok, err := c.Get(ctx, api.ID(codeID((i*7919)%(last(m)+1))))
			return found(ok, err)
		}},
		{"path", func(c *Catalog, m *made, i int) error {
			_, err := c.Path(ctx, api.ID(codeID((i*7919)%(last(m)+1))))
			return err
		}},
		{"box and packages", func(c *Catalog, _ *made, _ int) error {
			_, err := c.Children(ctx, Page{Parent: "X1", Limit: 40})
			return err
		}},
		{"page of codes", func(c *Catalog, m *made, i int) error {
			n, _, err := c.ChildAt(ctx, reel(m), int64(i*7919%m.codes))
			if err == nil {
				_, err = c.Children(ctx, Page{Parent: reel(m), After: n.Key, Limit: 40})
			}
			return err
		}},
		{"last page", func(c *Catalog, m *made, _ int) error {
			_, err := c.Children(ctx, Page{Parent: reel(m), Last: true, Limit: 40})
			return err
		}},
		{"page by status", func(c *Catalog, m *made, _ int) error {
			p, err := c.Children(ctx, Page{Parent: reel(m), Status: "05", Limit: 40})
			return found(len(p) == 1, err)
		}},
		{"reels by status", func(c *Catalog, m *made, _ int) error {
			p, err := c.Children(ctx, Page{Parent: fmt.Sprintf("BX1-%d", m.packages-1), Status: "05", Limit: 40})
			return found(len(p) == 1, err)
		}},
		{"position", func(c *Catalog, m *made, i int) error {
			_, _, ok, err := c.Position(ctx, api.ID(codeID((i*7919)%(last(m)+1))))
			return found(ok, err)
		}},
		{"outlier code", func(c *Catalog, m *made, _ int) error {
			_, ok, err := c.Outlier(ctx, api.ID(codeID(0)))
			return found(ok, err)
		}},
		{"outlier reel", func(c *Catalog, m *made, _ int) error {
			_, ok, err := c.Outlier(ctx, api.ID(fmt.Sprintf("RX1-%d-0", m.packages-1)))
			return found(ok, err)
		}},
		{"find the first", func(c *Catalog, m *made, _ int) error {
			n, err := c.Find(ctx, Search{Text: "190107000000001", Limit: 1}, nil)
			return found(n == 1, err)
		}},
		{"find through all", func(c *Catalog, m *made, _ int) error {
			_, err := c.Find(ctx, Search{Text: codeID(last(m))[21:]}, nil)
			return err
		}},
		{"set one status", func(c *Catalog, m *made, i int) error {
			return c.SetStatus(ctx, api.ID(codeID(i*7919%(last(m)+1)/2)), "03", testTime)
		}},
		{"status of all, twice, and a page that shows it", func(c *Catalog, m *made, _ int) error {
			for _, status := range []string{"02", "03"} {
				if err := c.SetStatus(ctx, "X1", status, testTime); err != nil {
					return err
				}
				p, err := c.Children(ctx, Page{Parent: reel(m), Last: true, Limit: 40})
				if err := found(err == nil && len(p) > 0 && p[0].Status == status, err); err != nil {
					return err
				}
			}
			return c.SetStatus(ctx, api.ID(codeID(last(m))), "05", testTime)
		}},
		{"card look-up", func(c *Catalog, m *made, i int) error {
			s, err := c.Stage(ctx, "X9")
			if err != nil {
				return err
			}
			if err := box("X9", 1, 1, 2, "03", s.Add); err != nil {
				return err
			}
			_, err = s.Commit(ctx, testTime)
			return err
		}},
	}
	for _, k := range calls {
		for name, m := range map[string]*made{"reels of 100000": large, "reels of 10": many} {
			b.Run(k.name+"/"+name, func(b *testing.B) {
				a, z := small.get(b), m.get(b)
				var at100, at1M []time.Duration
				i := 0
				once := func(c *Catalog, m *made) time.Duration {
					i++
					from := time.Now()
					if err := k.call(c, m, i); err != nil {
						b.Fatal(err)
					}
					return time.Since(from)
				}
				once(a, small)
				once(z, m)
				for b.Loop() {
					at100, at1M = append(at100, once(a, small)), append(at1M, once(z, m))
				}
				slices.Sort(at100)
				slices.Sort(at1M)
				b.ReportMetric(0, "ns/op")
				b.ReportMetric(float64(at1M[len(at1M)/2])/1e3, "µs-median-1M")
				b.ReportMetric(float64(at1M[len(at1M)*99/100])/1e3, "µs-p99-1M")
				b.ReportMetric(float64(at1M[len(at1M)/2])/float64(at100[len(at100)/2]), "×100-median")
				b.ReportMetric(float64(at1M[len(at1M)*99/100])/float64(at100[len(at100)*99/100]), "×100-p99")
			})
		}
	}
}

// BenchmarkStatusWhileLoading is how long a confirmed status waits for the writer while a box loads.
func BenchmarkStatusWhileLoading(b *testing.B) {
	c, err := Open(context.Background(), Options{Dir: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	if err := small.load(c); err != nil {
		b.Fatal(err)
	}
	end, done := make(chan struct{}), make(chan error, 1)
	go func() {
		for {
			select {
			case <-end:
				done <- nil
				return
			default:
			}
			if err := many.load(c); err != nil {
				done <- err
				return
			}
		}
	}()
	var took []time.Duration
	for b.Loop() {
		from := time.Now()
		if err := c.SetStatus(context.Background(), api.ID(codeID(3)), statuses[len(took)%2], testTime); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(from))
	}
	close(end)
	if err := <-done; err != nil {
		b.Fatal(err)
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2])/1e6, "ms-median")
	b.ReportMetric(float64(took[len(took)*99/100])/1e6, "ms-p99")
	b.ReportMetric(float64(took[len(took)-1])/1e6, "ms-most")
}

func found(ok bool, err error) error {
	if err == nil && !ok {
		return errors.New("not found")
	}
	return err
}
