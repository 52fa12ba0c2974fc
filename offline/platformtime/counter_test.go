package platformtime_test

import (
	"context"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"counterfoil/api"
	"counterfoil/offline/journal"
	"counterfoil/offline/platformtime"
)

// counter is a clock and its trace numbers over a real journal, on a machine
// whose clock and time since boot the test sets.
type counter struct {
	*platformtime.Clock
	*platformtime.Traces
	t       *testing.T
	dir     string
	journal *journal.Journal
	wall    atomic.Int64 // the counter's clock: nanoseconds after noon
	boot    atomic.Int64
	changed atomic.Int64
}

var zone = time.FixedZone("CST", 8*60*60)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, zone)

func openCounter(t *testing.T) *counter {
	c := &counter{t: t, dir: t.TempDir()}
	c.open()
	t.Cleanup(func() { _ = c.journal.Close() })
	return c
}

func (c *counter) now() time.Time { return noon.Add(time.Duration(c.wall.Load())) }

func (c *counter) open() {
	c.t.Helper()
	j, err := journal.Open(context.Background(), journal.Options{Dir: c.dir, Now: c.now})
	c.must(err)
	c.journal = j
	c.Clock = platformtime.NewClock(c.options())
	c.Traces = platformtime.NewTraces(c.Clock, 1)
	c.must(c.Resume(context.Background()))
	c.must(c.Load(context.Background()))
}

func (c *counter) options() platformtime.Options {
	return platformtime.Options{
		Now: c.now, Zone: zone, Journal: func() *journal.Journal { return c.journal },
		Changed: func() { c.changed.Add(1) }, Log: slog.New(slog.DiscardHandler),
		SinceBoot: func() time.Duration { return time.Duration(c.boot.Load()) },
	}
}

// restart ends this run in good order and begins the next one.
func (c *counter) restart() {
	c.t.Helper()
	c.must(c.Save())
	c.must(c.journal.Close())
	c.open()
}

func (c *counter) must(err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
}

// passes lets time go by.
func (c *counter) passes(d time.Duration) {
	c.wall.Add(int64(d))
	c.boot.Add(int64(d))
}

// sets moves the counter's clock as a hand would.
func (c *counter) sets(d time.Duration) { c.wall.Add(int64(d)) }

// says is a signed answer of a platform whose clock is ahead of the counter's by skew.
func (c *counter) says(skew time.Duration) api.Answer {
	return api.Answer{Outcome: api.Answered, ServerTime: c.now().Add(skew), Skew: skew}
}

// events counts what the chain holds.
func (c *counter) events() int64 {
	c.t.Helper()
	head, err := c.journal.Head(context.Background())
	c.must(err)
	return head.Seq
}

func (c *counter) loose() string {
	c.t.Helper()
	trace, err := c.Loose()
	c.must(err)
	return trace
}

func (c *counter) mint() string {
	c.t.Helper()
	var trace string
	c.must(c.journal.Write(context.Background(), func(tx *journal.Tx) (err error) {
		trace, err = c.Mint(tx)
		return err
	}))
	return trace
}
