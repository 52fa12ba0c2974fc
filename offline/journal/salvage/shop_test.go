package salvage

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"

	"counterfoil/offline/journal"
	"counterfoil/offline/operation"
	"counterfoil/offline/sqlite"
)

func TestMain(m *testing.M) {
	if _, err := os.Stat("/dev/shm"); err == nil {
		_ = os.Setenv("TMPDIR", "/dev/shm") // what is damaged here is damaged by the tests, not by a disk
	}
	os.Exit(m.Run())
}

var start = time.Date(2026, 11, 22, 10, 15, 3, 120_000_000, time.FixedZone("", 8*3600))

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

// newOperation is the n-th of a run of operations in time order.
func newOperation(n int) operation.Operation {
	at := start.Add(time.Duration(n) * time.Millisecond)
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

func put(t *testing.T, j *journal.Journal, op *operation.Operation, event string) {
	t.Helper()
	if err := j.Write(context.Background(), func(tx *journal.Tx) error { return errors.Join(tx.Put(op, event), mint(tx, op)) }); err != nil {
		t.Fatal(err)
	}
}

// mint moves the day's sequence to the operation's last trace number, as if it came from there.
func mint(tx *journal.Tx, op *operation.Operation) error {
	if len(op.Attempts) == 0 {
		return nil
	}
	trace := op.Attempts[len(op.Attempts)-1].Trace
	n, err := strconv.ParseInt(trace[14:], 10, 64)
	if err == nil {
		_, err = tx.NextTrace(trace[:8], n)
	}
	return err
}

// send gives op an attempt that was answered, through two commits.
func send(t *testing.T, j *journal.Journal, op *operation.Operation, n int) {
	t.Helper()
	op.State = operation.Sending
	op.Attempts = append(op.Attempts, operation.Attempt{Trace: fmt.Sprintf("20261122000001%09d", n), SentAt: start,
		Before: &operation.Seen{At: start, Counts: map[string]int{"03": 10}}})
	put(t, j, op, "sending")
	ended := start.Add(time.Second)
	a := &op.Attempts[len(op.Attempts)-1]
	a.EndedAt, a.Outcome, a.Code, a.Message = &ended, "answered", "A00", "成功"
	op.State, op.FinishedAt = operation.Done, &ended
	op.Evidence = append(op.Evidence, operation.Evidence{At: ended, Asked: "lookup", Outcome: "answered",
		Seen: &operation.Seen{At: ended, Counts: map[string]int{"00": 10}}})
	put(t, j, op, "done")
}

// shop writes n operations, two of three of them sent and answered, and closes.
func shop(t *testing.T, dir string, n int) []operation.Operation {
	t.Helper()
	j := openIn(t, dir)
	ops := make([]operation.Operation, n)
	for i := range ops {
		ops[i] = newOperation(i)
		put(t, j, &ops[i], "accepted")
		if i%3 != 0 {
			send(t, j, &ops[i], i)
		}
	}
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

// copyOf copies a data folder as it is now.
func copyOf(t *testing.T, whole string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(whole)); err != nil {
		t.Fatal(err)
	}
	return dir
}

// tamper changes the closed database as somebody with a SQL shell would.
func tamper(t *testing.T, dir string, statements ...string) {
	t.Helper()
	c, err := sqlite.Open(sqlite.Name(filepath.Join(dir, journal.DatabaseName), ""))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for _, s := range statements {
		if err := c.Script(s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
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
	op := newOperation(1_000_000)
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
