package journal

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"counterfoil/offline/journal/chain"
	"counterfoil/offline/operation"
	"counterfoil/offline/sqlite"
)

// Operation reads one operation. Error: ErrNoOperation.
func (j *Journal) Operation(ctx context.Context, op string) (operation.Operation, error) {
	if j.w != nil {
		if i := j.w.pending.of(op); i != nil {
			return i.read(true)
		}
	}
	list, err := j.operations(ctx, selection{
		whole: true, where: []string{`o.op=?`}, args: []any{op},
		is: func(o *operation.Operation) bool { return o.Op == op },
	})
	switch {
	case len(list) > 0:
		return list[0], nil // what else is damaged does not matter here
	case err != nil:
		return operation.Operation{}, err
	}
	return operation.Operation{}, fmt.Errorf("%w: %s", ErrNoOperation, op)
}

// OpenOperations reads every operation in an open state, oldest first, whole.
func (j *Journal) OpenOperations(ctx context.Context) ([]operation.Operation, error) {
	return j.operations(ctx, selection{
		whole: true, where: []string{chain.OpenStates}, oldestFirst: true,
		is: func(o *operation.Operation) bool { return o.State.Open() },
	})
}

// Rechecks reads the operations that are closed and due to be looked at once
// more: refused ones, and those settled before they could no longer take effect.
func (j *Journal) Rechecks(ctx context.Context) ([]operation.Operation, error) {
	return j.operations(ctx, selection{
		whole: true, where: []string{`next_at <> ''`, `state IN ('refused', 'settled')`}, oldestFirst: true,
		is: func(o *operation.Operation) bool {
			return o.NextAt != nil && (o.State == operation.Refused || o.State == operation.Settled)
		},
	})
}

// Query selects operations; zero fields select all.
type Query struct {
	States []operation.State
	Day    string   // business day
	IDs    []string // any of these ids
	Text   string   // part of the id, the voucher's name or the operator's; of ASCII, upper and lower case alike
	Kind   operation.Kind
	// Before and After page by key: operations older or newer than that op. Newest first unless OldestFirst.
	Before, After string
	OldestFirst   bool
	Limit         int // 0: all
	// Whole reads attempts and evidence too. What is not whole must not be Put.
	Whole bool
}

// Operations reads a page of operations by key. Rows that cannot be read are left
// out; they are named by an error that is ErrDamaged, returned with the others.
func (j *Journal) Operations(ctx context.Context, q Query) ([]operation.Operation, error) {
	return j.operations(ctx, q.selection())
}

// givenText is a parameter that SQLite does not look at when it plans. A bare one
// would have it prepare the statement anew for every value, which costs more than
// the reading.
const givenText = `CAST(? AS TEXT)`

func (q Query) selection() selection {
	s := selection{whole: q.Whole, oldestFirst: q.OldestFirst, limit: q.Limit, is: q.holds}
	add := func(term string, values ...any) {
		s.where = append(s.where, term)
		s.args = append(s.args, values...)
	}
	if len(q.States) > 0 {
		if !slices.ContainsFunc(q.States, func(state operation.State) bool { return !state.Open() }) {
			add(chain.OpenStates)
		}
		term, args := oneOf(`state`, q.States)
		add(term, args...)
	}
	if q.Day != "" {
		add(ofDay, q.Day, q.Day, q.Day)
	}
	if len(q.IDs) > 0 {
		term, args := oneOf(`id`, q.IDs)
		add(term, args...)
	}
	if q.Text != "" {
		given := `instr(lower(o.%s), lower(` + givenText + `)) > 0`
		add(`(`+fmt.Sprintf(given+` OR `+given+` OR `+given, `id`, `name`, `operator`)+`)`, q.Text, q.Text, q.Text)
	}
	switch q.Kind {
	case "":
	case operation.Range:
		add(`kind = 'range'`) // the partial index's own condition
	default:
		add(`kind=`+givenText, string(q.Kind))
	}
	if q.Before != "" {
		add(`op<?`, q.Before)
	}
	if q.After != "" {
		add(`op>?`, q.After)
	}
	return s
}

// oneOf is the term that a column holds one of the values.
func oneOf[T ~string](column string, values []T) (term string, args []any) {
	for _, v := range values {
		args = append(args, string(v))
	}
	return column + ` IN (` + givenText + strings.Repeat(`,`+givenText, len(values)-1) + `)`, args
}

// holds is the query on a pending row.
func (q Query) holds(o *operation.Operation) bool {
	return (len(q.States) == 0 || slices.Contains(q.States, o.State)) &&
		(q.Day == "" || o.Day == q.Day) && (len(q.IDs) == 0 || slices.Contains(q.IDs, o.ID)) && (q.Kind == "" || o.Kind == q.Kind) &&
		(q.Text == "" || slices.ContainsFunc([]string{o.ID, o.Name, o.Operator}, q.finds)) &&
		(q.Before == "" || o.Op < q.Before) && (q.After == "" || o.Op > q.After)
}

// finds tells whether a text holds what is looked for.
func (q Query) finds(text string) bool {
	return strings.Contains(strings.ToLower(text), strings.ToLower(q.Text))
}

// Totals is a count and a sum in whole fen.
type Totals struct {
	Count int
	Fen   int64
}

