package salvage

import (
	"context"
	"encoding/binary"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"counterfoil/offline/journal"
	"counterfoil/offline/journal/chain"
	"counterfoil/offline/journal/journaltest"
	"counterfoil/offline/operation"
	"counterfoil/offline/sqlite"
)

func TestSalvageTakesRowsFromATableThatWasNeverMigrated(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ops := shop(t, dir, 10)
	fromBefore(t, dir)
	tamper(t, dir, `DELETE FROM events WHERE seq=4`) // the answer to operation 1
	markDamaged(t, dir)
	j, r := salvageIn(t, dir, nil)
	if n := survivors(t, j, ops); n != len(ops) || r.LostEvents != 1 {
		t.Fatalf("%d of %d survive; %s", n, len(ops), r)
	}
}

func TestACheckpointThatIsWrongHidesNothing(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]string{
		"too high": `UPDATE meta SET value='8' WHERE key='journal.projected'`,
		"missing":  `DELETE FROM meta WHERE key='journal.projected'`,
		"no digit": `UPDATE meta SET value='x' WHERE key='journal.projected'`,
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			j := openIn(t, dir)
			ops := []operation.Operation{journaltest.Operation(1), journaltest.Operation(2)}
			put(t, j, &ops[0], "accepted")
			put(t, j, &ops[1], "accepted")
			projected(t, j)
			send(t, j, &ops[0], 1)
			put(t, j, &ops[1], "changed")
			put(t, j, &ops[1], "changed")
			put(t, j, &ops[1], "changed")
			dir = journaltest.Copy(t, dir)
			tamper(t, dir, change)
			j = openIn(t, dir)
			if n := survivors(t, j, ops); n != len(ops) {
				t.Fatalf("%d of %d stand as they did; %s", n, len(ops), pending(t, j))
			}
			verify(t, j)
		})
	}
}

func TestADamagedEventThatHasNoRowYetIsSalvagedAround(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	j := openIn(t, dir)
	ops := []operation.Operation{journaltest.Operation(1), journaltest.Operation(2)}
	put(t, j, &ops[0], "accepted")
	put(t, j, &ops[1], "accepted")
	projected(t, j)
	send(t, j, &ops[0], 1)
	dir = journaltest.Copy(t, dir)
	tamper(t, dir, `UPDATE events SET data=replace(data, 'sending', 'sendinh') WHERE seq=3`)
	beside := openReadOnly(t, dir)
	if list, err := beside.Operations(context.Background(), journal.Query{Whole: true}); !errors.Is(err, journal.ErrDamaged) || text(t, list) != text(t, []operation.Operation{ops[1], ops[0]}) {
		t.Fatalf("beside: %v\n%s", err, text(t, list))
	}
	closeNow(t, beside)
	j, r := salvageIn(t, dir, nil)
	// Event 4 tells what became of it.
	if n := survivors(t, j, ops); n != len(ops) || r.LostEvents != 1 {
		t.Fatalf("%d of %d; %s", n, len(ops), r)
	}
	closeNow(t, j)
	j = openIn(t, dir)
	if _, err := j.Verify(context.Background(), nil); err != nil || survivors(t, j, ops) != len(ops) {
		t.Fatalf("at the second start: %v", err)
	}
}

func TestAHoleAmongEventsThatHaveNoRowYetIsDamage(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	j := openIn(t, dir)
	ops := []operation.Operation{journaltest.Operation(1), journaltest.Operation(2), journaltest.Operation(3)}
	put(t, j, &ops[0], "accepted")
	put(t, j, &ops[1], "accepted")
	projected(t, j)
	ops[0].State = operation.Sending
	ops[0].Attempts = []operation.Attempt{{Trace: "20261122000001000000002", SentAt: start}}
	put(t, j, &ops[0], "sending")
	put(t, j, &ops[2], "accepted")
	dir = journaltest.Copy(t, dir)
	tamper(t, dir, `DELETE FROM events WHERE seq=3`)
	j, r := salvageIn(t, dir, nil)
	if len(r.Doubtful) == 0 || r.Doubtful[0] != ops[0].Op || r.LostEvents != 1 {
		t.Fatalf("doubtful %q; %s", r.Doubtful, r)
	}
	closeNow(t, j)
	if j = openIn(t, dir); pending(t, j) == nil || pending(t, j).Events != r.Events {
		t.Fatalf("salvaged again: %s", pending(t, j))
	}
}

// rootPage is the number of the first page of a table or an index.
func rootPage(t *testing.T, dir, name string) int64 {
	t.Helper()
	c, err := sqlite.Open(sqlite.Name(filepath.Join(dir, journal.DatabaseName), "mode=ro"))
	if err != nil {
		t.Fatal(err)
	}
	root, err := c.Int(`SELECT rootpage FROM sqlite_master WHERE name=?`, name)
	if err := errors.Join(err, c.Close()); err != nil {
		t.Fatal(err)
	}
	return root
}

