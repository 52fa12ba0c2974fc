package journal

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"counterfoil/offline/sqlite"
)

// finding is how the data folder was found.
type finding struct {
	left      string // see folderLock
	schema    int64  // 0: no database yet
	head      Head
	copy      Head // chain.head's
	copyFound bool
	copyFits  bool // the database has that row with that hash
}

// examine looks at the folder before anything is written into it, and salvages
// a database that cannot be read or has lost rows.
func (j *Journal) examine(ctx context.Context, files fs.FS) (finding, error) {
	if fileExists(j.ready()) {
		if err := j.finishSalvage(""); err != nil {
			return finding{}, err
		}
	}
	log, err := readWAL(j.file + "-wal")
	if err != nil {
		return finding{}, err
	}
	f, err := j.look(files)
	hidden := log.hidden() >= walCommitsLost
	if err == nil && j.lock.left != leftDamaged && f.schema > 0 && f.copy.Seq <= f.head.Seq && !hidden {
		return f, nil
	}
	var newer *NewerError
	switch {
	case errors.As(err, &newer):
		return f, err
	case err != nil && !damage(err):
		return f, folderError(err)
	case err == nil && f.schema == 0 && f.copy.Seq == 0:
		return f, nil // a new folder
	}
	reason := "the last run found it damaged"
	switch {
	case err != nil:
		reason = err.Error()
	case f.schema == 0:
		reason = "the database is gone"
	case hidden:
		reason = "the write-ahead log is damaged"
	case f.copy.Seq > f.head.Seq:
		reason = fmt.Sprintf("the events from %d to %d are gone", f.head.Seq+1, f.copy.Seq)
	}
	if err := j.salvage(ctx, files, f, reason); err != nil {
		return f, &DamagedError{Path: j.file, Cause: err}
	}
	return j.look(files)
}

// damage reports an error that only a damaged file gives at opening. Our own
// tables missing from a schema that names them done is damage too.
func damage(err error) bool {
	return sqlite.ClassOf(err) == sqlite.Rows || sqlite.Missing(err)
}

// look reads schema, head and head's copy over a read-only connection.
func (j *Journal) look(files fs.FS) (finding, error) {
	f := finding{left: j.lockLeft()}
	f.copy, f.copyFound = headFileOf(j.o.Dir).read()
	if j.before.Seq > f.copy.Seq {
		f.copy, f.copyFound = j.before, true
	}
	info, err := os.Stat(j.file)
	if errors.Is(err, fs.ErrNotExist) || (err == nil && info.Size() == 0 && !fileExists(j.file+"-wal")) {
		return f, nil
	}
	if err != nil {
		return f, err
	}
	want, err := newestSchema(files)
	if err != nil {
		return f, err
	}
	query := sqlite.ReadOnly
	if fileExists(j.file + "-journal") {
		// The power went while the database was being made: only a writing
		// connection may roll that back.
		query = "mode=rw&_query_only=true&_busy_timeout=5000"
	}
	c, err := sqlite.Open(sqlite.Name(j.file, query))
	if err != nil {
		return f, err
	}
	if err = f.read(c, want); err == nil && f.schema >= projectedSince {
		if err = checkTail(c.Each); err == nil {
			_, err = readUnprojected(c.Each, maxBehind)
		}
	}
	return f, errors.Join(err, c.Close())
}

func (f *finding) read(c *sqlite.Conn, want int64) (err error) {
	if f.schema, err = schemaOf(c); err != nil || f.schema == 0 {
		return err
	}
	if f.schema > want {
		return &NewerError{Have: f.schema, Want: want}
	}
	if f.head, err = readHead(c); err != nil {
		return err
	}
	hash, err := c.Text(`SELECT hash FROM events WHERE seq=?`, f.copy.Seq)
	f.copyFits = hash == f.copy.Hash
	return err
}

// projectedSince is the schema from which on the tables may lag behind the events.
const projectedSince = 4

func (j *Journal) lockLeft() string {
	if j.lock == nil {
		return ""
	}
	return j.lock.left
}

func fileExists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// noteFindings chains what was odd at opening, before the copy of the head is
// written anew and its testimony lost.
func (j *Journal) noteFindings(ctx context.Context, f finding) error {
	var event string
	switch {
	case j.salvaged != nil || f.head.Seq == 0:
	case !f.copyFound:
		event = "head.missing"
	case !f.copyFits:
		event = "head.misfit"
	}
	if event != "" {
		j.o.Log.Warn("the copy of the chain's head does not fit the database", "event", event, "copy", f.copy.Seq)
	}
	told, err := j.Meta(ctx, metaSalvaged)
	if err != nil {
		return err
	}
	if j.again && j.salvaged == nil {
		told = "" // what the start itself found is still to be told
	}
	if event != "" || told != j.salvaged.String() {
		err = j.Write(ctx, func(t *Tx) error {
			if event != "" {
				if err := t.Append(event, map[string]any{"seq": f.copy.Seq, "hash": f.copy.Hash}); err != nil {
					return err
				}
			}
			return t.SetMeta(metaSalvaged, j.salvaged.String())
		})
		if err != nil {
			return err
		}
	}
	// On a full disk the copy stays behind; that must not keep the counter from closing what is open.
	if err := headFileOf(j.o.Dir).write(*j.w.head.Load()); err != nil {
		j.o.Log.Warn("the copy of the chain's head cannot be written", "error", err)
	}
	return nil
}

// metaSalvaged keeps, until the next start, what the last one salvaged.
const metaSalvaged = "journal.salvaged"

// openReadOnly opens beside whoever holds the lock, or where nobody does.
func (j *Journal) openReadOnly(ctx context.Context) error {
	files, err := migrations()
	if err != nil {
		return err
	}
	f, err := j.lookReadOnly(files)
	if err != nil {
		return err
	}
	if f.schema == 0 {
		return j.openEmpty(ctx, files)
	}
	want, err := newestSchema(files)
	if err == nil {
		err = j.tooOld(f.schema, want)
	}
	if err != nil {
		return err
	}
	j.r = sqlite.NewPool(j.readOnlyName(), maxReaders)
	return nil
}

// tooOld refuses a schema that only a writing opening may bring up.
func (j *Journal) tooOld(have, want int64) error {
	if have < want {
		return &OlderError{Have: have, Want: want}
	}
	return nil
}

func (j *Journal) lookReadOnly(files fs.FS) (finding, error) {
	var f finding
	if info, err := os.Stat(j.file); err != nil || info.Size() == 0 {
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return f, err
		}
		return f, nil
	}
	want, err := newestSchema(files)
	if err != nil {
		return f, err
	}
	c, err := sqlite.Open(j.readOnlyName())
	if err != nil {
		return f, err
	}
	err = errors.Join(f.read(c, want), c.Close())
	if sqlite.ClassOf(err) == sqlite.Rows {
		err = &DamagedError{Path: j.file, Cause: err}
	}
	return f, err
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
func (j *Journal) openEmpty(ctx context.Context, files fs.FS) error {
	// Shared, so that the readers see what the migrations make; it lasts as long as a connection to it.
	name := fmt.Sprintf("file:empty-%p?mode=memory&cache=shared", j)
	j.r, j.empty = sqlite.NewPool(name, 1), true
	err := j.r.Use(ctx, func(*sqlite.Conn) error { return migrateTo(ctx, name, files) })
	if err != nil {
		return errors.Join(err, j.r.Close())
	}
	return nil
}
