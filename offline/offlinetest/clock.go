package offlinetest

import (
	"sync"
	"time"
)

// Zone is the shop's.
var Zone = time.FixedZone("CST", 8*60*60)

// Clock starts at a given moment, runs on, and can be set forward.
type Clock struct {
	mu    sync.Mutex
	from  time.Time
	begun time.Time
	ahead time.Duration
}

// NewClock returns a clock that shows a moment now.
func NewClock(from time.Time) *Clock { return &Clock{from: from, begun: time.Now()} }

// Now is the clock's time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.from.Add(time.Since(c.begun) + c.ahead)
}

// Forward sets the clock forward.
func (c *Clock) Forward(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead += d
}
