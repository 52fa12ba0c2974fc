package salvage

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"counterfoil/offline/journal"
	"counterfoil/offline/journal/chain"
	"counterfoil/offline/journal/journaltest"
)

// forge adds an event to the end of the chain as somebody with a database tool does.
func forge(t *testing.T, dir string, last chain.Head, name, data string) chain.Head {
	t.Helper()
	e := chain.Event{Seq: last.Seq + 1, At: chain.Stamp(start), Name: name, Data: data, Prev: last.Hash}
	tamper(t, dir, fmt.Sprintf(`INSERT INTO events VALUES (%d, '%s', '', '%s', '%s', '%s', '%s')`, e.Seq, e.At, e.Name, e.Data, e.Prev, e.Sum()))
	return chain.Head{Seq: e.Seq, Hash: e.Sum()}
}

// headOf is the head of a closed folder's chain.
func headOf(t *testing.T, dir string) chain.Head {
	t.Helper()
	j := openReadOnly(t, dir)
	defer closeNow(t, j)
	head, err := j.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return head
}

func TestWhatSomebodyElseAddedToTheChainIsDocumentedByWhateverOpensNext(t *testing.T) {
	t.Parallel()
	// meet commits beside what was added.
	meet := func(t *testing.T, j *journal.Journal) {
		t.Helper()
		op := journaltest.Operation(2)
		err := j.Write(context.Background(), func(tx *journal.Tx) error { return tx.Put(&op, "accepted") })
		if !errors.Is(err, journal.ErrStale) || j.Damaged() == nil {
			t.Fatalf("it was not met: %v, %v", err, j.Damaged())
		}
	}
	for name, next := range map[string]func(t *testing.T, dir string, j *journal.Journal, forged func()) *journal.Journal{
		"by the open counter, which does nothing": func(t *testing.T, _ string, j *journal.Journal, forged func()) *journal.Journal {
			forged()
			<-j.Broke()
			return reopened(t, j)
		},
		"by the open counter": func(t *testing.T, _ string, j *journal.Journal, forged func()) *journal.Journal {
			forged()
			meet(t, j)
			return reopened(t, j)
		},
		"by the next after one that met it and ended": func(t *testing.T, dir string, j *journal.Journal, forged func()) *journal.Journal {
			forged()
			meet(t, j)
			closeNow(t, j)
			return openIn(t, dir)
		},
		"without a lock file": func(t *testing.T, dir string, j *journal.Journal, forged func()) *journal.Journal {
			closeNow(t, j)
			forged()
			if err := os.Remove(filepath.Join(dir, "lock")); err != nil {
				t.Fatal(err)
			}
			return openIn(t, dir)
		},
		"by a salvage": func(t *testing.T, dir string, j *journal.Journal, forged func()) *journal.Journal {
			closeNow(t, j)
			forged()
			tamper(t, dir, `DROP TABLE operations`)
			return openIn(t, dir)
		},
		"by a salvage of an open counter": func(t *testing.T, _ string, j *journal.Journal, forged func()) *journal.Journal {
			forged()
			j.Suspect(errors.New("a row does not fit"))
			return reopened(t, j)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			j := openIn(t, dir)
			op := journaltest.Operation(1)
			put(t, j, &op, "accepted")
			last, err := j.Head(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			j = next(t, dir, j, func() { forge(t, dir, last, "forged", "{}") })
			all, err := j.Documents(context.Background(), chain.Unindexed)
			if err != nil || len(all) == 0 || all[0].Why != chain.AddedWhy || all[0].From != last.Seq+1 || all[0].To != last.Seq+1 {
				t.Fatalf("documented: %+v, %v", all, err)
			}
		})
	}
}

// What it calls lost is there, and none of it is documented for good.
func TestASalvageThatNoCounterDidLosesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ops := shop(t, dir, 3)
	forge(t, dir, headOf(t, dir), chain.SalvagedEvent, `{"gaps":[{"from":2,"to":3}],"rows":[],"kept":{}}`)
	for range 3 {
		j := openIn(t, dir)
		verify(t, j)
		closeNow(t, j)
	}
	if n := survivors(t, openReadOnly(t, dir), ops); n != len(ops) {
		t.Errorf("%d of %d survive", n, len(ops))
	}
}

func TestADatabaseThatNamesAnOlderSchemaThanItHasIsMadeAnew(t *testing.T) {
	t.Parallel()
	for _, statement := range []string{
		`DELETE FROM goose_db_version WHERE version_id = (SELECT max(version_id) FROM goose_db_version)`,
		`DELETE FROM goose_db_version WHERE version_id > 2`,
		`DELETE FROM goose_db_version`,
	} {
		dir := t.TempDir()
		ops := shop(t, dir, 3)
		tamper(t, dir, statement)
		j, _ := salvageIn(t, dir, nil)
		if n := survivors(t, j, ops); n != len(ops) {
			t.Errorf("%s: %d of %d survive", statement, n, len(ops))
		}
	}
}

func TestAnIdentityThatNoCounterGaveMakesNoDemonstrationOfAJournal(t *testing.T) {
	t.Parallel()
	o := journal.Options{Dir: t.TempDir(), Reserve: 64 << 10, Counter: chain.Counter{Name: "C01", Number: 1}}
	o.Now = func() time.Time { return start }
	for round := range 3 {
		j, err := Open(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		verify(t, j)
		closeNow(t, j)
		if round == 0 {
			forge(t, o.Dir, headOf(t, o.Dir), chain.IdentityEvent, `{"journal":"X","name":"C01","number":1,"training":true}`)
		}
	}
}

func TestASalvageGoesOnWithoutWhatAnotherOneCalledLost(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ops := shop(t, dir, 3)
	// With the copy of the head rewritten too, it counts as a counter's own.
	head := forge(t, dir, headOf(t, dir), chain.SalvagedEvent, `{"gaps":[{"from":2,"to":3}],"rows":[],"kept":{}}`)
	strike(t, dir, "chain.head", func([]byte) []byte { return []byte(head.String() + "\n") })
	if verifyReadOnly(t, dir) == nil {
		t.Fatal("it is not seen")
	}
	markDamaged(t, dir)
	j, _ := salvageIn(t, dir, nil)
	if n := survivors(t, j, ops); n != len(ops) {
		t.Errorf("%d of %d survive", n, len(ops))
	}
}
