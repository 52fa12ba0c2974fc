package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"sync"

	"github.com/pressly/goose/v3"

	"counterfoil/assets"
	"counterfoil/offline/files"
	"counterfoil/offline/journal/chain"
	"counterfoil/offline/sqlite"
)

// newestSchema is the highest number among the migrations.
const newestSchema = 9

// migrations are the journal's goose files.
func migrations() (fs.FS, error) { return fs.Sub(assets.Migrations, "migrations") }

// schemaOf reads the database's schema; 0 for a database that has none yet. One with
// events has a schema: without the table of its number this is an error, and with an
// empty one an sqlite.ErrUnreadable.
func schemaOf(c *sqlite.Conn) (int64, error) {
	events, err := c.Int(`SELECT count(*) FROM sqlite_master WHERE type='table' AND name='events'`)
	if err != nil {
		return 0, err
	}
	versioned, err := c.Int(`SELECT count(*) FROM sqlite_master WHERE type='table' AND name=?`, chain.VersionTable)
	if err != nil || versioned+events == 0 {
		return 0, err
	}
	have, err := c.Int(`SELECT max(version_id) FROM ` + chain.VersionTable + ` WHERE is_applied`)
	if err == nil && have == 0 && events > 0 {
		err = fmt.Errorf("%w: the number of its schema is not told", sqlite.ErrUnreadable)
	}
	return have, err
}

// pageSize is that of the databases made here; those made with another keep theirs.
const pageSize = 4096

// migrateToNewest brings the database at file from schema have to the newest, and
// makes one where there is none.
func migrateToNewest(ctx context.Context, file string, have int64) error {
	// Made here so that SQLite gives the WAL and its index the same mode.
	if err := touch(file); err != nil {
		return err
	}
	files, err := migrations()
	if err == nil {
		err = migrate(ctx, file, files, have, newestSchema)
	}
	return err
}

func touch(file string) error {
	f, err := files.Open(file, os.O_RDWR|os.O_CREATE)
	if err != nil {
		return err
	}
	return f.Close()
}

// migrate brings the database at file from schema have to want. What holds rows
// already is copied first, to file + ".before-<want>". Error: sqlite.ErrUnreadable.
func migrate(ctx context.Context, file string, files fs.FS, have, want int64) error {
	if have > 0 {
		if err := copyBefore(file, want); err != nil {
			return err
		}
	}
	if err := migrateTo(ctx, sqlite.Name(file, "_txlock=immediate&_busy_timeout=5000&_synchronous=FULL"), files); err != nil {
		err = fmt.Errorf("journal: migration to %d: %w", want, err)
		if have > 0 && ctx.Err() == nil && sqlite.ClassOf(err) == sqlite.Other {
			err = fmt.Errorf("%w: %w", sqlite.ErrUnreadable, err) // its schema is not the one that it names
		}
		return err
	}
	return nil
}

// migrateTo runs all migrations on the database that name addresses.
func migrateTo(ctx context.Context, name string, files fs.FS) error {
	db, err := sql.Open("sqlite3", name)
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(1)
	if _, err := db.ExecContext(ctx, fmt.Sprintf("PRAGMA page_size=%d", pageSize)); err != nil {
		return errors.Join(err, db.Close())
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, db, files, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return errors.Join(err, db.Close())
	}
	_, err = p.Up(ctx)
	return errors.Join(err, db.Close())
}

// copyBefore keeps the database as it was before a migration. A copy from a try
// that did not end is replaced: the database itself is still the old one.
func copyBefore(file string, want int64) error {
	to := fmt.Sprintf("%s.before-%d", file, want)
	if err := os.Remove(to); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	err := vacuumInto(file, to)
	if err == nil {
		files.Give(to)
	}
	return err
}

// vacuumInto writes a consistent copy of the database to a new file of mode 0600 and syncs it.
func vacuumInto(file, to string) error {
	f, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		if errors.Is(err, fs.ErrExist) {
			return fmt.Errorf("%w: %s", ErrExists, to)
		}
		return err
	}
	defer f.Close()
	c, err := sqlite.Open(sqlite.Name(file, "mode=ro&_busy_timeout=5000"))
	if err == nil {
		err = c.Exec("VACUUM INTO ?", to)
		err = errors.Join(err, c.Close())
	}
	if err == nil {
		err = f.Sync()
	}
	if err != nil {
		return errors.Join(err, os.Remove(to))
	}
	return files.SyncDir(path.Dir(to))
}

// made is the structure that the migrations make.
var made = sync.OnceValues(func() (s sqlite.Structure, err error) {
	const name = "file:structure?mode=memory&cache=shared"
	c, err := sqlite.Open(name) // keeps it while it is migrated
	if err != nil {
		return s, err
	}
	files, err := migrations()
	if err == nil {
		err = migrateTo(context.Background(), name, files)
	}
	if err == nil {
		s, err = sqlite.StructureOf(c, chain.VersionTable)
	}
	return s, errors.Join(err, c.Close())
})

// complete looks whether a database of the newest schema has all its tables and columns.
func complete(c *sqlite.Conn) error {
	all, err := made()
	if err == nil {
		err = all.Complete(c)
	}
	return err
}
