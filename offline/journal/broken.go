package journal

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"counterfoil/offline/sqlite"
)

// readError names damage met while reading, and stops accepting because of it.
// A device that failed to read decides nothing: the reader may try again.
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
		// Perhaps closed already, to be opened again.
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return err
}

// written reports words that the journal writes: a turned byte makes others.
func written(o *Operation) bool {
	return slices.Contains(States(), o.State) && (o.Kind == Activate || o.Kind == Void || o.Kind == Range)
}

// Damaged reports why the journal stopped accepting, nil while it is well.
// Reopen reads back what is on disk, and salvages where that is damaged.
func (j *Journal) Damaged() error {
	if j.w == nil {
		return nil
	}
	if err := j.w.broken.Load(); err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, *err)
	}
	return nil
}

// Broke is closed when the journal stops accepting; nil, which never is, for a read-only one.
func (j *Journal) Broke() <-chan struct{} {
	if j.w == nil {
		return nil
	}
	return j.w.broke
}

// Distrust stops accepting, because what is stored is not what the caller
// stored last. Unlike damage it is no reason to salvage.
func (j *Journal) Distrust(err error) {
	if j.w != nil && j.w.refuse(err) {
		close(j.w.broke)
	}
}
