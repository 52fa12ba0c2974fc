package journal

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"counterfoil/offline/journal/journaltest"
	"counterfoil/offline/operation"
)

func TestATraceNumberIsNeverAnotherAttempts(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	j := openIn(t, dir)
	first := journaltest.Operation(1)
	put(t, j, &first, "accepted")
	send(t, j, &first, 7)
	attempt := func(j *Journal, op *operation.Operation, n int) error {
		op.Attempts = []operation.Attempt{{Trace: fmt.Sprintf("20261122000001%09d", n), SentAt: start}}
		return j.Write(context.Background(), func(tx *Tx) error { return errors.Join(tx.Put(op, "sending"), journaltest.Mint(tx, op)) })
	}
	for n, when := range []string{"no row says it", "a row says it", "a start forgot"} {
		switch n {
		case 1:
			projected(t, j)
		case 2:
			closeNow(t, j)
			j = openIn(t, dir)
		}
		op := journaltest.Operation(10 + n)
		if err := attempt(j, &op, 7); !errors.Is(err, ErrTraceUsed) {
			t.Fatalf("%s: %v", when, err)
		}
		if err := attempt(j, &op, 3-n); err != nil { // unused, though not in order
			t.Fatalf("%s: %v", when, err)
		}
	}
	twice := []operation.Operation{journaltest.Operation(20), journaltest.Operation(21)}
	err := j.Write(context.Background(), func(tx *Tx) error {
		for i := range twice {
			twice[i].Attempts = []operation.Attempt{{Trace: "20261122000001000000009", SentAt: start}}
			if err := tx.Put(&twice[i], "sending"); err != nil {
				return err
			}
		}
		return nil
	})
	if !errors.Is(err, ErrTraceUsed) {
		t.Fatalf("twice in one commit: %v", err)
	}
}

func TestAttemptsDoNotMoveTheSequenceOfTheirDay(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	j := openIn(t, dir)
	const floor = 290_000_000 // of an afternoon
	for n := range 50 {
		op := journaltest.Operation(n)
		err := j.Write(context.Background(), func(tx *Tx) error {
			step, err := tx.NextTrace("20261122", floor)
			if err == nil && step != floor+int64(n) {
				err = fmt.Errorf("step %d for the %d-th number", step, n)
			}
			op.Attempts = []operation.Attempt{{Trace: fmt.Sprintf("20261122000001%09d", step*TracesPerStep), SentAt: start}}
			return errors.Join(err, tx.Put(&op, "sending"))
		})
		if err != nil {
			t.Fatal(err)
		}
		switch n {
		case 20:
			closeNow(t, j)
			j = openIn(t, dir)
		case 40: // a turned bit while it is open; a start finds it
			projected(t, j)
			err := j.Write(context.Background(), func(tx *Tx) error { return tx.Conn().Exec(`UPDATE traces SET last=last+536870912`) })
			if err != nil {
				t.Fatal(err)
			}
		}
	}
}
