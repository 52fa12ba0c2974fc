package journal

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"counterfoil/offline/sqlite"
)

// reopened opens again what stopped accepting.
func reopened(t *testing.T, j *Journal) *Journal {
	t.Helper()
	next, err := j.Reopen(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = next.Close() })
	return next
}

func wantLocked(t *testing.T, dir string, want bool) {
	t.Helper()
	l, err := takeLock(context.Background(), dir, 0)
	var locked *LockedError
	if errors.As(err, &locked) != want {
		t.Fatalf("locked is not %v: %v", want, err)
	}
	if err == nil {
		_ = l.free()
	}
}

func TestReopeningKeepsTheLockAndWhatWasCommitted(t *testing.T) {
	dir := t.TempDir()
	j := openIn(t, dir)
	ops := make([]Operation, 20)
	for i := range ops {
		ops[i] = newOperation(i)
		put(t, j, &ops[i], "accepted")
	}
	j.Distrust(errors.New("the device failed"))
	<-j.Broke()
	if err := j.Write(context.Background(), func(tx *Tx) error { return tx.SetMeta("a", "b") }); !errors.Is(err, ErrDamaged) {
		t.Fatalf("it accepts on: %v", err)
	}
	next := reopened(t, j)
	if _, err := j.Operations(context.Background(), Query{}); !errors.Is(err, ErrDamaged) {
		t.Errorf("a reader of the old one gets %v", err)
	}
	if err := j.Close(); err != nil {
		t.Error(err)
	}
	wantLocked(t, dir, true)
	if n := survivors(t, next, ops); n != len(ops) || next.Salvage() != nil {
		t.Fatalf("%d of %d, salvaged %s", n, len(ops), next.Salvage())
	}
	op := newOperation(100)
	put(t, next, &op, "accepted")
	if _, err := next.Verify(context.Background(), nil); err != nil {
		t.Fatal(err)
	}
	closeNow(t, next)
	wantLocked(t, dir, false)
}

func TestAReopeningThatFailsCanBeTriedAgainUnderTheSameLock(t *testing.T) {
	dir := t.TempDir()
	j := openIn(t, dir)
	op := newOperation(1)
	put(t, j, &op, "accepted")
	projected(t, j)
	tamper(t, dir, `UPDATE operations SET accepted_at='yesterday'`)
	if _, err := j.Operation(context.Background(), op.Op); !errors.Is(err, ErrDamaged) {
		t.Fatalf("the damage is not met: %v", err)
	}
	// Where the new database would be built, something is in the way.
	obstacle := filepath.Join(dir, DatabaseName+".salvaging", "x")
	if err := os.MkdirAll(obstacle, 0o700); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := j.Reopen(context.Background()); !errors.Is(err, ErrDamaged) {
			t.Fatalf("it opened: %v", err)
		}
		wantLocked(t, dir, true)
	}
	if err := os.RemoveAll(filepath.Dir(obstacle)); err != nil {
		t.Fatal(err)
	}
	next := reopened(t, j)
	if got, err := next.Operation(context.Background(), op.Op); err != nil || !got.AcceptedAt.Equal(op.AcceptedAt) {
		t.Fatalf("%+v %v", got, err)
	}
	closeNow(t, next)
	// One that never succeeded frees the lock at its end.
	j = openIn(t, dir)
	if err := os.MkdirAll(obstacle, 0o700); err != nil {
		t.Fatal(err)
	}
	j.w.fail(sqlite.ErrUnreadable)
	if _, err := j.Reopen(context.Background()); err == nil {
		t.Fatal("it opened")
	}
	closeNow(t, j)
	wantLocked(t, dir, false)
}

func TestARowThatCannotBeReadHidesNoOtherAndIsMendedFromTheChain(t *testing.T) {
	for name, change := range map[string]string{
		"accepted_at": `accepted_at='2026-11-22T10:x5:03+08:00'`,
		"next_at":     `next_at='soon'`,
		"state":       `state='qveued'`,
		"kind":        `kind='activatf'`,
		"range":       `range='{'`,
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			j := openIn(t, dir)
			ops := make([]Operation, 5)
			for i := range ops {
				ops[i] = newOperation(i)
				put(t, j, &ops[i], "accepted")
			}
			projected(t, j)
			tamper(t, dir, `UPDATE operations SET `+change+` WHERE op='`+ops[2].Op+`'`)
			list, err := j.Operations(context.Background(), Query{})
			if !errors.Is(err, ErrDamaged) || len(list) != len(ops)-1 {
				t.Fatalf("%d are listed, %v", len(list), err)
			}
			next := reopened(t, j)
			if n := survivors(t, next, ops); n != len(ops) || next.Salvage() == nil || next.Salvage().LostEvents != 0 {
				t.Fatalf("%d of %d; %s", n, len(ops), next.Salvage())
			}
		})
	}
	t.Run("attempts", func(t *testing.T) {
		dir := t.TempDir()
		j := openIn(t, dir)
		op := newOperation(1)
		put(t, j, &op, "accepted")
		send(t, j, &op, 1)
		projected(t, j)
		tamper(t, dir, `UPDATE attempts SET data='{'`)
		if _, err := j.Operation(context.Background(), op.Op); !errors.Is(err, ErrDamaged) {
			t.Fatalf("the damage is not met: %v", err)
		}
		if n := survivors(t, reopened(t, j), []Operation{op}); n != 1 {
			t.Fatal("it was not mended")
		}
	})
}

func TestOpenRowsAreHeldAgainstTheChain(t *testing.T) {
	for name, change := range map[string]string{
		"another id":     `UPDATE operations SET id='R112102F-0000009-2585'`,
		"another amount": `UPDATE operations SET amount_fen=300000`,
		"an open state":  `UPDATE operations SET state='unknown'`,
		"its event":      `UPDATE events SET data=replace(data, '3000', '3001'), at=at`,
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			j := openIn(t, dir)
			op := newOperation(1)
			put(t, j, &op, "accepted")
			projected(t, j)
			if err := j.CheckOpen(context.Background()); err != nil {
				t.Fatal(err)
			}
			tamper(t, dir, change)
			if err := j.CheckOpen(context.Background()); !errors.Is(err, ErrDamaged) {
				t.Fatalf("not found: %v", err)
			}
			next := reopened(t, j)
			if err := next.CheckOpen(context.Background()); err != nil {
				t.Fatalf("found again after the salvage: %v", err)
			}
		})
	}
}
