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

// unreadable names a value that the journal never wrote, unless the reading was called off.
func (j *Journal) unreadable(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return err
	}
	return j.readError(fmt.Errorf("%w: %w", sqlite.ErrUnreadable, err))
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

// CheckOpen holds the operations that are open, or due to be looked at again,
// against their last events, before anything is sent on the strength of their
// rows. A row that does not fit counts as damage. Error: ErrDamaged.
func (j *Journal) CheckOpen(ctx context.Context) error {
	if j.empty {
		return nil
	}
	c, err := sqlite.Open(j.readOnlyName() + "&_mutex=no")
	if err != nil {
		return j.readError(err)
	}
	err = checkOpen(ctx, c)
	var misfit *ChainError
	if errors.As(err, &misfit) {
		err = fmt.Errorf("%w: %w", sqlite.ErrUnreadable, err)
	}
	return j.readError(errors.Join(err, c.Close()))
}

// sqlCheckOpen and sqlCheckAgain read as sqlVerifyOperations does. They are two
// because SQLite takes no partial index for either half of an OR.
var (
	sqlCheckOpen  = sqlVerifyColumns + ` WHERE o.` + openStates + ` ORDER BY o.op`
	sqlCheckAgain = sqlVerifyColumns + ` WHERE o.next_at <> '' AND o.state IN ('refused', 'settled') ORDER BY o.op`
)

func checkOpen(ctx context.Context, c *sqlite.Conn) error {
	v := &verifier{c: c}
	err := v.openOnes(ctx)
	var misfit *ChainError
	if !errors.As(err, &misfit) {
		return err
	}
	// What an earlier salvage documented as lost fits; reading that is a walk over all events.
	if v.gaps, err = ReadGaps(c.Each); err != nil || len(v.gaps) == 0 {
		return errors.Join(misfit, err)
	}
	return v.openOnes(ctx)
}

func (v *verifier) openOnes(ctx context.Context) error {
	var seqs []int64
	for _, query := range []string{sqlCheckOpen, sqlCheckAgain} {
		err := v.c.Each(query, nil, func(row sqlite.Row) error {
			seqs = append(seqs, row.Int(13))
			return errors.Join(ctx.Err(), v.operation(row))
		})
		if err != nil {
			return err
		}
	}
	for _, seq := range seqs {
		if err := v.lastEvent(seq); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// lastEvent holds an event's columns against its hash.
func (v *verifier) lastEvent(seq int64) error {
	if v.gaps.Hold(seq, seq) {
		return nil
	}
	return v.c.Each(`SELECT seq, at, op, event, data, prev, hash FROM events WHERE seq=?`, []any{seq}, func(row sqlite.Row) error {
		e := EventOf(row)
		var sum string
		if sum, v.buf = e.Sum(v.buf); sum != e.Hash {
			return &ChainError{Seq: seq, Reason: "its columns do not give its hash"}
		}
		return nil
	})
}
