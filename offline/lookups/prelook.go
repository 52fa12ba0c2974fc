package lookups

import (
	"sync"
	"time"

	"counterfoil/api"
	"counterfoil/offline/operation"
	"counterfoil/offline/platformtime"
)

// prelookCache remembers what look-ups of this run showed, for maxAge, and
// which of them an attempt of ours overtook: what was asked before an attempt
// and answered after it tells nothing of the time since. Its lock is held for
// a few map accesses only.
type prelookCache struct {
	maxAge time.Duration
	now    func() time.Time

	mu   sync.Mutex
	seen map[api.Level]map[string]operation.Seen
	// order lists the ids of seen as they were put, to let go of the aged ones.
	order []string
	sent  int64 // attempts sent so far
	// touched maps an id, and level a level, to the number of the last attempt on it.
	touched map[string]int64
	level   map[api.Level]int64
	trimmed int64           // attempts up to this one were dropped from touched
	vain    map[string]bool // ids whose last look-up brought nothing
}

// touchedMost bounds how many attempts a look-up on its way can be held against.
const touchedMost = 4096

func newPrelookCache(maxAge time.Duration, now func() time.Time) *prelookCache {
	return &prelookCache{
		maxAge: maxAge, now: now, seen: map[api.Level]map[string]operation.Seen{},
		touched: map[string]int64{}, level: map[api.Level]int64{}, vain: map[string]bool{},
	}
}

// begin marks the start of a look-up.
func (p *prelookCache) begin() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.sent
}

// overtaken reports whether an attempt that may have changed id was sent since begin.
func (p *prelookCache) overtaken(id api.ID, begun int64) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.overtakenLocked(id, begun)
}

func (p *prelookCache) overtakenLocked(id api.ID, begun int64) bool {
	if p.sent == begun {
		return false
	}
	if begun < p.trimmed {
		return true
	}
	if p.touched[string(id)] > begun {
		return true
	}
	for level, n := range p.level {
		if n > begun && level != id.Level() {
			return true
		}
	}
	return false
}

// put remembers a look-up that began at begun, unless it was overtaken.
func (p *prelookCache) put(id api.ID, s operation.Seen, begun int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.dropAged()
	delete(p.vain, string(id))
	if p.overtakenLocked(id, begun) {
		return
	}
	same := p.seen[id.Level()]
	if same == nil {
		same = map[string]operation.Seen{}
		p.seen[id.Level()] = same
	}
	same[string(id)] = s
	p.order = append(p.order, string(id))
}

// missed remembers a look-up that brought nothing.
func (p *prelookCache) missed(id api.ID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.vain) >= touchedMost {
		clear(p.vain)
	}
	p.vain[string(id)] = true
}

func (p *prelookCache) inVain(id api.ID) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.vain[string(id)]
}

func (p *prelookCache) dropAged() {
	now, n := p.now(), 0
	for _, id := range p.order {
		same := p.seen[api.ID(id).Level()]
		if s, there := same[id]; there {
			if platformtime.Age(s.At, now) <= p.maxAge {
				break
			}
			delete(same, id)
		}
		n++
	}
	p.order = p.order[n:]
}

func (p *prelookCache) get(id api.ID) (operation.Seen, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s, ok := p.seen[id.Level()][string(id)]
	if !ok || platformtime.Age(s.At, p.now()) > p.maxAge {
		return operation.Seen{}, false
	}
	return s, true
}

// sentOn drops what an attempt on id may have changed: the id itself, and ids
// on other levels, which may hold it or lie in it.
func (p *prelookCache) sentOn(id api.ID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sent++
	if len(p.touched) >= touchedMost {
		clear(p.touched)
		p.trimmed = p.sent
	}
	p.touched[string(id)], p.level[id.Level()] = p.sent, p.sent
	for level, same := range p.seen {
		if level == id.Level() {
			delete(same, string(id))
		} else {
			clear(same)
		}
	}
}
