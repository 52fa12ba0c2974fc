package journal

import (
	"context"
	"errors"
	"testing"

	"counterfoil/offline/journal/journaltest"
	"counterfoil/offline/operation"
)

func TestNobodyWritesOverAChangeNorPartOfAnOperation(t *testing.T) {
	t.Parallel()
	for name, written := range map[string]bool{"its row is written": true, "its row is pending": false} {
		j := openIn(t, t.TempDir())
		ctx := context.Background()
		op := journaltest.Operation(1)
		row := func() {
			if written {
				if err := j.projectAll(ctx); err != nil {
					t.Fatal(err)
				}
			}
		}
		put(t, j, &op, "accepted")
		row()
		send(t, j, &op, 1)
		row()
		bare, err := j.Operations(ctx, Query{})
		if err != nil || len(bare) != 1 {
			t.Fatal(bare, err)
		}
		for what, c := range map[string]struct {
			change func(*operation.Operation)
			want   error
		}{
			"a second new one":      {func(o *operation.Operation) { o.Seq = 0 }, ErrStale},
			"an old one":            {func(o *operation.Operation) { o.Seq-- }, ErrStale},
			"one ahead":             {func(o *operation.Operation) { o.Seq++ }, ErrStale},
			"one of another id":     {func(o *operation.Operation) { o.ID = "R1" }, ErrStale},
			"one of another day":    {func(o *operation.Operation) { o.Day = "2026-11-23" }, ErrStale},
			"one without attempts":  {func(o *operation.Operation) { o.Attempts = nil }, ErrShrunk},
			"one without evidence":  {func(o *operation.Operation) { o.Evidence = nil }, ErrShrunk},
			"one that is not whole": {func(o *operation.Operation) { *o = bare[0] }, ErrShrunk},
		} {
			o := op.Clone()
			c.change(&o)
			if err := j.Write(ctx, func(tx *Tx) error { return tx.Put(&o, "x") }); !errors.Is(err, c.want) {
				t.Errorf("%s, %s: %v", name, what, err)
			}
		}
		nameless := journaltest.Operation(2)
		nameless.Op = ""
		another := journaltest.Operation(2)
		err = j.Write(ctx, func(tx *Tx) error {
			if tx.Put(&nameless, "accepted") == nil || tx.Put(&another, "") == nil {
				t.Errorf("%s: an operation or an event without a name is taken", name)
			}
			return nil
		})
		if got, e := j.Operation(ctx, op.Op); err != nil || e != nil || got.Hash != op.Hash {
			t.Errorf("%s: %+v, %v, %v", name, got, err, e)
		}
		if _, err := j.Verify(ctx, nil); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestOneCommitMayHoldAnOperationTwice(t *testing.T) {
	t.Parallel()
	j := openIn(t, t.TempDir())
	op := journaltest.Operation(1)
	err := j.Write(context.Background(), func(tx *Tx) error {
		accepted := journaltest.Operation(1)
		if err := tx.Put(&accepted, "accepted"); err != nil {
			return err
		}
		op = accepted.Clone()
		op.State, op.Attempts = operation.Sending, []operation.Attempt{{Trace: "20261122000001000000001", SentAt: start}}
		return tx.Put(&op, "sending")
	})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := j.Operation(context.Background(), op.Op); err != nil || got.State != operation.Sending || got.Hash != op.Hash || got.Seq != 2 {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestARowThatIsLostIsDamageAndNotWrittenOver(t *testing.T) {
	t.Parallel()
	j := openIn(t, t.TempDir())
	ctx := context.Background()
	op := journaltest.Operation(1)
	put(t, j, &op, "accepted")
	if err := j.projectAll(ctx); err != nil {
		t.Fatal(err)
	}
	put(t, j, &op, "asked")
	if err := j.Write(ctx, func(tx *Tx) error { return tx.Conn().Script(`DELETE FROM operations`) }); err != nil {
		t.Fatal(err)
	}
	if err := j.projectAll(ctx); !errors.Is(err, ErrDamaged) {
		t.Errorf("%v", err)
	}
}

func TestTheSendingsOfARangeShareItsOrderNumber(t *testing.T) {
	t.Parallel()
	j := openIn(t, t.TempDir())
	op := journaltest.Operation(1)
	op.Kind, op.Range = operation.Range, &operation.RangeOrder{OrderID: "01HZORDER"}
	for range 3 {
		if err := j.Write(context.Background(), func(tx *Tx) error { return tx.Put(&op, "sending") }); err != nil {
			t.Fatal(err)
		}
		op.Attempts = append(op.Attempts, operation.Attempt{Trace: op.Range.OrderID, SentAt: start, Outcome: "not_sent"})
	}
}
