package journal

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"counterfoil/offline/journal/chain"
	"counterfoil/offline/sqlite"
)

// Verify holds the database against its chain, the copy of the chain's head and
// the settings, over a connection of its own; progress may be nil. Errors: those
// of chain.Verify, ErrDamaged.
func (j *Journal) Verify(ctx context.Context, progress func(done, total int64), checks ...func(chain.Reading) error) (chain.Head, error) {
	if progress == nil {
		progress = func(int64, int64) {}
	}
	// Read before the database: a counter at work then cannot bring the copy ahead of it.
	k := chain.Known{Used: j.wasOpen(), Counter: j.o.Counter}
	k.Copy, k.Trouble = headFileOf(j.o.Dir).read()
	if j.empty {
		why := "the database is gone"
		if k.Copy.Seq > 0 {
			why += "; " + chain.Lost(chain.Head{}, k.Copy)
		}
		return chain.Head{}, &chain.MisfitError{Seq: 1, Why: why}
	}
	if j.w != nil && j.Damaged() == nil {
		if err := j.projectAll(ctx); err != nil && !errors.Is(err, ErrDiskFull) {
			return chain.Head{}, err
		}
	}
	var err error
	if k.Made, err = made(); err != nil {
		return chain.Head{}, err
	}
	var head chain.Head
	c, err := sqlite.Open(j.readOnlyName())
	if err == nil {
		head, err = chain.Verify(ctx, c, k, progress, checks...)
		err = errors.Join(err, c.Close())
	}
	if err == nil && howLeft(j.o.Dir) == LeftClosed {
		// Read after the database, and in this order: who closed it wrote the copy before.
		if copied, trouble := headFileOf(j.o.Dir).read(); trouble == "" && copied.Seq < head.Seq {
			err = &chain.MisfitError{Seq: copied.Seq + 1, Why: chain.AddedWhy}
		}
	}
	var misfit *chain.MisfitError
	switch {
	case errors.As(err, &misfit) && j.Damaged() != nil:
		// The journal is being salvaged: the copy may belong to the new chain already.
		return head, fmt.Errorf("%w: %v", ErrDamaged, misfit) //nolint:errorlint // no verdict on the chain
	case misfit != nil:
		return head, misfit
	}
	return head, j.readError(err)
}

// CheckOpen checks the operations that are open or due for a recheck against
// their last events, before anything is sent because of their rows. A row that
// does not fit counts as damage. Error: ErrDamaged.
func (j *Journal) CheckOpen(ctx context.Context) error {
	if j.empty {
		return nil
	}
	err := j.r.Use(ctx, func(c *sqlite.Conn) error { return chain.CheckOpen(ctx, c) })
	var misfit *chain.MisfitError
	if errors.As(err, &misfit) {
		err = fmt.Errorf("%w: %w", sqlite.ErrUnreadable, err)
	}
	return j.readError(err)
}

// Documents lists what did not fit since the journal began, oldest first. by is
// "" for those that the index shows, or chain.Unindexed.
func (j *Journal) Documents(ctx context.Context, by string) ([]chain.Document, error) {
	all, err := chain.ReadDocuments(j.reading(ctx), by)
	return all, j.readError(err)
}

// Added lists the events that no counter wrote, as far as the index shows them.
func (j *Journal) Added(ctx context.Context) (chain.Gaps, error) {
	added, err := chain.ReadAdded(j.reading(ctx), "", 0, math.MaxInt64)
	return added, j.readError(err)
}

// Document keeps what nothing mends of what does not fit.
func (j *Journal) Document(ctx context.Context, misfit chain.MisfitError) error {
	return j.Write(ctx, func(t *Tx) error { return t.Append(chain.GapEvent, misfit) })
}

// Acknowledge keeps that a manager has seen every document that nobody
// acknowledged yet, and why that is in order: an event for each.
func (j *Journal) Acknowledge(ctx context.Context, by chain.Who, reason string) error {
	return j.Write(ctx, func(t *Tx) error {
		all, err := chain.ReadDocuments(t.c.Each, chain.Unindexed)
		if err != nil {
			return err
		}
		all = slices.DeleteFunc(all, func(d chain.Document) bool { return d.AcknowledgedBy != "" })
		all = slices.CompactFunc(all, func(a, b chain.Document) bool { return a.Seq == b.Seq })
		for _, d := range all {
			seen := struct {
				Gap int64 `json:"gap"`
				chain.Who
				Reason string `json:"reason"`
			}{d.Seq, by, reason}
			if err := t.Append(chain.AcknowledgedEvent, seen); err != nil {
				return err
			}
		}
		return nil
	})
}
