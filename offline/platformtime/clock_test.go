package platformtime_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"counterfoil/api"
	"counterfoil/offline/platformtime"
)

func TestAnAnswerTellsThePlatformsTime(t *testing.T) {
	t.Parallel()
	c := openCounter(t)
	if _, at := c.Skew(); !at.IsZero() {
		t.Error("a skew is dated before any answer")
	}
	c.Note(c.says(-26 * time.Hour))
	if got, want := c.Platform(), noon.Add(-26*time.Hour); !got.Equal(want) {
		t.Errorf("the platform's time is %v, want %v", got, want)
	}
	if !c.Now().Equal(noon) {
		t.Errorf("the counter's own time moved to %v", c.Now())
	}
	if skew, at := c.Skew(); skew != -26*time.Hour || !at.Equal(noon) {
		t.Errorf("a skew of %v measured %v", skew, at)
	}
}

func TestOnlySignedAnswersTellThePlatformsTime(t *testing.T) {
	t.Parallel()
	c := openCounter(t)
	unsigned := c.says(time.Hour)
	unsigned.Outcome = api.Unanswered
	c.Note(unsigned)
	c.Note(api.Answer{Outcome: api.Answered, Skew: time.Hour})
	if skew, at := c.Skew(); skew != 0 || !at.IsZero() {
		t.Errorf("a skew of %v measured %v", skew, at)
	}
}

func TestOnlyARealChangeOfTheSkewIsRecorded(t *testing.T) {
	t.Parallel()
	c := openCounter(t)
	for _, step := range []struct {
		skew   time.Duration
		events int64
	}{
		{time.Second, 0}, {time.Minute, 1}, {time.Minute + time.Second, 0}, {0, 1}, {-time.Second, 0},
	} {
		before, told := c.events(), c.changed.Load()
		c.Note(c.says(step.skew))
		if got := c.events() - before; got != step.events {
			t.Errorf("a skew of %v: %d events, want %d", step.skew, got, step.events)
		}
		if got := c.changed.Load() - told; got != step.events {
			t.Errorf("a skew of %v: faces were told %d times", step.skew, got)
		}
	}
}

func TestTheSkewOfTheLastRunIsAGuessUntilAnAnswerConfirmsIt(t *testing.T) {
	t.Parallel()
	c := openCounter(t)
	c.Note(c.says(time.Hour))
	c.restart()
	if skew, at := c.Skew(); skew != time.Hour || !at.IsZero() {
		t.Fatalf("after the restart a skew of %v measured %v", skew, at)
	}
	before := c.events()
	c.Note(c.says(time.Hour))
	if _, at := c.Skew(); at.IsZero() || c.events() != before {
		t.Errorf("confirmed %v, with %d events", at, c.events()-before)
	}
}

func TestAJumpThatAnAnswerCorrectsIsRecordedAndCorrectedOnce(t *testing.T) {
	t.Parallel()
	c := openCounter(t)
	c.Note(c.says(0))
	before := c.events()
	c.sets(26 * time.Hour)
	c.Note(c.says(-26 * time.Hour))
	if got := c.events() - before; got != 2 { // the jump, and the skew
		t.Errorf("%d events", got)
	}
	c.watched(func() {})
	if skew, _ := c.Skew(); skew != -26*time.Hour {
		t.Errorf("the skew is %v", skew)
	}
}

// watched runs the watch until it has looked twice, the second time after
// between, and ends it.
func (c *counter) watched(between func()) (jumps int) {
	ctx, cancel := context.WithCancel(context.Background())
	var watch sync.WaitGroup
	jumped := make(chan struct{}, 9)
	watch.Go(func() { c.Watch(ctx, func() { jumped <- struct{}{} }) })
	between()
	c.sets(time.Hour) // so that the watch says when it has looked
	<-jumped
	c.sets(-time.Hour)
	<-jumped
	cancel()
	watch.Wait()
	return len(jumped)
}

func TestThePlatformsTimeStaysSteadyWhereTheCountersClockIsSet(t *testing.T) {
	t.Parallel()
	c := openCounter(t)
	c.Note(c.says(time.Minute))
	before := c.events()
	c.watched(func() { c.sets(3 * time.Hour) })
	if got, want := c.Platform(), noon.Add(time.Minute); !got.Equal(want) {
		t.Errorf("the platform's time is %v, want %v", got, want)
	}
	if got := c.events() - before; got != 2 {
		t.Errorf("%d jumps are recorded", got)
	}
}

func TestSleepIsNoJump(t *testing.T) {
	t.Parallel()
	c := openCounter(t)
	c.Note(c.says(0))
	before := c.events()
	c.passes(9 * time.Hour)
	c.Note(c.says(0))
	if got := c.events() - before; got != 0 {
		t.Errorf("%d events after the machine slept", got)
	}
}

func TestBesideAnOpenCounterNothingIsWritten(t *testing.T) {
	t.Parallel()
	c := openCounter(t)
	o := c.options()
	o.Beside = true
	beside := platformtime.NewClock(o)
	traces := platformtime.NewTraces(beside, 1)
	before := c.events()
	c.sets(time.Hour)
	beside.Note(c.says(-time.Hour))
	if skew, at := beside.Skew(); skew != -time.Hour || at.IsZero() {
		t.Errorf("a skew of %v measured %v", skew, at)
	}
	_, err := traces.Loose()
	c.must(err)
	c.must(traces.Resume(context.Background()))
	c.must(traces.Save())
	if got := c.events() - before; got != 0 {
		t.Errorf("%d events", got)
	}
	if last, err := c.journal.LastTrace(context.Background(), "20261122"); err != nil || last != 0 {
		t.Errorf("the sequence was written up to %d (%v)", last, err)
	}
}
