package journal

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

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
	strike(t, dir, "lock", func([]byte) []byte { return []byte("1 counterfoil\n" + leftDamaged + "\n") })
}

// salvaged opens a damaged folder and holds what every salvage must keep: the
// damaged file whole, a chain that verifies, and a counter that works on.
func salvaged(t *testing.T, dir string, damaged []byte) (*Journal, *SalvageReport) {
	t.Helper()
	j := openIn(t, dir)
	r := j.Salvage()
	if r == nil {
		t.Fatal("nothing was salvaged")
	}
	if damaged != nil {
		kept, err := os.ReadFile(r.SetAside)
		if err != nil || !bytes.Equal(kept, damaged) {
			t.Fatalf("the damaged file was not kept whole as %s: %v", r.SetAside, err)
		}
	}
	if _, err := j.Verify(context.Background(), nil); err != nil {
		t.Fatal(err)
	}
	op := newOperation(1_000_000)
	put(t, j, &op, "accepted")
	if _, err := j.Verify(context.Background(), nil); err != nil {
		t.Fatal(err)
	}
	if report, err := j.Report(context.Background()); err != nil || report.Quick != "ok" || report.Salvaged == "" {
		t.Fatalf("%+v %v", report, err)
	}
	return j, r
}

// survivors counts the operations that stand exactly as they did.
func survivors(t *testing.T, j *Journal, ops []Operation) int {
	t.Helper()
	n := 0
	for i := range ops {
		got, err := j.Operation(context.Background(), ops[i].Op)
		if err != nil {
			continue
		}
		want, _ := encodeOperation(&ops[i])
		if have, _ := encodeOperation(&got); have == want {
			n++
		}
	}
	return n
}

