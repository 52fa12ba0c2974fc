package chain_test

import (
	"testing"

	"pgregory.net/rapid"

	"counterfoil/offline/journal/chain"
)

func TestGapsHoldExactlyWhatWasAdded(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var gaps chain.Gaps
		in := map[int64]bool{}
		from := int64(1)
		for range rapid.IntRange(0, 6).Draw(t, "runs") {
			from += rapid.Int64Range(0, 4).Draw(t, "further")
			to := from + rapid.Int64Range(-1, 4).Draw(t, "long") // -1 is a run of nothing
			gaps = gaps.Add(from, to)
			for n := from; n <= to; n++ {
				in[n] = true
			}
		}
		for i, g := range gaps {
			if g.To < g.From || i > 0 && g.From <= gaps[i-1].To+1 {
				t.Fatalf("out of order, or touching: %+v", gaps)
			}
		}
		for a := int64(0); a < 32; a++ {
			all := true
			for b := a; b < 32; b++ {
				if all = all && in[b]; gaps.Hold(a, b) != all {
					t.Fatalf("%+v hold %d to %d: %v", gaps, a, b, !all)
				}
			}
		}
	})
}

func TestOnlyTheEventInFrontOfAGapCanHaveMoved(t *testing.T) {
	t.Parallel()
	gaps := chain.Gaps{{From: 3, To: 4, After: "a"}, {From: 9, To: 9}}
	for _, c := range []struct {
		seq  int64
		hash string
		want bool
	}{{2, "a", false}, {2, "b", true}, {1, "b", false}, {5, "b", false}, {8, "b", false}, {9, "b", false}} {
		if got := gaps.Moved(&chain.Event{Seq: c.seq, Hash: c.hash}); got != c.want {
			t.Errorf("event %d with hash %s moved: %v", c.seq, c.hash, got)
		}
	}
}
