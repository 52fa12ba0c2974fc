package journal

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"

	"counterfoil/offline/operation"
	"counterfoil/offline/sqlite"
)

// overlay are the pending rows that a reading must show in place of the stored ones.
type overlay []*pendingRow

// overlay returns the writer's pending rows, or, in a journal opened read-only,
// those that the events give.
func (j *Journal) overlay(ctx context.Context) (overlay, error) {
	if j.w != nil {
		return j.w.pending.all(), nil
	}
	found, err := readUnprojected(j.reading(ctx), 0)
	return slices.Collect(maps.Values(found)), err
}

// hide adds to the terms of a query on operations o that the rows replaced by the overlay are left out.
func (o overlay) hide(where []string, args []any) (string, []any) {
	if len(o) > 0 {
		hidden := make([]string, len(o)) // also those without a row: it may be written meanwhile
		for n, i := range o {
			hidden[n] = i.op.Op
		}
		list, _ := json.Marshal(hidden) // texts always marshal
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
func (s selection) sql(pending overlay) (string, []any) {
	where, args := pending.hide(s.where, s.args)
	text := selectBare
	if s.whole {
		text = selectWhole
	}
	if where != "" {
		text += ` WHERE ` + where
	}
	text += ` ORDER BY o.op`
	if !s.oldestFirst {
		text += ` DESC`
	}
	return text, args
}

// rows reads the rows alone. Those that cannot be read are left out and named by
// the error; they do not count for the limit, so that a page is no shorter for them.
func (j *Journal) rows(ctx context.Context, s selection, pending overlay) ([]operation.Operation, error) {
	text, args := s.sql(pending)
	var list []operation.Operation
	var damaged error
	err := j.r.Each(ctx, text, args, func(row sqlite.Row) error {
		o, err := OperationOf(row)
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
