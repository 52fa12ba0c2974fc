package journal

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"counterfoil/offline/journal/chain"
	"counterfoil/offline/journal/journaltest"
	"counterfoil/offline/operation"
	"counterfoil/offline/sqlite"
)

// shop writes n operations, two of three of them sent and answered, and closes.
func shop(t testing.TB, dir string, n int) []operation.Operation {
	t.Helper()
	j := openIn(t, dir)
	ops := journaltest.Shop(n, putIn(t, j))
	closeNow(t, j)
	return ops
}

// tamper changes the closed database as somebody with a SQL shell would.
func tamper(t testing.TB, dir string, statements ...string) {
	t.Helper()
	journaltest.Tamper(t, filepath.Join(dir, DatabaseName), statements...)
}

// projected has the rows of what was committed written, so that a test may strike them.
func projected(t testing.TB, j *Journal) {
	t.Helper()
	if err := j.projectAll(context.Background()); err != nil {
		t.Fatal(err)
	}
	if n := len(j.w.pending.byOp); n > 0 {
		t.Fatalf("%d operations have no row yet", n)
	}
}

func verifyReadOnly(t testing.TB, dir string) error {
	t.Helper()
	j := openIn(t, dir, func(o *Options) { o.ReadOnly = true })
	defer j.Close()
	_, err := j.Verify(context.Background(), nil)
	return err
}

func TestVerifyAcceptsWhatTheJournalWrote(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	shop(t, dir, 50)
	j := openIn(t, dir)
	calls, lastDone, total := 0, int64(0), int64(0)
	head, err := j.Verify(context.Background(), func(done, all int64) { calls++; lastDone, total = done, all })
	if err != nil {
		t.Fatal(err)
	}
	if want, _ := j.Head(context.Background()); head != want || head.Seq != 50+2*33 {
		t.Fatalf("head %v, want %v", head, want)
	}
	if calls == 0 || lastDone != total {
		t.Fatalf("progress ended at %d of %d", lastDone, total)
	}
	closeNow(t, j)
	if err := verifyReadOnly(t, dir); err != nil {
		t.Fatal(err)
	}
}

