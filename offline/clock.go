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
// platform's answers: trace numbers carry the platform's date (docs/rules.md, rule 3).
type clock struct {
	wall func() time.Time
	zone *time.Location

	mu     sync.Mutex
	skew   time.Duration
	skewAt time.Time
	// baseWall and baseBoot were read together: a later pair tells whether the clock was set in between.
	baseWall time.Time
	baseBoot time.Duration
}

func newClock(now func() time.Time, zone *time.Location) *clock {
	c := &clock{wall: now, zone: zone}
	c.baseWall, c.baseBoot = now().Round(0), sinceBoot()
	return c
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

// jumped returns by how much the counter's clock was set since it was last
// asked, holding it against the time since boot, which sleeping counts in and
// setting does not. With keep, the platform's time is kept steady over it.
func (c *clock) jumped(keep bool) time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	wall, boot := c.wall().Round(0), sinceBoot()
	jump := wall.Sub(c.baseWall) - (boot - c.baseBoot)
	c.baseWall, c.baseBoot = wall, boot
	if jump.Abs() < skewNoise {
		return 0
	}
	if keep {
		c.skew -= jump
	}
	return jump
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
	if jump := d.clock.jumped(false); jump != 0 {
		d.recordJump(jump) // the answer's own time is the correction
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
	err := d.journal().Write(context.Background(), func(tx *journal.Tx) error {
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
	text, err := d.journal().Meta(ctx, metaSkew)
	if err != nil || text == "" {
		return err
	}
	if ms, err := strconv.ParseInt(text, 10, 64); err == nil {
		// Not dated: until an answer confirms it, it is the best guess only.
		d.clock.set(time.Duration(ms)*time.Millisecond, time.Time{})
	}
	return nil
}

// watchClock notices a clock that was set by hand or by a time service.
func (d *Desk) watchClock(ctx context.Context) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if jump := d.clock.jumped(true); jump != 0 {
			d.recordJump(jump)
			d.poke()
		}
	}
}

func (d *Desk) recordJump(jump time.Duration) {
	if d.s.ReadOnly {
		return
	}
	err := d.journal().Write(context.Background(), func(tx *journal.Tx) error {
		return tx.Append(eventClockJumped, map[string]any{"jump_ms": jump.Milliseconds()})
	})
	if err != nil {
		d.log.Error("clock jump not recorded", "err", err)
	}
}
