package journal

import (
	"context"
	"errors"
	"fmt"

	"counterfoil/offline/sqlite"
)

// readError makes damage met while reading an ErrDamaged, and stops accepting. A
// device that failed to read is no damage: the reader may try again.
func (j *Journal) readError(err error) error {
	switch {
	case err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded):
		return err
	case sqlite.ClassOf(err) == sqlite.Rows:
		if j.w != nil {
			j.w.fail(err)
		}
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	case j.Damaged() != nil:
		// Its connections are closed, or will be soon, to be opened again.
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return err
}

// Damaged returns why the journal stopped accepting, nil while it accepts.
func (j *Journal) Damaged() error {
	if j.w == nil {
		return nil
	}
	if err := j.w.broken(); err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return nil
}

// Broke is closed when the journal stops accepting; nil for a read-only one.
func (j *Journal) Broke() <-chan struct{} {
	if j.w == nil {
		return nil
	}
	return j.w.accepting.Done()
}

// Suspect stops accepting because of what a check found: the next opening
// salvages, and documents it.
func (j *Journal) Suspect(err error) {
	if j.w != nil {
		j.w.fail(fmt.Errorf("%w: %w", sqlite.ErrUnreadable, err))
	}
}

// Distrust stops accepting because what is stored is not what the caller stored.
// Unlike damage it is no reason to salvage.
func (j *Journal) Distrust(err error) {
	if j.w != nil {
		j.w.stop(err)
	}
}
