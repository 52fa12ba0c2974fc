package journal

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"counterfoil/offline/sqlite"
)

// DatabaseName is the database's file in the data folder.
const DatabaseName = "counterfoil.db"

// Options say where the journal is and how it is opened.
type Options struct {
	Dir      string           // the data folder, made with mode 0700
	Now      func() time.Time // nil for time.Now; used for stamps only
	Log      *slog.Logger     // nil for none
	Reserve  int64            // bytes of ballast for a full disk; 0 for the default of 4 MiB
	ReadOnly bool             // no lock, no migration, no write: for commands beside an open counter
}

// Journal is an open data folder.
type Journal struct {
	o        Options
	file     string
	empty    bool // opened read-only where there is no database yet
	r        *sqlite.Pool
	w        *writer // nil when read-only
	lock     *folderLock
	reserve  *reserve
	salvaged *SalvageReport

	again  bool // opened by Reopen
	before Head // what the journal before it committed last
	halted bool // closed by Reopen, but for the lock

	background sync.WaitGroup
	stop       chan struct{}
	closing    sync.Once
	closeErr   error

	mu       sync.Mutex
	left     string // how the lock file will say the folder was left
	quick    string // quick_check's last answer, "" while it has none
	checking context.CancelFunc
}

// Open takes the folder's lock (waiting up to five seconds), checks what the
// database promises, migrates it and starts the writer. A damaged database is
// set aside whole and salvaged (Salvage says what was found).
// Errors: *LockedError, *NewerError, *OlderError, *DamagedError, ErrReadOnlyFolder.
func Open(ctx context.Context, o Options) (*Journal, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if _, number := sqlite.Version(); number < oldestSQLite {
		return nil, fmt.Errorf("journal: SQLite %d is older than %d, which may corrupt its WAL", number, oldestSQLite)
	}
	j := &Journal{o: o, file: filepath.Join(o.Dir, DatabaseName), stop: make(chan struct{})}
	if o.ReadOnly {
		if err := j.openReadOnly(ctx); err != nil {
			return nil, err
		}
		return j, nil
	}
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, folderError(err)
	}
	if err := unix.Access(o.Dir, unix.W_OK); err != nil {
		return nil, folderError(err)
	}
	lock, err := takeLock(ctx, o.Dir, lockPatience)
	if err != nil {
		return nil, err
	}
	j.lock = lock
	if err := j.open(ctx); err != nil {
		return nil, errors.Join(err, j.abandon())
	}
	return j, nil
}

// oldestSQLite is 3.51.3: an older one can lose a WAL's reset and corrupt the database.
const oldestSQLite = 3051003

// abandon frees what a failed opening holds and leaves the folder as it was found.
func (j *Journal) abandon() error { return errors.Join(j.letGo(), j.lock.free()) }

func (j *Journal) open(ctx context.Context) error {
	files, err := migrations()
	if err != nil {
		return err
	}
	found, err := j.examine(ctx, files)
	if err != nil {
		return err
	}
	if err := j.prepare(ctx, files, found); err != nil {
		return folderError(err)
	}
	if err := j.refold(); err != nil {
		return err
	}
	j.w.lengthen()
	j.reserve = newReserve(j.o.Dir, j.o.Reserve)
	if err := j.reserve.hold(); err != nil {
		j.o.Log.Warn("the reserve for a full disk cannot be held", "error", err)
	}
	if err := j.leave(leftOpen); err != nil {
		j.o.Log.Warn("the lock file cannot say who holds it", "error", err)
	}
	j.background.Add(1)
	go j.housekeep(j.stop)
	if err := j.noteFindings(ctx, found); err != nil {
		return errors.Join(err, j.endWorkers())
	}
	if found.left == leftOpen && j.salvaged == nil {
		j.checkSoon()
	}
	return nil
}

