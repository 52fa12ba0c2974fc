package send

import (
	"sync"
	"time"
)

// Workers that come to a commit within gatherFor go on together, gatherMost at
// most, so that their commits share one sync.
const (
	gatherFor  = 8 * time.Millisecond
	gatherMost = 32
)

// gathering is where they wait for each other. A nil *gathering holds nobody up.
type gathering struct {
	mu      sync.Mutex
	here    int
	departs chan struct{} // closed when those that are here go on
	overdue *time.Timer
}

// wait returns when enough are here, or the first of them waited long enough.
func (g *gathering) wait() {
	if g == nil {
		return
	}
	g.mu.Lock()
	if g.here == 0 {
		leave := make(chan struct{})
		g.departs = leave
		g.overdue = time.AfterFunc(gatherFor, func() { g.leave(leave) })
	}
	leave := g.departs
	g.here++
	full := g.here >= gatherMost
	g.mu.Unlock()
	if full {
		g.leave(leave)
	}
	<-leave
}

// leave lets those go on that wait for this channel, once.
func (g *gathering) leave(these chan struct{}) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.departs != these {
		return
	}
	g.overdue.Stop()
	g.here, g.departs = 0, nil
	close(these)
}
