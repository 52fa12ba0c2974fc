package chain

import (
	"context"
	"errors"

	"counterfoil/offline/sqlite"
)

// SQLOpen and SQLRecheck read the operations that CheckOpen checks. They are two
// because SQLite uses no partial index for one half of an OR.
var (
	SQLOpen    = sqlVerifyColumns + ` WHERE o.` + OpenStates + ` ORDER BY o.op`
	SQLRecheck = sqlVerifyColumns + ` WHERE o.next_at <> '' AND o.state IN ('refused', 'settled') ORDER BY o.op`
)

// CheckOpen checks the operations that are open or due for a recheck against
// their last events. Error: *MisfitError.
func CheckOpen(ctx context.Context, c *sqlite.Conn) error {
	v := &verifier{c: c}
	err := v.openOnes(ctx)
	var misfit *MisfitError
	if !errors.As(err, &misfit) {
		return err
	}
	// It may be a documented gap. The gaps are read only now: that may take long.
	if v.salvages, err = readSalvages(c.Each); err != nil || len(v.salvages.gaps) == 0 {
		return errors.Join(misfit, err)
	}
	return v.openOnes(ctx)
}

func (v *verifier) openOnes(ctx context.Context) error {
	var seqs []int64
	for _, query := range []string{SQLOpen, SQLRecheck} {
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
	if v.salvages.gaps.Hold(seq, seq) {
		return nil
	}
	return v.c.Each(`SELECT seq, at, op, event, data, prev, hash FROM events WHERE seq=?`, []any{seq}, func(row sqlite.Row) error {
		e := EventOf(row)
		if e.Sum() != e.Hash {
			return &MisfitError{Seq: seq, Why: "its columns do not give its hash"}
		}
		return nil
	})
}
