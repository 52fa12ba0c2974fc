package journal

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"counterfoil/offline/journal/journaltest"
	"counterfoil/offline/operation"
)

// BenchmarkPut holds an accepted operation (one Put of a new operation with its
// event) against what the disk can do, in the same run: appending 512 bytes with
// fdatasync (the floor) and overwriting with fdatasync (the limit). Rounds are
// interleaved; what is reported are ratios to the floor, of the medians' stand-in: totals.
func BenchmarkPut(b *testing.B) {
	for _, writers := range []int{1, 8, 64} {
		b.Run(map[int]string{1: "writers=1", 8: "writers=8", 64: "writers=64"}[writers], func(b *testing.B) {
			dir := b.TempDir()
			j := openIn(b, filepath.Join(dir, "data"))
			f, err := os.Create(filepath.Join(dir, "floor"))
			if err != nil {
				b.Fatal(err)
			}
			defer f.Close()
			g, err := os.Create(filepath.Join(dir, "over"))
			if err != nil {
				b.Fatal(err)
			}
			defer g.Close()
			var next atomic.Int64
			var puts, floor, over time.Duration
			count := 0
			const round = 100
			block := make([]byte, 512)
			for b.Loop() {
				began := time.Now()
				for range round {
					_, _ = f.Write(block)
					_ = unix.Fdatasync(int(f.Fd()))
				}
				floor += time.Since(began)
				began = time.Now()
				for range round {
					_, _ = g.WriteAt(block, 0)
					_ = unix.Fdatasync(int(g.Fd()))
				}
				over += time.Since(began)
				var group sync.WaitGroup
				each := max(20, round/writers)
				ready := make([]operation.Operation, writers*each)
				base := int(next.Load())
				for i := range ready {
					ready[i] = journaltest.Operation(base + i)
				}
				began = time.Now()
				for range writers {
					group.Go(func() {
						for range each {
							op := ready[int(next.Add(1))-1-base]
							if err := j.Write(context.Background(), func(tx *Tx) error { return tx.Put(&op, "accepted") }); err != nil {
								b.Error(err)
							}
						}
					})
				}
				group.Wait()
				puts += time.Since(began)
				count += round
			}
			perFloor := float64(floor) / float64(count)
			perPut := float64(puts) / float64(next.Load())
			b.ReportMetric(perFloor/perPut, "x-floor")
			b.ReportMetric(perFloor/(float64(over)/float64(count)), "limit-x-floor")
			b.ReportMetric(perPut/1000, "us/put")
			b.ReportMetric(perFloor/1000, "us/floor")
		})
	}
}

// BenchmarkVerify walks a chain of thirty thousand events.
func BenchmarkVerify(b *testing.B) {
	dir := filepath.Join(b.TempDir(), "data")
	j := openIn(b, dir)
	const n = 10_000
	for first := 0; first < n; first += 500 {
		err := j.Write(context.Background(), func(tx *Tx) error {
			for i := first; i < first+500; i++ {
				op := journaltest.Operation(i)
				if err := tx.Put(&op, "accepted"); err != nil {
					return err
				}
				op.State = operation.Sending
				op.Attempts = []operation.Attempt{{Trace: fmt.Sprintf("20261122000001%09d", i), SentAt: start, Before: &operation.Seen{At: start, Counts: map[string]int{"03": 10}}}}
				if err := tx.Put(&op, "sending"); err != nil {
					return err
				}
				if err := journaltest.Mint(tx, &op); err != nil {
					return err
				}
				ended := start.Add(time.Second)
				op.State, op.FinishedAt = operation.Done, &ended
				op.Attempts[0].EndedAt, op.Attempts[0].Outcome, op.Attempts[0].Code = &ended, "answered", "A00"
				if err := tx.Put(&op, "answered"); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		if _, err := j.Verify(context.Background(), nil); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/(3*n), "us/event")
}
