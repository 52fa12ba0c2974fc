package chain_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"counterfoil/offline/journal/chain"
	"counterfoil/offline/journal/journaltest"
	"counterfoil/offline/operation"
)

// Through whatever states an operation goes, a report counts it once: as accepted,
// and as closed if and only if it is closed now.
func TestAnOperationIsCountedOnceHoweverOftenItIsReopened(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		op := journaltest.Operation(1)
		op.Kind = rapid.SampledFrom([]operation.Kind{operation.Activate, operation.Void, operation.Range}).Draw(t, "kind")
		before := operation.State("")
		count, fen := map[chain.Posted]int{}, map[chain.Posted]int64{}
		for n := range rapid.IntRange(1, 8).Draw(t, "events") {
			op.Seq = int64(n + 1)
			op.State = rapid.SampledFrom(operation.States()).Draw(t, "state")
			var now []chain.Posted
			for _, p := range chain.PostingsOf(before, 1, &op) {
				if p.Seq != op.Seq || p.Accepted != 1 || p.Kind != op.Kind || p.Operator != op.Operator || p.Day != op.Day {
					t.Fatalf("%+v is not of event %d of %+v", p, op.Seq, op)
				}
				what := p.Posted
				if what.Outcome() {
					what = "closed"
				}
				count[what], fen[what] = count[what]+1, fen[what]+p.Fen
				now = append(now, p.Posted)
			}
			if len(now) > 0 && before == op.State {
				t.Fatalf("%s again posts %v", op.State, now)
			}
			before = op.State
		}
		closed := 0
		if !op.State.Open() {
			closed = 1
		}
		if count[chain.PostedAccepted] != 1 || count["closed"]-count[chain.PostedReopened] != closed {
			t.Fatalf("it is %s, and counted %v", op.State, count)
		}
		amount := op.AmountFen
		if op.Kind == operation.Void {
			amount = 0 // nobody pays for one
		}
		if fen[chain.PostedAccepted] != amount || fen["closed"]-fen[chain.PostedReopened] != int64(closed)*amount {
			t.Fatalf("it is %s, and summed %v", op.State, fen)
		}
	})
}

func TestAnOutcomeIsCalledWhatItDid(t *testing.T) {
	t.Parallel()
	at := journaltest.Start.Add(time.Hour).In(time.FixedZone("", 5*3600+45*60))
	for _, c := range []struct {
		kind  operation.Kind
		state operation.State
		want  chain.Posted
	}{
		{operation.Activate, operation.Done, chain.PostedActive}, {operation.Range, operation.Done, chain.PostedActive}, {operation.Void, operation.Done, chain.PostedVoid},
		{operation.Activate, operation.Refused, chain.PostedRefused}, {operation.Void, operation.Refused, chain.PostedRefused},
		{operation.Activate, operation.Withdrawn, chain.PostedWithdrawn}, {operation.Void, operation.Settled, chain.PostedSettled},
	} {
		for _, why := range []string{"", operation.WhyByStatus} {
			op := journaltest.Operation(1)
			op.Kind, op.State, op.Why, op.FinishedAt = c.kind, c.state, why, &at
			got := chain.PostingsOf(operation.Unknown, 1, &op)
			if len(got) != 1 || got[0].Posted != c.want || !got[0].Posted.Outcome() || got[0].ByStatus != (why != "") || got[0].Quarter != at.Unix()/900 {
				t.Errorf("a %s that is %s %s posts %+v", c.kind, c.state, why, got)
			}
		}
	}
}

func TestATraceNumberThatWasNeverSentIsCountedAsDiscarded(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind    operation.Kind
		before  operation.State
		outcome string
		want    bool
	}{
		{operation.Activate, operation.Sending, "not_sent", true}, {operation.Void, operation.Sending, "not_sent", true},
		{operation.Activate, operation.Sending, "unanswered", false}, // it may have been seen
		{operation.Activate, operation.Queued, "not_sent", false},    // counted when that came back
		{operation.Range, operation.Sending, "not_sent", false},      // it keeps its number
	} {
		op := journaltest.Operation(1)
		op.Kind, op.Attempts = c.kind, []operation.Attempt{{Outcome: "answered"}, {Outcome: c.outcome}}
		i := slices.IndexFunc(chain.PostingsOf(c.before, 1, &op), func(p chain.Posting) bool {
			return p.Posted == chain.PostedDiscarded && p.Fen == 0 && !p.Posted.Outcome()
		})
		if (i >= 0) != c.want {
			t.Errorf("%+v: it is discarded: %v", c, i >= 0)
		}
	}
}
