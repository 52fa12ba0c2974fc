package journal

import (
	"context"
	"errors"
	"strings"
	"testing"

	"counterfoil/offline/journal/journaltest"
	"counterfoil/offline/operation"
)

func TestARowThatCannotBeReadIsNamedAndHidesNoOther(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	for name, change := range map[string]string{
		"a time":         `UPDATE operations SET accepted_at='2026-11-22T10:x5:03+08:00' WHERE op=?`,
		"a zone":         `UPDATE operations SET accepted_at='2026-11-22T10:15:03+24:00' WHERE op=?`,
		"a time to look": `UPDATE operations SET next_at='2026-11-22T10:15' WHERE op=?`,
		"an attempt":     `UPDATE attempts SET data=replace(data, '"sent_at":"2026', '"sent_at":"2o26') WHERE op=?`,
		"evidence":       `UPDATE evidence SET data=replace(data, '"at":"2026', '"at":"2o26') WHERE op=?`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			j := openIn(t, dir)
			ops := make([]operation.Operation, 5)
			for i := range ops {
				ops[i] = journaltest.Operation(i)
				put(t, j, &ops[i], "accepted")
				send(t, j, &ops[i], i)
				ops[i].State, ops[i].NextAt = operation.Refused, &start
				put(t, j, &ops[i], "refused")
				ops[i].State, ops[i].NextAt = operation.Attention, nil
				if i%2 == 0 {
					put(t, j, &ops[i], "attention")
				}
			}
			closeNow(t, j)
			bad := ops[2].Op
			tamper(t, dir, strings.Replace(change, "?", "'"+bad+"'", 1))
			j = openIn(t, dir, func(o *Options) { o.ReadOnly = true })
			hold := func(what string, list []operation.Operation, err error, want ...int) {
				t.Helper()
				if !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), bad) {
					t.Errorf("%s: the error does not name it: %v", what, err)
				}
				if len(list) != len(want) {
					t.Fatalf("%s: %d are listed, want %d", what, len(list), len(want))
				}
				for i, n := range want {
					if list[i].Op != ops[n].Op {
						t.Errorf("%s: at %d is %s", what, i, list[i].Op)
					}
				}
			}
			list, err := j.Operations(ctx, Query{Whole: true})
			hold("all", list, err, 4, 3, 1, 0)
			list, err = j.Operations(ctx, Query{Whole: true, Limit: 3})
			hold("a page", list, err, 4, 3, 1)
			list, err = j.Operations(ctx, Query{Whole: true, Day: ops[0].Day, OldestFirst: true})
			hold("a day", list, err, 0, 1, 3, 4)
			list, err = j.OpenOperations(ctx)
			hold("open", list, err, 0, 4)
			_, err = j.Operation(ctx, bad)
			hold("itself", nil, err)
			if o, err := j.Operation(ctx, ops[3].Op); err != nil || o.Op != ops[3].Op {
				t.Errorf("another: %v", err)
			}
			if totals, _, err := j.CountOpen(ctx); err != nil || totals[operation.Attention].Count != 3 {
				t.Errorf("counted %v: %v", totals, err)
			}
		})
	}
}

func TestTheOldestTimeThatCannotBeReadHidesNoTotal(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	j := openIn(t, dir)
	for i := range 3 {
		op := journaltest.Operation(i)
		put(t, j, &op, "accepted")
	}
	closeNow(t, j)
	tamper(t, dir, `UPDATE operations SET accepted_at='yesterday' WHERE op='`+journaltest.Operation(0).Op+`'`)
	j = openIn(t, dir, func(o *Options) { o.ReadOnly = true })
	totals, oldest, err := j.CountOpen(context.Background())
	if !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), journaltest.Operation(0).Op) || totals[operation.Queued].Count != 3 || !oldest.IsZero() {
		t.Fatal(totals, oldest, err)
	}
}
