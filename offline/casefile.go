package offline

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"path/filepath"
	"strings"
	"time"

	"counterfoil/api"
	"counterfoil/offline/review"
)

// Case is all that is known of a dispute.
type Case = review.Case

// mostOfCase is of how many ids a case takes the operations: what holds the id,
// the id, and the codes that have records.
const mostOfCase = 30_000

// WriteCase writes what is stored of an id as text and, beside it, as JSON: both
// files whole, new and of mode 0600, or none. An empty path is a new name in the
// data folder. It returns their names. text makes the readable form. Errors: those of Records, ErrFileExists.
func (d *Desk) WriteCase(ctx context.Context, by Session, id api.ID, path string, text func(*Case) string) (names []string, err error) {
	c, err := d.caseOf(ctx, by, id)
	if err != nil {
		return nil, err
	}
	if path == "" {
		path = filepath.Join(d.s.Data, "case-"+id.Masked()+c.At.Format("-20060102-150405")+".txt")
		path = strings.ReplaceAll(path, "…", "")
	}
	names, failed, err := c.Write(path, text(c))
	return names, publicErrorOf(err, map[string]any{"Path": failed})
}

func (d *Desk) caseOf(ctx context.Context, by Session, id api.ID) (*Case, error) {
	c := &Case{
		ID: string(id), At: d.clock.Now().In(d.s.Zone).Truncate(time.Second), By: by.Name, Counter: d.s.CounterName, ShopNo: d.s.ShopNo, ShopName: d.s.ShopName,
		Unanswered: []string{}, Records: []RecordLine{}, Operations: []Operation{}, Marks: []Mark{},
	}
	if id.Level() != api.LevelCode {
		if err := d.Unmasked(ctx, by, id, "case"); err != nil {
			return nil, err
		}
	}
	sum, around := sha256.New(), idsOf(string(id), d.above(ctx, id))
	q := RecordQuery{ID: id, Sort: "code", Limit: 500}
	for {
		page, err := d.Records(ctx, by, q)
		if err != nil {
			return nil, err
		}
		for _, r := range page {
			if around[len(around)-1] != r.Code {
				around = append(around, r.Code)
			}
			line, err := json.Marshal(review.LineOf(r))
			if err != nil {
				return nil, publicError(err)
			}
			sum.Write(append(line, '\n'))
			c.Records = append(c.Records, review.LineOf(r))
		}
		if len(page) < q.Limit {
			break
		}
		q.After = &page[len(page)-1]
	}
	c.RecordsSum = hex.EncodeToString(sum.Sum(nil))
	totals, err := d.RecordTotals(ctx, by, id)
	c.SeenAt = totals.Oldest
	marks, markErr := d.Marks(ctx, by, id)
	unanswered, askErr := d.Unanswered(ctx, by, id, max(totals.Unanswered, 1))
	ops, opErr := d.Operations(ctx, Query{IDs: around[:min(len(around), mostOfCase)], OldestFirst: true, Whole: true})
	head, headErr := d.journal().Head(ctx)
	identity, idErr := d.journal().Identity(ctx)
	c.Marks, c.Unanswered = append(c.Marks, marks...), append(c.Unanswered, unanswered...)
	c.Operations, c.Head, c.Journal = append(c.Operations, ops...), head, identity.Journal
	return c, publicError(errors.Join(err, markErr, askErr, opErr, headErr, idErr))
}
