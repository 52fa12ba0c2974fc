package salvage

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"counterfoil/offline/journal"
	"counterfoil/offline/journal/journaltest"
	"counterfoil/offline/operation"
)

func TestMain(m *testing.M) {
	if _, err := os.Stat("/dev/shm"); err == nil {
		_ = os.Setenv("TMPDIR", "/dev/shm") // what is damaged here is damaged by the tests, not by a disk
	}
	os.Exit(m.Run())
}

var start = journaltest.Start

// openIn opens as the counter does.
func openIn(t *testing.T, dir string) *journal.Journal {
	t.Helper()
	j, err := Open(context.Background(), journal.Options{Dir: dir, Now: func() time.Time { return start }, Reserve: 64 << 10})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.Close() })
	return j
}

func openReadOnly(t *testing.T, dir string) *journal.Journal {
	t.Helper()
	j, err := Open(context.Background(), journal.Options{Dir: dir, ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.Close() })
	return j
}

func closeNow(t *testing.T, j *journal.Journal) {
	t.Helper()
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
}

func verify(t *testing.T, j *journal.Journal) {
	t.Helper()
	if _, err := j.Verify(context.Background(), nil); err != nil {
		t.Fatal(err)
	}
}

// projected has all rows written, so that a test may damage them.
func projected(t *testing.T, j *journal.Journal) { t.Helper(); verify(t, j) }

func pending(t *testing.T, j *journal.Journal) *Report {
	t.Helper()
	r, err := Pending(context.Background(), j)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func put(t *testing.T, j *journal.Journal, op *operation.Operation, event string) {
	t.Helper()
	if err := j.Write(context.Background(), func(tx *journal.Tx) error { return errors.Join(tx.Put(op, event), journaltest.Mint(tx, op)) }); err != nil {
		t.Fatal(err)
	}
}

// putIn is put for a journal.
func putIn(t *testing.T, j *journal.Journal) journaltest.Put {
	return func(op *operation.Operation, event string) { t.Helper(); put(t, j, op, event) }
}

// send gives op an attempt that was answered, through two commits.
func send(t *testing.T, j *journal.Journal, op *operation.Operation, n int) {
	t.Helper()
	journaltest.Send(op, n, putIn(t, j))
}

// shop writes n operations, two of three of them sent and answered, and closes.
func shop(t *testing.T, dir string, n int) []operation.Operation {
	t.Helper()
	j := openIn(t, dir)
	ops := journaltest.Shop(n, putIn(t, j))
	closeNow(t, j)
	return ops
}

// survivors counts the operations that stand exactly as they did.
func survivors(t *testing.T, j *journal.Journal, ops []operation.Operation) int {
	t.Helper()
	n := 0
	for i := range ops {
		got, err := j.Operation(context.Background(), ops[i].Op)
		if err == nil && text(t, []operation.Operation{got}) == text(t, ops[i:i+1]) {
			n++
		}
	}
	return n
}

// text is a list of operations as JSON, with lists instead of nulls.
func text(t *testing.T, list []operation.Operation) string {
	t.Helper()
	all := ""
	for _, o := range list {
		o.Attempts, o.Evidence = append([]operation.Attempt{}, o.Attempts...), append([]operation.Evidence{}, o.Evidence...)
		b, err := json.Marshal(o)
		if err != nil {
			t.Fatal(err)
		}
		all += string(b) + "\n"
	}
	return all
}

// tamper changes the closed database as somebody with a SQL shell would.
func tamper(t *testing.T, dir string, statements ...string) {
	t.Helper()
	journaltest.Tamper(t, filepath.Join(dir, journal.DatabaseName), statements...)
}

// strike changes bytes of a closed folder's file.
func strike(t *testing.T, dir, name string, change func(b []byte) []byte) {
	t.Helper()
	path := filepath.Join(dir, name)
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, change(b), 0o600); err != nil {
		t.Fatal(err)
	}
}

// markDamaged says in the lock file what a background check would have said.
func markDamaged(t *testing.T, dir string) {
	t.Helper()
	strike(t, dir, "lock", func([]byte) []byte { return []byte("1 counterfoil\n" + journal.LeftDamaged + "\n") })
}

// salvageIn opens a damaged folder and holds what every salvage must keep: the
// damaged file whole, a chain that verifies, and a counter that works on.
func salvageIn(t *testing.T, dir string, damaged []byte) (*journal.Journal, *Report) {
	t.Helper()
	ctx := context.Background()
	j := openIn(t, dir)
	r := pending(t, j)
	if r == nil {
		t.Fatal("nothing was salvaged")
	}
	if damaged != nil {
		kept, err := os.ReadFile(r.SetAside)
		if err != nil || !bytes.Equal(kept, damaged) {
			t.Fatalf("the damaged file was not kept whole as %s: %v", r.SetAside, err)
		}
	}
	for _, left := range []string{".salvaging", ".salvaged"} {
		if _, err := os.Stat(filepath.Join(dir, journal.DatabaseName+left)); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s is left over: %v", left, err)
		}
	}
	verify(t, j)
	op := journaltest.Operation(1_000_000)
	put(t, j, &op, "accepted")
	verify(t, j)
	last, err := Last(ctx, j)
	if report, e := j.Report(ctx); err != nil || e != nil || report.Quick != "ok" || last == "" {
		t.Fatalf("%+v %v %v", report, err, e)
	}
	return j, r
}

// fromBefore makes a closed database what a program wrote that kept neither what an approval was for nor how an id was entered.
func fromBefore(t *testing.T, dir string) {
	t.Helper()
	tamper(t, dir, `ALTER TABLE operations DROP COLUMN approved_for`, `ALTER TABLE operations DROP COLUMN entered`,
		`ALTER TABLE operations DROP COLUMN settle_asked_by`, `ALTER TABLE operations DROP COLUMN accepted_seq`, `DROP TABLE postings`, `DROP TABLE headings`,
		`DELETE FROM goose_db_version WHERE version_id>=3`)
}

func verifyReadOnly(t *testing.T, dir string) error {
	t.Helper()
	_, err := openReadOnly(t, dir).Verify(context.Background(), nil)
	return err
}
