package journal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"counterfoil/offline/sqlite"
)

// SalvageReport says what was found damaged at opening and what was saved.
type SalvageReport struct {
	At         time.Time `json:"at"`
	Reason     string    `json:"reason"`     // in English, for the log
	SetAside   string    `json:"set_aside"`  // path of the damaged file, whole; "" where there was none
	Events     int64     `json:"events"`     // saved
	Operations int64     `json:"operations"` // saved
	LostEvents int64     `json:"lost_events"`
	// Doubtful are the open operations later events of which may be lost: what
	// reads "queued" may have been sent. They must be asked about before anything is sent again.
	Doubtful []string `json:"doubtful,omitempty"`
}

// String is one sentence for doctor and the log, "" for nothing.
func (r *SalvageReport) String() string {
	if r == nil {
		return ""
	}
	return fmt.Sprintf("%s: %d operations and %d events saved, %d events lost, %d operations to ask about; set aside as %s (%s)",
		r.At.Format(time.RFC3339), r.Operations, r.Events, r.LostEvents, len(r.Doubtful), r.SetAside, r.Reason)
}

// Salvage returns what had to be salvaged and was not dealt with since, nil for
// nothing. It is told at every opening until ForgetSalvage.
func (j *Journal) Salvage() *SalvageReport { return j.salvaged }

// ForgetSalvage ends the telling. It belongs into the commit that marks the
// doubtful operations: a stop before it must not make them look certain.
func (t *Tx) ForgetSalvage() error { return t.SetMeta(metaSalvage, "") }

// metaSalvage keeps the report inside the new database until it is dealt with.
const metaSalvage = "journal.salvage"

// The way of a salvage: the new database is built in building, complete under
// the name ready, and only then the damaged files are moved aside and it takes
// their place. A stop anywhere in between loses nothing: the next opening
// begins again, or finishes the moves.
func (j *Journal) building() string { return j.file + ".salvaging" }
func (j *Journal) ready() string    { return j.file + ".salvaged" }

func (j *Journal) salvage(ctx context.Context, files fs.FS, f finding, reason string) error {
	j.o.Log.Warn("the database is damaged; it is being salvaged", "reason", reason)
	if err := removeDatabase(j.building()); err != nil {
		return err
	}
	aside := j.asideName()
	if !fileExists(j.file) {
		aside = ""
	}
	if err := touch(j.building()); err != nil {
		return err
	}
	want, err := newestSchema(files)
	if err != nil {
		return err
	}
	if err := migrate(ctx, j.building(), files, 0, want); err != nil {
		return err
	}
	if err := j.rescue(reason, aside, f); err != nil {
		return err
	}
	if err := os.Rename(j.building(), j.ready()); err != nil {
		return err
	}
	return j.finishSalvage(aside)
}

// rescue fills the database in building from the damaged one, and folds it into one file.
func (j *Journal) rescue(reason, aside string, f finding) error {
	work := j.file + ".reading"
	defer func() { _ = removeDatabase(work) }()
	from, err := j.openDamaged(work)
	if err != nil {
		return err
	}
	to, err := sqlite.Open(sqlite.Name(j.building(), "_busy_timeout=5000&_mutex=no"))
	if err != nil {
		return errors.Join(err, closeConn(from))
	}
	r := &rescuer{from: from, to: to, now: j.o.Now}
	report := &SalvageReport{At: j.o.Now(), Reason: reason, SetAside: aside}
	err = to.Script("PRAGMA journal_mode=DELETE; PRAGMA synchronous=FULL; BEGIN IMMEDIATE")
	if err == nil {
		err = r.run(report, f.copy)
	}
	if err == nil {
		err = to.Script("COMMIT")
	}
	err = errors.Join(err, closeConn(from), to.Close())
	if err != nil {
		return err
	}
	return syncFile(j.building())
}

func closeConn(c *sqlite.Conn) error {
	if c == nil {
		return nil
	}
	return c.Close()
}

