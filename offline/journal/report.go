package journal

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"counterfoil/offline/files"
	"counterfoil/offline/journal/chain"
	"counterfoil/offline/sqlite"
)

// Backup writes a consistent copy of the database to a new file of mode 0600,
// also while a counter writes; root's belongs to the folder's owner. Errors: ErrExists, *files.ForeignError.
func (j *Journal) Backup(ctx context.Context, file string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if j.empty {
		return fmt.Errorf("journal: %s: %w", j.o.file(), os.ErrNotExist)
	}
	if err := Free(file); err != nil {
		return err
	}
	if err := vacuumInto(j.o.file(), file); err != nil {
		return err
	}
	err := noteBackup(file)
	files.Give(file)
	return err
}

// noteBackup writes a backup's head into it, so that verify can tell a backup
// from a folder whose copy of the head was removed.
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
		err = t.SetMeta(chain.MetaBackup, head.String())
	}
	return errors.Join(err, c.Close())
}

// Report is what doctor asks of the journal.
type Report struct {
	SQLite      string // version
	SizeBytes   int64  // database and WAL
	FreeBytes   uint64 // on the file system
	ReserveHeld bool
	Quick       string // quick_check's answer, "ok"; "" while it runs in the background
}

// Report inspects the database. Unless that was done in the background it runs
// quick_check, which reads the whole file: seconds for a million rows.
func (j *Journal) Report(ctx context.Context) (Report, error) {
	version, _ := sqlite.Version()
	r := Report{SQLite: version, FreeBytes: freeBytes(j.o.Dir)}
	for _, suffix := range []string{"", "-wal"} {
		if info, err := os.Stat(j.o.file() + suffix); err == nil {
			r.SizeBytes += info.Size()
		}
	}
	r.ReserveHeld = newReserve(j.o.Dir, 0).held()
	if answer := j.quick.Load(); answer != nil {
		r.Quick = *answer
		return r, nil
	}
	var err error
	r.Quick, err = j.quickCheck(ctx)
	return r, err
}

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

// checkSoon runs quick_check in the background after an unclean stop. Damage
// stops the journal, and the next opening salvages.
func (j *Journal) checkSoon() {
	j.quick.Store(new(string))
	j.background.Go(func() {
		answer, err := j.quickCheck(j.background.running)
		if err != nil {
			j.quick.Store(nil)
			if !errors.Is(err, context.Canceled) {
				j.o.Log.Warn("the check after an unclean stop did not end", "error", err)
			}
			return
		}
		j.quick.Store(&answer)
		if answer != "ok" {
			j.w.fail(fmt.Errorf("%w: %s", ErrDamaged, answer))
		}
	})
}
