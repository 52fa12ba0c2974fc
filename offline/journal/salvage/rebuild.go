package salvage

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"counterfoil/offline/files"
	"counterfoil/offline/journal"
	"counterfoil/offline/journal/chain"
	"counterfoil/offline/sqlite"
)

// complete is the new database's name once everything is in it. Only then are
// the damaged files moved aside and it takes their place, so that a stop
// anywhere in between loses nothing: the next opening begins again, or goes on
// with the moves.
func complete(f *journal.Folder) string { return f.File() + ".salvaged" }

// rebuild makes a new database of what can be read of the damaged one. It works
// in a folder of its own, on a copy.
func rebuild(ctx context.Context, f *journal.Folder, reason string) error {
	o := f.Options()
	o.Log.Warn("the database is damaged; it is being salvaged", "reason", reason)
	work := f.File() + ".salvaging"
	if err := os.RemoveAll(work); err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(work) }()
	if err := files.Make(work); err != nil {
		return err
	}
	report := Report{At: o.Now(), Reason: reason}
	if exists(f.File()) {
		report.SetAside = asideName(f)
	}
	from, err := openDamaged(ctx, f, work)
	if err != nil {
		return err
	}
	defer from.Close()
	o.Dir, o.Log, o.Reserve, o.Counter = filepath.Join(work, "new"), nil, 1, chain.Counter{}
	to, err := journal.Open(ctx, o)
	if err != nil {
		return err
	}
	copied, _ := f.Copied()
	left := f.Left()
	err = to.Write(ctx, func(t *journal.Tx) error {
		r := reader{from: from, to: t, taken: map[int64]bool{}, added: func(last chain.Head) bool { return f.Added(left, copied, last) }}
		return r.run(&report, copied)
	})
	head, _ := to.Head(ctx)
	if err := errors.Join(err, to.Close()); err != nil {
		return err
	}
	// It goes beyond the copy of the head: until that is written, the folder was not closed.
	if err := f.Leave(journal.LeftOpen); err != nil {
		return err
	}
	if err := os.Rename(filepath.Join(o.Dir, journal.DatabaseName), complete(f)); err != nil {
		return err
	}
	if err := replace(f, report.SetAside); err != nil {
		return err
	}
	f.Options().Log.Warn("the database was salvaged", "report", report.String())
	return errors.Join(f.SetCopy(head), f.Leave(journal.LeftClosed))
}

// replace moves the damaged files aside and the new one into their place. The
// log goes first: a new database must never meet an old log.
func replace(f *journal.Folder, aside string) error {
	if aside == "" {
		aside = asideName(f)
	}
	for _, suffix := range []string{"-wal", "-shm", ""} {
		if err := os.Rename(f.File()+suffix, aside+suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if err := files.SyncDir(f.Options().Dir); err != nil {
		return err
	}
	if err := os.Rename(complete(f), f.File()); err != nil {
		return err
	}
	return files.SyncDir(f.Options().Dir)
}

// asideName is a name that no file has: nothing set aside is ever written over.
func asideName(f *journal.Folder) string {
	base := f.File() + ".damaged-" + f.Options().Now().UTC().Format("20060102T150405Z")
	name := base
	for n := 2; exists(name) || exists(name+"-wal"); n++ {
		name = fmt.Sprintf("%s-%d", base, n)
	}
	return name
}

// openDamaged opens a copy of the damaged files for reading, its log mended,
// and its schema replaced where not even that can be read. The result
// is nil where there is nothing to read from.
func openDamaged(ctx context.Context, f *journal.Folder, work string) (*sqlite.Conn, error) {
	if !exists(f.File()) {
		return nil, nil
	}
	file := filepath.Join(work, "damaged.db")
	if err := copyFile(f.File(), file); err != nil {
		return nil, err
	}
	log, err := readWAL(f.File() + "-wal")
	if err != nil {
		return nil, err
	}
	if log != nil {
		if err := os.WriteFile(file+"-wal", log.mended(), 0o600); err != nil {
			return nil, err
		}
	}
	c, err := openReadable(file)
	if err == nil || device(err) != nil {
		return c, err
	}
	if err := graft(ctx, file, log, filepath.Join(work, "first")); err != nil {
		return nil, err
	}
	if c, err = openReadable(file); err == nil || device(err) != nil {
		return c, err
	}
	f.Options().Log.Warn("nothing can be read from the damaged database", "error", err)
	return nil, nil
}

// openReadable opens a copy that nobody else opens: its locks are taken once, not for
// each row that cannot be read.
func openReadable(file string) (*sqlite.Conn, error) {
	c, err := sqlite.Open(sqlite.Name(file, "_locking_mode=EXCLUSIVE&_query_only=true"))
	if err != nil {
		return nil, err
	}
	n, err := c.Int(`SELECT count(*) FROM sqlite_master WHERE name IN ('events', 'operations')`)
	if err == nil && n < 2 {
		err = errors.New("salvage: the tables are missing")
	}
	if err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

// pageSize is that of the databases that the journal makes.
const pageSize = 4096

// graft puts the schema of a new database, made in dir, in place of the damaged
// one, after what the log holds. It says where each table begins, which is the
// same in every database that the same migrations made. Its pages behind the first
// are added at the end: theirs may hold something else here.
func graft(ctx context.Context, file string, log *wal, dir string) error {
	j, err := journal.Open(ctx, journal.Options{Dir: dir, Reserve: 1})
	if err == nil {
		err = j.Close()
	}
	if err != nil {
		return err
	}
	fresh, err := os.ReadFile(filepath.Join(dir, journal.DatabaseName))
	if err != nil || len(fresh) < pageSize {
		return errors.Join(err, errors.New("salvage: no schema to read with"))
	}
	f, err := os.OpenFile(file, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := errors.Join(log.writeTo(f), os.RemoveAll(file+"-wal")); err != nil {
		return err
	}
	info, err := f.Stat()
	if err != nil {
		return err
	}
	pages := uint32((info.Size() + pageSize - 1) / pageSize)
	first := fresh[:pageSize]
	for _, at := range children(first) {
		child := int64(binary.BigEndian.Uint32(first[at:]))
		if _, err := f.WriteAt(fresh[(child-1)*pageSize:child*pageSize], int64(pages)*pageSize); err != nil {
			return err
		}
		pages++
		binary.BigEndian.PutUint32(first[at:], pages)
	}
	binary.BigEndian.PutUint32(first[28:], pages)
	copy(first[92:96], first[24:28]) // the size above counts only where these agree
	_, err = f.WriteAt(first, 0)
	return err
}

// children are the places in a database's first page that point to the pages
// behind it: where the schema is larger than that page (SQLite's file format, 1.6).
func children(first []byte) (at []int) {
	const interior, right, cells = 5, 108, 112
	if first[100] != interior {
		return nil
	}
	for i := range int(binary.BigEndian.Uint16(first[103:])) {
		at = append(at, int(binary.BigEndian.Uint16(first[cells+2*i:])))
	}
	return append(at, right)
}

// exists reports that there is a file.
func exists(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// copyFile copies a database that this process does not have open.
func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}
