package platformtime_test

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"counterfoil/offline/journal"
	"counterfoil/offline/platformtime"
)

func TestATraceNumberCarriesThePlatformsDateAndTheCountersNumber(t *testing.T) {
	t.Parallel()
	c := openCounter(t)
	c.Note(c.says(-26 * time.Hour))
	for _, trace := range []string{c.loose(), c.mint()} {
		if len(trace) != 23 || !strings.HasPrefix(trace, "20261121000001") {
			t.Errorf("trace %s", trace)
		}
		if !c.Today(trace) {
			t.Errorf("%s does not count as today's", trace)
		}
	}
	trace := c.mint()
	c.Note(c.says(0))
	if c.Today(trace) {
		t.Errorf("%s counts as today's on %v", trace, c.Platform())
	}
	if c.Today("") {
		t.Error("no number counts as today's")
	}
}

func TestTraceNumbersRiseWhateverTheClockDoes(t *testing.T) {
	t.Parallel()
	c := openCounter(t)
	var got []string
	for _, happens := range []func(){
		func() {}, c.restart, func() { c.sets(-time.Hour) }, c.restart, func() { c.passes(time.Minute) }, func() { c.sets(2 * time.Hour) }, c.restart,
	} {
		happens()
		got = append(got, c.mint(), c.loose(), c.loose(), c.mint())
	}
	if !slices.IsSorted(got) || len(slices.Compact(slices.Clone(got))) != len(got) {
		t.Errorf("the numbers do not rise:\n%s", strings.Join(got, "\n"))
	}
}

// Late in the day there is no room for a sequence that runs away from the time of day.
func TestTraceNumbersOfAnEveningStayWithTheTimeOfDay(t *testing.T) {
	t.Parallel()
	c := openCounter(t)
	c.passes(11 * time.Hour)
	first, last := c.mint(), ""
	for n := range 60 {
		if last = c.mint(); n%20 == 9 {
			c.restart()
		}
	}
	from, err := strconv.Atoi(first[14:])
	c.must(err)
	to, err := strconv.Atoi(last[14:])
	c.must(err)
	if to > from+1_000_000 { // 100 seconds
		t.Errorf("the first is %s, the sixty-first is %s", first, last)
	}
}

func TestACommandBesideTheCounterNeverTakesItsNumbers(t *testing.T) {
	t.Parallel()
	c := openCounter(t)
	o := c.options()
	o.Beside = true
	beside := platformtime.NewTraces(platformtime.NewClock(o), 1)
	own := map[string]bool{}
	for range 50 {
		own[c.loose()], own[c.mint()] = true, true
		trace, err := beside.Loose()
		c.must(err)
		if own[trace] {
			t.Fatalf("%s was given out twice", trace)
		}
	}
}

func TestNoTwoCallersGetTheSameNumber(t *testing.T) {
	t.Parallel()
	c := openCounter(t)
	var mu sync.Mutex
	seen := map[string]int{}
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 25 {
				for _, trace := range []string{c.loose(), c.mint()} {
					mu.Lock()
					seen[trace]++
					mu.Unlock()
				}
			}
		})
	}
	all.Wait()
	if len(seen) != 200 {
		t.Errorf("%d different numbers of 200", len(seen))
	}
}

func TestNoNumberIsMintedCloseToMidnight(t *testing.T) {
	t.Parallel()
	for name, at := range map[string]time.Duration{
		"before": 11*time.Hour + 59*time.Minute + 40*time.Second,
		"after":  12*time.Hour + 20*time.Second,
	} {
		t.Run(name, func(t *testing.T) {
			c := openCounter(t)
			c.passes(at)
			c.must(c.Resume(context.Background()))
			if _, err := c.Loose(); !errors.Is(err, platformtime.ErrMidnight) || !c.NearMidnight() {
				t.Errorf("a question's number at %v: %v", c.Now(), err)
			}
			err := c.journal.Write(context.Background(), func(tx *journal.Tx) error { _, err := c.Mint(tx); return err })
			if !errors.Is(err, platformtime.ErrMidnight) {
				t.Errorf("an attempt's number at %v: %v", c.Now(), err)
			}
			again := c.AfterMidnight()
			if want := noon.Add(12*time.Hour + 30*time.Second); !again.Equal(want) {
				t.Errorf("again at %v, want %v", again, want)
			}
			c.passes(again.Sub(c.Now()))
			if trace := c.mint(); !strings.HasPrefix(trace, "20261123") || c.NearMidnight() {
				t.Errorf("the first number of the day is %s", trace)
			}
		})
	}
}
