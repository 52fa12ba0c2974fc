package catalog

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	"github.com/mattn/go-sqlite3"
)

const (
	fileName = "catalog.db"
	// schemaVersion goes up with every change of the schema or of a packed
	// form. The catalog is a cache: another version is set aside, not migrated.
	schemaVersion = 1
	readers       = 3
)

const schema = `
CREATE TABLE meta (version INTEGER NOT NULL, next_key INTEGER NOT NULL);
INSERT INTO meta VALUES (1, 2);
CREATE TABLE nodes (
  key INTEGER PRIMARY KEY, parent INTEGER NOT NULL, ord INTEGER NOT NULL,
  id TEXT NOT NULL, level INTEGER NOT NULL, load INTEGER NOT NULL, flags INTEGER NOT NULL,
  ver INTEGER NOT NULL, mark INTEGER NOT NULL, mver INTEGER NOT NULL, mseen INTEGER NOT NULL,
  floor INTEGER NOT NULL, seen INTEGER NOT NULL,
  kids INTEGER NOT NULL, next INTEGER NOT NULL, own INTEGER NOT NULL, chunks INTEGER NOT NULL,
  codes INTEGER NOT NULL, has INTEGER NOT NULL, sum INTEGER NOT NULL, counts BLOB NOT NULL);
CREATE INDEX nodes_id ON nodes (id);
CREATE INDEX nodes_parent ON nodes (parent, ord, has, ver);
CREATE TABLE chunks (
  id INTEGER PRIMARY KEY, n INTEGER NOT NULL, has INTEGER NOT NULL, ver INTEGER NOT NULL,
  st BLOB NOT NULL, late BLOB NOT NULL, body BLOB NOT NULL);
CREATE TABLE places (bucket INTEGER PRIMARY KEY, entries BLOB NOT NULL);
CREATE TABLE statuses (id INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE, text TEXT NOT NULL);
CREATE TABLE faces (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);
CREATE TABLE loads (load INTEGER PRIMARY KEY, done INTEGER NOT NULL);
CREATE TABLE twins (load INTEGER NOT NULL, key INTEGER NOT NULL, other INTEGER NOT NULL,
  PRIMARY KEY (load, key, other)) WITHOUT ROWID;
CREATE INDEX twins_other ON twins (other);
CREATE TABLE moves (load INTEGER NOT NULL, node INTEGER NOT NULL, no INTEGER NOT NULL, hash INTEGER NOT NULL,
  PRIMARY KEY (load, node, no, hash)) WITHOUT ROWID;
CREATE TABLE garbage (key INTEGER PRIMARY KEY);
CREATE TABLE dead (first INTEGER PRIMARY KEY, last INTEGER NOT NULL);
INSERT INTO nodes VALUES (1, 0, 0, '', 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, x'');
`

// dsn addresses file. Page caches are kept small: the whole counter has 64 MiB.
func dsn(file, mode string, cacheKiB int) string {
	u := url.URL{Scheme: "file", Opaque: (&url.URL{Path: file}).EscapedPath()}
	q := url.Values{}
	q.Set("mode", mode)
	q.Set("_busy_timeout", "5000")
	q.Set("_cache_size", fmt.Sprint(-cacheKiB))
	if mode == "ro" {
		q.Set("_query_only", "1")
	} else {
		q.Set("_journal_mode", "WAL")
		q.Set("_synchronous", "NORMAL")
	}
	u.RawQuery = q.Encode()
	return u.String()
}

// Open opens or makes the catalog; a damaged one, or one of another version,
// is set aside as catalog.db.aside and begun anew. What a kill left staged is
// cleared away in the background.
func Open(ctx context.Context, o Options) (*Catalog, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	c := &Catalog{
		opts: o, file: filepath.Join(o.Dir, fileName), words: newWords(), pace: usualPace, turn: &turn{},
		stages: map[*Stage]struct{}{}, wake: make(chan struct{}, 1),
		broke: make(chan struct{}),
	}
	err := c.openFiles()
	if err != nil && o.ReadOnly {
		return c, c.openEmpty()
	}
	if errors.Is(err, ErrDamaged) {
		if err = c.setAside(); err == nil {
			err = c.openFiles()
		}
	}
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", c.file, err)
	}
	c.settled.Store(c.version)
	c.changes.Store(2)
	if !o.ReadOnly {
		if err := c.forgetStaged(); err != nil {
			return nil, errors.Join(err, c.closeFiles())
		}
		c.quit, c.swept = make(chan struct{}), make(chan struct{})
		c.carry, c.empty, c.carried = make(chan struct{}, 1), make(chan chan struct{}), make(chan struct{})
		go c.sweep()
		go c.carryLog(c.carrier)
	}
	return c, nil
}

