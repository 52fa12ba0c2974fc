package journal

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"golang.org/x/sys/unix"

	"counterfoil/offline/sqlite"
)

// openReadOnly opens without the lock, also beside a counter that holds it.
func openReadOnly(ctx context.Context, o Options) (*Journal, error) {
	j := newJournal(o, nil)
	empty := true
	err := lookAt(j.o.file(), j.readOnlyName(), func(c *sqlite.Conn, schema int64) error {
		empty = false
		if schema < newestSchema {
			return &OlderError{Have: schema, Want: newestSchema} // only a writing opening may migrate
		}
		_, err := readHead(c)
		return err
	})
	if sqlite.ClassOf(err) == sqlite.Rows {
		err = &DamagedError{Path: j.o.file(), Cause: err}
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

// readOnlyName addresses the database for reading. SQLite makes an index file of
// the log even for that; in a folder that cannot be written, without a log, the
// database is opened as a file that never changes instead.
func (j *Journal) readOnlyName() string {
	if unix.Access(filepath.Dir(j.o.file()), unix.W_OK) != nil && !fileExists(j.o.file()+"-wal") {
		return sqlite.Name(j.o.file(), sqlite.ReadOnly+"&immutable=1")
	}
	return sqlite.Name(j.o.file(), sqlite.ReadOnly)
}

// openEmpty opens an empty database in memory, for a folder that has none yet.
func (j *Journal) openEmpty(ctx context.Context) error {
	// Shared with the migrations; it lasts as long as a connection to it is open.
	name := fmt.Sprintf("file:empty-%p?mode=memory&cache=shared", j)
	j.r, j.empty = sqlite.NewPool(name, 1), true
	files, err := migrations()
	if err == nil {
		err = j.r.Use(ctx, func(*sqlite.Conn) error { return migrateTo(ctx, name, files) })
	}
	if err != nil {
		return errors.Join(err, j.r.Close())
	}
	return nil
}
