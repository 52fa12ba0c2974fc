// Command compare measures how fast an operation can be accepted durably: the
// counter's journal beside the queues goqite, backlite and River on SQLite, and
// beside two floors: the same bytes overwritten in a file and synced, and one
// prepared INSERT of them straight on SQLite's driver, the least that any queue
// on SQLite costs.
// Every contender commits with WAL and synchronous=FULL. It is a module of its
// own, so that its requirements are never the program's; it may import the
// journal and nothing else of ours.
//
//	go run . -rounds 7 -time 300ms
//
// Rounds are interleaved, so that a busy moment of the machine meets all; the
// table shows medians, and their ratio to the floor of the same run.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// contender is one way to put an operation on the disk for good.
type contender struct {
	name string
	open func(dir string) (store, error)
}

// store accepts an operation and returns once it is durable. accept is called
// by several goroutines at once.
type store interface {
	accept(ctx context.Context, n int64) error
	close() error
}

func contenders() []contender {
	return []contender{
		{"overwrite + fdatasync (floor)", openFloor},
		{"bare driver, one INSERT", openBare},
		{"journal", openJournal},
		{"goqite", openGoqite},
		{"backlite", openBacklite},
		{"river, riversqlite", openRiver},
	}
}

func main() {
	rounds := flag.Int("rounds", 7, "rounds; the median of them counts")
	length := flag.Duration("time", 300*time.Millisecond, "how long each contender works in a round")
	flag.Parse()
	if err := run(context.Background(), *rounds, *length); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, rounds int, length time.Duration) (err error) {
	// Not the system's temporary folder, which may be memory that syncs for free.
	scratch, err := os.MkdirTemp(".", "scratch-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(scratch)) }()
	all := contenders()
	for _, writers := range []int{1, 8, 64} {
		rates := make([][]float64, len(all))
		for round := range rounds {
			for i, c := range all {
				dir := filepath.Join(scratch, fmt.Sprintf("%d-%d-%d", writers, round, i))
				rate, err := measure(ctx, c, dir, writers, length)
				if err != nil {
					return fmt.Errorf("%s: %w", c.name, err)
				}
				rates[i] = append(rates[i], rate)
			}
		}
		floor := median(rates[0])
		fmt.Printf("| %d waiting | operations a second | × floor |\n| --- | ---: | ---: |\n", writers)
		for i, c := range all {
			fmt.Printf("| %s | %.0f | %.2f |\n", c.name, median(rates[i]), median(rates[i])/floor)
		}
		fmt.Println()
	}
	return nil
}

func measure(ctx context.Context, c contender, dir string, writers int, length time.Duration) (rate float64, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return 0, err
	}
	s, err := c.open(dir)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, s.close(), os.RemoveAll(dir)) }()
	var next, done atomic.Int64
	failed := make(chan error, writers)
	began := time.Now()
	var wg sync.WaitGroup
	for range writers {
		wg.Go(func() {
			for time.Since(began) < length {
				// Numbers rise over all writers, as the ids of operations do.
				if err := s.accept(ctx, next.Add(1)); err != nil {
					failed <- err
					return
				}
				done.Add(1)
			}
		})
	}
	wg.Wait()
	took := time.Since(began)
	select {
	case err = <-failed:
		return 0, err
	default:
		return float64(done.Load()) / took.Seconds(), nil
	}
}

func median(all []float64) float64 {
	sorted := slices.Sorted(slices.Values(all))
	return sorted[len(sorted)/2]
}