func (c *Catalog) openFiles() (err error) {
	defer func() {
		if err != nil {
			err = errors.Join(err, c.closeFiles())
		}
	}()
	if _, e := os.Lstat(c.marker()); e == nil {
		return fmt.Errorf("%w: noted by an earlier run", ErrDamaged)
	}
	first := "ro"
	if !c.opts.ReadOnly {
		first = "rw"
		// SQLite gives its side files the mode of this one.
		if _, e := os.Lstat(c.file); errors.Is(e, os.ErrNotExist) {
			f, e := os.OpenFile(c.file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
			if e != nil {
				return e
			}
			if e = f.Close(); e != nil {
				return e
			}
		}
	}
	w, err := connect(dsn(c.file, first, 4096))
	if err != nil {
		return judged(err)
	}
	if c.opts.ReadOnly {
		c.pool = &pool{free: make(chan *conn, readers)}
		c.pool.free <- w
	} else {
		c.writer = w
		if err := prepare(w); err != nil {
			return judged(err)
		}
		if err := errors.Join(w.pragma("PRAGMA wal_autocheckpoint=0"), w.pragma("PRAGMA journal_size_limit=8388608")); err != nil {
			return judged(err)
		}
		if c.carrier, err = connect(dsn(c.file, "rw", 256)); err != nil {
			return judged(err)
		}
	}
	if err := c.check(w); err != nil {
		return judged(err)
	}
	if c.pool == nil {
		c.pool = &pool{free: make(chan *conn, readers)}
	}
	for len(c.pool.free) < readers {
		r, err := connect(dsn(c.file, "ro", 1024))
		if err != nil {
			return judged(err)
		}
		c.pool.free <- r
	}
	return nil
}

// prepare makes the schema in an empty file.
func prepare(w *conn) error {
	version, _, err := w.number("PRAGMA user_version")
	if err != nil {
		return err
	}
	tables, _, err := w.number("SELECT count(*) FROM sqlite_schema")
	if err != nil || version != 0 || tables != 0 {
		return err
	}
	return w.script(fmt.Sprintf("BEGIN IMMEDIATE; %s PRAGMA user_version=%d; COMMIT", schema, schemaVersion))
}

// check reads a little of everything; it is no proof that all of the file is whole.
func (c *Catalog) check(w *conn) error {
	version, _, err := w.number("PRAGMA user_version")
	if err != nil {
		return err
	}
	if version != schemaVersion {
		return fmt.Errorf("%w: version %d instead of %d", ErrDamaged, version, schemaVersion)
	}
	ok := false
	err = w.each("SELECT version, next_key FROM meta", nil, func(r *record) error {
		c.version, c.nextKey, ok = r.int(0), r.int(1), true
		return nil
	})
	if err == nil && !ok {
		err = fmt.Errorf("%w: no versions", ErrDamaged)
	}
	if err != nil {
		return err
	}
	t := &tx{cat: c, conn: w, memo: &memo{rows: map[int64]*row{}}}
	if r, err := t.row(looseKey); err != nil || r == nil {
		return errors.Join(ErrDamaged, err)
	}
	return c.words.load(w)
}

// openEmpty serves a reader where there is nothing to read.
func (c *Catalog) openEmpty() error {
	w, err := connect("file::memory:?mode=memory&_cache_size=-256")
	if err != nil {
		return err
	}
	c.pool = &pool{free: make(chan *conn, 1)}
	c.pool.free <- w
	if err := prepare(w); err != nil {
		return err
	}
	return c.check(w)
}

func (c *Catalog) closeFiles() error {
	var errs []error
	if c.pool != nil {
		for {
			select {
			case r := <-c.pool.free:
				errs = append(errs, r.close())
				continue
			default:
			}
			break
		}
	}
	if c.writer != nil {
		_ = c.writer.pragma("PRAGMA wal_checkpoint(TRUNCATE)")
		errs = append(errs, c.writer.close())
	}
	if c.carrier != nil {
		errs = append(errs, c.carrier.close())
	}
	c.pool, c.writer, c.carrier = nil, nil, nil
	return errors.Join(errs...)
}

func (c *Catalog) marker() string { return c.file + ".damaged" }

// setAside keeps one damaged file to look at; an older one goes.
func (c *Catalog) setAside() error {
	for _, side := range []string{"", "-wal", "-shm"} {
		err := os.Rename(c.file+side, c.file+".aside"+side)
		if errors.Is(err, os.ErrNotExist) {
			err = os.Remove(c.file + ".aside" + side)
		}
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	if err := os.Remove(c.marker()); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

func judged(err error) error {
	var e sqlite3.Error
	if errors.As(err, &e) && (e.Code == sqlite3.ErrCorrupt || e.Code == sqlite3.ErrNotADB) {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return err
}

// judge notes damage for the next opening, which begins anew.
func (c *Catalog) judge(err error) error {
	if err == nil {
		return nil
	}
	err = judged(err)
	damaged := errors.Is(err, ErrDamaged)
	if damaged && !c.opts.ReadOnly {
		if f, e := os.OpenFile(c.marker(), os.O_CREATE|os.O_WRONLY, 0o600); e == nil {
			_ = f.Close()
		}
	}
	var e sqlite3.Error
	if damaged || errors.As(err, &e) && e.Code == sqlite3.ErrIoErr {
		c.breaking.Do(func() { close(c.broke) })
	}
	return err
}
