package stream

import "hash/maphash"

// Hashes is a set of 64-bit hashes in little memory: about twelve bytes each,
// and it grows a 256th at a time, so that no moment needs twice as much.
type Hashes struct {
	shards [256][]uint64 // open addressing, 0 for an empty place
	counts [256]int
}

// seed is of this run: nobody can make texts that meet in one hash.
var seed = maphash.MakeSeed()

// AddText puts a text's hash in and reports whether it was new.
func (s *Hashes) AddText(text string) bool { return s.Add(maphash.String(seed, text)) }

// Add puts a hash in and reports whether it was new.
func (s *Hashes) Add(h uint64) bool {
	h = max(h, 1)
	shard := h >> 56
	if table := s.shards[shard]; 5*(s.counts[shard]+1) > 4*len(table) {
		s.shards[shard] = make([]uint64, max(len(table)*5/4, 16))
		for _, old := range table {
			if old != 0 {
				place(s.shards[shard], old)
			}
		}
	}
	if !place(s.shards[shard], h) {
		return false
	}
	s.counts[shard]++
	return true
}

// place puts a hash into a table that has room, and reports whether it was new.
func place(table []uint64, h uint64) bool {
	for i := h % uint64(len(table)); ; i = (i + 1) % uint64(len(table)) {
		switch table[i] {
		case h:
			return false
		case 0:
			table[i] = h
			return true
		}
	}
}
