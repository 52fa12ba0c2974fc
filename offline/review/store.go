package review

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"counterfoil/api"
	"counterfoil/offline/files"
	"counterfoil/offline/operation"
	"counterfoil/offline/review/marks"
	"counterfoil/offline/sqlite"
)

const (
	fileName = "records.db"
	// schemaVersion goes up with every change of the schema: another version is begun anew.
	schemaVersion = 3
	looksKept     = 35 * 24 * time.Hour
)

// Times are milliseconds; at is 0 where the platform's text is no time. Of a
// code fetched is 0 until its records were had once, and trouble says why they
// could not be had last; most is the highest number of remaining times ever seen,
// -1 for none, and seen when it was seen first. What holds a code is named by its
// key among the holders, 0 for unknown. place orders records nearly as their codes'
// texts do.
const tables = `
CREATE TABLE meta (kinds TEXT NOT NULL);
CREATE TABLE holders (key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE);
INSERT INTO holders VALUES (0, '');
CREATE TABLE codes (
  key INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE, reel INTEGER NOT NULL, pkg INTEGER NOT NULL, box INTEGER NOT NULL, most INTEGER NOT NULL,
  seen INTEGER NOT NULL, fetched INTEGER NOT NULL, trouble TEXT NOT NULL, records INTEGER NOT NULL);
CREATE UNIQUE INDEX codes_reel ON codes (reel, code);
CREATE UNIQUE INDEX codes_pkg ON codes (pkg, code);
CREATE UNIQUE INDEX codes_box ON codes (box, code);
CREATE TABLE records (
  key INTEGER PRIMARY KEY, code INTEGER NOT NULL, at INTEGER NOT NULL, kind TEXT NOT NULL, ok INTEGER NOT NULL, shop TEXT NOT NULL, tid TEXT NOT NULL,
  marks TEXT NOT NULL, times INTEGER NOT NULL, reel INTEGER NOT NULL, pkg INTEGER NOT NULL, box INTEGER NOT NULL, place INTEGER NOT NULL, data TEXT NOT NULL);
CREATE TRIGGER held AFTER UPDATE OF reel, pkg, box ON codes WHEN (old.reel, old.pkg, old.box) <> (new.reel, new.pkg, new.box)
  BEGIN UPDATE records SET reel=new.reel, pkg=new.pkg, box=new.box WHERE code=new.key; END;
CREATE TABLE looks (key INTEGER PRIMARY KEY, at INTEGER NOT NULL, operator TEXT NOT NULL, id TEXT NOT NULL, entered TEXT NOT NULL, inactive INTEGER NOT NULL);
CREATE INDEX looks_at ON looks (at);
CREATE INDEX looks_id ON looks (id);
`

// schema is the tables and, for what a review may be of, an index for each order
// of its records. They hold what a filter asks for, so that rows which it leaves
// out are not read. A code's and a reel's records are few, and sorted when asked for.
// By code, what one shop used may begin after all the others' of a box: there the
// rows of one value have an index of their own.
func schema() string {
	all := tables
	for _, scope := range []string{"code", "reel", "pkg", "box"} {
		for _, by := range ordered(scope) {
			columns := []string{scope, string(by)}
			for _, c := range []string{"at", "key", "kind", "shop", "tid", "ok"} {
				if c != string(by) {
					columns = append(columns, c)
				}
			}
			all += fmt.Sprintf("CREATE INDEX records_%s_%s ON records (%s);\n", scope, by, strings.Join(columns, ", "))
		}
	}
	for _, by := range apart {
		all += fmt.Sprintf("CREATE INDEX records_box_%s_code ON records (box, %[1]s, place, kind);\n", by)
	}
	return all
}

// Page caches are kept small: the whole counter has 64 MiB.
const (
	writing = "mode=rwc&_busy_timeout=5000&_journal_mode=WAL&_synchronous=NORMAL&_cache_size=-4096"
	reading = sqlite.ReadOnly + "&_cache_size=-1024"
	readers = 3
)

// Settings are the configuration's [review].
type Settings struct {
	MaxAge time.Duration              // records younger than this are not fetched again
	Kinds  map[string]string          // what the platform's types mean
	Marks  map[string]marks.Threshold // by rule
}

// Code is a code and what holds it; Remaining is how often it could still be
// used when it was seen, -1 for unknown.
type Code struct {
	ID             string
	Reel, Pkg, Box string
	Remaining      int
	Seen           time.Time
}

// Options are what the room is given from outside.
type Options struct {
	Settings
	Dir  string
	Zone *time.Location
	Now  func() time.Time
	// Beside keeps nothing in the data folder: another program has it.
	Beside   bool
	Parallel int // calls at once
	// Ask asks the platform for a code's records, once it may.
	Ask func(context.Context, api.ID) (api.Answer, []api.Record)
	// Operations are those on any of the ids, oldest first, whole.
	Operations func(context.Context, []string) ([]operation.Operation, error)
	// OfDay are the operations of a business day, oldest first.
	OfDay func(context.Context, string) ([]operation.Operation, error)
	Face  func(context.Context, string) int64 // of one of an id's codes, in fen; 0 for unknown
	Shop  marks.Shop
}