// finishSalvage moves the damaged files aside and the new one into their place.
// The log goes first: a new database must never meet an old log.
func (j *Journal) finishSalvage(aside string) error {
	if aside == "" {
		aside = j.asideName()
	}
	for _, suffix := range []string{"-wal", "-shm", ""} {
		if err := os.Rename(j.file+suffix, aside+suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if err := syncDir(j.o.Dir); err != nil {
		return err
	}
	if err := os.Rename(j.ready(), j.file); err != nil {
		return err
	}
	return syncDir(j.o.Dir)
}

// takeReport reads the report that a salvage left in the database.
func (j *Journal) takeReport(c *sqlite.Conn) error {
	text, err := c.Text(`SELECT value FROM meta WHERE key=?`, metaSalvage)
	if err != nil || text == "" {
		return err
	}
	var r SalvageReport
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		return err
	}
	j.salvaged = &r
	j.o.Log.Warn("the journal was salvaged", "report", r.String())
	return nil
}

// asideName is a name that no file has: nothing set aside is ever written over.
func (j *Journal) asideName() string {
	base := j.file + ".damaged-" + j.o.Now().UTC().Format("20060102T150405Z")
	name := base
	for n := 2; fileExists(name) || fileExists(name+"-wal"); n++ {
		name = fmt.Sprintf("%s-%d", base, n)
	}
	return name
}

// openDamaged opens a copy of the damaged files for reading, its log mended,
// and its first page replaced where not even the schema can be read. The result
// is nil where there is nothing to read from.
func (j *Journal) openDamaged(work string) (*sqlite.Conn, error) {
	if err := removeDatabase(work); err != nil {
		return nil, err
	}
	if !fileExists(j.file) {
		return nil, nil
	}
	if err := copyFile(j.file, work); err != nil {
		return nil, err
	}
	log, err := readWAL(j.file + "-wal")
	if err != nil {
		return nil, err
	}
	if log != nil {
		if err := os.WriteFile(work+"-wal", log.mended(), 0o600); err != nil {
			return nil, err
		}
	}
	c, err := openReadable(work)
	if err == nil || device(err) != nil {
		return c, err
	}
	if err := j.graft(work); err != nil {
		return nil, err
	}
	if c, err = openReadable(work); err == nil || device(err) != nil {
		return c, err
	}
	j.o.Log.Warn("nothing can be read from the damaged database", "error", err)
	return nil, nil
}

func openReadable(file string) (*sqlite.Conn, error) {
	c, err := sqlite.Open(sqlite.Name(file, "_busy_timeout=5000&_query_only=true&_mutex=no"))
	if err != nil {
		return nil, err
	}
	n, err := c.Int(`SELECT count(*) FROM sqlite_master WHERE name IN ('events', 'operations')`)
	if err == nil && n < 2 {
		err = errors.New("journal: the tables are missing")
	}
	if err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

// graft puts the first page of a new database in place of the damaged one. It
// holds the schema and where each table begins, which is the same in every
// database that the same migrations made.
func (j *Journal) graft(work string) error {
	fresh, err := os.ReadFile(j.building())
	if err != nil || len(fresh) < pageSize {
		return errors.Join(err, errors.New("journal: no first page to read with"))
	}
	f, err := os.OpenFile(work, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	page := fresh[:pageSize]
	pages := uint32(info.Size() / pageSize)
	page[28], page[29], page[30], page[31] = byte(pages>>24), byte(pages>>16), byte(pages>>8), byte(pages)
	copy(page[92:96], page[24:28]) // the size above counts only where these agree
	_, err = f.WriteAt(page, 0)
	return err
}

func removeDatabase(file string) error {
	var all error
	for _, suffix := range []string{"", "-wal", "-shm", "-journal"} {
		if err := os.Remove(file + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			all = errors.Join(all, err)
		}
	}
	return all
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

func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close(), syncDir(filepath.Dir(path)))
}
