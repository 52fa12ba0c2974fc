package send

import (
	"context"
	"sync"
)

// permits bound how many may do a thing at once, in the order they came; those
// in haste go first. A nil *permits bounds nothing.
type permits struct {
	of int

	mu      sync.Mutex
	free    int
	hasty   []chan struct{}
	waiting []chan struct{}
}

func newPermits(of int) *permits { return &permits{of: of, free: of} }

// take waits for a permit; false where ctx ended first.
func (p *permits) take(ctx context.Context, haste bool) bool {
	if p == nil || ctx.Err() != nil {
		return ctx.Err() == nil
	}
	p.mu.Lock()
	if p.free > 0 {
		p.free--
		p.mu.Unlock()
		return true
	}
	line := &p.waiting
	if haste {
		line = &p.hasty
	}
	mine := make(chan struct{})
	*line = append(*line, mine)
	p.mu.Unlock()
	select {
	case <-mine:
		return true
	case <-ctx.Done():
		return p.leave(line, mine)
	}
}

// leave takes a waiter out of its line, or gives back what it was handed in that moment.
func (p *permits) leave(line *[]chan struct{}, mine chan struct{}) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, c := range *line {
		if c == mine {
			*line = append((*line)[:i], (*line)[i+1:]...)
			return false
		}
	}
	p.pass()
	return false
}

func (p *permits) try() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.free == 0 {
		return false
	}
	p.free--
	return true
}

func (p *permits) give() {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pass()
}

// pass hands a permit to the next in line. p.mu is held.
func (p *permits) pass() {
	for _, line := range []*[]chan struct{}{&p.hasty, &p.waiting} {
		if len(*line) > 0 {
			close((*line)[0])
			*line = (*line)[1:]
			return
		}
	}
	p.free++
}
