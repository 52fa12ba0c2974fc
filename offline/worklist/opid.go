package worklist

import (
	"crypto/rand"
	"sync"
	"time"

	"github.com/oklog/ulid/v2"
)

// IDs makes operation ids and order numbers that rise in the order of acceptance, whatever the clock does.
type IDs struct {
	mu      sync.Mutex
	last    uint64
	entropy *ulid.MonotonicEntropy
}

// Above makes every later id sort after op.
func (s *IDs) Above(op string) {
	id, err := ulid.ParseStrict(op)
	if err != nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last = max(s.last, id.Time()+1)
}

// Next is an id that no other counter makes, also where the data folder is lost and
// made anew: a time and 80 random bits, 26 letters and digits.
func (s *IDs) Next(now time.Time) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.entropy == nil {
		s.entropy = ulid.Monotonic(rand.Reader, 0)
	}
	s.last = max(s.last, ulid.Timestamp(now))
	id, err := ulid.New(s.last, s.entropy)
	if err != nil { // the millisecond's numbers are used up
		s.last++
		id = ulid.MustNew(s.last, s.entropy)
	}
	return id.String()
}
