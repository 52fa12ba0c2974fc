package journal

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"

	"counterfoil/offline/journal/chain"
	"counterfoil/offline/operation"
	"counterfoil/offline/sqlite"
)

// overlay are the pending rows, by op, that a reading must show in place of the stored ones.
type overlay map[string]*pendingRow

// overlay returns the writer's pending rows, or, in a journal opened read-only,
// those that the events give.
func (j *Journal) overlay(ctx context.Context) (overlay, error) {
	if j.w != nil {
		return j.w.pending.all(), nil
	}
	return readUnprojected(j.reading(ctx), 0)
}

// hide adds to the terms of a sum over operations o that the rows replaced by the overlay are left out.
func (o overlay) hide(where []string, args []any) (string, []any) {
	if len(o) > 0 {
		// Also those without a row: it may be written meanwhile.
		list, _ := json.Marshal(slices.Collect(maps.Keys(o))) // texts always marshal
		where = append(where, `o.op NOT IN (SELECT value FROM json_each(?))`)
		args = append(args, string(list))
	}
	return strings.Join(where, ` AND `), args
}

// selection is a reading of operations from the rows and the overlay.
type selection struct {
	whole       bool
	where       []string // terms on the rows
	args        []any
	is          func(*operation.Operation) bool // the same terms on a pending row
	oldestFirst bool
	limit       int // 0: all
}

// operations reads the overlay before the rows. An operation whose row is written
// in between is then found twice instead of never, and the overlay replaces the row.
func (j *Journal) operations(ctx context.Context, s selection) ([]operation.Operation, error) {
	pending, err := j.overlay(ctx)
	if err != nil && !errors.Is(err, sqlite.ErrUnreadable) {
		return nil, j.readError(err)
	}
	list, damaged := j.rows(ctx, s, pending)
	damaged = errors.Join(err, damaged)
	if damaged != nil && !errors.Is(damaged, sqlite.ErrUnreadable) {
		return list, j.readError(damaged)
	}
	for _, i := range pending {
		if !s.is(&i.op) {
			continue
		}
		o, err := i.read(s.whole)
		if err != nil {
			damaged = errors.Join(damaged, err)
			continue
		}
		list = append(list, o)
	}
	slices.SortFunc(list, func(a, b operation.Operation) int {
		if s.oldestFirst {
			return strings.Compare(a.Op, b.Op)
		}
		return strings.Compare(b.Op, a.Op)
	})
	if s.limit > 0 && len(list) > s.limit {
		list = list[:s.limit]
	}
	return list, j.readError(damaged)
}

// sql is the query on the rows alone.
func (s selection) sql() string {
	text := selectBare
	if s.whole {
		text = selectWhole
	}
	if len(s.where) > 0 {
		text += ` WHERE ` + strings.Join(s.where, ` AND `)
	}
	text += ` ORDER BY o.op`
	if !s.oldestFirst {
		text += ` DESC`
	}
	return text
}

// rows reads the rows alone, without those that the overlay replaces. Those that cannot be read are left out and named by
// the error; they do not count for the limit, so that a page is no shorter for them.
func (j *Journal) rows(ctx context.Context, s selection, pending overlay) ([]operation.Operation, error) {
	var list []operation.Operation
	var damaged error
	err := j.r.Each(ctx, s.sql(), s.args, func(row sqlite.Row) error {
		if pending[row.Text(0)] != nil {
			return nil
		}
		o, err := chain.OperationOf(row)
		if err != nil {
			damaged = errors.Join(damaged, err)
			return nil
		}
		list = append(list, o)
		if len(list) == s.limit {
			return sqlite.Stop
		}
		return nil
	})
	return list, errors.Join(damaged, err)
}

var (
	operationColumns = strings.Join(chain.OperationColumns, ", ")

	selectBare = `SELECT ` + operationColumns + ` FROM operations o`

	// selectWhole reads operations with attempts and evidence as JSON lists in one
	// statement, so that the three never come from different moments.
	selectWhole = `SELECT ` + operationColumns + `,
(SELECT group_concat(data, ',' ORDER BY n) FROM attempts a WHERE a.op = o.op),
(SELECT group_concat(data, ',' ORDER BY n) FROM evidence e WHERE e.op = o.op)
FROM operations o`
)
