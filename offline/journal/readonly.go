package journal

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"golang.org/x/sys/unix"

	"counterfoil/offline/sqlite"
)

// openReadOnly opens beside whoever holds the lock, or where nobody does.
func openReadOnly(ctx context.Context, o Options) (*Journal, error) {
	j := &Journal{o: o, file: filepath.Join(o.Dir, DatabaseName)}
	empty := true
	err := lookAt(j.file, j.readOnlyName(), func(c *sqlite.Conn, schema int64) error {
		empty = false
		if schema < newestSchema {
			return &OlderError{Have: schema, Want: newestSchema} // only a writing opening may migrate
		}
		_, err := readHead(c)
		return err
	})
	if sqlite.ClassOf(err) == sqlite.Rows {
		err = &DamagedError{Path: j.file, Cause: err}
	}
	if err == nil && empty {
		err = j.openEmpty(ctx)
	}
	if err != nil {
		return nil, err
	}
	if !empty {
		j.r = sqlite.NewPool(j.readOnlyName(), maxReaders)
	}
	return j, nil
}

// readOnlyName is the database for reading. A WAL database needs its index even
// for reading; in a folder that cannot be written and where no writer left a
// WAL, the file is all there is and cannot change.
func (j *Journal) readOnlyName() string {
	if unix.Access(filepath.Dir(j.file), unix.W_OK) != nil && !fileExists(j.file+"-wal") {
		return sqlite.Name(j.file, sqlite.ReadOnly+"&immutable=1")
	}
	return sqlite.Name(j.file, sqlite.ReadOnly)
}

// openEmpty stands in for a folder that has no database yet: everything reads as nothing.
func (j *Journal) openEmpty(ctx context.Context) error {
	// Shared, so that the readers see what the migrations make; it lasts as long as a connection to it.
	name := fmt.Sprintf("file:empty-%p?mode=memory&cache=shared", j)
	j.r, j.empty = sqlite.NewPool(name, 1), true
	err := j.r.Use(ctx, func(*sqlite.Conn) error { return migrateTo(ctx, name, migrations) })
	if err != nil {
		return errors.Join(err, j.r.Close())
	}
	return nil
}
