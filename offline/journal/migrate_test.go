package journal

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"counterfoil/offline/sqlite"
)

func TestNewerDatabaseIsRefusedAndNotChanged(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	shop(t, dir, 3)
	tamper(t, dir, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, 1)`)
	before, err := os.ReadFile(filepath.Join(dir, DatabaseName))
	if err != nil {
		t.Fatal(err)
	}
	for _, readOnly := range []bool{false, true} {
		_, err = Open(context.Background(), Options{Dir: dir, ReadOnly: readOnly})
		var newer *NewerError
		if !errors.As(err, &newer) || newer.Have != 99 || newer.Want < 1 || newer.Want >= 99 {
			t.Fatalf("%v", err)
		}
	}
	if after, _ := os.ReadFile(filepath.Join(dir, DatabaseName)); string(after) != string(before) {
		t.Fatal("the database was changed")
	}
	// The refusal freed the lock.
	l, err := takeLock(context.Background(), Options{Dir: dir}, 0)
	if err != nil {
		t.Fatal(err)
	}
	_ = l.Unlock()
}

func TestNewerDatabaseWithALogIsRefusedAndNotChanged(t *testing.T) {
	t.Parallel()
	from, dir := t.TempDir(), t.TempDir()
	shop(t, from, 3)
	c, err := sqlite.Open(sqlite.Name(filepath.Join(from, DatabaseName), ""))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Script(`PRAGMA wal_autocheckpoint=0; INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, 1)`); err != nil {
		t.Fatal(err)
	}
	before := map[string]string{}
	for _, name := range []string{DatabaseName, DatabaseName + "-wal", copyName, lockName} { // as a kill leaves them
		b, err := os.ReadFile(filepath.Join(from, name))
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), b, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
		before[name] = string(b)
	}
	for _, readOnly := range []bool{true, false} {
		_, err = Open(context.Background(), Options{Dir: dir, ReadOnly: readOnly})
		var newer *NewerError
		if !errors.As(err, &newer) {
			t.Fatalf("%v", err)
		}
		for name, want := range before {
			if after, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(after) != want {
				t.Errorf("read-only %v: %s was changed: %d bytes of %d, %v", readOnly, name, len(after), len(want), err)
			}
		}
	}
}

func TestOnlyAWritingOpeningBringsAnOlderDatabaseUp(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	shop(t, dir, 1)
	tamper(t, dir, `ALTER TABLE operations DROP COLUMN settle_asked_by`, fmt.Sprintf(`DELETE FROM goose_db_version WHERE version_id=%d`, newestSchema))
	_, err := Open(context.Background(), Options{Dir: dir, ReadOnly: true})
	var older *OlderError
	if !errors.As(err, &older) || older.Have != newestSchema-1 || older.Want != newestSchema {
		t.Fatal(err)
	}
	closeNow(t, openIn(t, dir))
	openIn(t, dir, func(o *Options) { o.ReadOnly = true })
}
