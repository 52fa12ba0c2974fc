// Package files is the one way to open a file of ours and to tell whose a folder
// is. Nothing here follows a link, waits for a pipe or reads without an end, and
// what root makes belongs to whoever owns the folder. It knows no database, and
// never opens the files of one: closing them would drop SQLite's locks.
package files

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// Why says what is wrong with a file or a folder.
type Why string

// The reasons of a ForeignError.
const (
	NotPlain   Why = "not_plain"   // a link, a folder, a pipe or a device where a file belongs
	NotFolder  Why = "not_folder"  // a link or a file where a folder belongs
	OtherOwner Why = "other_owner" // another user's folder
	OpenToAll  Why = "open_to_all" // everybody may write there
	NotEmpty   Why = "not_empty"   // files of others, and no journal
	OurName    Why = "our_name"    // for a person's file: a counter uses it in its data folder
	Absent     Why = "absent"      // no journal at all
)

// ForeignError says that a file or a folder is not ours to use. Nothing was changed.
type ForeignError struct {
	Path string
	Why  Why
}

func (e *ForeignError) Error() string { return fmt.Sprintf("%s: not ours: %s", e.Path, e.Why) }

// Is makes what is absent an fs.ErrNotExist.
func (e *ForeignError) Is(target error) bool { return e.Why == Absent && target == fs.ErrNotExist }

// Open opens a plain file of ours, by the flags of os.OpenFile; a new one has
// mode 0600. Error: *ForeignError.
func Open(path string, flag int) (*os.File, error) {
	if err := Plain(path); err != nil {
		return nil, err
	}
	f, err := open(path, flag|unix.O_NOFOLLOW)
	if err == nil && flag&os.O_CREATE != 0 {
		Give(path)
	}
	return f, err
}

// open never waits, and opens nothing but a plain file.
func open(path string, flag int) (*os.File, error) {
	f, err := os.OpenFile(path, flag|unix.O_NONBLOCK, 0o600)
	if errors.Is(err, unix.ELOOP) || errors.Is(err, unix.ENXIO) || errors.Is(err, unix.EISDIR) {
		return nil, &ForeignError{path, NotPlain}
	}
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = &ForeignError{path, NotPlain}
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// ErrExists: what is there already is never written over.
var ErrExists = errors.New("files: the file exists")

// Whole writes a new file of mode 0600 that appears complete or not at all.
// Error: ErrExists, also for a link, a pipe or whatever else has the name.
func Whole(path string, write func(io.Writer) error) error {
	if exists(path) {
		return fmt.Errorf("%w: %s", ErrExists, path)
	}
	passing := filepath.Join(filepath.Dir(path), fmt.Sprintf(".%s.%d", filepath.Base(path), os.Getpid()))
	f, err := Open(passing, os.O_CREATE|os.O_EXCL|os.O_WRONLY)
	if err != nil {
		return err
	}
	err = write(f)
	if err == nil {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Link(passing, path) // refuses one that is there
	}
	if errors.Is(err, fs.ErrExist) {
		err = fmt.Errorf("%w: %s", ErrExists, path)
	}
	return errors.Join(err, os.Remove(passing))
}

// Replace writes a file of mode 0600 over the one of that name: after a power cut
// it is the old one or the new one, whole. Error: *ForeignError.
func Replace(path string, write func(io.Writer) error) error {
	passing := path + ".new"
	f, err := Open(passing, os.O_WRONLY|os.O_CREATE|os.O_TRUNC)
	if err != nil {
		return err
	}
	err = write(f)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close(), Plain(path)); err != nil {
		return err
	}
	if err := os.Rename(passing, path); err != nil {
		return err
	}
	return SyncDir(filepath.Dir(path))
}

// SyncDir makes the names in a folder durable.
func SyncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// ErrTooLong: the file is longer than a file of its kind can be.
var ErrTooLong = errors.New("files: too long")

// Read reads a file of ours of at most so many bytes. Errors: *ForeignError, ErrTooLong.
func Read(path string, most int64) ([]byte, error) {
	f, err := Open(path, os.O_RDONLY)
	if err != nil {
		return nil, err
	}
	return readAll(f, most)
}

// ReadNamed is Read for a file that a person named: it may be a link to a plain
// one. It returns the mode of what was read. Errors as there.
func ReadNamed(path string, most int64) ([]byte, fs.FileMode, error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return nil, 0, &ForeignError{path, NotPlain} // opening a device may do something already
	}
	f, err := open(path, os.O_RDONLY)
	if err != nil {
		return nil, 0, err
	}
	var mode fs.FileMode
	if info, err := f.Stat(); err == nil {
		mode = info.Mode()
	}
	text, err := readAll(f, most)
	return text, mode, err
}