// prepare opens the connections on a database that was found sound, migrating it first.
func (j *Journal) prepare(ctx context.Context, files fs.FS, found finding) error {
	want, err := newestSchema(files)
	if err != nil {
		return err
	}
	if found.schema < want {
		// Made here so that SQLite gives the WAL and its index the same mode.
		if err := touch(j.file); err != nil {
			return err
		}
		if err := migrate(ctx, j.file, files, found.schema, want); err != nil {
			return err
		}
	}
	c, err := openWriter(j.file)
	if err != nil {
		return err
	}
	head, err := readHead(c)
	if err != nil {
		return errors.Join(err, c.Close())
	}
	if err := j.takeReport(c); err != nil {
		return errors.Join(err, c.Close())
	}
	if j.w, err = newWriter(j, c, head); err != nil {
		return errors.Join(err, c.Close())
	}
	j.r = sqlite.NewPool(sqlite.Name(j.file, sqlite.ReadOnly), maxReaders)
	return nil
}

// maxReaders bounds the read-only connections: a screen, an export, a check and one to spare.
const maxReaders = 4

// reading reads over these connections.
func (j *Journal) reading(ctx context.Context) eachRow {
	return func(query string, args []any, fn func(sqlite.Row) error) error { return j.r.Each(ctx, query, args, fn) }
}

// writerCache is the writer's cache of pages, in kB.
const writerCache = "cache_size=-8000"

// openWriter opens the writing connection and holds SQLite to what was asked.
func openWriter(file string) (*sqlite.Conn, error) {
	// One goroutine owns it: SQLite need not guard it with mutexes again.
	c, err := sqlite.Open(sqlite.Name(file, "_txlock=immediate&_busy_timeout=5000&_mutex=no"))
	if err != nil {
		return nil, err
	}
	err = c.Script(fmt.Sprintf(`PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=%d;
		PRAGMA journal_size_limit=4194304; PRAGMA temp_store=MEMORY; PRAGMA %s; PRAGMA cell_size_check=ON; PRAGMA trusted_schema=OFF`,
		logPages, writerCache))
	if err == nil {
		err = promise(c)
	}
	if err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

// promise asserts that a commit is durable: the driver's own default is not.
func promise(c *sqlite.Conn) error {
	mode, err := c.Text("PRAGMA journal_mode")
	if err != nil {
		return err
	}
	level, err := c.Int("PRAGMA synchronous")
	if err != nil {
		return err
	}
	if mode != "wal" || level != 2 {
		return fmt.Errorf("journal: commits would not be durable: journal_mode %s, synchronous %d", mode, level)
	}
	return nil
}

func touch(file string) error {
	f, err := os.OpenFile(file, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

// leave writes into the lock file how the folder would be found if the process died now.
func (j *Journal) leave(how string) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.left == leftDamaged {
		return nil
	}
	j.left = how
	return j.lock.write(how)
}

// endWorkers stops the goroutines and waits for them; what waits to be written is refused.
func (j *Journal) endWorkers() error {
	j.w.queue.close()
	close(j.stop)
	j.mu.Lock()
	if j.checking != nil {
		j.checking()
	}
	j.mu.Unlock()
	j.background.Wait()
	return nil
}

// Close commits what has begun, folds the WAL into the database, writes the
// chain's head and frees the lock. It may be called twice.
func (j *Journal) Close() error {
	j.closing.Do(func() { j.closeErr = j.close() })
	return j.closeErr
}

func (j *Journal) close() error {
	if j.w == nil {
		if j.r == nil {
			return nil
		}
		return j.r.Close()
	}
	if j.halted {
		if j.lock == nil {
			return nil // Reopen gave the folder to another
		}
		return j.lock.free()
	}
	err := j.endWorkers()
	if j.w.broken.Load() == nil {
		j.w.projectAll()
		err = errors.Join(err, j.r.Close())
		j.w.fold("RESTART")
		err = errors.Join(err, j.w.c.Close())
	} else {
		err = errors.Join(err, j.closeAsIs())
	}
	err = errors.Join(err, headFileOf(j.o.Dir).write(*j.w.head.Load()))
	if j.w.broken.Load() == nil {
		err = errors.Join(err, j.leave(leftClosed))
	}
	return errors.Join(err, j.lock.free())
}

func readHead(c *sqlite.Conn) (Head, error) {
	seq, err := c.Int(`SELECT max(seq) FROM events`)
	if err != nil || seq == 0 {
		return Head{}, err
	}
	hash, err := c.Text(`SELECT hash FROM events WHERE seq=?`, seq)
	return Head{Seq: seq, Hash: hash}, err
}
