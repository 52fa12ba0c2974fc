package send

import (
	"context"
	"sync"
	"time"
)

// jobs is the work on its way, and the context of its calls.
type jobs struct {
	sync.WaitGroup

	mu    sync.Mutex // guards what follows
	open  bool       // new ones may begin
	calls context.Context
	cut   context.CancelFunc
}

func (j *jobs) start() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.open = true
	if j.calls.Err() != nil {
		j.calls, j.cut = context.WithCancel(context.Background())
	}
}

func (j *jobs) finish(grace time.Duration) {
	j.mu.Lock()
	j.open = false
	cut := j.cut
	j.mu.Unlock()
	timer := time.AfterFunc(grace, cut)
	j.Wait()
	timer.Stop()
}

func (j *jobs) close() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.cut()
}

// calling is the context of calls: it outlives a worker's by what finish grants.
func (j *jobs) calling() context.Context {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.calls
}

// hold has finish wait for the caller until Done, and for all that begins before
// that; false after finish.
func (j *jobs) hold() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.open {
		j.Add(1)
	}
	return j.open
}
