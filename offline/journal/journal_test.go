package journal

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"sync"
	"testing"
	"time"

	"counterfoil/offline/journal/chain"
	"counterfoil/offline/journal/journaltest"
	"counterfoil/offline/operation"
)

var start = journaltest.Start

func openIn(t testing.TB, dir string, change ...func(*Options)) *Journal {
	t.Helper()
	o := Options{Dir: dir, Now: func() time.Time { return start }, Reserve: 64 << 10}
	for _, c := range change {
		c(&o)
	}
	open := func() (*Journal, error) { return Open(context.Background(), o) }
	if !o.ReadOnly {
		f, err := Lock(context.Background(), o)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Inspect(); err != nil {
			t.Fatalf("it looks damaged: %v", err)
		}
		open = func() (*Journal, error) { return f.Open(context.Background()) }
	}
	j, err := open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.Close() })
	return j
}

// survivors counts the operations that stand exactly as they did.
func survivors(t *testing.T, j *Journal, ops []operation.Operation) int {
	t.Helper()
	n := 0
	for i := range ops {
		got, err := j.Operation(context.Background(), ops[i].Op)
		if err != nil {
			continue
		}
		want, _ := chain.EncodeOperation(&ops[i])
		if have, _ := chain.EncodeOperation(&got); have == want {
			n++
		}
	}
	return n
}

func closeNow(t testing.TB, j *Journal) {
	t.Helper()
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
}

func put(t testing.TB, j *Journal, op *operation.Operation, event string) {
	t.Helper()
	if err := j.Write(context.Background(), func(tx *Tx) error { return errors.Join(tx.Put(op, event), journaltest.Mint(tx, op)) }); err != nil {
		t.Fatal(err)
	}
}

// putIn is put for a journal.
func putIn(t testing.TB, j *Journal) journaltest.Put {
	return func(op *operation.Operation, event string) { t.Helper(); put(t, j, op, event) }
}

// send gives op an attempt that was answered, through two commits.
func send(t testing.TB, j *Journal, op *operation.Operation, n int) {
	t.Helper()
	journaltest.Send(op, n, putIn(t, j))
}

func TestPutIsReadBackWhole(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	j := openIn(t, dir)
	op := journaltest.Operation(1)
	put(t, j, &op, "accepted")
	next := start.Add(time.Minute)
	op.NextAt, op.Asked, op.WaitsFor, op.Why = &next, 3, "01X", "by_status"
	op.Range = &operation.RangeOrder{OrderID: "o", Type: 1, BIN: "7020", From: "1", To: "5", Count: 5, SellingFen: 10000}
	send(t, j, &op, 1)
	if op.Seq != 3 || len(op.Hash) != 64 {
		t.Fatalf("seq %d hash %q", op.Seq, op.Hash)
	}
	closeNow(t, j)

	j = openIn(t, dir)
	got, err := j.Operation(context.Background(), op.Op)
	if err != nil {
		t.Fatal(err)
	}
	want, _ := chain.EncodeOperation(&op)
	if have, _ := chain.EncodeOperation(&got); have != want {
		t.Fatalf("read back\n%s\nwant\n%s", have, want)
	}
	if _, err := j.Operation(context.Background(), "nobody"); !errors.Is(err, ErrNoOperation) {
		t.Fatalf("unknown operation: %v", err)
	}
}

func TestDataFolderIsPrivate(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	j := openIn(t, dir)
	op := journaltest.Operation(1)
	put(t, j, &op, "accepted")
	if info, _ := os.Stat(dir); info.Mode().Perm() != 0o700 {
		t.Errorf("folder has mode %v", info.Mode())
	}
	entries, _ := os.ReadDir(dir)
	names := map[string]bool{}
	for _, e := range entries {
		info, _ := e.Info()
		names[e.Name()] = true
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", e.Name(), info.Mode())
		}
	}
	for _, want := range []string{"counterfoil.db", "counterfoil.db-wal", "lock", "chain.head", "reserve"} {
		if !names[want] {
			t.Errorf("no %s in %v", want, names)
		}
	}
}

