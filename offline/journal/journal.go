package journal

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"counterfoil/offline/journal/chain"
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
	Counter  chain.Counter    // whose journal it must be
	Space    func()           // called when a full disk has space again; nil for none
}

// complete fills in the defaults.
func (o Options) complete() Options {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Space == nil {
		o.Space = func() {}
	}
	return o
}

func (o Options) file() string { return filepath.Join(o.Dir, DatabaseName) }

// Journal is an open data folder.
type Journal struct {
	o       Options
	folder  *Folder // nil when read-only
	empty   bool    // opened read-only where there is no database yet
	r       *sqlite.Pool
	w       *writer // nil when read-only
	reserve *reserve
	// quick is the answer of the quick_check in the background: "" while it runs,
	// nil where none ran.
	quick atomic.Pointer[string]

	background background
	halted     bool         // closed by Halt, but for the lock
	closed     func() error // close, once
}

// background is what runs beside the callers.
type background struct {
	sync.WaitGroup
	running context.Context // ends with the journal
	stop    context.CancelFunc
}

// end stops the goroutines and waits for them; what waits to be written is refused.
func (b *background) end() {
	b.stop()
	b.Wait()
}

func newJournal(o Options, f *Folder) *Journal {
	running, stop := context.WithCancel(context.Background())
	j := &Journal{o: o, folder: f, background: background{running: running, stop: stop}}
	j.closed = sync.OnceValue(j.close)
	return j
}

// Open locks a folder and opens it, trusting what is there; the counter uses
// salvage.Open, which checks first. ReadOnly opens beside whoever holds the lock.
// Errors: *LockedError, *NewerError, *OlderError, *DamagedError, ErrReadOnlyFolder.
func Open(ctx context.Context, o Options) (*Journal, error) {
	if o.ReadOnly {
		return openReadOnly(ctx, o.complete())
	}
	f, err := Lock(ctx, o)
	if err != nil {
		return nil, err
	}
	if f.Left() == LeftDamaged {
		return nil, errors.Join(&DamagedError{Path: f.File(), Cause: errors.New("found by the last run")}, f.Unlock())
	}
	// A writing connection would fold the log of a newer database in as it is closed.
	err = f.look(func(*sqlite.Conn, int64) error { return nil })
	if err != nil {
		return nil, errors.Join(folderError(err), f.Unlock())
	}
	j, err := f.Open(ctx)
	if err != nil {
		return nil, errors.Join(err, f.Unlock())
	}
	return j, nil
}

// oldestSQLite is 3.51.3: an older one can lose a WAL's reset and corrupt the database.
const oldestSQLite = 3051003

// Open migrates the database and starts the writer. The journal then holds the
// folder and frees its lock at Close. After a Halt a first commit proves that
// the device takes one. Where Open fails it can be tried again.
// Errors: *NewerError, ErrReadOnlyFolder, and those of SQLite.
func (f *Folder) Open(ctx context.Context) (*Journal, error) {
	if text, number := sqlite.Version(); number < oldestSQLite {
		return nil, fmt.Errorf("journal: SQLite %s is older than 3.51.3, which may corrupt its log", text)
	}
	j := newJournal(f.o, f)
	err := j.open(ctx)
	if err == nil && f.cause != nil {
		err = j.Write(ctx, func(t *Tx) error { return t.Append(reopenedEvent, map[string]any{"cause": f.cause.Error()}) })
		err = errors.Join(err, j.Damaged())
	}
	if err != nil {
		return nil, errors.Join(err, j.abandon())
	}
	f.holder, f.cause = j, nil
	return j, nil
}

// reopenedEvent begins what was written after the journal was opened again.
const reopenedEvent = "reopened"

func (j *Journal) open(ctx context.Context) error {
	left := j.folder.Left()
	copied, trouble := j.folder.Copied()
	if err := j.prepare(ctx); err != nil {
		return folderError(err)
	}
	if err := j.refold(); err != nil {
		return err
	}
	j.reserve = newReserve(j.o.Dir, j.o.Reserve)
	if err := j.reserve.hold(); err != nil {
		j.o.Log.Warn("the reserve for a full disk cannot be held", "error", err)
	}
	if j.w.head.Load().Seq == 0 {
		j.copyHead(*j.w.head.Load()) // before the folder counts as used: then a copy that is missing tells something
	}
	j.leave(LeftOpen)
	j.background.Go(j.w.keep)
	if err := j.checkCopy(ctx, left, copied, trouble); err != nil {
		return err
	}
	if err := j.identify(ctx); err != nil {
		return err
	}
	head := *j.w.head.Load() // the identity is in it before anything else is accepted
	// Who closed the folder had the copy on disk before saying so.
	if is := left == LeftClosed && trouble == "" && copied == head; !is && !j.copyHead(head) {
		head = chain.Head{}
	}
	j.background.Go(func() { j.housekeep(head) })
	if left == LeftOpen {
		j.checkSoon()
	}
	return nil
}

