package journal

import (
	"context"
	"errors"

	"counterfoil/offline/sqlite"
)

// reopenedEvent begins what was written after the journal was opened again.
const reopenedEvent = "reopened"

// errAsked is the cause of a reopening that nothing but its caller asked for.
var errAsked = errors.New("asked for")

// Reopen opens the folder anew after the journal stopped accepting, as a start
// does: what is on disk decides, and a damaged database is set aside and
// salvaged. The folder's lock is held throughout. On success the folder is the
// new journal's and this one is of no more use; on failure Reopen may be called
// again, or Close. Readers of this one get ErrDamaged. It must not run beside Close.
// Errors: *DamagedError, ErrReadOnly, ErrReadOnlyFolder, and those of the device.
func (j *Journal) Reopen(ctx context.Context) (*Journal, error) {
	if j.w == nil || j.lock == nil {
		return nil, ErrReadOnly
	}
	j.Distrust(errAsked) // whoever still reads is told why it ends
	if !j.halted {
		j.halted = true
		if err := errors.Join(j.endWorkers(), j.closeAsIs()); err != nil {
			j.o.Log.Warn("closing what stopped accepting", "error", err)
		}
		j.lock.left = j.howLeft()
	}
	next := &Journal{o: j.o, file: j.file, lock: j.lock, stop: make(chan struct{}), before: *j.w.head.Load(), again: true}
	if err := next.openAgain(ctx, *j.w.broken.Load()); err != nil {
		if left := next.howLeft(); left != "" {
			j.lock.left = left
		}
		return nil, err
	}
	j.lock = nil
	return next, nil
}

// openAgain opens, and proves by a commit that the device takes one.
func (j *Journal) openAgain(ctx context.Context, cause error) error {
	if err := j.open(ctx); err != nil {
		return errors.Join(err, j.letGo())
	}
	err := j.Write(ctx, func(t *Tx) error {
		return t.Append(reopenedEvent, map[string]any{"cause": cause.Error()})
	})
	if err == nil {
		err = j.Damaged()
	}
	if err != nil {
		return errors.Join(err, j.endWorkers(), j.letGo())
	}
	return nil
}

// refold carries the log into the database before anything is added: pages that
// the device failed to sync count as synced since, and only writing them once
// more makes them durable. A full disk is not the device's failure.
func (j *Journal) refold() error {
	if !j.again {
		return nil
	}
	err := j.w.c.Script("PRAGMA wal_checkpoint(TRUNCATE)")
	if sqlite.ClassOf(err) == sqlite.Full {
		return nil
	}
	return err
}

// closeAsIs closes the connections and leaves the log as it is for the next
// opening to examine: the last to close is one that may not fold it in.
func (j *Journal) closeAsIs() error { return errors.Join(j.w.c.Close(), j.r.Close()) }

// letGo closes the connections that a failed opening made.
func (j *Journal) letGo() error {
	var err error
	if j.r != nil {
		err = j.r.Close()
	}
	if j.w != nil {
		err = errors.Join(err, j.w.c.Close())
	}
	return err
}

func (j *Journal) howLeft() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.left
}
