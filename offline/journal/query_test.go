package journal

import (
	"context"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"counterfoil/offline/journal/chain"
	"counterfoil/offline/journal/journaltest"
	"counterfoil/offline/operation"
	"counterfoil/offline/sqlite"
)

// names are the numbers that newOperation was given, of a list.
func names(list []operation.Operation) string {
	var out []string
	for i := range list {
		var n int
		_, _ = fmt.Sscanf(list[i].ID, "R112102F-%d-2585", &n)
		out = append(out, fmt.Sprint(n))
	}
	return strings.Join(out, " ")
}

// varied is a journal of twelve operations: 0 to 5 on the first day.
func varied(t *testing.T) *Journal {
	t.Helper()
	j := openIn(t, t.TempDir())
	states := []operation.State{operation.Queued, operation.Unknown, operation.Done, operation.Attention, operation.Sending, operation.Refused}
	for n := range 12 {
		op := journaltest.Operation(n)
		op.State = states[n%6]
		op.AmountFen = int64(100 * (n + 1))
		if n >= 6 {
			op.Day, op.Operator = "2026-11-23", "bob"
		}
		if n == 8 {
			op.Why, op.Kind = "by_status", operation.Void
		}
		put(t, j, &op, "made")
	}
	return j
}

func TestOperationsPageByKey(t *testing.T) {
	t.Parallel()
	j := varied(t)
	ctx := context.Background()
	op := func(n int) string { return journaltest.Operation(n).Op }
	for _, c := range []struct {
		q    Query
		want string
	}{
		{Query{}, "11 10 9 8 7 6 5 4 3 2 1 0"},
		{Query{OldestFirst: true, Limit: 3}, "0 1 2"},
		{Query{Limit: 3}, "11 10 9"},
		{Query{Limit: 3, Before: op(9)}, "8 7 6"},
		{Query{OldestFirst: true, Limit: 3, After: op(9)}, "10 11"},
		{Query{After: op(2), Before: op(5)}, "4 3"},
		{Query{Day: "2026-11-23", OldestFirst: true}, "6 7 8 9 10 11"},
		{Query{Day: "2026-11-23", Limit: 2, Before: op(9)}, "8 7"},
		{Query{States: []operation.State{operation.Done}}, "8 2"},
		{Query{States: []operation.State{operation.Queued, operation.Attention}, OldestFirst: true}, "0 3 6 9"},
		{Query{States: []operation.State{operation.Done}, Day: "2026-11-22"}, "2"},
		{Query{Kind: operation.Void}, "8"},
		{Query{IDs: []string{journaltest.Operation(7).ID, journaltest.Operation(9).ID}}, "9 7"},
		{Query{Text: strings.ToLower(journaltest.Operation(7).ID)}, "7"},
		{Query{IDs: []string{"nobody"}}, ""},
		{Query{Text: "nobody"}, ""},
	} {
		list, err := j.Operations(ctx, c.q)
		if err != nil || names(list) != c.want {
			t.Errorf("%+v: %s, want %s (%v)", c.q, names(list), c.want, err)
		}
	}
	open, err := j.OpenOperations(ctx)
	if err != nil || names(open) != "0 1 3 4 6 7 9 10" {
		t.Errorf("open: %s %v", names(open), err)
	}
}

func TestTotals(t *testing.T) {
	t.Parallel()
	j := varied(t)
	ctx := context.Background()
	open, oldest, err := j.CountOpen(ctx)
	want := map[operation.State]Totals{operation.Queued: {2, 800}, operation.Unknown: {2, 1000}, operation.Attention: {2, 1400}, operation.Sending: {2, 1600}}
	if err != nil || !reflect.DeepEqual(open, want) || !oldest.Equal(start) {
		t.Errorf("%v %v %v", open, oldest, err)
	}
	day, err := j.DayTotals(ctx, "2026-11-23")
	if err != nil {
		t.Fatal(err)
	}
	sum, byStatus := Totals{}, Totals{}
	for _, d := range day {
		sum.Count += d.Count
		sum.Fen += d.Fen
		if d.Why == "by_status" && d.Kind == operation.Void && d.State == operation.Done && d.Operator == "bob" {
			byStatus = d.Totals
		}
	}
	if sum != (Totals{6, 5700}) || byStatus != (Totals{1, 900}) {
		t.Errorf("%+v", day)
	}
}