// CountOpen returns the totals by open state, and the oldest open operation's
// acceptance (zero for none). Where only that time cannot be read, the totals
// come with an ErrDamaged.
func (j *Journal) CountOpen(ctx context.Context) (map[operation.State]Totals, time.Time, error) {
	totals := map[operation.State]Totals{}
	var oldest, accepted string
	pending, err := j.overlay(ctx)
	if err != nil {
		return nil, time.Time{}, j.readError(err)
	}
	where, args := pending.hide([]string{chain.OpenStates}, nil)
	err = j.r.Each(ctx, `SELECT state, count(*), sum(amount_fen), min(op), accepted_at
		FROM operations o WHERE `+where+` GROUP BY state`, args, func(row sqlite.Row) error {
		totals[operation.State(row.Text(0))] = Totals{int(row.Int(1)), row.Int(2)}
		if op := row.Text(3); oldest == "" || op < oldest {
			oldest, accepted = op, row.Text(4)
		}
		return row.Check("tiitt")
	})
	if err != nil {
		return nil, time.Time{}, j.readError(err)
	}
	for _, i := range pending {
		if !i.op.State.Open() {
			continue
		}
		t := totals[i.op.State]
		totals[i.op.State] = Totals{t.Count + 1, t.Fen + i.op.AmountFen}
		if oldest == "" || i.op.Op < oldest {
			oldest, accepted = i.op.Op, chain.Stamp(i.op.AcceptedAt)
		}
	}
	at, err := chain.ParseStamp(accepted)
	if err != nil {
		return totals, at, j.readError(fmt.Errorf("%w: operation %s, accepted_at: %w", sqlite.ErrUnreadable, oldest, err))
	}
	return totals, at, nil
}

// CountDay counts a business day's operations, by the keys of its runs alone.
func (j *Journal) CountDay(ctx context.Context, day string) (n int, err error) {
	pending, err := j.overlay(ctx)
	if err != nil {
		return 0, j.readError(err)
	}
	where, args := pending.hide([]string{`o.op >= d.op AND o.op < ifnull((SELECT min(op) FROM days WHERE op > d.op), '~')`}, nil)
	err = j.r.Each(ctx, `SELECT ifnull(sum((SELECT count(*) FROM operations o WHERE `+where+`)), 0) FROM days d WHERE d.day=?`, append(args, day), func(row sqlite.Row) error {
		n = int(row.Int(0))
		return row.Check("i")
	})
	for _, i := range pending {
		if i.op.Day == day {
			n++
		}
	}
	return n, j.readError(err)
}

// DayTotal is one cell of a business day's sums.
type DayTotal struct {
	Kind     operation.Kind
	State    operation.State
	Operator string
	Why      string // "by_status" is totalled apart
	Totals
}

// DayTotals returns a business day's totals by kind, state, operator and reason, in this order.
func (j *Journal) DayTotals(ctx context.Context, day string) ([]DayTotal, error) {
	pending, err := j.overlay(ctx)
	if err != nil {
		return nil, j.readError(err)
	}
	where, args := pending.hide([]string{ofDay}, []any{day, day, day})
	sums := map[DayTotal]Totals{}
	err = j.r.Each(ctx, `SELECT kind, state, operator, why, count(*), sum(amount_fen)
		FROM operations o WHERE `+where+` GROUP BY 1, 2, 3, 4`, args, func(row sqlite.Row) error {
		cell := DayTotal{Kind: operation.Kind(row.Text(0)), State: operation.State(row.Text(1)), Operator: row.Text(2), Why: row.Text(3)}
		sums[cell] = Totals{int(row.Int(4)), row.Int(5)}
		return row.Check("ttttii")
	})
	if err != nil {
		return nil, j.readError(err)
	}
	for _, i := range pending {
		if i.op.Day != day {
			continue
		}
		cell := DayTotal{Kind: i.op.Kind, State: i.op.State, Operator: i.op.Operator, Why: i.op.Why}
		sum := sums[cell]
		sums[cell] = Totals{sum.Count + 1, sum.Fen + i.op.AmountFen}
	}
	var list []DayTotal
	for cell, sum := range sums {
		cell.Totals = sum
		list = append(list, cell)
	}
	slices.SortFunc(list, func(a, b DayTotal) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.State, b.State),
			cmp.Compare(a.Operator, b.Operator), cmp.Compare(a.Why, b.Why))
	})
	return list, nil
}

// Each reads rows for rooms that keep tables of their own. Error: ErrDamaged.
func (j *Journal) Each(ctx context.Context, query string, args []any, fn func(sqlite.Row) error) error {
	return j.readError(j.r.Each(ctx, query, args, fn))
}

// LastEvent returns the data of the newest event of that name, "" where there is
// none, or where it does not give its hash.
func (j *Journal) LastEvent(ctx context.Context, name string) (data string, err error) {
	err = j.Each(ctx, `SELECT `+chain.EventColumns+` FROM events WHERE op='' AND event=? ORDER BY seq DESC LIMIT 1`, []any{name},
		func(row sqlite.Row) error {
			if e := chain.EventOf(row); e.Sum() == e.Hash {
				data = e.Data
			}
			return nil
		})
	return data, err
}

// Meta reads a small value, "" where there is none.
func (j *Journal) Meta(ctx context.Context, key string) (string, error) {
	value, err := j.r.Text(ctx, `SELECT value FROM meta WHERE key=?`, key)
	return value, j.readError(err)
}