func TestVerifyNamesTheFirstRowThatDoesNotFit(t *testing.T) {
	t.Parallel()
	// Operation 1 has events 2 (accepted), 3 (sending) and 4 (done); of 15 operations there are 35 events.
	op := journaltest.Operation(1).Op
	other := journaltest.Operation(0).Op
	cases := map[string]struct {
		seq int64
		sql string
	}{
		"seq moved":             {4, `UPDATE events SET seq=-seq WHERE seq=4`},
		"at":                    {4, `UPDATE events SET at='2026-11-22T10:15:03.121+08:00' WHERE seq=4`},
		"op":                    {4, `UPDATE events SET op='` + other + `' WHERE seq=4`},
		"event":                 {4, `UPDATE events SET event='refused' WHERE seq=4`},
		"data":                  {4, `UPDATE events SET data=replace(data, '3000', '3001') WHERE seq=4`},
		"prev":                  {4, `UPDATE events SET prev=replace(prev, substr(prev,1,1), 'x') WHERE seq=4`},
		"hash":                  {4, `UPDATE events SET hash=replace(hash, substr(hash,1,1), 'x') WHERE seq=4`},
		"row deleted":           {4, `DELETE FROM events WHERE seq=4`},
		"first row deleted":     {1, `DELETE FROM events WHERE seq=1`},
		"last row deleted":      {35, `DELETE FROM events WHERE seq=35`},
		"two rows swapped":      {3, `UPDATE events SET seq=-1 WHERE seq=3; UPDATE events SET seq=3 WHERE seq=4; UPDATE events SET seq=4 WHERE seq=-1`},
		"operation deleted":     {2, `DELETE FROM operations WHERE op='` + op + `'`},
		"operation rolled back": {3, `UPDATE operations SET state='queued', finished_at='', seq=2, hash=(SELECT hash FROM events WHERE seq=2) WHERE op='` + op + `'`},
		"operation named anew":  {2, `UPDATE operations SET op='01ZZZZZZZZZZZZZZZZZZZZZZZZ' WHERE op='` + op + `'`},
		"operation's hash":      {4, `UPDATE operations SET hash='' WHERE op='` + op + `'`},
		"attempt's data":        {4, `UPDATE attempts SET data=replace(data, 'A00', 'A01') WHERE op='` + op + `'`},
		"evidence renumbered":   {4, `UPDATE evidence SET n=n+1 WHERE op='` + op + `'`},
		"attempt renumbered":    {4, `UPDATE attempts SET n=n+1 WHERE op='` + op + `'`},
		"attempt's trace":       {4, `UPDATE attempts SET trace=replace(trace, '2026', '2027') WHERE op='` + op + `'`},
		"attempt deleted":       {4, `DELETE FROM attempts WHERE op='` + op + `'`},
		"attempt added":         {4, `INSERT INTO attempts (op, n, trace, data) SELECT op, 1, 'x', data FROM attempts WHERE op='` + op + `'`},
		"evidence changed":      {4, `UPDATE evidence SET data=replace(data, 'lookup', 'repeat') WHERE op='` + op + `'`},
		"evidence deleted":      {4, `DELETE FROM evidence WHERE op='` + op + `'`},
		"evidence added":        {35, `INSERT INTO evidence (op, n, seq, data) SELECT op, 1, 3, data FROM evidence WHERE op='` + op + `'`},
	}
	for column, value := range map[string]string{
		"kind": `'void'`, "id": `'R0'`, "level": `'box'`, "state": `'refused'`, "amount_fen": `1`, "offline": `0`,
		"operator": `'eve'`, "approved_by": `'eve'`, "counter": `'C02'`, "accepted_at": `'2026-11-22T10:15:04Z'`,
		"finished_at": `''`, "order_no": `'1'`, "day": `'2026-11-21'`, "why": `'limit'`, "reason": `'x'`,
		"settled_as": `'done'`, "settled_by": `'eve'`, "waits_for": `'x'`, "next_at": `'2026-11-22T10:15:04Z'`,
		"asked": `1`, "name": `'x'`, "range": `'{"order_id":"x"}'`, "approved_for": `'["over_limit"]'`, "entered": `'tree'`, "settle_asked_by": `'eve'`,
	} {
		cases["operation's "+column] = struct {
			seq int64
			sql string
		}{4, `UPDATE operations SET ` + column + `=` + value + ` WHERE op='` + op + `'`}
	}
	whole := t.TempDir()
	shop(t, whole, 15)
	if err := verifyReadOnly(t, whole); err != nil {
		t.Fatal(err)
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			dir := journaltest.Copy(t, whole)
			tamper(t, dir, c.sql)
			err := verifyReadOnly(t, dir)
			var misfit *chain.MisfitError
			if !errors.As(err, &misfit) {
				t.Fatalf("not found: %v", err)
			}
			if misfit.Seq != c.seq {
				t.Fatalf("named %d (%s), want %d", misfit.Seq, misfit.Why, c.seq)
			}
		})
	}
}

func TestAFirstReportIsNotDueOnceTheChainSaysThatAllIsPosted(t *testing.T) {
	t.Parallel()
	const due = `INSERT INTO meta VALUES ('day.begin', 'due')`
	dir := t.TempDir()
	shop(t, dir, 3)
	named := func(o *Options) { o.Counter = chain.Counter{Name: "C01", Number: 1} }
	tamper(t, dir, due, `DELETE FROM postings`) // as the migration leaves an older journal
	closeNow(t, openIn(t, dir, named))
	if err := verifyReadOnly(t, dir); err != nil {
		t.Fatalf("the report is due, and nothing says that it is not: %v", err)
	}
	tamper(t, dir, `DELETE FROM meta WHERE key='day.begin'`)
	closeNow(t, openIn(t, dir, named))
	tamper(t, dir, due)
	var misfit *chain.MisfitError
	if err := verifyReadOnly(t, dir); !errors.As(err, &misfit) {
		t.Fatalf("not found: %v", err)
	}
}