func TestErrorUndoesOnlyItsOwnPart(t *testing.T) {
	t.Parallel()
	j := openIn(t, t.TempDir())
	ctx := context.Background()
	wrong := errors.New("wrong")
	// The first call holds the writer until the others wait, so that they share a commit.
	entered, leave := make(chan struct{}), make(chan struct{})
	var group sync.WaitGroup
	group.Go(func() {
		_ = j.Write(ctx, func(*Tx) error { close(entered); <-leave; return nil })
	})
	<-entered
	const n = 20
	ops := make([]operation.Operation, n)
	results := make([]error, n)
	for i := range n {
		ops[i] = journaltest.Operation(i)
		group.Go(func() {
			results[i] = j.Write(ctx, func(tx *Tx) error {
				if err := tx.Put(&ops[i], "accepted"); err != nil {
					return err
				}
				if i%3 == 0 {
					return wrong
				}
				return nil
			})
		})
	}
	close(leave)
	group.Wait()
	for i := range n {
		_, err := j.Operation(ctx, ops[i].Op)
		if i%3 == 0 {
			if !errors.Is(results[i], wrong) || !errors.Is(err, ErrNoOperation) || ops[i].Seq != 0 || ops[i].Hash != "" {
				t.Errorf("%d: result %v, read %v, seq %d", i, results[i], err, ops[i].Seq)
			}
		} else if results[i] != nil || err != nil || ops[i].Seq == 0 {
			t.Errorf("%d: result %v, read %v, seq %d", i, results[i], err, ops[i].Seq)
		}
	}
	head, err := j.Verify(ctx, nil)
	if err != nil || head.Seq != n-7 {
		t.Fatalf("head %v, %v", head, err)
	}
}

func TestPanicOfACallerIsTheCallersOwn(t *testing.T) {
	t.Parallel()
	j := openIn(t, t.TempDir())
	func() {
		defer func() {
			if recover() != "mine" {
				t.Error("the panic did not reach its caller")
			}
		}()
		_ = j.Write(context.Background(), func(*Tx) error { panic("mine") })
	}()
	op := journaltest.Operation(1)
	put(t, j, &op, "accepted")
	if op.Seq != 1 {
		t.Fatalf("seq %d", op.Seq)
	}
}

func TestTraceNumberIsNeverStoredTwice(t *testing.T) {
	t.Parallel()
	j := openIn(t, t.TempDir())
	a, b := journaltest.Operation(1), journaltest.Operation(2)
	put(t, j, &a, "accepted")
	put(t, j, &b, "accepted")
	send(t, j, &a, 7)
	b.Attempts = a.Attempts
	if err := j.Write(context.Background(), func(tx *Tx) error { return tx.Put(&b, "sending") }); err == nil {
		t.Fatal("two operations share a trace number")
	}
}

func TestTraceSequenceGrowsOverRestarts(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	next := func(j *Journal, day string, floor int64) int64 {
		t.Helper()
		var n int64
		if err := j.Write(context.Background(), func(tx *Tx) (err error) { n, err = tx.NextTrace(day, floor); return err }); err != nil {
			t.Fatal(err)
		}
		return n
	}
	j := openIn(t, dir)
	got := []int64{next(j, "20261122", 0), next(j, "20261122", 0), next(j, "20261122", 500), next(j, "20261122", 10), next(j, "20261123", 0)}
	closeNow(t, j)
	j = openIn(t, dir)
	got = append(got, next(j, "20261122", 0), next(j, "20261123", 2))
	if want := []int64{1, 2, 500, 501, 1, 502, 2}; !reflect.DeepEqual(got, want) {
		t.Fatalf("%v, want %v", got, want)
	}
}

func TestCancelledContextGivesUpOnlyBeforeTheWriteBegins(t *testing.T) {
	t.Parallel()
	j := openIn(t, t.TempDir())
	ctx, cancel := context.WithCancel(context.Background())
	op := journaltest.Operation(1)
	err := j.Write(ctx, func(tx *Tx) error { cancel(); return tx.Put(&op, "accepted") })
	if err != nil {
		t.Fatal(err)
	}
	if _, err := j.Operation(context.Background(), op.Op); err != nil {
		t.Fatal(err)
	}
	if err := j.Write(ctx, func(*Tx) error { t.Error("ran"); return nil }); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	closeNow(t, j)
	if err := j.Write(context.Background(), func(*Tx) error { return nil }); !errors.Is(err, ErrClosed) {
		t.Fatal(err)
	}
}
