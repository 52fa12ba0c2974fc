package catalog

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"counterfoil/offline/files"
	"counterfoil/offline/sqlite"
)

const (
	fileName = "catalog.db"
	// schemaVersion goes up with every change of the schema or of what a column
	// means. The catalog is a cache: another version is set aside, not migrated.
	schemaVersion = 3
	readers       = 3
)

const schema = `
CREATE TABLE meta (next INTEGER NOT NULL);
INSERT INTO meta VALUES (2);
CREATE TABLE nodes (
  key INTEGER PRIMARY KEY, parent INTEGER NOT NULL, ord INTEGER NOT NULL, id TEXT NOT NULL, level INTEGER NOT NULL,
  load INTEGER NOT NULL, whole INTEGER NOT NULL, seen INTEGER NOT NULL, mark TEXT NOT NULL, marked INTEGER NOT NULL,
  kids INTEGER NOT NULL, next_ord INTEGER NOT NULL, own INTEGER NOT NULL, next_no INTEGER NOT NULL,
  codes INTEGER NOT NULL, has TEXT NOT NULL, counts TEXT NOT NULL);
CREATE INDEX nodes_id ON nodes (id);
CREATE INDEX nodes_parent ON nodes (parent, ord);
CREATE TABLE codes (
  key INTEGER PRIMARY KEY, id TEXT NOT NULL, load INTEGER NOT NULL, attributes INTEGER NOT NULL,
  status TEXT NOT NULL, seen INTEGER NOT NULL);
CREATE UNIQUE INDEX codes_id ON codes (id, load);
CREATE TABLE attributes (
  key INTEGER PRIMARY KEY, status TEXT NOT NULL, status_text TEXT NOT NULL, name TEXT NOT NULL, face TEXT NOT NULL,
  valid_from TEXT NOT NULL, valid_to TEXT NOT NULL, remaining INTEGER NOT NULL,
  UNIQUE (status, status_text, name, face, valid_from, valid_to, remaining));
CREATE TABLE statuses (key INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE, text TEXT NOT NULL);
CREATE TABLE unchecked (load INTEGER PRIMARY KEY, after INTEGER NOT NULL, last INTEGER NOT NULL);
INSERT INTO nodes VALUES (1, 0, 0, '', 0, 0, 0, 0, '', 0, 0, 0, 0, 0, 0, '', '[]');
`

// Page caches are kept small: the whole counter has 64 MiB.
const (
	writing = "mode=rw&_busy_timeout=5000&_journal_mode=WAL&_synchronous=NORMAL&_cache_size=-3072"
	reading = sqlite.ReadOnly + "&_cache_size=-1024"
)

// Open opens or makes the catalog; a damaged one, one of another version, or
// what is no plain file is set aside as catalog.db.aside and begun anew. What a
// kill left staged is deleted in the background. With an error it returns a
// catalog too: an empty one that keeps nothing.
func Open(ctx context.Context, o Options) (*Catalog, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	c := &Catalog{opts: o, pace: usualPace}
	c.damage.found = make(chan struct{})
	err := c.openFiles(ctx)
	if o.ReadOnly {
		return c, nil // without a pool where that failed: it is empty
	}
	if errors.Is(err, ErrDamaged) {
		if err = c.setAside(); err == nil {
			err = c.openFiles(ctx)
		}
	}
	if err == nil {
		err = c.write((*tx).dropStaged)
	}
	if err != nil {
		c.opts.ReadOnly = true
		c.broke()
		return c, errors.Join(fmt.Errorf("open %s: %w", c.file(), err), c.closeFiles())
	}
	c.collector.start(c)
	return c, nil
}

