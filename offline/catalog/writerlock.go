package catalog

import (
	"sync"
	"sync/atomic"
)

// writerLock hands the writer to one transaction after the other. Of those of
// the background only one at a time stands in the queue with those that
// somebody waits for; it looks out for them and ends early.
type writerLock struct {
	writer, queue, background sync.Mutex
	waiting                   atomic.Int32 // in the foreground
}

// take waits for the writer, and returns what gives it back.
func (l *writerLock) take(background bool) (give func()) {
	if background {
		l.background.Lock()
	} else {
		l.waiting.Add(1)
		defer l.waiting.Add(-1)
	}
	l.queue.Lock()
	l.writer.Lock()
	l.queue.Unlock()
	return func() {
		l.writer.Unlock()
		if background {
			l.background.Unlock()
		}
	}
}

// wanted reports whether somebody waits for the writer.
func (l *writerLock) wanted() bool { return l.waiting.Load() > 0 }
