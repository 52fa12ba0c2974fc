package main

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"sync"
	"testing"

	"counterfoil/offline/offlinetest"
)

// The tests start themselves again as writers, as the suite does.
func TestMain(m *testing.M) {
	if done, err := asWriter(); done {
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	_ = flag.Set("test.parallel", "10") // they wait for programs more than they work
	os.Exit(run(m))
}

func run(m *testing.M) int {
	var err error
	if scratch, err = os.MkdirTemp("", "counterfoil-proof-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(scratch)
	return m.Run()
}

func seeded(t *testing.T) *rand.Rand {
	t.Helper()
	const seed = 20261122
	t.Logf("seed %d", seed)
	return rand.New(rand.NewPCG(seed, seed))
}

// compiled is the shim, which the tests share.
func compiled(t *testing.T) string {
	t.Helper()
	lib, err := shim()
	if err != nil {
		t.Fatal(err)
	}
	return lib
}

var scratch string // goes when the tests are over

var shim = sync.OnceValues(func() (string, error) { return compileDisk(scratch) })

func TestAPowerCutTakesAcknowledgedRowsFromADatabaseThatDoesNotSync(t *testing.T) {
	t.Parallel()
	series := cutSeries{kind: writerNormal, ops: 12, cuts: 8, check: checkNormal}
	if lost, cuts := series.untilLost(t); !lost {
		t.Fatalf("%d power cuts took nothing: the shim proves nothing", cuts)
	}
}

// untilLost runs a series that must lose something until it does, and counts its
// cuts: where one falls, and whether it takes anything, is chance.
func (c cutSeries) untilLost(t *testing.T) (lost bool, cuts int) {
	t.Helper()
	lib, dice := compiled(t), seeded(t)
	for range 8 {
		r, err := c.run(lib, offlinetest.Folder(t), dice, t.Logf)
		if err != nil {
			t.Fatal(err)
		}
		if cuts += r.cuts; r.lost > 0 {
			return true, cuts
		}
	}
	return false, cuts
}

func TestAPowerCutTakesNothingThatTheJournalAcknowledged(t *testing.T) {
	t.Parallel()
	series := cutSeries{kind: writerJournal, ops: 20, cuts: 16, check: checkJournal}
	r, err := series.run(compiled(t), offlinetest.Folder(t), seeded(t), t.Logf)
	if err != nil {
		t.Fatal(err)
	}
	if r.cuts < series.cuts/2 || r.lost > 0 {
		t.Fatalf("%d cuts, %d acknowledged steps lost of %d operations", r.cuts, r.lost, r.operations)
	}
}

func TestADiskThatLiesTakesEvenWhatTheJournalSynced(t *testing.T) {
	t.Parallel()
	series := cutSeries{kind: writerJournal, ops: 20, cuts: 6, lies: true, check: func(dir string, acked map[string]int) (int, error) {
		// What is left may be no journal at all; only the loss is counted.
		lost, err := checkJournal(dir, acked)
		if err != nil {
			return len(acked), nil //nolint:nilerr // a journal that cannot be opened lost everything
		}
		return lost, nil
	}}
	if lost, cuts := series.untilLost(t); !lost {
		t.Fatalf("%d power cuts on a lying disk took nothing: the journal test would not notice a missing sync", cuts)
	}
}
