package journal

import (
	"context"
	"errors"
	"slices"
	"strings"

	"counterfoil/offline/sqlite"
)

// ahead are the images that a reading must put in place of rows.
type ahead []*image

func everyOperation(*Operation) bool { return true }

// ahead returns the images that may says it of: the writer's own, or beside a
// counter and after a crash what the events say.
func (j *Journal) ahead(ctx context.Context, may func(*Operation) bool) (ahead, error) {
	if j.w != nil {
		return j.w.images.some(may), nil
	}
	var list ahead
	found, err := readLacking(j.reading(ctx), 0)
	for _, i := range found {
		if may(&i.op) {
			list = append(list, i)
		}
	}
	return list, err
}

// hide adds to the terms of a query on operations o that the images' rows are left out.
func (a ahead) hide(where []string, args []any) (string, []any) {
	if len(a) > 0 {
		hidden := make([]string, len(a)) // also without a row: it may get one meanwhile
		for n, i := range a {
			hidden[n] = i.op.Op
		}
		where = append(where, `o.op NOT IN (SELECT value FROM json_each(?))`)
		args = append(args, string(appendTexts(nil, hidden)))
	}
	return strings.Join(where, ` AND `), args
}

// selection is a reading of operations from the rows and the images.
type selection struct {
	whole       bool
	where       []string // terms on the rows
	args        []any
	may, is     func(*Operation) bool // the same of an image: by what never changes, and wholly; nil for all
	oldestFirst bool
	limit       int // 0: all
}

// operations reads the images before the rows: what is projected in between is
// then met twice, not never, and the image hides the row.
func (j *Journal) operations(ctx context.Context, s selection) ([]Operation, error) {
	if s.may == nil {
		s.may = everyOperation
	}
	ahead, err := j.ahead(ctx, s.may)
	if err != nil && !errors.Is(err, sqlite.ErrUnreadable) {
		return nil, j.readError(err)
	}
	list, damaged := j.rows(ctx, s, ahead)
	damaged = errors.Join(err, damaged)
	if damaged != nil && !errors.Is(damaged, sqlite.ErrUnreadable) {
		return list, j.readError(damaged)
	}
	added := false
	for _, i := range ahead {
		if s.is != nil && !s.is(&i.op) {
			continue
		}
		o, err := i.read(s.whole)
		if err != nil {
			damaged = errors.Join(damaged, err)
			continue
		}
		list, added = append(list, o), true
	}
	if added {
		slices.SortFunc(list, func(a, b Operation) int {
			if s.oldestFirst {
				return strings.Compare(a.Op, b.Op)
			}
			return strings.Compare(b.Op, a.Op)
		})
		if s.limit > 0 && len(list) > s.limit {
			list = list[:s.limit]
		}
	}
	return list, j.readError(damaged)
}

// sql is the query on the rows alone.
func (s selection) sql(ahead ahead) (string, []any) {
	where, args := ahead.hide(s.where, s.args)
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
	if s.limit > 0 {
		text += ` LIMIT ?`
		args = append(slices.Clip(args), int64(s.limit))
	}
	return text, args
}

// rows reads the rows alone. Those that cannot be read are left out and sqlite.ErrUnreadable.
func (j *Journal) rows(ctx context.Context, s selection, ahead ahead) ([]Operation, error) {
	text, args := s.sql(ahead)
	var list []Operation
	var damaged error
	err := j.r.Each(ctx, text, args, func(row sqlite.Row) error {
		o, err := operationOf(row)
		if err != nil {
			damaged = errors.Join(damaged, err)
			return nil
		}
		list = append(list, o)
		return nil
	})
	return list, errors.Join(damaged, err)
}