func (c *Catalog) openFiles(ctx context.Context) (err error) {
	defer func() {
		if err != nil {
			err = errors.Join(judged(err), c.closeFiles())
		}
	}()
	if _, err := os.Lstat(c.marker()); err == nil {
		return fmt.Errorf("%w: noted by an earlier run", ErrDamaged)
	}
	for _, side := range sides {
		if err := files.Plain(c.file() + side); err != nil {
			return fmt.Errorf("%w: %w", ErrDamaged, err)
		}
	}
	if !c.opts.ReadOnly {
		// SQLite gives its side files the mode of this one. One that is there must
		// not be opened: closing it would drop the locks of this process.
		f, err := files.Open(c.file(), os.O_CREATE|os.O_EXCL|os.O_WRONLY)
		if err == nil {
			err = f.Close()
		}
		if err != nil && !errors.Is(err, os.ErrExist) {
			return err
		}
		if c.writer, err = sqlite.Open(sqlite.Name(c.file(), writing)); err != nil {
			return err
		}
		if err := prepare(c.writer); err != nil {
			return err
		}
	}
	c.pool = sqlite.NewPool(sqlite.Name(c.file(), reading), readers)
	return c.pool.Use(ctx, c.check)
}

// prepare makes the schema where the file is empty.
func prepare(w *sqlite.Conn) error {
	if err := w.Exec("PRAGMA journal_size_limit=8388608"); err != nil {
		return err
	}
	tables, err := w.Int("SELECT count(*) + (SELECT user_version FROM pragma_user_version) FROM sqlite_schema")
	if err != nil || tables != 0 {
		return err
	}
	return w.Script(fmt.Sprintf("BEGIN IMMEDIATE; %s PRAGMA user_version=%d; COMMIT", schema, schemaVersion))
}

// check reads a little of everything; it is no proof that all of the file is whole.
func (c *Catalog) check(conn *sqlite.Conn) error {
	version, err := conn.Int("PRAGMA user_version")
	if err != nil {
		return err
	}
	if version != schemaVersion {
		return fmt.Errorf("%w: version %d instead of %d", ErrDamaged, version, schemaVersion)
	}
	next, err := conn.Int("SELECT next FROM meta")
	if err != nil {
		return err
	}
	c.numbers = numbers{next, next}
	top, err := newTx(c, conn).node(topKey)
	if err == nil && (top == nil || next <= topKey) {
		err = fmt.Errorf("%w: no top node", ErrDamaged)
	}
	return err
}

func (c *Catalog) closeFiles() error {
	var errs []error
	if c.pool != nil {
		errs = append(errs, c.pool.Close())
	}
	if c.writer != nil {
		_ = c.writer.Exec("PRAGMA wal_checkpoint(TRUNCATE)")
		errs = append(errs, c.writer.Close())
	}
	c.pool, c.writer = nil, nil
	return errors.Join(errs...)
}

// sides are what SQLite adds to the file's name.
var sides = []string{"", "-wal", "-shm"}

func (c *Catalog) file() string   { return filepath.Join(c.opts.Dir, fileName) }
func (c *Catalog) marker() string { return c.file() + ".damaged" }

// setAside keeps one damaged file to look at; an older one goes.
func (c *Catalog) setAside() error {
	for _, side := range sides {
		aside := c.file() + ".aside" + side
		if foreign := files.Plain(c.file() + side); foreign != nil || files.Plain(aside) != nil {
			aside = unused(aside)
		}
		err := os.Rename(c.file()+side, aside)
		if errors.Is(err, os.ErrNotExist) {
			err = os.Remove(aside)
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

// unused is a name that nothing has: what others put here is moved, and nothing is moved over it.
func unused(path string) string {
	name := path
	for n := 2; ; n++ {
		if _, err := os.Lstat(name); err != nil {
			return name
		}
		name = fmt.Sprintf("%s-%d", path, n)
	}
}

func judged(err error) error {
	if err != nil && sqlite.ClassOf(err) == sqlite.Rows {
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
		if f, e := files.Open(c.marker(), os.O_CREATE|os.O_WRONLY); e == nil {
			_ = f.Close()
		}
	}
	if damaged || sqlite.ClassOf(err) == sqlite.IO {
		c.broke()
	}
	return err
}

func (c *Catalog) broke() { c.damage.Do(func() { close(c.damage.found) }) }
