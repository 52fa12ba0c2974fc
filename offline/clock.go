package offline

import (
	"context"
	"strconv"
	"sync"
	"time"

	"counterfoil/api"
	"counterfoil/offline/journal"
)

// clock is the counter's clock corrected by the skew measured on the
// platform's answers: trace numbers carry the platform's date (operation.md, rule 3).
type clock struct {
	wall func() time.Time
	zone *time.Location

	mu     sync.Mutex
	skew   time.Duration
	skewAt time.Time
}

func newClock(now func() time.Time, zone *time.Location) *clock {
	return &clock{wall: now, zone: zone}
}

// now is the counter's own time. Its differences are monotonic where the wall clock gives that.
func (c *clock) now() time.Time { return c.wall().In(c.zone) }

// platform is the platform's time as far as known.
func (c *clock) platform() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.wall().Add(c.skew).In(c.zone)
}

func (c *clock) measured() (skew time.Duration, at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.skew, c.skewAt
}

func (c *clock) set(skew time.Duration, at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.skew, c.skewAt = skew, at
}

// shift keeps the platform's time steady when somebody moved the counter's clock.
func (c *clock) shift(jump time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.skew -= jump
}

const (
	metaSkew = "skew_ms"
	// skewNoise is below what a whole-second time stamp and a slow link can tell.
	skewNoise = 2 * time.Second
)

// noteSkew takes the platform's time from a signed answer. Small differences
// are the time stamp's coarseness; only a real change is recorded.
func (d *Desk) noteSkew(a api.Answer) {
	if a.Outcome != api.Answered || a.ServerTime.IsZero() {
		return
	}
	old, at := d.clock.measured()
	skew := a.Skew
	if skew.Abs() < skewNoise {
		skew = 0
	}
	d.clock.set(skew, d.clock.now())
	if d.s.ReadOnly || (!at.IsZero() && (skew-old).Abs() < skewNoise) || (at.IsZero() && skew == old) {
		return
	}
	err := d.journal.Write(context.Background(), func(tx *journal.Tx) error {
		if err := tx.SetMeta(metaSkew, strconv.FormatInt(skew.Milliseconds(), 10)); err != nil {
			return err
		}
		return tx.Append(eventSkew, map[string]any{"skew_ms": skew.Milliseconds(), "was_ms": old.Milliseconds()})
	})
	if err != nil {
		d.log.Error("skew not recorded", "err", err)
	}
	d.changed()
}

func (d *Desk) loadSkew(ctx context.Context) error {
	text, err := d.journal.Meta(ctx, metaSkew)
	if err != nil || text == "" {
		return err
	}
	if ms, err := strconv.ParseInt(text, 10, 64); err == nil {
		// Not dated: until an answer confirms it, it is the best guess only.
		d.clock.set(time.Duration(ms)*time.Millisecond, time.Time{})
	}
	return nil
}

// watchClock notices a clock that was set by hand or by a time service, by
// holding it against the time since boot, which sleeping counts in and setting does not.
func (d *Desk) watchClock(ctx context.Context) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	wall, boot := d.clock.wall().Round(0), sinceBoot()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		w, b := d.clock.wall().Round(0), sinceBoot()
		jump := w.Sub(wall) - (b - boot)
		wall, boot = w, b
		if jump.Abs() < skewNoise {
			continue
		}
		d.clock.shift(jump)
		err := d.journal.Write(context.Background(), func(tx *journal.Tx) error {
			return tx.Append(eventClockJumped, map[string]any{"jump_ms": jump.Milliseconds()})
		})
		if err != nil {
			d.log.Error("clock jump not recorded", "err", err)
		}
		d.poke()
	}
}
