package link

import (
	"context"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// Reopening are the pauses between tries to open files again; they grow, also where
// the files fail soon after they were opened.
type Reopening struct {
	grow *backoff.ExponentialBackOff
	last time.Time // when it succeeded last
}

const (
	reopenFirst = 100 * time.Millisecond
	reopenLast  = 15 * time.Second
)

// NewReopening begins with the shortest.
func NewReopening() *Reopening {
	return &Reopening{grow: Growing(reopenFirst, reopenLast)}
}

// first is how long to wait before the first try.
func (p *Reopening) first() time.Duration {
	if p.last.IsZero() || time.Since(p.last) > reopenLast {
		p.grow.Reset()
		return 0
	}
	return p.grow.NextBackOff()
}

// Until tries to open until it succeeds; false where ctx ended first.
func (p *Reopening) Until(ctx context.Context, open func() error) bool {
	for wait := p.first(); Pause(ctx, wait); wait = p.grow.NextBackOff() {
		if open() == nil {
			p.last = time.Now()
			return true
		}
	}
	return false
}
