// Command proof is the fault suite: it runs the real program against the
// sandbox platform under every fault that the platform, the network, the disk
// and the power can show, kills it at random instants, cuts its power, and
// then holds the journal against the effects that the platform really applied.
// It prints a table and exits 1 where anything was lost or doubled, or where
// the control, which must lose, did not. It looks at the program from outside:
// it reads a journal, and writes one that the program under test owns only to damage it.
//
//	go run ./offline/proof -short                               under a minute, part of CI
//	go run ./offline/proof                                      about a minute
//	go run ./offline/proof -ops 10800 -kills 1500 -cuts 640     the run in docs/
//
// The seed is printed; -seed repeats its choices (the instants of kills depend
// on the machine as well). -only runs the rows whose name holds that text.
package main

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// suite is one run of everything.
type suite struct {
	ops, kills, cuts int
	seed             uint64
	only             string
	lanes            int

	scratch string
	binary  string
	lib     string
	talking sync.Mutex
}

func main() {
	if done, err := asWriter(); done {
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	s := &suite{}
	flag.IntVar(&s.ops, "ops", 2400, "operations, over all rows")
	flag.IntVar(&s.kills, "kills", 240, "kills and disk faults, over all rows")
	flag.IntVar(&s.cuts, "cuts", 100, "power cuts")
	flag.Uint64Var(&s.seed, "seed", 0, "seed of every choice; 0 for a new one")
	flag.StringVar(&s.only, "only", "", "run only the rows whose name holds this text")
	flag.IntVar(&s.lanes, "lanes", 4, "rows at the same time")
	flag.StringVar(&s.binary, "binary", "", "the program to test; empty to build it")
	short := flag.Bool("short", false, "a small run: -ops 384 -kills 96 -cuts 40")
	flag.Parse()
	if *short {
		s.ops, s.kills, s.cuts = 384, 96, 40
	}
	if s.seed == 0 {
		s.seed = uint64(time.Now().UnixNano())
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	failures, err := s.run(ctx)
	if err != nil {
		fmt.Fprintln(os.Stderr, "the suite itself failed:", err)
		os.Exit(2)
	}
	for _, failure := range failures {
		fmt.Fprintln(os.Stderr, "FAILED:", failure)
	}
	if len(failures) > 0 {
		os.Exit(1)
	}
}

// say tells of progress and findings on standard error; the table alone goes to standard output.
func (s *suite) say(format string, args ...any) {
	s.talking.Lock()
	defer s.talking.Unlock()
	fmt.Fprintf(os.Stderr, format+"\n", args...)
}

func (s *suite) run(ctx context.Context) (failures []string, err error) {
	began := time.Now()
	if s.scratch, err = os.MkdirTemp("", "counterfoil-proof-"); err != nil {
		return nil, err
	}
	if s.lib, err = compileDisk(s.scratch); err != nil {
		return nil, err
	}
	if s.binary == "" {
		s.binary = filepath.Join(s.scratch, "counterfoil")
		if out, err := exec.CommandContext(ctx, "go", "build", "-o", s.binary, "counterfoil").CombinedOutput(); err != nil {
			return nil, fmt.Errorf("go build: %w\n%s", err, out)
		}
	}
	s.say("seed %d", s.seed)
	rows, err := s.rows(ctx)
	if err != nil {
		return nil, err
	}
	fmt.Printf("Seed %d, %v.\n\n", s.seed, time.Since(began).Round(time.Second))
	if err := printTable(os.Stdout, rows); err != nil {
		return nil, err
	}
	printTotals(os.Stdout, rows)
	for _, r := range rows {
		if why := r.failed(); why != "" {
			failures = append(failures, r.fault+": "+why)
		}
	}
	if len(rows) == 0 {
		failures = append(failures, "no row was run")
	}
	if len(failures) == 0 {
		err = os.RemoveAll(s.scratch)
	}
	return failures, err
}

// job is one row to be filled.
type job struct {
	name string
	run  func(context.Context, *rand.Rand) (row, error)
}

func (s *suite) jobs() []job {
	all := trials()
	share := func(total int) int { return max(1, total/len(all)) }
	var jobs []job
	for _, tr := range all {
		jobs = append(jobs, job{tr.fault, func(ctx context.Context, dice *rand.Rand) (row, error) {
			return tr.run(ctx, s, dice, max(8, share(s.ops)), share(s.kills))
		}})
	}
	series := func(name string, control bool, c cutSeries) {
		jobs = append(jobs, job{name, func(_ context.Context, dice *rand.Rand) (row, error) {
			r, err := c.run(s.lib, s.scratch, dice, func(string, ...any) {})
			r.fault, r.control, r.power = name, control, true
			return r, err
		}})
	}
	series("power cut of the journal, synchronous=FULL", false, cutSeries{kind: writerJournal, ops: 40, cuts: s.cuts, check: checkJournal})
	series("power cut of a database, synchronous=NORMAL", true, cutSeries{kind: writerNormal, ops: 40, cuts: max(5, s.cuts/4), check: checkNormal})
	return jobs
}

// rows runs every job, a few at a time: most of their time is waiting.
func (s *suite) rows(ctx context.Context) ([]row, error) {
	var jobs []job
	for _, j := range s.jobs() {
		if strings.Contains(j.name, s.only) {
			jobs = append(jobs, j)
		}
	}
	running, ctx := errgroup.WithContext(ctx)
	running.SetLimit(s.lanes)
	rows := make([]row, len(jobs))
	for i, j := range jobs {
		running.Go(func() error {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			began := time.Now()
			r, err := j.run(ctx, rand.New(rand.NewPCG(s.seed, uint64(i))))
			if err != nil {
				return fmt.Errorf("%s: %w", j.name, err)
			}
			rows[i] = r
			s.say("%s: %d operations, %d kills or cuts, %d lost, %d doubled, %d left unknown, %v",
				j.name, r.operations, r.cuts, r.lost, r.doubled, r.unknown, time.Since(began).Round(time.Second))
			return nil
		})
	}
	return rows, running.Wait()
}
