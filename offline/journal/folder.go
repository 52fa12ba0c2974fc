package journal

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"counterfoil/offline/files"
	"counterfoil/offline/journal/chain"
	"counterfoil/offline/sqlite"
)

// Names in a data folder; one may end in *. One of marks makes the folder ours, and
// ours are our other files in it. Those of beside do not make it somebody else's:
// nothing is lost with them, or a start never opens them.
var (
	marks = []string{DatabaseName, DatabaseName + ".salvaged", copyName}
	ours  = []string{
		lockName, reserveName, copyName + ".new", DatabaseName + "-wal", DatabaseName + "-shm", DatabaseName + "-journal",
		"counterfoil.log", "export.key", DatabaseName + ".*", "catalog.db*", "records.db*", "baskets.json*",
		"reconcile.part*", "slips*", "slips/*", "exports*",
	}
	beside = []string{"counterfoil-*", "lost+found*"}
)

const lockName = "lock"

// CheckFolder looks whether dir may be used as a data folder, and whether it
// holds a journal. It changes nothing. Errors: *files.ForeignError.
func CheckFolder(dir string) (holds bool, err error) {
	holds, err = files.Folder(dir, marks, slices.Concat(ours, beside))
	return holds || err == nil && worked(dir), folderError(err)
}

// Free refuses names for new files that a counter uses in its data folder, ours or
// another's: a start would take what is written there for its own.
// Error: *files.ForeignError.
func Free(paths ...string) error { return files.Free(marks, ours, paths) }

// LostDatabase reports whether dir has no database of ours, nor one that an
// interrupted salvage left: none, an empty one, or one without our tables.
func LostDatabase(dir string) bool {
	j := Journal{o: Options{Dir: dir}}
	found := fileExists(j.o.file()+".salvaged") && !fileExists(j.o.file())
	err := lookAt(j.o.file(), j.readOnlyName(), func(*sqlite.Conn, int64) error {
		found = true
		return nil
	})
	return err == nil && !found
}

// How a data folder was left, as the lock file says.
const (
	LeftClosed  = "closed"
	LeftOpen    = "open"    // while it is open, and where the process died
	LeftDamaged = "damaged" // damage was met, and is not salvaged yet
)

// lockPatience is how long a second writer waits for the first one to end.
const lockPatience = 5 * time.Second

// Folder is a data folder whose lock this process holds: what package salvage
// works on before the journal is opened, at the start and when it is reopened.
type Folder struct {
	o    Options
	lock *os.File // the system frees the lock when the process dies

	mu     sync.Mutex
	left   string     // how it was left, "" for a new folder
	holder *Journal   // that frees the lock when it is closed
	last   chain.Head // what an earlier journal of this process committed last
	tried  chain.Head // what one of them tried to commit last: it may be stored
	cause  error      // why that one stopped, nil at a start
}

// Lock makes the folder where there is none and takes its lock, waiting up to
// five seconds. Errors: *files.ForeignError, *LockedError, ErrReadOnlyFolder.
func Lock(ctx context.Context, o Options) (*Folder, error) { return takeLock(ctx, o, lockPatience) }

