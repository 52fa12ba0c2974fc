package journal

import (
	"context"
	"errors"
	"fmt"

	"counterfoil/offline/sqlite"
)

// CheckOpen checks the operations that are open or due for a recheck against
// their last events, before anything is sent because of their rows. A row that
// does not fit counts as damage. Error: ErrDamaged.
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

// sqlCheckOpen and sqlRecheck read what sqlVerifyOperations does. They are two
// because SQLite uses no partial index for one half of an OR.
var (
	sqlCheckOpen = sqlVerifyColumns + ` WHERE o.` + openStates + ` ORDER BY o.op`
	sqlRecheck   = sqlVerifyColumns + ` WHERE o.next_at <> '' AND o.state IN ('refused', 'settled') ORDER BY o.op`
)

func checkOpen(ctx context.Context, c *sqlite.Conn) error {
	v := &verifier{c: c}
	err := v.openOnes(ctx)
	var misfit *ChainError
	if !errors.As(err, &misfit) {
		return err
	}
	// It may be a documented gap. The gaps are read only now: that may take long.
	if v.gaps, err = ReadGaps(c.Each); err != nil || len(v.gaps) == 0 {
		return errors.Join(misfit, err)
	}
	return v.openOnes(ctx)
}

func (v *verifier) openOnes(ctx context.Context) error {
	var seqs []int64
	for _, query := range []string{sqlCheckOpen, sqlRecheck} {
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

// lastEvent checks an event's columns against its hash.
func (v *verifier) lastEvent(seq int64) error {
	if v.gaps.Hold(seq, seq) {
		return nil
	}
	return v.c.Each(`SELECT seq, at, op, event, data, prev, hash FROM events WHERE seq=?`, []any{seq}, func(row sqlite.Row) error {
		e := EventOf(row)
		if e.Sum() != e.Hash {
			return &ChainError{Seq: seq, Reason: "its columns do not give its hash"}
		}
		return nil
	})
}
