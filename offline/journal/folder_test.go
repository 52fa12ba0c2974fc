package journal

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"golang.org/x/sys/unix"

	"counterfoil/offline/files"
	"counterfoil/offline/journal/chain"
	"counterfoil/offline/journal/journaltest"
	"counterfoil/offline/operation"
	"counterfoil/offline/sqlite"
)

func TestARollbackJournalIsTakenBackByAWritingOpening(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	shop(t, dir, 1)
	if err := os.WriteFile(filepath.Join(dir, DatabaseName+"-journal"), []byte("left by somebody"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Open(context.Background(), Options{Dir: dir, ReadOnly: true})
	var older *OlderError
	if !errors.As(err, &older) || older.Have != 0 {
		t.Fatal(err)
	}
	closeNow(t, openIn(t, dir))
	if err := verifyReadOnly(t, dir); err != nil {
		t.Fatal(err)
	}
}

// withSecond is the journal's own migrations and one more.
func withSecond(t *testing.T, sql string) fs.FS {
	t.Helper()
	files, err := migrations()
	if err != nil {
		t.Fatal(err)
	}
	out := fstest.MapFS{"90000_next.sql": {Data: []byte("-- +goose Up\n" + sql)}}
	names, err := fs.Glob(files, "*.sql")
	if err != nil || !strings.HasPrefix(slices.Max(names), fmt.Sprintf("%05d_", newestSchema)) {
		t.Fatalf("the newest of %q is not %d: %v", names, newestSchema, err)
	}
	for _, name := range names {
		b, err := fs.ReadFile(files, name)
		if err != nil {
			t.Fatal(err)
		}
		out[name] = &fstest.MapFile{Data: b}
	}
	return out
}

func TestMigrationKeepsACopyFromBefore(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ops := shop(t, dir, 5)
	file := filepath.Join(dir, DatabaseName)
	if err := migrate(context.Background(), file, withSecond(t, "CREATE TABLE extra (a TEXT);"), 1, 90000); err != nil {
		t.Fatal(err)
	}
	c, err := sqlite.Open(sqlite.Name(file, ""))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if n, err := schemaOf(c); n != 90000 || err != nil {
		t.Fatal(n, err)
	}
	kept := t.TempDir()
	if err := os.Rename(file+".before-90000", filepath.Join(kept, DatabaseName)); err != nil {
		t.Fatal(err)
	}
	if n := survivors(t, openIn(t, kept), ops); n != len(ops) {
		t.Fatalf("the copy holds %d of %d", n, len(ops))
	}
}

func TestFailingMigrationRollsBackWhole(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ops := shop(t, dir, 5)
	file := filepath.Join(dir, DatabaseName)
	err := migrate(context.Background(), file, withSecond(t, "CREATE TABLE extra (a TEXT);\nUPDATE operations SET state='done';\nINSERT INTO nowhere VALUES (1);"), 1, 90000)
	if err == nil {
		t.Fatal("no error")
	}
	j := openIn(t, dir)
	if n := survivors(t, j, ops); n != len(ops) {
		t.Fatalf("%d of %d as before", n, len(ops))
	}
	if _, err := j.Verify(context.Background(), nil); err != nil {
		t.Fatal(err)
	}
}

func TestReadingMakesNoFolderAndNoDatabase(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, dir := range []string{dir, filepath.Join(dir, "not there")} {
		_, err := Open(context.Background(), Options{Dir: dir, ReadOnly: true})
		var foreign *files.ForeignError
		if !errors.As(err, &foreign) || foreign.Why != files.Absent {
			t.Errorf("%s: %v", dir, err)
		}
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 0 {
		t.Error(entries, err)
	}
}

func TestFolderWhoseDatabaseIsGoneReadsAsNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, lockName), []byte("7 counterfoil\nclosed\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	j := openIn(t, dir, func(o *Options) { o.ReadOnly = true })
	ctx := context.Background()
	if list, err := j.Operations(ctx, Query{}); err != nil || len(list) != 0 {
		t.Error(list, err)
	}
	if head, err := j.Verify(ctx, nil); !errors.As(err, new(*chain.MisfitError)) || head.Seq != 0 {
		t.Error(head, err)
	}
	if totals, at, err := j.CountOpen(ctx); err != nil || len(totals) != 0 || !at.IsZero() {
		t.Error(totals, at, err)
	}
	if err := j.Write(ctx, func(*Tx) error { return nil }); !errors.Is(err, ErrReadOnly) {
		t.Error(err)
	}
	if _, err := j.Report(ctx); err != nil {
		t.Error(err)
	}
	closeNow(t, j)
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Error("reading made files", entries, err)
	}
}

func TestBackupIsWholeAndOverwritesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ops := shop(t, dir, 30)
	writing := openIn(t, dir)
	reading := openIn(t, dir, func(o *Options) { o.ReadOnly = true })
	late := journaltest.Operation(500)
	put(t, writing, &late, "accepted")
	for name, j := range map[string]*Journal{"writing": writing, "reading": reading} {
		restored := t.TempDir()
		file := filepath.Join(restored, DatabaseName)
		if err := j.Backup(context.Background(), file); err != nil {
			t.Fatal(name, err)
		}
		if info, _ := os.Stat(file); info.Mode().Perm() != 0o600 {
			t.Errorf("%s: mode %v", name, info.Mode())
		}
		if err := j.Backup(context.Background(), file); !errors.Is(err, ErrExists) {
			t.Errorf("%s: a second one: %v", name, err)
		}
		again := openIn(t, restored)
		if n := survivors(t, again, append(ops, late)); n != len(ops)+1 {
			t.Errorf("%s: %d restored", name, n)
		}
		if _, err := again.Verify(context.Background(), nil); err != nil {
			t.Error(name, err)
		}
	}
	put(t, writing, &operation.Operation{Op: journaltest.Operation(501).Op, State: operation.Queued}, "accepted")
}

