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

	mu   sync.Mutex
	seen map[api.Level]map[string]Seen
	// order lists the ids of seen as they were put, to let go of the aged ones.
	order []string
	sent  int64 // attempts sent so far
	// touched maps an id to the number of the last attempt on it, level a level
	// to that of the last one on any of its ids.
	touched map[string]int64
	level   map[api.Level]int64
	trimmed int64 // attempts up to this one were dropped from touched
}

// touchedMost bounds how many attempts a look-up on its way can be held against.
const touchedMost = 4096

func newFreshLooks(maxAge time.Duration, now func() time.Time) *freshLooks {
	return &freshLooks{
		maxAge: maxAge, now: now, seen: map[api.Level]map[string]Seen{},
		touched: map[string]int64{}, level: map[api.Level]int64{},
	}
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
	if f.touched[string(id)] > begun {
		return true
	}
	for level, n := range f.level {
		if n > begun && level != id.Level() {
			return true
		}
	}
	return false
}

// put remembers a look-up that began at begun, unless it was overtaken.
func (f *freshLooks) put(id api.ID, s Seen, begun int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.letGo()
	if f.overtakenLocked(id, begun) {
		return
	}
	same := f.seen[id.Level()]
	if same == nil {
		same = map[string]Seen{}
		f.seen[id.Level()] = same
	}
	same[string(id)] = s
	f.order = append(f.order, string(id))
}

// letGo forgets what has aged.
func (f *freshLooks) letGo() {
	now, n := f.now(), 0
	for _, id := range f.order {
		same := f.seen[api.ID(id).Level()]
		if s, there := same[id]; there {
			if aged(s.At, now) <= f.maxAge {
				break
			}
			delete(same, id)
		}
		n++
	}
	f.order = f.order[n:]
}

func (f *freshLooks) get(id string) (Seen, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s, ok := f.seen[api.ID(id).Level()][id]
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
	f.touched[string(id)], f.level[id.Level()] = f.sent, f.sent
	// An operation may change the same id, and those on other levels, which may hold it or lie in it.
	for level, same := range f.seen {
		if level == id.Level() {
			delete(same, string(id))
		} else {
			clear(same)
		}
	}
}
