package offline

import (
	"sync"
	"time"

	"counterfoil/api"
)

// freshLooks remembers what look-ups of this run showed, for prelook_max_age,
// and which of them an operation of ours overtook: what was asked before an
// attempt and answered after it tells nothing of the time since.
type freshLooks struct {
	maxAge time.Duration
	now    func() time.Time

	// keeping is held while the catalog takes a look-up or a confirmed status,
	// so that an overtaken look-up cannot land on top of the status.
	keeping sync.Mutex

	mu      sync.Mutex
	seen    map[string]Seen
	sent    int64            // attempts sent so far
	touched map[string]int64 // id to the number of the last attempt on it
	trimmed int64            // attempts up to this one were dropped from touched
}

// touchedMost bounds how many attempts a look-up on its way can be held against.
const touchedMost = 4096

func newFreshLooks(maxAge time.Duration, now func() time.Time) *freshLooks {
	return &freshLooks{maxAge: maxAge, now: now, seen: map[string]Seen{}, touched: map[string]int64{}}
}

// begin marks the start of a look-up.
func (f *freshLooks) begin() int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.sent
}

// overtaken reports whether an attempt that may have changed id was sent since begin.
func (f *freshLooks) overtaken(id api.ID, begun int64) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.overtakenLocked(id, begun)
}

func (f *freshLooks) overtakenLocked(id api.ID, begun int64) bool {
	if f.sent == begun {
		return false
	}
	if begun < f.trimmed {
		return true
	}
	for touched, n := range f.touched {
		if n > begun && mayTouch(api.ID(touched), id) {
			return true
		}
	}
	return false
}

// mayTouch reports whether an operation on one id may change the other: the
// same id, or one on another level, which may hold it or lie in it.
func mayTouch(a, b api.ID) bool { return a == b || a.Level() != b.Level() }

// put remembers a look-up that began at begun, unless it was overtaken.
func (f *freshLooks) put(id api.ID, s Seen, begun int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for old, was := range f.seen {
		if aged(was.At, f.now()) > f.maxAge {
			delete(f.seen, old)
		}
	}
	if !f.overtakenLocked(id, begun) {
		f.seen[string(id)] = s
	}
}

func (f *freshLooks) get(id string) (Seen, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s, ok := f.seen[id]
	if !ok || aged(s.At, f.now()) > f.maxAge {
		return Seen{}, false
	}
	return s, true
}

// aged is the time from at to now by whichever clock says more: the monotonic
// one stands still while the machine sleeps.
func aged(at, now time.Time) time.Duration {
	return max(now.Sub(at), now.Round(0).Sub(at.Round(0)))
}

// forget drops what an operation on id may have changed.
func (f *freshLooks) forget(id api.ID) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sent++
	if len(f.touched) >= touchedMost {
		clear(f.touched)
		f.trimmed = f.sent
	}
	f.touched[string(id)] = f.sent
	for seen := range f.seen {
		if mayTouch(id, api.ID(seen)) {
			delete(f.seen, seen)
		}
	}
}
