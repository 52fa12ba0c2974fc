package stream

import "testing"

func TestHashesKnowWhatTheyHold(t *testing.T) {
	t.Parallel()
	var s Hashes
	mixed := func(i uint64) uint64 { return (i + 1) * 0x9e3779b97f4a7c15 }
	for round := range 2 {
		for i := range uint64(50_000) {
			if fresh := s.Add(mixed(i)); fresh != (round == 0) {
				t.Fatalf("round %d: hash %d new: %v", round, i, fresh)
			}
		}
	}
	held, room := 0, 0
	for i, table := range s.shards {
		held, room = held+s.counts[i], room+len(table)
	}
	if held != 50_000 || room > 2*held {
		t.Errorf("%d held in %d places", held, room)
	}
}