func TestMissingCopyOfTheHeadIsChained(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	shop(t, dir, 3)
	if err := os.Remove(filepath.Join(dir, "chain.head")); err != nil {
		t.Fatal(err)
	}
	j := openIn(t, dir)
	event, err := j.r.Text(context.Background(), `SELECT event FROM events ORDER BY seq DESC LIMIT 1`)
	if err != nil || event != "head.missing" {
		t.Fatal(event, err)
	}
	if _, err := j.Verify(context.Background(), nil); err != nil {
		t.Fatal(err)
	}
}

func TestCopyOfTheHeadFollowsWhileItMoves(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	j := openIn(t, dir)
	op := journaltest.Operation(1)
	put(t, j, &op, "accepted")
	want := chain.Head{Seq: op.Seq, Hash: op.Hash}
	deadline := time.After(time.Minute)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		if h, trouble := headFileOf(dir).read(); trouble == "" && h == want {
			return
		}
		select {
		case <-deadline:
			t.Fatal("the copy does not follow")
		case <-tick.C:
		}
	}
}

// tinyDisk is a file system of six megabytes where this user may mount one,
// else an ordinary folder on which filling up stops at once.
func tinyDisk(t *testing.T) (dir string, mounted bool) {
	t.Helper()
	dir = t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=6m,mode=700"); err != nil {
		return dir, false
	}
	t.Cleanup(func() { _ = unix.Unmount(dir, unix.MNT_DETACH) })
	return dir, true
}

func TestReserveLetsWhatIsOpenBeClosedOnAFullDisk(t *testing.T) {
	t.Parallel()
	dir, mounted := tinyDisk(t)
	data := filepath.Join(dir, "data")
	j := openIn(t, data, func(o *Options) { o.Reserve = 1 << 20 })
	var open []operation.Operation
	for n := range 20 {
		op := journaltest.Operation(n)
		put(t, j, &op, "accepted")
		open = append(open, op)
	}
	if j.Full() {
		t.Fatal("full at the start")
	}
	if mounted {
		fill(t, filepath.Join(dir, "ballast"))
		if !j.Low() {
			t.Error("a full disk is not low")
		}
	} else if !j.reserve.release() {
		t.Fatal("no reserve was held")
	}
	// The WAL of twenty operations is at hand; write until it has to grow.
	for n := 100; mounted && !j.Full() && n < 5000; n++ {
		op := journaltest.Operation(n)
		if err := j.Write(context.Background(), func(tx *Tx) error { return tx.Put(&op, "accepted") }); err != nil {
			t.Fatalf("refused before the reserve was used: %v", err)
		}
	}
	if !j.Full() || !j.Low() {
		t.Fatal("the full disk does not show")
	}
	for n := range open {
		send(t, j, &open[n], n)
	}
	if mounted {
		if err := os.Remove(filepath.Join(dir, "ballast")); err != nil {
			t.Fatal(err)
		}
	}
	deadline := time.After(time.Minute)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for j.Full() {
		select {
		case <-deadline:
			t.Fatal("the reserve is not taken back")
		case <-tick.C:
		}
	}
	if _, err := j.Verify(context.Background(), nil); err != nil {
		t.Fatal(err)
	}
	if r, err := j.Report(context.Background()); err != nil || !r.ReserveHeld {
		t.Fatal(r, err)
	}
	closeNow(t, j)
}

// fill writes a file until the file system has no space left.
func fill(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, size := range []int{64 << 10, 4096} {
		block := make([]byte, size)
		for {
			if _, err := f.Write(block); err != nil {
				break
			}
		}
	}
}

func TestReserveIsNotSparse(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	openIn(t, dir, func(o *Options) { o.Reserve = 1 << 20 })
	var st unix.Stat_t
	if err := unix.Stat(filepath.Join(dir, "reserve"), &st); err != nil || st.Blocks*512 < 1<<20 {
		t.Fatal(fmt.Sprint(st.Blocks*512), err)
	}
}

func TestAFreedLockIsFreeThoughAProgramThatStartsHasItsFile(t *testing.T) {
	t.Parallel()
	o := Options{Dir: t.TempDir(), Now: time.Now}
	f, err := Lock(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	had, err := unix.Dup(int(f.lock.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = unix.Close(had) }()
	if err := f.Unlock(); err != nil {
		t.Fatal(err)
	}
	if f, err = Lock(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	if err := f.Unlock(); err != nil {
		t.Fatal(err)
	}
}
