package offline

import (
	"context"
	"errors"
	"time"

	"counterfoil/api"
	"counterfoil/offline/journal"
	"counterfoil/offline/review"
)

// Case is all that is known of a dispute.
type Case = review.Case

// WriteCase writes what is stored of an id as text and, beside it, as JSON: both
// files whole, new and of mode 0600, or none. An empty path is a new name in the
// data folder. It returns their names. text makes the readable form. Errors: those
// of Records and of Unmasked, ErrFileExists, ErrNotOurs for a name that a counter uses.
func (d *Desk) WriteCase(ctx context.Context, by Session, id api.ID, path string, text func(*Case) string) (names []string, err error) {
	if err = d.mayReview(ctx, by, id); err == nil && id.Level() != api.LevelCode {
		err = d.Unmasked(ctx, by, id, "case")
	}
	if err != nil {
		return nil, err
	}
	head, headErr := d.journal().Head(ctx)
	identity, idErr := d.journal().Identity(ctx)
	c := &Case{
		ID: string(id), At: d.clock.Now().In(d.s.Zone).Truncate(time.Second), By: by.Name, Counter: d.s.CounterName,
		ShopNo: d.s.ShopNo, ShopName: d.s.ShopName, Head: head, Journal: identity.Journal,
	}
	err = errors.Join(headErr, idErr, d.data.reviews.Fill(ctx, c, idsOf(string(id), d.above(ctx, id))))
	if err != nil {
		return nil, d.recordsError(ctx, err)
	}
	names = c.Names(path, d.s.Data)
	if err := journal.Free(names...); err != nil {
		return nil, publicError(err)
	}
	failed, err := c.Write(names, text(c))
	if err != nil {
		return nil, publicErrorOf(err, map[string]any{"Path": failed})
	}
	return names, nil
}