func TestDamageMetWhileReadingStopsTheJournalUntilItIsOpenedAgain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ops := shop(t, dir, 600)
	root := rootPage(t, dir, "operations")
	strike(t, dir, journal.DatabaseName, func(b []byte) []byte {
		// The oldest rows: a start reads the newest.
		page := b[(root-1)*pageSize : root*pageSize]
		cell := binary.BigEndian.Uint16(page[12:])
		child := int64(binary.BigEndian.Uint32(page[cell:]))
		clear(b[(child-1)*pageSize : child*pageSize])
		return b
	})
	j := openIn(t, dir)
	if _, err := j.Operations(context.Background(), journal.Query{}); !errors.Is(err, journal.ErrDamaged) {
		t.Fatalf("reading: %v", err)
	}
	if err := j.Write(context.Background(), func(*journal.Tx) error { return nil }); !errors.Is(err, journal.ErrDamaged) || !errors.Is(j.Damaged(), journal.ErrDamaged) {
		t.Fatalf("writing: %v", err)
	}
	closeNow(t, j)
	j = openIn(t, dir)
	if pending(t, j) == nil || survivors(t, j, ops) != len(ops) {
		t.Fatal(pending(t, j))
	}
	if j.Damaged() != nil {
		t.Fatal(j.Damaged())
	}
}

func TestCheckAfterAnUncleanStopFindsDamageInTheBackground(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	shop(t, dir, 200)
	root := rootPage(t, dir, "operations_id")
	strike(t, dir, journal.DatabaseName, func(b []byte) []byte {
		clear(b[(root-1)*pageSize : root*pageSize])
		return b
	})
	strike(t, dir, "lock", func([]byte) []byte { return []byte("1 counterfoil\nopen\n") })
	j := openIn(t, dir)
	deadline := time.After(20 * time.Second)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for j.Damaged() == nil {
		select {
		case <-deadline:
			t.Fatal("not found")
		case <-tick.C:
		}
	}
	closeNow(t, j)
	j = openIn(t, dir)
	if pending(t, j) == nil {
		t.Fatal("not salvaged")
	}
}

func TestARowThatWasChangedBeforeItsEventsReachedItIsDocumented(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	j := openIn(t, dir)
	op := journaltest.Operation(1)
	put(t, j, &op, "accepted")
	projected(t, j)
	send(t, j, &op, 1) // its row stays behind
	lagging := journaltest.Copy(t, dir)
	dir = journaltest.Copy(t, dir)
	tamper(t, dir, `UPDATE operations SET amount_fen=1`)
	j, r := salvageIn(t, dir, nil)
	if n := survivors(t, j, []operation.Operation{op}); n != 1 || r.LostEvents != 0 {
		t.Fatalf("%d stand as they did; %s", n, r)
	}
	all, err := j.Documents(context.Background(), chain.Unindexed)
	if err != nil || len(all) != 1 || all[0].From != 1 || all[0].AcknowledgedBy != "" {
		t.Fatalf("%+v %v", all, err)
	}
	if err := j.Acknowledge(context.Background(), chain.Who{By: "mgr"}, "a test"); err != nil {
		t.Fatal(err)
	}
	if all, err = j.Documents(context.Background(), chain.Unindexed); err != nil || all[0].AcknowledgedBy != "mgr" {
		t.Fatalf("%+v %v", all, err)
	}
	j = openIn(t, lagging)
	if all, err := j.Documents(context.Background(), chain.Unindexed); err != nil || len(all) != 0 || pending(t, j) != nil {
		t.Fatalf("a row that merely lags is documented: %+v %v", all, err)
	}
}

func TestNothingCanBePutWhereASalvageFoundAnEventLost(t *testing.T) {
	t.Parallel()
	for name, strike := range map[string]string{"deleted": `DELETE FROM events WHERE seq=2`, "changed": `UPDATE events SET data='{}' WHERE seq=2`} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			shop(t, dir, 3)
			tamper(t, dir, strike)
			markDamaged(t, dir)
			j, _ := salvageIn(t, dir, nil)
			closeNow(t, j)
			if _, err := openReadOnly(t, dir).Verify(context.Background(), nil); err != nil {
				t.Fatal(err)
			}
			e := chain.Event{Seq: 2, Name: "operator.role", Data: `{"name":"amy","role":"manager"}`}
			tamper(t, dir, `INSERT INTO events (seq, at, op, event, data, prev, hash) VALUES (2, '', '', '`+e.Name+`', '`+e.Data+`', '', '`+e.Sum()+`')`)
			var misfit *chain.MisfitError
			if _, err := openReadOnly(t, dir).Verify(context.Background(), nil); !errors.As(err, &misfit) || misfit.Seq != 2 {
				t.Fatalf("not found: %v", err)
			}
		})
	}
}

func TestNoChangeOfATableHidesWhatASalvageLeftDoubtful(t *testing.T) {
	t.Parallel()
	for name, strike := range map[string]string{
		"small values deleted": `DELETE FROM meta WHERE key LIKE 'journal.salvag%'`,
		"the report garbled":   `UPDATE events SET data='x' WHERE event='salvaged'`,
		"the report deleted":   `DELETE FROM events WHERE event='salvaged'`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			shop(t, dir, 5)
			tamper(t, dir, `DELETE FROM events WHERE seq=4`)
			markDamaged(t, dir)
			j, was := salvageIn(t, dir, nil)
			closeNow(t, j)
			tamper(t, dir, strike)
			j, err := Open(context.Background(), journal.Options{Dir: dir})
			if errors.Is(err, journal.ErrDamaged) { // it is found, and the next opening finds out anew
				j = openIn(t, dir)
			} else if err != nil {
				t.Fatal(err)
			} else {
				defer j.Close()
			}
			if r := pending(t, j); r == nil || len(r.Doubtful) < len(was.Doubtful) {
				t.Fatalf("%v, was %v", r, was)
			}
		})
	}
}