// prepare migrates the database and opens the connections to it.
func (j *Journal) prepare(ctx context.Context) error {
	c, have, err := openWriter(j.o.file())
	if err == nil && have < newestSchema {
		if err = c.Close(); err == nil {
			err = migrateToNewest(ctx, j.o.file(), have)
		}
		if err == nil {
			c, _, err = openWriter(j.o.file())
		}
		if err == nil && c == nil {
			err = &fs.PathError{Op: "open", Path: j.o.file(), Err: fs.ErrNotExist} // somebody removed it just now
		}
	}
	if err == nil {
		err = promise(c)
	}
	if err != nil {
		return errors.Join(err, c.Close())
	}
	head, err := readHead(c)
	if err != nil {
		return errors.Join(err, c.Close())
	}
	if j.w, err = newWriter(j, c, head); err != nil {
		return errors.Join(err, c.Close())
	}
	j.r = sqlite.NewPool(sqlite.Name(j.o.file(), sqlite.ReadOnly+"&_cache_size=-1024"), maxReaders)
	return nil
}

// maxReaders bounds the read-only connections: a screen, an export, a check and one to spare.
const maxReaders = 4

func (j *Journal) reading(ctx context.Context) chain.Reading {
	return func(query string, args []any, fn func(sqlite.Row) error) error { return j.r.Each(ctx, query, args, fn) }
}

// writerCache is the writer's cache of pages, in kB.
const writerCache = "cache_size=-5000"

// openWriter opens the writing connection, nil where there is no database yet.
func openWriter(file string) (c *sqlite.Conn, schema int64, err error) {
	return openAt(file, sqlite.Name(file, "_txlock=immediate&_busy_timeout=5000"))
}

// promise asks SQLite for commits that are durable, which the driver's own default
// is not, and asserts that they are.
func promise(c *sqlite.Conn) error {
	err := c.Script(fmt.Sprintf(`PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=%d;
		PRAGMA journal_size_limit=4194304; PRAGMA temp_store=MEMORY; PRAGMA %s; PRAGMA cell_size_check=ON; PRAGMA trusted_schema=OFF`,
		logPages, writerCache))
	if err != nil {
		return err
	}
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

// leave notes how the folder would be found if the process died now.
func (j *Journal) leave(how string) {
	if err := j.folder.Leave(how); err != nil {
		j.o.Log.Warn("the lock file cannot be written", "state", how, "error", err)
	}
}

// closeAsIs closes the connections and leaves the log as it is for the next
// opening to check: the last to close is one that may not fold it in.
func (j *Journal) closeAsIs() error { return errors.Join(j.w.c.Close(), j.r.Close()) }

// abandon closes what a failed opening made.
func (j *Journal) abandon() error {
	if j.w == nil {
		return nil
	}
	j.background.end()
	if tried := j.w.tx.tried; tried.Seq > 0 {
		j.folder.tried = tried
	}
	return j.closeAsIs()
}

// Close commits what has begun, folds the WAL into the database, writes the
// chain's head and frees the lock. It may be called twice.
func (j *Journal) Close() error { return j.closed() }

func (j *Journal) close() error {
	if j.w == nil {
		return j.r.Close()
	}
	if j.halted {
		if j.folder.holder != j {
			return nil // another journal has the folder
		}
		return j.folder.Unlock()
	}
	j.background.end()
	var err error
	if j.w.broken() == nil {
		j.w.projectAll()
		err = j.r.Close()
		j.w.fold("RESTART")
		err = errors.Join(err, j.w.c.Close())
	} else {
		err = j.closeAsIs()
	}
	unsaid := headFileOf(j.o.Dir).write(*j.w.head.Load())
	if broken := j.w.broken(); unsaid == nil && (broken == nil || errors.Is(broken, ErrStale)) {
		j.leave(LeftClosed) // the copy names the last event that is ours
	}
	err = errors.Join(err, unsaid)
	return errors.Join(err, j.folder.Unlock())
}

// errAsked is the cause of a halt that nothing but its caller asked for.
var errAsked = errors.New("asked for")

// Halt ends a journal that stopped accepting and returns its folder, still
// locked, to be checked and opened again. Readers get ErrDamaged. It may be
// called again until that succeeds; then this journal is of no more use. It must
// not run beside Close. Error: ErrReadOnly.
func (j *Journal) Halt() (*Folder, error) {
	if j.w == nil || j.folder.holder != j {
		return nil, ErrReadOnly
	}
	j.Distrust(errAsked) // readers are told why they end
	if !j.halted {
		j.halted = true
		j.background.end()
		if err := j.closeAsIs(); err != nil {
			j.o.Log.Warn("closing what stopped accepting", "error", err)
		}
		j.folder.last, j.folder.tried, j.folder.cause = *j.w.head.Load(), j.w.tx.tried, j.w.broken()
	}
	return j.folder, nil
}

// refold carries the log into the database before anything is added at a
// reopening: pages that the device failed to sync count as synced since, and
// only writing them once more makes them durable. A full disk is not the
// device's failure.
func (j *Journal) refold() error {
	if j.folder.cause == nil {
		return nil
	}
	err := j.w.c.Script("PRAGMA wal_checkpoint(TRUNCATE)")
	if sqlite.ClassOf(err) == sqlite.Full {
		return nil
	}
	return err
}

func readHead(c *sqlite.Conn) (chain.Head, error) {
	seq, err := c.Int(sqlLast)
	if err != nil || seq == 0 {
		return chain.Head{}, err
	}
	hash, err := c.Text(`SELECT hash FROM events WHERE seq=?`, seq)
	return chain.Head{Seq: seq, Hash: hash}, err
}