func TestQueriesUseTheirIndexes(t *testing.T) {
	t.Parallel()
	j := openIn(t, t.TempDir())
	plan := func(query string, args ...any) string {
		t.Helper()
		var out []string
		err := j.r.Each(context.Background(), "EXPLAIN QUERY PLAN "+query, args, func(row sqlite.Row) error {
			out = append(out, row.Text(3))
			return nil
		})
		if err != nil {
			t.Fatal(query, err)
		}
		return strings.Join(out, "; ")
	}
	hold := func(what, plan, index string) {
		t.Helper()
		if !strings.Contains(plan, index) || strings.Contains(plan, "TEMP B-TREE FOR ORDER") {
			t.Errorf("%s: %s", what, plan)
		}
	}
	for _, c := range []struct {
		q     Query
		index string
	}{
		{Query{Before: "x", Limit: 10}, "operations_op (op<?)"},
		{Query{States: []operation.State{operation.Queued}, Limit: 10}, "operations_open"},
		{Query{Day: "x", Before: "x", Limit: 10}, "operations_op (op>? AND op<?)"},
		{Query{IDs: []string{"x"}}, "operations_id (id=?)"},
		{Query{Kind: operation.Range, OldestFirst: true}, "operations_ranges"},
	} {
		s := c.q.selection()
		hold(s.sql(), plan(s.sql(), s.args...), c.index)
	}
	hold("check of the open ones", plan(chain.SQLOpen), "operations_open")
	hold("check of those looked at again", plan(chain.SQLRecheck), "operations_recheck")
	hold("open", plan(selectWhole+` WHERE `+chain.OpenStates+` ORDER BY o.op`), "operations_open")
	hold("count", plan(`SELECT state, count(*), sum(amount_fen), min(op), accepted_at FROM operations o WHERE `+chain.OpenStates+` GROUP BY state`), "COVERING INDEX operations_open")
	hold("recheck", plan(selectWhole+` WHERE next_at <> '' AND state IN ('refused', 'settled') ORDER BY o.op`), "operations_recheck")
}

func TestReadersWorkWhileTheJournalWrites(t *testing.T) {
	t.Parallel()
	const rounds = 25 // their events are more than the rows may lag behind
	j := openIn(t, t.TempDir())
	ctx := context.Background()
	var writers, readers sync.WaitGroup
	stop := make(chan struct{})
	var stored atomic.Int64
	// Rows are written meanwhile: nobody may miss an operation or meet one twice.
	all := func() error {
		atLeast := stored.Load()
		list, err := j.Operations(ctx, Query{})
		if err == nil && int64(len(list)) < atLeast {
			err = fmt.Errorf("%d operations of %d", len(list), atLeast)
		}
		for i := range list {
			if i > 0 && list[i].Op >= list[i-1].Op {
				err = fmt.Errorf("%s behind %s", list[i].Op, list[i-1].Op)
			}
		}
		return err
	}
	for r := range 3 {
		readers.Go(func() {
			breath := time.NewTicker(time.Millisecond) // two cores are to write, too
			defer breath.Stop()
			for {
				select {
				case <-stop:
					return
				case <-breath.C:
				}
				var err error
				switch r % 3 {
				case 0:
					_, err = j.Operations(ctx, Query{Limit: 20, Whole: true})
				case 1:
					_, _, err = j.CountOpen(ctx)
				case 2:
					err = all()
				}
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for w := range 8 {
		writers.Go(func() {
			for n := range rounds {
				op := journaltest.Operation(w*1000 + n)
				put(t, j, &op, "accepted")
				stored.Add(1)
				send(t, j, &op, w*1000+n)
			}
		})
	}
	writers.Wait()
	close(stop)
	readers.Wait()
	if head, err := j.Verify(ctx, nil); err != nil || head.Seq != 8*rounds*3 {
		t.Fatal(head, err)
	}
}

func TestADayIsFoundWhateverOrderItsOperationsCameIn(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		dir, err := os.MkdirTemp("", "days")
		if err != nil {
			rt.Fatal(err)
		}
		defer os.RemoveAll(dir)
		j, err := Open(context.Background(), Options{Dir: dir, Reserve: 64 << 10})
		if err != nil {
			rt.Fatal(err)
		}
		defer func() { _ = j.Close() }()
		days := []string{"2026-11-21", "2026-11-22", "2026-11-23"}
		order := rapid.Permutation([]int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}).Draw(rt, "order")
		together := rapid.IntRange(1, 4).Draw(rt, "together")
		want := map[string][]int{}
		for len(order) > 0 {
			n := min(together, len(order))
			err := j.Write(context.Background(), func(tx *Tx) error {
				for _, i := range order[:n] {
					op := journaltest.Operation(i)
					op.Day = days[rapid.IntRange(0, 2).Draw(rt, "day")]
					want[op.Day] = append(want[op.Day], i)
					if err := tx.Put(&op, "accepted"); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				rt.Fatal(err)
			}
			order = order[n:]
			if rapid.Bool().Draw(rt, "rows") {
				if err := j.projectAll(context.Background()); err != nil {
					rt.Fatal(err)
				}
			}
		}
		for _, day := range days {
			list, err := j.Operations(context.Background(), Query{Day: day, OldestFirst: true})
			slices.Sort(want[day])
			text := strings.Trim(fmt.Sprint(want[day]), "[]")
			if err != nil || names(list) != text {
				rt.Fatalf("%s: %q, want %q (%v)", day, names(list), text, err)
			}
		}
	})
}
