package offline

import (
	"context"
	"sync"
	"time"

	"counterfoil/api"
)

// precedence has the download of a large box stand still while somebody waits
// for a card: reading no more of it also slows the platform down, whose
// processor and line the card's own answer needs.
type precedence struct {
	mu    sync.Mutex
	small int           // look-ups on their way that somebody waits for
	since time.Time     // when the first of them began
	none  chan struct{} // closed when the last of them ends
}

const (
	// largeFrom is the number of nodes from which on a look-up is a download.
	largeFrom = 2000
	// standMost is how long a download stands still for look-ups in a row: one
	// that nobody answers must not hold it up.
	standMost = 300 * time.Millisecond
	// standEvery is how many nodes of a download pass between two looks around.
	standEvery = 64
)

func (p *precedence) enter() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.small == 0 {
		p.since, p.none = time.Now(), make(chan struct{})
	}
	p.small++
}

func (p *precedence) leave() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.small--; p.small == 0 {
		close(p.none)
	}
}

// stand waits for the small look-ups on their way.
func (p *precedence) stand(ctx context.Context) {
	p.mu.Lock()
	none, left := p.none, standMost-time.Since(p.since)
	waits := p.small > 0 && left > 0
	p.mu.Unlock()
	if !waits {
		return
	}
	timer := time.NewTimer(left)
	defer timer.Stop()
	select {
	case <-none:
	case <-timer.C:
	case <-ctx.Done():
	}
}

// waitedFor wraps the sink of a look-up that somebody waits for, until it turns
// out to be a download, which from then on gives way to others. end must be
// called when the look-up is over.
func (p *precedence) waitedFor(ctx context.Context, sink func(api.Node) error) (wrapped func(api.Node) error, end func()) {
	p.enter()
	nodes, large := 0, false
	wrapped = func(n api.Node) error {
		switch nodes++; {
		case large && nodes%standEvery == 0:
			p.stand(ctx)
		case !large && nodes == largeFrom:
			large = true
			p.leave()
		}
		if sink == nil {
			return nil
		}
		return sink(n)
	}
	return wrapped, func() {
		if !large {
			p.leave()
		}
	}
}
