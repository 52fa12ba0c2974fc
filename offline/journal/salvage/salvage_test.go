package salvage

import (
	"context"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"counterfoil/offline/journal"
	"counterfoil/offline/journal/chain"
	"counterfoil/offline/journal/journaltest"
	"counterfoil/offline/operation"
)

func TestSalvageOfASoundDatabaseLosesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ops := shop(t, dir, 200)
	j := openIn(t, dir)
	approved := journaltest.Operation(500)
	approved.ApprovedBy, approved.ApprovedFor = "mgr", []string{"over_limit", `"odd", <word>`}
	put(t, j, &approved, "accepted")
	ops = append(ops, approved)
	if err := j.Write(context.Background(), func(tx *journal.Tx) error {
		_, err := tx.NextTrace("20261123", 700)
		return errors.Join(err, tx.Conn().Exec(`INSERT INTO operators VALUES ('mgr', 'manager', 'pin', 0, 3, '', '')`))
	}); err != nil {
		t.Fatal(err)
	}
	closeNow(t, j)
	tamper(t, dir, `DELETE FROM traces WHERE day='20261122'`, `INSERT INTO traces VALUES ('20261124', 826870952)`)
	j, r := salvageIn(t, dir, nil)
	if n := survivors(t, j, ops); n != len(ops) || r.LostEvents != 0 || len(r.Doubtful) != 0 {
		t.Fatalf("%d of %d survive; %s", n, len(ops), r)
	}
	err := j.Write(context.Background(), func(tx *journal.Tx) error {
		name, err := tx.Conn().Text(`SELECT name FROM operators WHERE pin='pin' AND failures=3`)
		stored, e1 := tx.NextTrace("20261123", 0)
		used, e2 := tx.NextTrace("20261122", 0) // by the attempts alone, up to 199
		spent, e3 := tx.NextTrace("20261124", 0)
		if name != "mgr" || stored != 701 || used != 100 || spent != 1 {
			t.Errorf("operator %q; trace %d follows 700, %d follows 99, %d what cannot be", name, stored, used, spent)
		}
		return errors.Join(err, e1, e2, e3)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestSalvageIsToldUntilItIsDealtWith(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	shop(t, dir, 3)
	markDamaged(t, dir)
	j, _ := salvageIn(t, dir, nil)
	closeNow(t, j)
	j = openIn(t, dir)
	if pending(t, j) == nil {
		t.Fatal("forgotten without being dealt with")
	}
	if err := j.Write(context.Background(), func(tx *journal.Tx) error { return Forget(tx) }); err != nil {
		t.Fatal(err)
	}
	closeNow(t, j)
	j = openIn(t, dir)
	if pending(t, j) != nil {
		t.Fatal(pending(t, j))
	}
	if last, err := Last(context.Background(), j); err != nil || last != "" {
		t.Fatal(last, err)
	}
}

var strikes = flag.Int("strikes", 1, "random pages, random sets of bits and, of the schema, twice as many pages that a salvage must do without")

func TestSalvageSavesAllButTheDamagedPages(t *testing.T) {
	t.Parallel()
	whole := t.TempDir()
	ops := shop(t, whole, 200)
	zero := func(page int) func([]byte) []byte {
		return func(b []byte) []byte {
			clear(b[(page-1)*pageSize : page*pageSize])
			return b
		}
	}
	pages := func(dir string) int {
		info, err := os.Stat(filepath.Join(dir, journal.DatabaseName))
		if err != nil {
			t.Fatal(err)
		}
		return int(info.Size() / pageSize)
	}(whole)
	random := rand.New(rand.NewPCG(1, 2))
	database, err := os.ReadFile(filepath.Join(whole, journal.DatabaseName))
	if err != nil {
		t.Fatal(err)
	}
	cases := map[string]func([]byte) []byte{
		"first page":  zero(1),
		"header":      func(b []byte) []byte { clear(b[:100]); return b },
		"tail cut":    func(b []byte) []byte { return b[:len(b)*9/10] },
		"middle page": zero(pages / 2),
		"text":        func([]byte) []byte { return []byte(strings.Repeat("not a database at all\n", 1000)) },
	}
	schema := children(database)
	rand.Shuffle(len(schema), func(i, j int) { schema[i], schema[j] = schema[j], schema[i] })
	for _, at := range schema[:min(2**strikes, len(schema))] {
		page := int(binary.BigEndian.Uint32(database[at:]))
		cases[fmt.Sprintf("page %d of the schema", page)] = zero(page)
	}
	for i := range *strikes {
		page := 2 + random.IntN(pages-1)
		cases[fmt.Sprintf("page %d zeroed", page)] = zero(page)
		seed := random.Uint64()
		cases[fmt.Sprintf("flips %d", i)] = func(b []byte) []byte {
			random := rand.New(rand.NewPCG(seed, 2))
			for range 5 {
				b[random.IntN(len(b))] ^= 1 << random.IntN(8)
			}
			return b
		}
	}
	for name, change := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := journaltest.Copy(t, whole)
			strike(t, dir, journal.DatabaseName, change)
			damaged, _ := os.ReadFile(filepath.Join(dir, journal.DatabaseName))
			markDamaged(t, dir)
			j, r := salvageIn(t, dir, damaged)
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
			// A second salvage finds nothing new to have been lost, and what nobody asked about is doubtful still.
			markDamaged(t, dir)
			j = openIn(t, dir)
			if again := pending(t, j); again == nil || again.LostEvents != 0 || !slices.Equal(again.Doubtful, r.Doubtful) {
				t.Errorf("again: %s", again)
			}
			if _, err := j.Verify(context.Background(), nil); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestDamageIsFoundAtOpeningWithoutBeingTold(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(t *testing.T, dir string){
		"no database any more": func(t *testing.T, dir string) {
			if err := os.Remove(filepath.Join(dir, journal.DatabaseName)); err != nil {
				t.Fatal(err)
			}
		},
		"empty file": func(t *testing.T, dir string) {
			strike(t, dir, journal.DatabaseName, func([]byte) []byte { return nil })
		},
		"header gone": func(t *testing.T, dir string) {
			strike(t, dir, journal.DatabaseName, func(b []byte) []byte { clear(b[:16]); return b })
		},
		"file cut short": func(t *testing.T, dir string) {
			strike(t, dir, journal.DatabaseName, func(b []byte) []byte { return b[:5000] })
		},
		"last events gone": func(t *testing.T, dir string) { tamper(t, dir, `DELETE FROM events WHERE seq > 8`) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			shop(t, dir, 10)
			change(t, dir)
			_, r := salvageIn(t, dir, nil)
			if !strings.Contains(name, "header") && r.LostEvents == 0 {
				t.Errorf("%s", r)
			}
		})
	}
}

// openWAL leaves a folder as a killed process does, with a log of several commits.
func openWAL(t *testing.T) (string, []operation.Operation) {
	t.Helper()
	dir := t.TempDir()
	j := openIn(t, dir)
	ops := make([]operation.Operation, 20)
	for i := range ops {
		ops[i] = journaltest.Operation(i)
		put(t, j, &ops[i], "accepted")
	}
	copied := journaltest.Copy(t, dir)
	closeNow(t, j)
	return copied, ops
}

func TestWALWithoutDamageIsNoSalvage(t *testing.T) {
	t.Parallel()
	dir, ops := openWAL(t)
	j := openIn(t, dir)
	if pending(t, j) != nil || survivors(t, j, ops) != len(ops) {
		t.Fatal(pending(t, j))
	}
}

func TestFlippedByteInTheWALHidesNoLaterCommit(t *testing.T) {
	t.Parallel()
	for name, at := range map[string]int{
		"in a page":             walHeader + 2*(walFrame+pageSize) + walFrame + 2000,
		"in a frame's checksum": walHeader + 2*(walFrame+pageSize) + 17,
		"in a frame's salt":     walHeader + 5*(walFrame+pageSize) + 9,
		"in the header":         17,
		"in the magic number":   1,
	} {
		t.Run(name, func(t *testing.T) {
			dir, ops := openWAL(t)
			strike(t, dir, journal.DatabaseName+"-wal", func(b []byte) []byte { b[at] ^= 0x10; return b })
			j, r := salvageIn(t, dir, nil)
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
	t.Parallel()
	dir, ops := openWAL(t)
	strike(t, dir, journal.DatabaseName+"-wal", func(b []byte) []byte {
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
	if pending(t, j) != nil || survivors(t, j, ops) != len(ops)-1 {
		t.Fatal(pending(t, j))
	}
}

func TestLostEventsMakeOpenOperationsDoubtful(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	j := openIn(t, dir)
	done, sent, waiting := journaltest.Operation(1), journaltest.Operation(2), journaltest.Operation(3)
	put(t, j, &done, "accepted")
	send(t, j, &done, 1)
	put(t, j, &sent, "accepted")
	put(t, j, &waiting, "accepted")
	sent.State = operation.Sending
	sent.Attempts = []operation.Attempt{{Trace: "20261122000001000000002", SentAt: start}}
	put(t, j, &sent, "sending")
	closeNow(t, j)
	// The event of the sending is lost, and the row with it stands at "queued" again.
	tamper(t, dir, `DELETE FROM events WHERE seq=6`, `DELETE FROM attempts WHERE op='`+sent.Op+`'`,
		`UPDATE operations SET state='queued', seq=4, hash=(SELECT hash FROM events WHERE seq=4) WHERE op='`+sent.Op+`'`)
	j = openIn(t, dir)
	r := pending(t, j)
	if r == nil || r.LostEvents != 1 || len(r.Doubtful) != 2 || r.Doubtful[0] != sent.Op || r.Doubtful[1] != waiting.Op {
		t.Fatalf("%+v", r)
	}
	verify(t, j)
}

func TestVerifyFindsTamperingAfterASalvage(t *testing.T) {
	t.Parallel()
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
			j, _ := salvageIn(t, dir, nil)
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

func TestWhatStandsAtALostEventIsHeldAsTheSalvageLeftIt(t *testing.T) {
	t.Parallel()
	// Of operations 1 and 2 the answers are lost (events 4 and 7), of operation 3 its only event (8).
	whole := t.TempDir()
	shop(t, whole, 5)
	tamper(t, whole, `DELETE FROM events WHERE seq IN (4, 7, 8)`)
	markDamaged(t, whole)
	j, _ := salvageIn(t, whole, nil)
	closeNow(t, j)
	if err := verifyReadOnly(t, whole); err != nil {
		t.Fatal(err)
	}
	here := `='` + journaltest.Operation(1).Op + `'`
	for name, statement := range map[string]string{
		"amount":                  `UPDATE operations SET amount_fen=1 WHERE op` + here,
		"state":                   `UPDATE operations SET state='refused' WHERE op` + here,
		"hash":                    `UPDATE operations SET hash='x' WHERE op` + here,
		"acceptance":              `UPDATE operations SET accepted_seq=1 WHERE op` + here,
		"attempt":                 `UPDATE attempts SET data=replace(data, 'A00', 'A01') WHERE op` + here,
		"attempt deleted":         `DELETE FROM attempts WHERE op` + here,
		"evidence":                `UPDATE evidence SET data=replace(data, 'lookup', 'repeat') WHERE op` + here,
		"evidence put in":         `INSERT INTO evidence SELECT op, 1, seq, data FROM evidence WHERE op` + here,
		"posting":                 `UPDATE postings SET fen=1 WHERE seq=4`,
		"posting deleted":         `DELETE FROM postings WHERE seq=4`,
		"posting put in":          `INSERT INTO postings SELECT 7, heading, fen, accepted FROM postings WHERE seq=1`,
		"deleted":                 `DELETE FROM operations WHERE op='` + journaltest.Operation(3).Op + `'; DELETE FROM days; INSERT INTO days SELECT min(op), '2026-11-22' FROM operations`,
		"another one put there":   `CREATE TEMP TABLE t AS SELECT * FROM operations WHERE op` + here + `; UPDATE t SET op='01ZZZZZZZZZZZZZZZZZZZZZZZZ'; INSERT INTO operations SELECT * FROM t`,
		"another one moved there": `UPDATE operations SET seq=8 WHERE op='` + journaltest.Operation(0).Op + `'`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := journaltest.Copy(t, whole)
			tamper(t, dir, statement)
			var misfit *chain.MisfitError
			if err := verifyReadOnly(t, dir); !errors.As(err, &misfit) {
				t.Fatalf("not found: %v", err)
			}
			markDamaged(t, dir) // a further salvage keeps that there was something
			j := openIn(t, dir)
			defer j.Close()
			verify(t, j)
			if all, err := j.Documents(context.Background(), chain.Unindexed); err != nil || len(all) < 4 {
				t.Fatalf("only the lost events are documented: %+v %v", all, err)
			}
		})
	}
}

func TestAnOperationThatStoodAtALostEventGoesOn(t *testing.T) {
	t.Parallel()
	for n, state := range []operation.State{operation.Unknown, operation.Done} {
		dir := t.TempDir()
		ops := shop(t, dir, 3)
		tamper(t, dir, `DELETE FROM events WHERE seq IN (2, 3, 4)`, `UPDATE operations SET state='`+string(state)+`' WHERE op='`+ops[1].Op+`'`)
		markDamaged(t, dir)
		j, _ := salvageIn(t, dir, nil)
		op, err := j.Operation(context.Background(), ops[1].Op)
		if err != nil || op.State != state {
			t.Fatalf("%v %v", op, err)
		}
		op.State = []operation.State{operation.Done, operation.Attention}[n]
		put(t, j, &op, "changed")
		verify(t, j)
	}
}

func TestInterruptedSalvageIsFinished(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ops := shop(t, dir, 10)
	// As it stands when the power goes between the new database and the moves.
	if err := os.Rename(filepath.Join(dir, journal.DatabaseName), filepath.Join(dir, journal.DatabaseName+".salvaged")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, journal.DatabaseName+"-wal"), []byte("an old log that must not be met"), 0o600); err != nil {
		t.Fatal(err)
	}
	j := openIn(t, dir)
	if n := survivors(t, j, ops); n != len(ops) {
		t.Fatalf("%d of %d survive", n, len(ops))
	}
	verify(t, j)
}
