package journal

import (
	"context"
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"

	"counterfoil/offline/files"
	"counterfoil/offline/sqlite"
)

// openReadOnly opens without the lock, also beside a counter that holds it.
func openReadOnly(ctx context.Context, o Options) (*Journal, error) {
	holds, err := CheckFolder(o.Dir)
	if err == nil && !holds {
		err = &files.ForeignError{Path: o.Dir, Why: files.Absent}
	}
	if err != nil {
		return nil, err
	}
	j := newJournal(o, nil)
	name := j.readOnlyName()
	c, schema, err := openAt(j.o.file(), name)
	if err == nil && schema > 0 {
		err = newest(c, schema)
	}
	if sqlite.HalfWritten(err) {
		err = &OlderError{Want: newestSchema}
	}
	if sqlite.ClassOf(err) == sqlite.Rows {
		err = &DamagedError{Path: j.o.file(), Cause: err}
	}
	if copied, _ := headFileOf(o.Dir).read(); err == nil && schema == 0 && copied.Seq == 0 && !j.wasOpen() {
		err = &files.ForeignError{Path: o.Dir, Why: files.Absent}
	}
	if err == nil && schema == 0 {
		err = j.openEmpty(ctx)
	}
	if err != nil || j.empty {
		err = errors.Join(err, c.Close())
	} else {
		j.r = sqlite.NewPool(name, maxReaders, c)
	}
	if err != nil {
		return nil, folderError(err)
	}
	var other *TrainingError // what else is wrong with it, who reads finds out
	if _, err := j.ours(ctx); errors.As(err, &other) {
		return nil, errors.Join(err, j.r.Close())
	}
	return j, nil
}

// newest looks whether all that a reader needs is there.
func newest(c *sqlite.Conn, schema int64) error {
	if schema < newestSchema {
		return &OlderError{Have: schema, Want: newestSchema} // only a writing opening may migrate
	}
	if err := complete(c); err != nil {
		return err
	}
	_, err := readHead(c)
	return err
}

// readOnlyName addresses the database for reading. SQLite makes an index file of
// the log even for that; where there is no log, and no such file can be made
// because of permissions or a full disk, the database is opened as a file that
// never changes instead.
func (j *Journal) readOnlyName() string {
	size := func(suffix string) int64 {
		info, err := os.Stat(j.o.file() + suffix)
		if err != nil {
			return 0
		}
		return info.Size()
	}
	full := size("-shm") < logIndex && freeBytes(j.o.Dir) < 2*logIndex
	if size("-wal") == 0 && (full || unix.Access(j.o.Dir, unix.W_OK) != nil) {
		return sqlite.Name(j.o.file(), sqlite.ReadOnly+"&immutable=1")
	}
	return sqlite.Name(j.o.file(), sqlite.ReadOnly)
}

// logIndex is the length of SQLite's index of a log, in bytes.
const logIndex = 32 << 10

// openEmpty opens an empty database in memory, for a folder whose database is gone.
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

// WriteBeside changes rows that the chain does not hold: as a part of a commit,
// or from a read-only journal in a short transaction of its own beside whoever
// holds the folder; on a full disk it frees the reserve and tries once more. It
// makes no event. Error: that of SQLite, ErrReadOnly.
func (j *Journal) WriteBeside(ctx context.Context, fn func(*sqlite.Conn) error) error {
	switch {
	case j.w != nil:
		return j.Write(ctx, func(t *Tx) error { return fn(t.Conn()) })
	case j.empty:
		return ErrReadOnly
	}
	err := j.writeBeside(fn)
	if sqlite.ClassOf(err) == sqlite.Full && j.o.freeReserve() {
		err = j.writeBeside(fn)
	}
	return err
}

func (j *Journal) writeBeside(fn func(*sqlite.Conn) error) (err error) {
	c, err := sqlite.Open(sqlite.Name(j.o.file(), "mode=rw&_busy_timeout=2000&_synchronous=FULL"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Close()) }() // what is not committed is taken back
	if err := c.Script("PRAGMA wal_autocheckpoint=0; BEGIN IMMEDIATE"); err != nil {
		return err
	}
	if err := fn(c); err != nil {
		return err
	}
	return c.Exec("COMMIT")
}
