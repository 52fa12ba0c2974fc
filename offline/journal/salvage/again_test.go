package salvage

import (
	"flag"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"counterfoil/offline/journal/journaltest"
	"counterfoil/offline/operation"
)

// Few random runs by default, as many as one likes with -rapid.checks.
func init() { _ = flag.Set("rapid.checks", "10") }

// However often events are lost, salvaged around and followed by others, what each
// salvage leaves is whole: none counts an operation in a way that verify does not.
func TestSalvagesOneAfterTheOtherLeaveAWholeJournal(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		dir := t.TempDir()
		j := openIn(t, dir)
		ops := make([]operation.Operation, 2)
		made, trace := 0, 0
		next := func() {
			n := rapid.IntRange(0, len(ops)-1).Draw(rt, "operation")
			op := &ops[n]
			if stored, err := j.Operation(t.Context(), op.Op); err == nil {
				*op = stored // as the salvage left it
				op.State = rapid.SampledFrom([]operation.State{
					operation.Queued, operation.Sending, operation.Unknown, operation.Refused, operation.Settled, operation.Done,
				}).Draw(rt, "state")
			} else {
				made++ // not accepted yet, or lost for good
				*op = journaltest.Operation(made)
			}
			switch n := len(op.Attempts); {
			case op.State == operation.Sending:
				trace++
				op.Attempts = append(op.Attempts, operation.Attempt{Trace: fmt.Sprintf("20261122000001%09d", trace), SentAt: start})
			case n > 0 && op.Attempts[n-1].EndedAt == nil:
				ended := start.Add(time.Second)
				op.Attempts[n-1].EndedAt, op.Attempts[n-1].Outcome = &ended, rapid.SampledFrom([]string{"not_sent", "unanswered"}).Draw(rt, "outcome")
			}
			if op.FinishedAt = nil; !op.State.Open() {
				op.FinishedAt = &start
			}
			put(t, j, op, "changed")
		}
		for range rapid.IntRange(2, 3).Draw(rt, "salvages") {
			for range rapid.IntRange(1, 5).Draw(rt, "events") {
				next()
			}
			head, err := j.Verify(t.Context(), nil)
			if err != nil {
				rt.Fatal(err)
			}
			closeNow(t, j)
			lost := rapid.Int64Range(1, head.Seq)
			tamper(t, dir, fmt.Sprintf(`DELETE FROM events WHERE op <> '' AND seq IN (%d, %d)`, lost.Draw(rt, "lost"), lost.Draw(rt, "lost")),
				fmt.Sprintf(rapid.SampledFrom([]string{
					`DELETE FROM postings WHERE seq = %d`, `DELETE FROM operations WHERE seq = %d`, `DELETE FROM attempts WHERE %d > 0`,
					`UPDATE operations SET state = 'refused' WHERE seq = %d`, `UPDATE operations SET accepted_seq = %d`,
				}).Draw(rt, "rows"), lost.Draw(rt, "changed")))
			markDamaged(t, dir)
			j = openIn(t, dir)
			if _, err := j.Verify(t.Context(), nil); err != nil {
				rt.Fatal(err)
			}
		}
		closeNow(t, j)
	})
}
