package platformtime

import (
	"context"
	"encoding/json"
	"log/slog"
	"sync"
	"time"

	"counterfoil/api"
	"counterfoil/offline/journal"
)

// Options are what a clock is given from outside.
type Options struct {
	Now     func() time.Time        // the counter's own clock
	Zone    *time.Location          // the platform's
	Journal func() *journal.Journal // the one opened last
	// Beside is set for a command that runs beside an open counter: nothing is
	// written, and trace numbers are odd where the counter's own are even.
	Beside  bool
	Changed func() // called when another skew was recorded
	Log     *slog.Logger
	// SinceBoot is the time since the machine started, sleep included; nil for the machine's own.
	SinceBoot func() time.Duration
}

// The names of this room's events in the chain.
const (
	eventSkew        = "skew"
	eventClockJumped = "clock_jumped"
)

// SkewNoise is how far two readings of a clock may differ without it having
// been set: time stamps are to the second, and a link may be slow.
const SkewNoise = 2 * time.Second

// Clock is the counter's clock corrected by the skew measured on the
// platform's answers: trace numbers carry the platform's date (docs/rules.md, rule 3).
type Clock struct {
	o Options

	mu     sync.Mutex
	skew   time.Duration
	skewAt time.Time
	// baseWall and baseBoot were read together: a later pair tells whether the clock was set in between.
	baseWall time.Time
	baseBoot time.Duration
}

// processStart anchors the fallback for the time since boot.
var processStart = time.Now()

// NewClock returns a clock that knows nothing of the platform's yet.
func NewClock(o Options) *Clock {
	if o.SinceBoot == nil {
		o.SinceBoot = SinceBoot
	}
	return &Clock{o: o, baseWall: o.Now().Round(0), baseBoot: o.SinceBoot()}
}

// Load takes over the skew that the last run measured. It is not dated: until
// an answer confirms it, it is only the best guess.
func (c *Clock) Load(ctx context.Context) error {
	text, err := c.o.Journal().LastEvent(ctx, eventSkew)
	var last struct {
		MS int64 `json:"skew_ms"`
	}
	if err == nil && json.Unmarshal([]byte(text), &last) == nil {
		c.set(time.Duration(last.MS)*time.Millisecond, time.Time{})
	}
	return err
}

// Now is the counter's own time. Its differences are monotonic where the counter's clock gives that.
func (c *Clock) Now() time.Time { return c.o.Now().In(c.o.Zone) }

// Platform is the platform's time as far as known.
func (c *Clock) Platform() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.o.Now().Add(c.skew).In(c.o.Zone)
}

// Skew is the platform's clock less the counter's, and when this run measured
// it: the zero time where it is only what the last run knew.
func (c *Clock) Skew() (skew time.Duration, at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.skew, c.skewAt
}

func (c *Clock) set(skew time.Duration, at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.skew, c.skewAt = skew, at
}

// Note takes the platform's time from a signed answer. Small differences come
// from the time stamp's whole seconds; only a real change is recorded.
func (c *Clock) Note(a api.Answer) {
	if a.Outcome != api.Answered || a.ServerTime.IsZero() {
		return
	}
	if jump := c.jumped(false); jump != 0 {
		c.recordJump(jump) // the answer's own time is the correction
	}
	old, at := c.Skew()
	skew := a.Skew
	if skew.Abs() < SkewNoise {
		skew = 0
	}
	c.set(skew, c.Now())
	if c.o.Beside || !at.IsZero() && (skew-old).Abs() < SkewNoise || at.IsZero() && skew == old {
		return
	}
	err := c.o.Journal().Write(context.Background(), func(tx *journal.Tx) error {
		return tx.Append(eventSkew, map[string]any{"skew_ms": skew.Milliseconds(), "was_ms": old.Milliseconds()})
	})
	if err != nil {
		c.o.Log.Error("skew not recorded", "err", err)
	}
	c.o.Changed()
}

// watchEvery is how often Watch looks; a variable, for the tests' sake.
var watchEvery = time.Second

// Watch looks every second whether the counter's clock was set, by hand or by
// a time service, keeps the platform's time steady over it and calls jumped. It
// ends with ctx.
func (c *Clock) Watch(ctx context.Context, jumped func()) {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if jump := c.jumped(true); jump != 0 {
			c.recordJump(jump)
			jumped()
		}
	}
}

// jumped returns by how much the counter's clock was set since it was last
// asked. It holds the clock against the time since boot, which goes on while
// the machine sleeps and which nobody can set. With keep, the platform's time
// stays what it was.
func (c *Clock) jumped(keep bool) time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	wall, boot := c.o.Now().Round(0), c.o.SinceBoot()
	jump := wall.Sub(c.baseWall) - (boot - c.baseBoot)
	c.baseWall, c.baseBoot = wall, boot
	if jump.Abs() < SkewNoise {
		return 0
	}
	if keep {
		c.skew -= jump
	}
	return jump
}

func (c *Clock) recordJump(jump time.Duration) {
	if c.o.Beside {
		return
	}
	err := c.o.Journal().Write(context.Background(), func(tx *journal.Tx) error {
		return tx.Append(eventClockJumped, map[string]any{"jump_ms": jump.Milliseconds()})
	})
	if err != nil {
		c.o.Log.Error("clock jump not recorded", "err", err)
	}
}

// Age is the time from at to now by whichever clock says more: the monotonic
// one stands still while the machine sleeps.
func Age(at, now time.Time) time.Duration {
	return max(now.Sub(at), now.Round(0).Sub(at.Round(0)))
}
