package journal

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"counterfoil/offline/sqlite"
)

// Backup writes a consistent copy of the database to a new file of mode 0600,
// also while a counter writes. Error: ErrExists.
func (j *Journal) Backup(ctx context.Context, file string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if j.empty {
		return fmt.Errorf("journal: %s: %w", j.file, os.ErrNotExist)
	}
	if err := vacuumInto(j.file, file); err != nil {
		return err
	}
	return noteBackup(file)
}

// metaBackup is where a copy keeps its own chain's head: it has no file beside
// it that could.
const metaBackup = "journal.backup"

// noteBackup writes the copy's head into the copy, so that verify can tell a
// whole backup from a folder whose head was taken away.
func noteBackup(file string) error {
	c, err := sqlite.Open(sqlite.Name(file, "mode=rw"))
	if err != nil {
		return err
	}
	head, err := readHead(c)
	if err == nil {
		err = c.Script("PRAGMA journal_mode=DELETE; PRAGMA synchronous=FULL")
	}
	if err == nil {
		t := Tx{c: c}
		err = t.SetMeta(metaBackup, head.String())
	}
	return errors.Join(err, c.Close())
}

// Report is what doctor asks of the journal.
type Report struct {
	SQLite      string // version
	Synchronous int    // 2 is FULL
	JournalMode string
	SizeBytes   int64  // database and WAL
	FreeBytes   uint64 // on the file system
	ReserveHeld bool
	Quick       string // quick_check's answer, "ok"; "" while it runs in the background
}

// Report inspects the database. Without an answer from the background it runs
// quick_check, which reads the whole file: seconds where there are a million rows.
func (j *Journal) Report(ctx context.Context) (Report, error) {
	version, _ := sqlite.Version()
	r := Report{SQLite: version, FreeBytes: freeBytes(j.o.Dir)}
	for _, suffix := range []string{"", "-wal"} {
		if info, err := os.Stat(j.file + suffix); err == nil {
			r.SizeBytes += info.Size()
		}
	}
	var err error
	if r.JournalMode, r.Synchronous, err = j.modes(); err != nil {
		return r, j.readError(err)
	}
	if j.reserve != nil {
		r.ReserveHeld, _ = j.reserve.state()
	} else if info, err := os.Stat(newReserve(j.o.Dir, 0).path); err == nil {
		r.ReserveHeld = info.Size() > 0
	}
	j.mu.Lock()
	running := j.checking != nil
	r.Quick = j.quick
	j.mu.Unlock()
	if r.Quick == "" && !running {
		r.Quick, err = j.quickCheck(ctx)
	}
	return r, err
}

// modes reads what a writing connection gets: from the writer itself, or by
// opening one as it would.
func (j *Journal) modes() (mode string, level int, err error) {
	if j.w == nil {
		mode, err = j.r.Text(context.Background(), `PRAGMA journal_mode`)
		// Synchronous belongs to a connection; every writer asserts it at its start.
		return mode, requiredSynchronous, err
	}
	err = j.Write(context.Background(), func(t *Tx) error {
		if mode, err = t.c.Text(`PRAGMA journal_mode`); err != nil {
			return err
		}
		n, err := t.c.Int(`PRAGMA synchronous`)
		level = int(n)
		return err
	})
	return mode, level, err
}

// requiredSynchronous is FULL: the WAL is synced at every commit.
const requiredSynchronous = 2

// quickCheck asks SQLite whether the file's structure is whole: "ok" or what it found.
func (j *Journal) quickCheck(ctx context.Context) (string, error) {
	if j.empty {
		return "ok", nil
	}
	var lines []string
	err := j.r.Each(ctx, `PRAGMA quick_check(20)`, nil, func(row sqlite.Row) error {
		lines = append(lines, row.Text(0))
		return nil
	})
	if sqlite.ClassOf(err) == sqlite.Rows {
		return err.Error(), nil
	}
	return strings.Join(lines, "; "), err
}

// checkSoon runs quick_check in the background after an unclean stop. What it
// finds stops the journal, and the next opening salvages.
func (j *Journal) checkSoon() {
	ctx, cancel := context.WithCancel(context.Background())
	j.mu.Lock()
	j.checking = cancel
	j.mu.Unlock()
	j.background.Add(1)
	go func() {
		defer j.background.Done()
		defer cancel()
		answer, err := j.quickCheck(ctx)
		j.mu.Lock()
		j.quick, j.checking = answer, nil
		j.mu.Unlock()
		switch {
		case err != nil && !errors.Is(err, context.Canceled):
			j.o.Log.Warn("the check after an unclean stop did not end", "error", err)
		case err == nil && answer != "ok":
			j.leave(LeftDamaged)
			j.w.fail(fmt.Errorf("%w: %s", ErrDamaged, answer))
		}
	}()
}