func readAll(f *os.File, most int64) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && int64(len(text)) > most {
		err = ErrTooLong
	}
	return text, errors.Join(err, f.Close())
}

// Plain looks whether there is a plain file, or none, without opening it. For root
// it has no second name: another user's link must not lead to a file elsewhere.
// Error: *ForeignError.
func Plain(path string) error {
	if info, err := os.Lstat(path); err == nil {
		st, known := info.Sys().(*syscall.Stat_t)
		if !info.Mode().IsRegular() || os.Geteuid() == 0 && known && st.Nlink > 1 {
			return &ForeignError{path, NotPlain}
		}
	}
	return nil
}

// Give makes what root made belong to whoever owns the folder that it is in.
// Where that cannot be, its user is told when he opens it.
func Give(path string) {
	if os.Geteuid() != 0 {
		return
	}
	if info, err := os.Stat(filepath.Dir(path)); err == nil {
		if st, ok := info.Sys().(*syscall.Stat_t); ok {
			_ = os.Lchown(path, int(st.Uid), int(st.Gid))
		}
	}
}

// Make makes a folder of mode 0700, and those above it, where there is none.
// Error: *ForeignError where its name is a link or a file.
func Make(dir string) error {
	err := os.Mkdir(dir, 0o700)
	if errors.Is(err, fs.ErrNotExist) && filepath.Dir(dir) != dir {
		if err = Make(filepath.Dir(dir)); err == nil {
			err = os.Mkdir(dir, 0o700)
		}
	}
	if err == nil {
		Give(dir)
	}
	if !errors.Is(err, fs.ErrExist) {
		return err
	}
	if info, err := os.Lstat(dir); err != nil || !info.IsDir() {
		return &ForeignError{dir, NotFolder}
	}
	return nil
}

// Folder looks whether dir may be used as a data folder: ours, a real folder
// that not everybody may write, and empty or with a file of those that mark it;
// holds says that one is there. Those of may do not count as another's, and in
// neither list may anything but a plain file stand. A name may end in *.
// Error: *ForeignError, with Absent where there is no folder.
func Folder(dir string, mark, may []string) (holds bool, err error) {
	info, err := os.Lstat(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return false, &ForeignError{dir, Absent}
	}
	if errors.Is(err, unix.ENOTDIR) || errors.Is(err, unix.ENAMETOOLONG) {
		return false, &ForeignError{dir, NotFolder}
	}
	if err != nil {
		return false, err
	}
	st, _ := info.Sys().(*syscall.Stat_t)
	switch {
	case !info.IsDir():
		return false, &ForeignError{dir, NotFolder}
	case st == nil || os.Geteuid() != 0 && int(st.Uid) != os.Geteuid():
		return false, &ForeignError{dir, OtherOwner}
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return false, err
	}
	others := false
	for _, entry := range entries {
		marks := is(entry.Name(), mark)
		holds = holds || marks
		others = others || !marks && !is(entry.Name(), may)
	}
	if !holds && others {
		return false, &ForeignError{dir, NotEmpty}
	}
	if info.Mode().Perm()&0o002 != 0 { // only now: nobody is to be told to close /tmp
		return holds, &ForeignError{dir, OpenToAll}
	}
	names := slices.Concat(mark, may)
	for _, entry := range entries {
		if !slices.Contains(names, entry.Name()) {
			continue
		}
		if err := Plain(filepath.Join(dir, entry.Name())); err != nil {
			return holds, err
		}
	}
	return holds, nil
}

func is(name string, list []string) bool {
	return slices.ContainsFunc(list, func(one string) bool {
		start, open := strings.CutSuffix(one, "*")
		rest, begins := strings.CutPrefix(name, start)
		return name == one || open && begins && !strings.Contains(rest, "/")
	})
}

// Free refuses paths of new files whose names are in one of the lists, in a folder
// that a file of the first one marks, or behind the name of a folder there; what is
// there is written over by nobody. A name may end in *. Error: *ForeignError.
func Free(mark, used, paths []string) error {
	for _, path := range paths {
		dir, err := filepath.Abs(filepath.Dir(path))
		if err == nil {
			dir, err = filepath.EvalSymlinks(dir)
		}
		if err != nil || exists(path) {
			continue // whoever writes there finds out what is wrong
		}
		name := filepath.Base(path)
		for _, in := range []struct{ dir, name string }{{dir, name}, {filepath.Dir(dir), filepath.Join(filepath.Base(dir), name)}} {
			if !is(in.name, slices.Concat(mark, used)) {
				continue
			}
			if holds, _ := Folder(in.dir, mark, nil); holds {
				return &ForeignError{path, OurName}
			}
		}
	}
	return nil
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}