// Room is the open room; its file is opened by the first call that needs it.
type Room struct {
	o    Options
	lock sync.Mutex // guards what follows, and the writer's use
	w    *sqlite.Conn
	r    *sqlite.Pool
	dir  string // of the file; beside another program a passing one
	gone bool   // closed for good
}

// New returns a room that has opened nothing.
func New(o Options) *Room { return &Room{o: o} }

// open opens the file, or begins a new one where it cannot be used. r.lock is held.
func (r *Room) open() (err error) {
	switch {
	case r.gone:
		return sqlite.ErrClosed
	case r.w != nil:
		return nil
	}
	if r.dir = r.o.Dir; r.o.Beside {
		if r.dir, err = os.MkdirTemp("", "counterfoil-review-"); err != nil {
			return err
		}
	}
	if err = r.openFile(); sqlite.ClassOf(err) == sqlite.Rows || errors.Is(err, errOther) {
		err = errors.Join(r.drop(), r.openFile())
	}
	if err != nil {
		return errors.Join(err, r.shut())
	}
	return nil
}

// errOther: a file of another version, or whose types meant something else.
var errOther = errors.New("review: the file is of another version")

func (r *Room) openFile() error {
	file := filepath.Join(r.dir, fileName)
	for _, side := range []string{"", "-wal", "-shm"} {
		if err := files.Plain(file + side); err != nil {
			return err
		}
	}
	f, err := files.Open(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY) // for its mode
	if err == nil {
		err = f.Close()
	}
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	if r.w, err = sqlite.Open(sqlite.Name(file, writing)); err != nil {
		return err
	}
	r.r = sqlite.NewPool(sqlite.Name(file, reading), readers)
	version, err := r.w.Int(`PRAGMA user_version`)
	kinds := fmt.Sprint(r.o.Kinds) // a map prints in order
	if err == nil && version == 0 {
		err = errors.Join(r.w.Script(fmt.Sprintf("BEGIN IMMEDIATE; %s PRAGMA user_version=%d; COMMIT", schema(), schemaVersion)),
			r.w.Exec(`INSERT INTO meta VALUES (?)`, kinds))
	}
	was, kindsErr := r.w.Text(`SELECT kinds FROM meta`)
	switch err = errors.Join(err, kindsErr); {
	case err != nil:
		return err
	case version > 0 && version != schemaVersion, was != kinds:
		return errOther
	}
	return r.w.Exec(`DELETE FROM looks WHERE at < ?`, r.o.Now().Add(-looksKept).UnixMilli())
}

// drop closes and removes a file that cannot be used.
func (r *Room) drop() (err error) {
	err = r.closeFile()
	for _, side := range []string{"", "-wal", "-shm"} {
		if e := os.Remove(filepath.Join(r.dir, fileName) + side); !errors.Is(e, fs.ErrNotExist) {
			err = errors.Join(err, e)
		}
	}
	return err
}

func (r *Room) closeFile() (err error) {
	if r.r != nil {
		err = r.r.Close()
	}
	err = errors.Join(err, r.w.Close())
	r.w, r.r = nil, nil
	return err
}

func (r *Room) shut() error {
	err := r.closeFile()
	if r.o.Beside && r.dir != "" {
		err = errors.Join(err, os.RemoveAll(r.dir))
	}
	return err
}

// Close closes the file.
func (r *Room) Close() error {
	r.lock.Lock()
	defer r.lock.Unlock()
	r.gone = true
	return r.shut()
}

// write runs fn in one transaction, which no context cuts. A damaged file is
// begun anew by the next call.
func (r *Room) write(fn func(*sqlite.Conn) error) error {
	r.lock.Lock()
	defer r.lock.Unlock()
	if err := r.open(); err != nil {
		return err
	}
	err := r.w.Exec("BEGIN IMMEDIATE")
	if err == nil {
		err = fn(r.w)
	}
	if err == nil {
		err = r.w.Exec("COMMIT")
	}
	if err != nil && !r.w.AutoCommit() {
		err = errors.Join(err, r.w.Script("ROLLBACK"))
	}
	return r.judge(err)
}

// judge drops a file that turned out to be damaged. r.lock is held.
func (r *Room) judge(err error) error {
	if sqlite.ClassOf(err) == sqlite.Rows {
		err = errors.Join(err, r.drop())
	}
	return err
}

// read runs fn over a reading connection.
func (r *Room) read(ctx context.Context, fn func(*sqlite.Conn) error) error {
	r.lock.Lock()
	err := r.open()
	pool := r.r
	r.lock.Unlock()
	if err != nil {
		return err
	}
	if err = pool.Use(ctx, fn); sqlite.ClassOf(err) == sqlite.Rows {
		r.lock.Lock()
		defer r.lock.Unlock()
		return r.judge(err)
	}
	return err
}

// NoteLook keeps that somebody looked an id up here.
func (r *Room) NoteLook(l marks.Look, entered operation.Entered) error {
	return r.write(func(c *sqlite.Conn) error {
		return c.Exec(`INSERT INTO looks (at, operator, id, entered, inactive) VALUES (?,?,?,?,?)`,
			l.At.UnixMilli(), l.Operator, l.ID, string(entered), number(l.Inactive))
	})
}

func number(is bool) int64 {
	if is {
		return 1
	}
	return 0
}
