package journal

import (
	"context"
	"testing"

	"counterfoil/offline/sqlite"
)

func TestEveryMissingTableAndColumnIsNamed(t *testing.T) {
	t.Parallel()
	all, err := made()
	if err != nil {
		t.Fatal(err)
	}
	const name = "file:complete?mode=memory&cache=shared"
	c, err := sqlite.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	files, err := migrations()
	if err == nil {
		err = migrateTo(context.Background(), name, files)
	}
	if err != nil {
		t.Fatal(err)
	}
	without := func(part, change string) {
		if err := c.Script("BEGIN; PRAGMA legacy_alter_table=ON; " + change); err != nil {
			t.Fatalf("%s: %v", change, err)
		}
		if err := complete(c); sqlite.Missing(err) != part {
			t.Errorf("%s: %v", part, err)
		}
		if err := c.Script("ROLLBACK"); err != nil {
			t.Fatal(err)
		}
	}
	if err := complete(c); err != nil {
		t.Fatal(err)
	}
	for table, columns := range all.Types {
		without(table, "ALTER TABLE "+table+" RENAME TO lost")
		for _, column := range columns {
			without(table+"."+column[0], "ALTER TABLE "+table+" RENAME COLUMN "+column[0]+" TO lost")
		}
	}
}
