package stream

import "hash/maphash"

// Hashes is a set of 64-bit hashes in little memory: about twelve bytes each,
// and it grows a 256th at a time, so that no moment needs twice as much.
type Hashes struct {
	shards [256][]uint64 // open addressing, 0 for an empty place
	counts [256]int
	all    int
}

// seed is of this run: nobody can make texts that meet in one hash.
var seed = maphash.MakeSeed()

// AddText puts a text's hash in and reports whether it was new.
func (s *Hashes) AddText(text string) bool { return s.Add(maphash.String(seed, text)) }

// Has reports whether a text's hash is in.
func (s *Hashes) Has(text string) bool {
	h := max(maphash.String(seed, text), 1)
	table := s.shards[h>>56]
	return len(table) > 0 && table[slot(table, h)] == h
}

// Add puts a hash in and reports whether it was new.
func (s *Hashes) Add(h uint64) bool {
	h = max(h, 1)
	shard := h >> 56
	if table := s.shards[shard]; 5*(s.counts[shard]+1) > 4*len(table) {
		s.shards[shard] = make([]uint64, max(len(table)*5/4, 16))
		for _, old := range table {
			if old != 0 {
				s.shards[shard][slot(s.shards[shard], old)] = old
			}
		}
	}
	i := slot(s.shards[shard], h)
	if s.shards[shard][i] == h {
		return false
	}
	s.shards[shard][i] = h
	s.counts[shard]++
	s.all++
	return true
}

// Len is how many hashes are in.
func (s *Hashes) Len() int { return s.all }

// slot is where a hash stands in a table that has room, or is to be put.
func slot(table []uint64, h uint64) uint64 {
	i := h % uint64(len(table))
	for ; table[i] != h && table[i] != 0; i = (i + 1) % uint64(len(table)) {
	}
	return i
}