func TestVerifyHoldsTheHeadAgainstItsCopy(t *testing.T) {
	t.Parallel()
	whole := t.TempDir()
	shop(t, whole, 15)
	for name, c := range map[string]struct {
		copy, left string
		seq        int64
	}{
		"lags where a counter died":   {"30 %s", LeftOpen, 0},
		"lags where it was closed":    {"30 %s", LeftClosed, 31},
		"lags, the lock file emptied": {"30 %s", "", 31},
		"other hash":                  {"30 aa%.0s", LeftClosed, 30},
		"ahead":                       {"40 aa%.0s", LeftClosed, 36},
		"garbage":                     {"\x00\x01%.0s", LeftClosed, 35},
	} {
		t.Run(name, func(t *testing.T) {
			dir := journaltest.Copy(t, whole)
			db, err := sqlite.Open(sqlite.Name(filepath.Join(dir, DatabaseName), ""))
			if err != nil {
				t.Fatal(err)
			}
			hash, err := db.Text(`SELECT hash FROM events WHERE seq=30`)
			if err := errors.Join(err, db.Close()); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, "chain.head"), fmt.Appendf(nil, c.copy, hash), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, lockName), []byte("1 counterfoil\n"+c.left+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			err = verifyReadOnly(t, dir)
			var misfit *chain.MisfitError
			if c.seq == 0 && err == nil {
				return
			}
			if !errors.As(err, &misfit) || misfit.Seq != c.seq {
				t.Fatalf("%v, want event %d", err, c.seq)
			}
		})
	}
}

func TestVerifyWorksWhileTheCounterWrites(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	shop(t, dir, 300)
	j := openIn(t, dir)
	stop, ended := make(chan struct{}), make(chan error)
	go func() {
		for n := 300; ; n++ {
			op := journaltest.Operation(n)
			err := j.Write(context.Background(), func(tx *Tx) error { return tx.Put(&op, "accepted") })
			select {
			case <-stop:
				ended <- err
				return
			default:
			}
		}
	}()
	for range 4 {
		if err := verifyReadOnly(t, dir); err != nil {
			t.Error(err)
		}
	}
	close(stop)
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
}

func TestWhatAKilledCounterLeftBehindItsCopyIsSureToWhoReads(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	j := openIn(t, dir)
	first, err := j.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	op := journaltest.Operation(1)
	put(t, j, &op, "accepted")
	left := t.TempDir() // as a kill leaves it
	if err := os.CopyFS(left, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	if err := headFileOf(left).write(first); err != nil {
		t.Fatal(err)
	}
	sure := func(dir string) (int64, int64) {
		r, err := Open(t.Context(), Options{Dir: dir, ReadOnly: true})
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		head, err := r.Head(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return r.Sure(head), head.Seq
	}
	if got, head := sure(left); got != head {
		t.Errorf("up to event %d of %d", got, head)
	}
	closeNow(t, j)
	if err := headFileOf(dir).write(first); err != nil {
		t.Fatal(err)
	}
	if got, head := sure(dir); got == head {
		t.Errorf("what a closed folder has behind its copy counts up to %d", got)
	}
}

func TestWhoReadsWaitsForTheCopyOnlyWhileACounterHasTheFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	j := openIn(t, dir)
	first, err := j.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	op := journaltest.Operation(1)
	put(t, j, &op, "accepted")
	closeNow(t, j)
	if err := headFileOf(dir).write(first); err != nil {
		t.Fatal(err)
	}
	waits := func(t *testing.T) (d time.Duration) {
		synctest.Test(t, func(t *testing.T) {
			r := openIn(t, dir, func(o *Options) { o.ReadOnly = true })
			defer r.Close()
			began := time.Now()
			if r.Follows(t.Context()) {
				t.Error("a copy that nobody moves has caught up")
			}
			d = time.Since(began)
		})
		return d
	}
	if d := waits(t); d != 0 {
		t.Errorf("%v for nobody", d)
	}
	counter, err := Lock(t.Context(), Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if d := waits(t); d == 0 {
		t.Error("no time for a counter at work")
	}
	if err := counter.Unlock(); err != nil {
		t.Fatal(err)
	}
}