func takeLock(ctx context.Context, o Options, patience time.Duration) (*Folder, error) {
	if err := files.Make(o.Dir); err != nil {
		return nil, folderError(err)
	}
	if _, err := CheckFolder(o.Dir); err != nil {
		return nil, err
	}
	if err := unix.Access(o.Dir, unix.W_OK); err != nil {
		return nil, folderError(&fs.PathError{Op: "write", Path: o.Dir, Err: err})
	}
	path := filepath.Join(o.Dir, lockName)
	lock, err := files.Open(path, os.O_RDWR|os.O_CREATE)
	if err != nil {
		return nil, folderError(err)
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	tick := time.NewTicker(25 * time.Millisecond)
	defer tick.Stop()
	for {
		err = unix.Flock(int(lock.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if err == nil {
			return &Folder{o: o.complete(), lock: lock, left: howLeft(o.Dir)}, nil
		}
		if !errors.Is(err, unix.EWOULDBLOCK) && !errors.Is(err, unix.EINTR) {
			_ = lock.Close()
			return nil, fmt.Errorf("journal: lock: %w", err)
		}
		select {
		case <-ctx.Done():
			pid, program, _ := readLock(path)
			_ = lock.Close()
			return nil, &LockedError{PID: pid, Program: program}
		case <-tick.C:
		}
	}
}

// Hold takes the lock anew where the lock file is not the one that was locked:
// somebody removed or exchanged it, and others may have the folder. Errors: those of Lock.
func (f *Folder) Hold(ctx context.Context) error {
	err := f.held()
	if !errors.Is(err, ErrLockLost) {
		return err
	}
	next, err := takeLock(ctx, f.o, 0)
	if err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	_ = f.lock.Close()
	f.lock = next.lock
	return nil
}

// held looks whether the folder is still ours, and its lock file the one that is locked.
func (f *Folder) held() error {
	if _, err := CheckFolder(f.o.Dir); err != nil {
		return err
	}
	locked, err := f.lock.Stat()
	if err != nil {
		return err
	}
	if there, err := os.Lstat(filepath.Join(f.o.Dir, lockName)); err != nil || !os.SameFile(locked, there) {
		return ErrLockLost
	}
	return nil
}

// Unlock frees the lock. A journal opened from the folder does that at its Close.
func (f *Folder) Unlock() error {
	// A program that is just being started has the file too, for a moment: closing
	// alone would leave the lock with it.
	_ = unix.Flock(int(f.lock.Fd()), unix.LOCK_UN)
	return f.lock.Close()
}

// Options are those it was locked with.
func (f *Folder) Options() Options { return f.o }

// File is the path of the database.
func (f *Folder) File() string { return f.o.file() }

// Left is how the folder was left, "" for a new one.
func (f *Folder) Left() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.left
}

// Leave notes in the lock file how the folder would be found if the process died now.
func (f *Folder) Leave(how string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.left = how
	text := fmt.Sprintf("%d %.64s\n%s\n", os.Getpid(), programName(os.Args), how)
	_, err := f.lock.WriteAt(fmt.Appendf(nil, "%-*s", lockWidth, text), 0)
	if err == nil && how == LeftOpen {
		err = f.lock.Sync() // after a power cut the end of the chain is not taken for somebody's hand
	}
	return err
}

// lockWidth is the lock file's length: written over in place, it needs no space on a full disk.
const lockWidth = 128

// Inspection is what a look at a closed database showed.
type Inspection struct {
	Schema int64      // 0: there is no database yet
	Head   chain.Head // of the chain
}

// Inspect reads the database without changing it, and checks its newest events.
// An error is a *NewerError, or tells of damage where its class is sqlite.Rows
// or a table or a column is sqlite.Missing.
func (f *Folder) Inspect() (i Inspection, err error) {
	err = f.look(func(c *sqlite.Conn, schema int64) error {
		i.Schema = schema
		if i.Head, err = readHead(c); err == nil && schema < postedSince {
			err = chain.CheckOlder(c.Each)
		}
		if err != nil || schema < projectedSince {
			return err
		}
		if schema == newestSchema {
			err = complete(c)
		}
		if err != nil {
			return err
		}
		_, trouble := f.Copied()
		if err := chain.CheckStart(c, i.Head, f.Left() != "", trouble); err != nil {
			return err
		}
		if schema < newestSchema {
			return nil // its rows have other columns
		}
		pending, err := readUnprojected(c.Each, chain.MaxBehind)
		if err != nil {
			return err
		}
		maps.DeleteFunc(pending, func(_ string, i *pendingRow) bool { return !i.row })
		return chain.CheckRows(c, slices.Sorted(maps.Keys(pending)))
	})
	return i, folderError(err)
}

// The schemas from which on the tables may lag behind the events, and have postings.
const (
	projectedSince = 4
	postedSince    = 7
)

// look runs fn on a reading connection, where there is a database with a schema.
func (f *Folder) look(fn func(c *sqlite.Conn, schema int64) error) error {
	query := sqlite.ReadOnly
	if fileExists(f.File() + "-journal") {
		// The power went while the database was being made: only a writing
		// connection may roll that back.
		query = "mode=rw&_query_only=true&_busy_timeout=5000"
	}
	return lookAt(f.File(), sqlite.Name(f.File(), query), fn)
}

// lookAt runs fn on the database of that file. Error: *NewerError, and those of fn.
func lookAt(file, name string, fn func(c *sqlite.Conn, schema int64) error) error {
	c, schema, err := openAt(file, name)
	if err == nil && schema > 0 {
		err = fn(c, schema)
	}
	return errors.Join(err, c.Close())
}

// openAt opens the database of that file, nil where there is none, and reads its
// schema. Error: *NewerError.
func openAt(file, name string) (c *sqlite.Conn, schema int64, err error) {
	info, err := os.Stat(file)
	if errors.Is(err, fs.ErrNotExist) || (err == nil && info.Size() == 0 && !fileExists(file+"-wal")) {
		return nil, 0, nil
	}
	if err == nil {
		c, err = sqlite.Open(name)
	}
	if err == nil {
		schema, err = schemaOf(c)
	}
	switch {
	case sqlite.Refused(err):
		err = &fs.PathError{Op: "open", Path: file, Err: unix.EACCES}
	case err == nil && schema > newestSchema:
		err = &NewerError{Have: schema, Want: newestSchema}
	}
	return c, schema, err
}

func fileExists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// wasOpen reports that a counter has worked in this folder.
func (j *Journal) wasOpen() bool { return worked(j.o.Dir) }

func worked(dir string) bool {
	_, _, left := readLock(filepath.Join(dir, lockName))
	return left != ""
}

// howLeft is how a folder was left. Where the lock file says nothing, and there is
// a copy of the head but no log, it was closed, and somebody emptied or removed that file.
func howLeft(dir string) string {
	_, _, left := readLock(filepath.Join(dir, lockName))
	if left != "" {
		return left
	}
	log, err := os.Stat(filepath.Join(dir, DatabaseName+"-wal"))
	if copied, _ := headFileOf(dir).read(); copied.Seq > 0 && (errors.Is(err, fs.ErrNotExist) || err == nil && log.Size() == 0) {
		return LeftClosed
	}
	return ""
}

// killed reports that a counter had the folder open last, did not close it, and has
// it no more.
func killed(dir string) bool { return howLeft(dir) == LeftOpen && free(dir) }

// free reports that no counter has the folder; false where that cannot be told.
func free(dir string) bool { return tryLock(dir) == nil }

// Held reports whether another program has the folder, without waiting as a writer
// would; false where that cannot be told.
func Held(dir string) bool { return errors.Is(tryLock(dir), unix.EWOULDBLOCK) }

// tryLock takes the lock for a moment, shared with whoever else tries.
func tryLock(dir string) error {
	f, err := files.Open(filepath.Join(dir, lockName), os.O_RDONLY)
	if err != nil {
		return err
	}
	defer f.Close()
	defer func() { _ = unix.Flock(int(f.Fd()), unix.LOCK_UN) }() // as Unlock does
	return unix.Flock(int(f.Fd()), unix.LOCK_SH|unix.LOCK_NB)
}

// readLock reads "pid program\nstate\n". Opening it is safe: SQLite never does.
func readLock(path string) (pid int, program, left string) {
	b, err := files.Read(path, 1<<10)
	if err != nil {
		return 0, "", ""
	}
	first, rest, _ := strings.Cut(string(b), "\n")
	number, program, _ := strings.Cut(first, " ")
	pid, _ = strconv.Atoi(number)
	return pid, program, strings.TrimSpace(rest)
}

var plainWord = regexp.MustCompile(`^[a-z-]{1,20}$`)

// programName is the program and its command, without arguments: they may hold codes.
func programName(args []string) string {
	if len(args) == 0 {
		return "?"
	}
	name := filepath.Base(args[0])
	if len(args) > 1 && plainWord.MatchString(args[1]) && args[1][0] != '-' {
		name += " " + args[1]
	}
	return name
}

// folderError turns the system's words for "may not write here" into ours.
func folderError(err error) error {
	if errors.Is(err, unix.EROFS) || errors.Is(err, unix.EACCES) || errors.Is(err, unix.EPERM) {
		return fmt.Errorf("%w: %w", ErrReadOnlyFolder, err)
	}
	return err
}
