// Package journaltest is what the tests of the journal and of the rooms beneath it
// write and damage: operations as a counter brings them, and the closed data folder
// as somebody leaves it. It knows no journal, so that the journal's own tests can
// use it, and only tests import it.
package journaltest

import (
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"

	"counterfoil/offline/operation"
	"counterfoil/offline/sqlite"
)

// Start is a moment with a zone that is not the machine's, so that a lost offset shows.
var Start = time.Date(2026, 11, 22, 10, 15, 3, 120_000_000, time.FixedZone("", 8*3600))

// Operation is the n-th of a run of operations in time order.
func Operation(n int) operation.Operation {
	at := Start.Add(time.Duration(n) * time.Millisecond)
	var entropy [10]byte
	copy(entropy[:], fmt.Sprintf("%010d", n))
	var id ulid.ULID
	_ = id.SetTime(uint64(at.UnixMilli()))
	_ = id.SetEntropy(entropy[:])
	return operation.Operation{
		Op: id.String(), Kind: operation.Activate, ID: fmt.Sprintf("R112102F-%07d-2585", n), Level: "reel", State: operation.Queued,
		AmountFen: 3000, Offline: true, Operator: "amy", Counter: "C01", AcceptedAt: at, Day: "2026-11-22", Name: "中杯拿铁券",
	}
}

// Put commits an operation as it stands, with an event.
type Put func(op *operation.Operation, event string)

// Send gives op an attempt that was answered, through two commits; n makes its
// trace number.
func Send(op *operation.Operation, n int, put Put) {
	op.State = operation.Sending
	op.Attempts = append(op.Attempts, operation.Attempt{Trace: fmt.Sprintf("20261122000001%09d", n), SentAt: Start,
		Before: &operation.Seen{At: Start, Counts: map[string]int{"03": 10}}})
	put(op, "sending")
	ended := Start.Add(time.Second)
	a := &op.Attempts[len(op.Attempts)-1]
	a.EndedAt, a.Outcome, a.Code, a.Message = &ended, "answered", "A00", "成功"
	op.State, op.FinishedAt = operation.Done, &ended
	op.Evidence = append(op.Evidence, operation.Evidence{At: ended, Asked: "lookup", Outcome: "answered",
		Seen: &operation.Seen{At: ended, Counts: map[string]int{"00": 10}}})
	put(op, "done")
}

// Shop commits n operations, two of three of them sent and answered.
func Shop(n int, put Put) []operation.Operation {
	ops := make([]operation.Operation, n)
	for i := range ops {
		ops[i] = Operation(i)
		put(&ops[i], "accepted")
		if i%3 != 0 {
			Send(&ops[i], i, put)
		}
	}
	return ops
}

// Sequence is the days' sequences of trace numbers, as a commit draws from them.
type Sequence interface {
	NextTrace(day string, floor int64) (int64, error)
}

// Mint moves the day's sequence to the operation's last trace number, as if it came from there.
func Mint(from Sequence, op *operation.Operation) error {
	if len(op.Attempts) == 0 {
		return nil
	}
	trace := op.Attempts[len(op.Attempts)-1].Trace
	n, err := strconv.ParseInt(trace[14:], 10, 64)
	if err == nil {
		_, err = from.NextTrace(trace[:8], n)
	}
	return err
}

// Copy copies a data folder as it is now.
func Copy(tb testing.TB, whole string) string {
	tb.Helper()
	dir := tb.TempDir()
	if err := os.CopyFS(dir, os.DirFS(whole)); err != nil {
		tb.Fatal(err)
	}
	return dir
}

// Tamper changes a closed database as somebody with a SQL shell would.
func Tamper(tb testing.TB, file string, statements ...string) {
	tb.Helper()
	c, err := sqlite.Open(sqlite.Name(file, ""))
	if err != nil {
		tb.Fatal(err)
	}
	defer c.Close()
	for _, s := range statements {
		if err := c.Script(s); err != nil {
			tb.Fatalf("%s: %v", s, err)
		}
	}
}
