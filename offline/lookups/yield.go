package lookups

import (
	"context"
	"sync"
	"time"

	"counterfoil/api"
)

// downloadYield pauses the download of a large box while somebody waits for a
// card. Reading no more of it also has the platform send no more, whose
// processor and line the card's own answer needs.
type downloadYield struct {
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

func (y *downloadYield) enter() {
	y.mu.Lock()
	defer y.mu.Unlock()
	if y.small == 0 {
		y.since, y.none = time.Now(), make(chan struct{})
	}
	y.small++
}

func (y *downloadYield) leave() {
	y.mu.Lock()
	defer y.mu.Unlock()
	if y.small--; y.small == 0 {
		close(y.none)
	}
}

// stand waits for the small look-ups on their way.
func (y *downloadYield) stand(ctx context.Context) {
	y.mu.Lock()
	none, left := y.none, standMost-time.Since(y.since)
	waits := y.small > 0 && left > 0
	y.mu.Unlock()
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

// Stand waits, but not for long, while somebody waits for a card: calls in the
// background begin after it.
func (l *Lookups) Stand(ctx context.Context) { l.yield.stand(ctx) }

// waitedFor wraps the sink of a look-up that somebody waits for, until it turns
// out to be a download, which from then on gives way to others. end must be
// called when the look-up is over. each may be nil.
func (y *downloadYield) waitedFor(ctx context.Context, each func(api.Node) error) (sink func(api.Node) error, end func()) {
	y.enter()
	nodes, large := 0, false
	sink = func(n api.Node) error {
		switch nodes++; {
		case large && nodes%standEvery == 0:
			y.stand(ctx)
		case !large && nodes == largeFrom:
			large = true
			y.leave()
		}
		if each == nil {
			return nil
		}
		return each(n)
	}
	return sink, func() {
		if !large {
			y.leave()
		}
	}
}
