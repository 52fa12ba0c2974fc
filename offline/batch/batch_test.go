package batch_test

import (
	"testing"

	"pgregory.net/rapid"

	"counterfoil/offline/batch"
	"counterfoil/offline/operation"
)

func line(pieces, fen int64) batch.Line {
	return batch.Line{Kind: operation.Activate, ID: "R1", Pieces: pieces, Fen: fen}
}

func lets(s *batch.Share) bool { return s.Lets(s.Kind, s.ID, s.Fen) }

func TestWhatWouldPassALimitWaitsAndTheRestGoesOn(t *testing.T) {
	t.Parallel()
	b := batch.New(operation.BatchLimits{Count: 10, TotalFen: 5000})
	eight, three := b.Take(line(8, 800)), b.Take(line(3, 300))
	dear, two := b.Take(line(1, 4300)), b.Take(line(2, 4200))
	if !lets(eight) || lets(three) || lets(dear) || !lets(two) {
		t.Error("wrong lines wait")
	}
	if three.Passed != (operation.Passed{Limit: "bulk_count", Most: 10}) || dear.Passed != (operation.Passed{Limit: "bulk_total", Most: 5000}) {
		t.Error(three.Passed, dear.Passed)
	}
	batch.Approve("mgr", []*batch.Share{three})
	if !lets(three) || three.Approver() != "mgr" || lets(dear) {
		t.Error("an approval is not of exactly the lines it names")
	}
	if three.Lets(three.Kind, "R2", three.Fen) || three.Lets(three.Kind, three.ID, three.Fen+1) || three.Lets(operation.Void, three.ID, three.Fen) {
		t.Error("a share lets another line through")
	}
	three.Use()
	if lets(three) {
		t.Error("a share is used twice")
	}
	eight.GiveBack()
	if lets(eight) || !lets(b.Take(line(5, 0))) || lets(b.Take(line(4, 0))) {
		t.Error("a part given back is not free for as much, and no more")
	}
}

// What is let through without an approval never passes a limit, whatever is taken,
// given back, approved and used in between.
func TestNothingAboveALimitIsLetThroughWithoutAnApproval(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		limits := operation.BatchLimits{Count: rapid.IntRange(1, 20).Draw(t, "count"), TotalFen: rapid.Int64Range(1, 100).Draw(t, "total")}
		b := batch.New(limits)
		var all []*batch.Share
		used := map[*batch.Share]bool{}
		t.Repeat(map[string]func(*rapid.T){
			"take": func(t *rapid.T) {
				all = append(all, b.Take(line(rapid.Int64Range(0, 8).Draw(t, "pieces"), rapid.Int64Range(0, 40).Draw(t, "fen"))))
			},
			"give back": func(t *rapid.T) {
				if len(all) > 0 {
					rapid.SampledFrom(all).Draw(t, "share").GiveBack()
				}
			},
			"recount": func(t *rapid.T) {
				if len(all) > 0 {
					rapid.SampledFrom(all).Draw(t, "share").Recount(rapid.Int64Range(0, 12).Draw(t, "pieces"))
				}
			},
			"approve": func(t *rapid.T) {
				if len(all) > 0 {
					batch.Approve("mgr", []*batch.Share{rapid.SampledFrom(all).Draw(t, "share")})
				}
			},
			"use": func(t *rapid.T) {
				if len(all) > 0 {
					if s := rapid.SampledFrom(all).Draw(t, "share"); lets(s) {
						s.Use()
						used[s] = true
					}
				}
			},
			"": func(t *rapid.T) {
				var pieces, fen int64
				for _, s := range all {
					if (used[s] || lets(s)) && s.Approver() == "" {
						pieces, fen = pieces+s.Pieces, fen+s.Fen
					}
				}
				if p := limits.Passed(pieces, fen); p != (operation.Passed{}) {
					t.Fatalf("%d pieces and %d fen pass %+v", pieces, fen, p)
				}
			},
		})
	})
}
