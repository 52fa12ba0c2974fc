package salvage

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"counterfoil/offline/files"
	"counterfoil/offline/journal"
	"counterfoil/offline/journal/journaltest"
	"counterfoil/offline/operation"
)

// reopened opens again what stopped accepting.
func reopened(t *testing.T, j *journal.Journal) *journal.Journal {
	t.Helper()
	next, err := Reopen(context.Background(), j)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = next.Close() })
	return next
}

func wantLocked(t *testing.T, dir string, want bool) {
	t.Helper()
	now, cancel := context.WithCancel(context.Background())
	cancel() // not to be waited for
	f, err := journal.Lock(now, journal.Options{Dir: dir})
	var locked *journal.LockedError
	if errors.As(err, &locked) != want {
		t.Fatalf("locked is not %v: %v", want, err)
	}
	if err == nil {
		_ = f.Unlock()
	}
}

func TestReopeningKeepsTheLockAndWhatWasCommitted(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	j := openIn(t, dir)
	ops := make([]operation.Operation, 20)
	for i := range ops {
		ops[i] = journaltest.Operation(i)
		put(t, j, &ops[i], "accepted")
	}
	j.Distrust(errors.New("the device failed"))
	<-j.Broke()
	if err := j.Write(context.Background(), func(tx *journal.Tx) error { return tx.SetMeta("a", "b") }); !errors.Is(err, journal.ErrDamaged) {
		t.Fatalf("it accepts on: %v", err)
	}
	next := reopened(t, j)
	if _, err := j.Operations(context.Background(), journal.Query{}); !errors.Is(err, journal.ErrDamaged) {
		t.Errorf("a reader of the old one gets %v", err)
	}
	if err := j.Close(); err != nil {
		t.Error(err)
	}
	wantLocked(t, dir, true)
	if n := survivors(t, next, ops); n != len(ops) || pending(t, next) != nil {
		t.Fatalf("%d of %d, salvaged %s", n, len(ops), pending(t, next))
	}
	op := journaltest.Operation(100)
	put(t, next, &op, "accepted")
	verify(t, next)
	closeNow(t, next)
	wantLocked(t, dir, false)
}

func TestAReopeningThatFailsCanBeTriedAgainUnderTheSameLock(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	j := openIn(t, dir)
	op := journaltest.Operation(1)
	put(t, j, &op, "accepted")
	projected(t, j)
	tamper(t, dir, `UPDATE operations SET accepted_at='yesterday'`)
	if _, err := j.Operation(context.Background(), op.Op); !errors.Is(err, journal.ErrDamaged) {
		t.Fatalf("the damage is not met: %v", err)
	}
	// Where the new database would be put, something is in the way.
	obstacle := filepath.Join(dir, journal.DatabaseName+".salvaged")
	if err := os.Mkdir(obstacle, 0o700); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		var foreign *files.ForeignError
		if _, err := Reopen(context.Background(), j); !errors.As(err, &foreign) || foreign.Path != obstacle {
			t.Fatalf("what is in the way is not named: %v", err)
		}
	}
	if err := os.Remove(obstacle); err != nil {
		t.Fatal(err)
	}
	wantLocked(t, dir, true)
	next := reopened(t, j)
	if got, err := next.Operation(context.Background(), op.Op); err != nil || !got.AcceptedAt.Equal(op.AcceptedAt) {
		t.Fatalf("%+v %v", got, err)
	}
	closeNow(t, next)
	// One that never succeeded frees the lock at its end.
	j = openIn(t, dir)
	if err := os.Mkdir(obstacle, 0o700); err != nil {
		t.Fatal(err)
	}
	tamper(t, dir, `UPDATE operations SET accepted_at='yesterday'`)
	if _, err := j.Operation(context.Background(), op.Op); !errors.Is(err, journal.ErrDamaged) {
		t.Fatalf("the damage is not met: %v", err)
	}
	if _, err := Reopen(context.Background(), j); err == nil {
		t.Fatal("it opened")
	}
	closeNow(t, j)
	if err := os.Remove(obstacle); err != nil {
		t.Fatal(err)
	}
	wantLocked(t, dir, false)
}

func TestARowThatCannotBeReadHidesNoOtherAndIsMendedFromTheChain(t *testing.T) {
	t.Parallel()
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
			ops := make([]operation.Operation, 5)
			for i := range ops {
				ops[i] = journaltest.Operation(i)
				put(t, j, &ops[i], "accepted")
			}
			projected(t, j)
			tamper(t, dir, `UPDATE operations SET `+change+` WHERE op='`+ops[2].Op+`'`)
			list, err := j.Operations(context.Background(), journal.Query{})
			if !errors.Is(err, journal.ErrDamaged) || len(list) != len(ops)-1 {
				t.Fatalf("%d are listed, %v", len(list), err)
			}
			next := reopened(t, j)
			if n := survivors(t, next, ops); n != len(ops) || pending(t, next) == nil || pending(t, next).LostEvents != 0 {
				t.Fatalf("%d of %d; %s", n, len(ops), pending(t, next))
			}
		})
	}
	t.Run("attempts", func(t *testing.T) {
		dir := t.TempDir()
		j := openIn(t, dir)
		op := journaltest.Operation(1)
		put(t, j, &op, "accepted")
		send(t, j, &op, 1)
		projected(t, j)
		tamper(t, dir, `UPDATE attempts SET data='{'`)
		if _, err := j.Operation(context.Background(), op.Op); !errors.Is(err, journal.ErrDamaged) {
			t.Fatalf("the damage is not met: %v", err)
		}
		if n := survivors(t, reopened(t, j), []operation.Operation{op}); n != 1 {
			t.Fatal("it was not mended")
		}
	})
}

func TestOpenRowsAreHeldAgainstTheChain(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]string{
		"another id":     `UPDATE operations SET id='R112102F-0000009-2585'`,
		"another amount": `UPDATE operations SET amount_fen=300000`,
		"an open state":  `UPDATE operations SET state='unknown'`,
		"its event":      `UPDATE events SET data=replace(data, '3000', '3001'), at=at`,
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			j := openIn(t, dir)
			op := journaltest.Operation(1)
			put(t, j, &op, "accepted")
			projected(t, j)
			if err := j.CheckOpen(context.Background()); err != nil {
				t.Fatal(err)
			}
			tamper(t, dir, change)
			if err := j.CheckOpen(context.Background()); !errors.Is(err, journal.ErrDamaged) {
				t.Fatalf("not found: %v", err)
			}
			next := reopened(t, j)
			if err := next.CheckOpen(context.Background()); err != nil {
				t.Fatalf("found again after the salvage: %v", err)
			}
		})
	}
}