func TestSalvageOfASoundDatabaseLosesNothing(t *testing.T) {
	dir := t.TempDir()
	ops := shop(t, dir, 200)
	j := openIn(t, dir)
	if err := j.Write(context.Background(), func(tx *Tx) error {
		_, err := tx.NextTrace("20261122", 700)
		return errors.Join(err, tx.Conn().Exec(`INSERT INTO operators VALUES ('mgr', 'manager', 'pin', 0, 3, '', '')`))
	}); err != nil {
		t.Fatal(err)
	}
	closeNow(t, j)
	markDamaged(t, dir)
	j, r := salvaged(t, dir, nil)
	if n := survivors(t, j, ops); n != len(ops) || r.LostEvents != 0 || len(r.Doubtful) != 0 {
		t.Fatalf("%d of %d survive; %s", n, len(ops), r)
	}
	if name, err := j.r.Text(context.Background(), `SELECT name FROM operators WHERE pin='pin' AND failures=3`); name != "mgr" || err != nil {
		t.Fatal(name, err)
	}
	if err := j.Write(context.Background(), func(tx *Tx) error {
		n, err := tx.NextTrace("20261122", 0)
		if n != 701 {
			t.Errorf("trace %d follows 700", n)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

func TestSalvageIsToldUntilItIsDealtWith(t *testing.T) {
	dir := t.TempDir()
	shop(t, dir, 3)
	markDamaged(t, dir)
	j, _ := salvaged(t, dir, nil)
	closeNow(t, j)
	j = openIn(t, dir)
	if j.Salvage() == nil {
		t.Fatal("forgotten without being dealt with")
	}
	if err := j.Write(context.Background(), func(tx *Tx) error { return tx.ForgetSalvage() }); err != nil {
		t.Fatal(err)
	}
	closeNow(t, j)
	j = openIn(t, dir)
	if j.Salvage() != nil {
		t.Fatal(j.Salvage())
	}
	if r, err := j.Report(context.Background()); err != nil || r.Salvaged != "" {
		t.Fatal(r.Salvaged, err)
	}
}

func TestSalvageSavesAllButTheDamagedPages(t *testing.T) {
	whole := t.TempDir()
	ops := shop(t, whole, 400)
	zero := func(page int) func([]byte) []byte {
		return func(b []byte) []byte {
			clear(b[(page-1)*pageSize : page*pageSize])
			return b
		}
	}
	pages := func(dir string) int {
		info, err := os.Stat(filepath.Join(dir, DatabaseName))
		if err != nil {
			t.Fatal(err)
		}
		return int(info.Size() / pageSize)
	}(whole)
	random := rand.New(rand.NewPCG(1, 2))
	cases := map[string]func([]byte) []byte{
		"first page":  zero(1),
		"header":      func(b []byte) []byte { clear(b[:100]); return b },
		"tail cut":    func(b []byte) []byte { return b[:len(b)*9/10] },
		"middle page": zero(pages / 2),
		"text":        func([]byte) []byte { return []byte(strings.Repeat("not a database at all\n", 1000)) },
	}
	for i := range 10 {
		page := 2 + random.IntN(pages-1)
		cases[fmt.Sprintf("page %d zeroed", page)] = zero(page)
		cases[fmt.Sprintf("flips %d", i)] = func(b []byte) []byte {
			for range 5 {
				b[random.IntN(len(b))] ^= 1 << random.IntN(8)
			}
			return b
		}
	}
	for name, change := range cases {
		t.Run(name, func(t *testing.T) {
			dir := copyOf(t, whole)
			strike(t, dir, DatabaseName, change)
			damaged, _ := os.ReadFile(filepath.Join(dir, DatabaseName))
			markDamaged(t, dir)
			j, r := salvaged(t, dir, damaged)
			least := len(ops) * 95 / 100
			switch name {
			case "text":
				least = 0
			case "tail cut":
				least = len(ops) * 3 / 4
			}
			if n := survivors(t, j, ops); n < least {
				t.Errorf("%d of %d survive; %s", n, len(ops), r)
			}
			closeNow(t, j)
			// A second salvage finds nothing new to have been lost.
			markDamaged(t, dir)
			j = openIn(t, dir)
			if again := j.Salvage(); again == nil || again.LostEvents != 0 || len(again.Doubtful) != 0 {
				t.Errorf("again: %s", again)
			}
			if _, err := j.Verify(context.Background(), nil); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestDamageIsFoundAtOpeningWithoutBeingTold(t *testing.T) {
	for name, change := range map[string]func(t *testing.T, dir string){
		"no database any more": func(t *testing.T, dir string) {
			if err := os.Remove(filepath.Join(dir, DatabaseName)); err != nil {
				t.Fatal(err)
			}
		},
		"empty file": func(t *testing.T, dir string) { strike(t, dir, DatabaseName, func([]byte) []byte { return nil }) },
		"header gone": func(t *testing.T, dir string) {
			strike(t, dir, DatabaseName, func(b []byte) []byte { clear(b[:16]); return b })
		},
		"file cut short": func(t *testing.T, dir string) {
			strike(t, dir, DatabaseName, func(b []byte) []byte { return b[:5000] })
		},
		"last events gone": func(t *testing.T, dir string) { tamper(t, dir, `DELETE FROM events WHERE seq > 8`) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			shop(t, dir, 10)
			change(t, dir)
			_, r := salvaged(t, dir, nil)
			if !strings.Contains(name, "header") && r.LostEvents == 0 {
				t.Errorf("%s", r)
			}
		})
	}
}

// openWAL leaves a folder as a killed process does, with a log of several commits.
func openWAL(t *testing.T) (string, []Operation) {
	t.Helper()
	dir := t.TempDir()
	j := openIn(t, dir)
	ops := make([]Operation, 20)
	for i := range ops {
		ops[i] = newOperation(i)
		put(t, j, &ops[i], "accepted")
	}
	copied := copyOf(t, dir)
	closeNow(t, j)
	return copied, ops
}

func TestWALWithoutDamageIsNoSalvage(t *testing.T) {
	dir, ops := openWAL(t)
	j := openIn(t, dir)
	if j.Salvage() != nil || survivors(t, j, ops) != len(ops) {
		t.Fatal(j.Salvage())
	}
}

func TestFlippedByteInTheWALHidesNoLaterCommit(t *testing.T) {
	for name, at := range map[string]int{
		"in a page":             walHeader + 2*(walFrame+pageSize) + walFrame + 2000,
		"in a frame's checksum": walHeader + 2*(walFrame+pageSize) + 17,
		"in a frame's salt":     walHeader + 5*(walFrame+pageSize) + 9,
		"in the header":         17,
		"in the magic number":   1,
	} {
		t.Run(name, func(t *testing.T) {
			dir, ops := openWAL(t)
			strike(t, dir, DatabaseName+"-wal", func(b []byte) []byte { b[at] ^= 0x10; return b })
			j, r := salvaged(t, dir, nil)
			if n := survivors(t, j, ops); n < len(ops)-2 {
				t.Errorf("%d of %d survive; %s", n, len(ops), r)
			}
			if _, err := os.Stat(r.SetAside + "-wal"); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestTornLastCommitIsNoDamage(t *testing.T) {
	dir, ops := openWAL(t)
	strike(t, dir, DatabaseName+"-wal", func(b []byte) []byte {
		w := &wal{b: b, page: pageSize, order: binary.LittleEndian}
		for i := w.frames() - 1; i >= 0; i-- {
			if last := w.frame(i); isCommit(last) { // behind it the log was only lengthened
				clear(last[walFrame+1000:])
				break
			}
		}
		return b
	})
	// The copy of the head never ran ahead of what was synced.
	if err := os.Remove(filepath.Join(dir, "chain.head")); err != nil {
		t.Fatal(err)
	}
	j := openIn(t, dir)
	if j.Salvage() != nil || survivors(t, j, ops) != len(ops)-1 {
		t.Fatal(j.Salvage())
	}
}

func TestLostEventsMakeOpenOperationsDoubtful(t *testing.T) {
	dir := t.TempDir()
	j := openIn(t, dir)
	done, sent, waiting := newOperation(1), newOperation(2), newOperation(3)
	put(t, j, &done, "accepted")
	send(t, j, &done, 1)
	put(t, j, &sent, "accepted")
	put(t, j, &waiting, "accepted")
	sent.State = Sending
	sent.Attempts = []Attempt{{Trace: "20261122000001000000002", SentAt: start}}
	put(t, j, &sent, "sending")
	closeNow(t, j)
	// The event of the sending is lost, and the row with it stands at "queued" again.
	tamper(t, dir, `DELETE FROM events WHERE seq=6`, `DELETE FROM attempts WHERE op='`+sent.Op+`'`,
		`UPDATE operations SET state='queued', seq=4, hash=(SELECT hash FROM events WHERE seq=4) WHERE op='`+sent.Op+`'`)
	j = openIn(t, dir)
	r := j.Salvage()
	if r == nil || r.LostEvents != 1 || len(r.Doubtful) != 2 || r.Doubtful[0] != sent.Op || r.Doubtful[1] != waiting.Op {
		t.Fatalf("%+v", r)
	}
	if _, err := j.Verify(context.Background(), nil); err != nil {
		t.Fatal(err)
	}
}

func TestVerifyFindsTamperingAfterASalvage(t *testing.T) {
	for name, statement := range map[string]string{
		"before it": `UPDATE events SET at='x' WHERE seq=3`,
		"the gaps":  `UPDATE events SET data=replace(data, '"gaps":', '"gap":') WHERE event='salvaged'`,
		"after it":  `UPDATE events SET at='x' WHERE seq=(SELECT max(seq) FROM events)`,
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			shop(t, dir, 10)
			tamper(t, dir, `DELETE FROM events WHERE seq=7`)
			markDamaged(t, dir)
			j, _ := salvaged(t, dir, nil)
			closeNow(t, j)
			if err := verifyReadOnly(t, dir); err != nil {
				t.Fatal(err)
			}
			tamper(t, dir, statement)
			if err := verifyReadOnly(t, dir); err == nil {
				t.Fatal("not found")
			}
		})
	}
}

func TestInterruptedSalvageIsFinished(t *testing.T) {
	dir := t.TempDir()
	ops := shop(t, dir, 10)
	// As it stands when the power goes between the new database and the moves.
	if err := os.Rename(filepath.Join(dir, DatabaseName), filepath.Join(dir, DatabaseName+".salvaged")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, DatabaseName+"-wal"), []byte("an old log that must not be met"), 0o600); err != nil {
		t.Fatal(err)
	}
	j := openIn(t, dir)
	if n := survivors(t, j, ops); n != len(ops) {
		t.Fatalf("%d of %d survive", n, len(ops))
	}
	if _, err := j.Verify(context.Background(), nil); err != nil {
		t.Fatal(err)
	}
}
