package catalog

import (
	"sync"
	"sync/atomic"
)

// turn hands the writer to one transaction after the other. Those that somebody
// waits for go before those of a load or of the sweeper, which look out for
// them and end early.
type turn struct {
	mu       sync.Mutex
	taken    bool
	asking   []chan struct{} // of transactions that somebody waits for, closed when it is their turn
	working  []chan struct{} // of the background's
	overtook int             // how many went before the background's first
	wants    atomic.Int32    // len(asking)
}

// overtakes is how many transactions may go before one of the background's.
const overtakes = 8

// take waits for the writer.
func (t *turn) take(background bool) {
	t.mu.Lock()
	if !t.taken {
		t.taken = true
		t.mu.Unlock()
		return
	}
	mine := make(chan struct{})
	if background {
		t.working = append(t.working, mine)
	} else {
		t.asking = append(t.asking, mine)
	}
	t.wants.Store(int32(len(t.asking)))
	t.mu.Unlock()
	<-mine
}

// give hands the writer to the next, who else might come too late for ever.
func (t *turn) give() {
	t.mu.Lock()
	defer t.mu.Unlock()
	next := &t.asking
	switch {
	case len(t.asking) == 0 && len(t.working) == 0:
		t.taken = false
		return
	case len(t.asking) == 0, len(t.working) > 0 && t.overtook >= overtakes:
		next, t.overtook = &t.working, 0
	case len(t.working) > 0:
		t.overtook++
	}
	close((*next)[0])
	*next = (*next)[1:]
	t.wants.Store(int32(len(t.asking)))
}

// wanted reports whether somebody waits for the writer.
func (t *turn) wanted() bool { return t.wants.Load() > 0 }
