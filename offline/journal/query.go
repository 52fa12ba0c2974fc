package journal

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
	"time"
)

// openStates is the partial index's own condition: without these very words SQLite does not use it.
const openStates = `state IN ('queued', 'sending', 'unknown', 'attention')`

// Operation reads one operation. Error: ErrNoOperation.
func (j *Journal) Operation(ctx context.Context, op string) (Operation, error) {
	list, err := j.operations(ctx, selectWhole+` WHERE o.op=?`, op)
	if err != nil {
		return Operation{}, err
	}
	if len(list) == 0 {
		return Operation{}, fmt.Errorf("%w: %s", ErrNoOperation, op)
	}
	return list[0], nil
}

// OpenOperations reads every operation in an open state, oldest first, whole.
func (j *Journal) OpenOperations(ctx context.Context) ([]Operation, error) {
	return j.operations(ctx, selectWhole+` WHERE `+openStates+` ORDER BY o.op`)
}

// Query selects operations; zero fields select all.
type Query struct {
	States []State
	Day    string // business day
	ID     string // exact id
	Kind   Kind
	// Before and After page by key: operations older or newer than that op. Newest first unless OldestFirst.
	Before, After string
	OldestFirst   bool
	Limit         int // 0: all
	// Whole reads attempts and evidence too. What is not whole must not be Put.
	Whole bool
}

// Operations reads a page of operations by key. Where damage hides some of them,
// the rest comes with an error that is ErrDamaged.
func (j *Journal) Operations(ctx context.Context, q Query) ([]Operation, error) {
	text, args := q.sql()
	return j.operations(ctx, text, args...)
}

func (q Query) sql() (string, []any) {
	var where []string
	var args []any
	add := func(term string, values ...any) {
		where = append(where, term)
		args = append(args, values...)
	}
	if len(q.States) > 0 {
		open := true
		values := make([]any, len(q.States))
		for i, s := range q.States {
			values[i] = string(s)
			open = open && s.Open()
		}
		if open {
			add(openStates)
		}
		add(`state IN (?`+strings.Repeat(",?", len(values)-1)+`)`, values...)
	}
	if q.Day != "" {
		add(ofDay, q.Day, q.Day, q.Day)
	}
	if q.ID != "" {
		add(`id=?`, q.ID)
	}
	if q.Kind != "" {
		add(`kind=?`, string(q.Kind))
	}
	if q.Before != "" {
		add(`op<?`, q.Before)
	}
	if q.After != "" {
		add(`op>?`, q.After)
	}
	text := selectBare
	if q.Whole {
		text = selectWhole
	}
	if len(where) > 0 {
		text += ` WHERE ` + strings.Join(where, ` AND `)
	}
	text += ` ORDER BY op`
	if !q.OldestFirst {
		text += ` DESC`
	}
	if q.Limit > 0 {
		text += ` LIMIT ?`
		args = append(args, int64(q.Limit))
	}
	return text, args
}

func (j *Journal) operations(ctx context.Context, query string, args ...any) ([]Operation, error) {
	rows, err := j.r.query(ctx, query, args...)
	if err != nil {
		return nil, j.readError(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	row := make([]driver.Value, len(columns))
	dest := make([]any, len(columns))
	for i := range row {
		dest[i] = (*any)(&row[i])
	}
	var list []Operation
	var damaged error
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			return nil, err
		}
		o, err := operationOf(row)
		if err != nil {
			damaged = errors.Join(damaged, err)
			continue
		}
		list = append(list, o)
	}
	return list, j.readError(errors.Join(damaged, rows.Err()))
}

// Totals is a count and a sum in whole fen.
type Totals struct {
	Count int
	Fen   int64
}

// CountOpen returns the totals by open state, and the oldest open operation's acceptance (zero for none).
func (j *Journal) CountOpen(ctx context.Context) (map[State]Totals, time.Time, error) {
	totals := map[State]Totals{}
	var oldest, accepted string
	rows, err := j.r.query(ctx, `SELECT state, count(*), sum(amount_fen), min(op), accepted_at
		FROM operations WHERE `+openStates+` GROUP BY state`)
	if err != nil {
		return nil, time.Time{}, j.readError(err)
	}
	defer rows.Close()
	for rows.Next() {
		var state, op, at string
		var t Totals
		if err := rows.Scan(&state, &t.Count, &t.Fen, &op, &at); err != nil {
			return nil, time.Time{}, j.unreadable(ctx, err)
		}
		totals[State(state)] = t
		if oldest == "" || op < oldest {
			oldest, accepted = op, at
		}
	}
	if err := rows.Err(); err != nil {
		return nil, time.Time{}, j.readError(err)
	}
	at, err := parseStamp(accepted)
	if err != nil {
		return totals, at, j.unreadable(ctx, err)
	}
	return totals, at, nil
}

// DayTotal is one cell of a business day's sums.
type DayTotal struct {
	Kind     Kind
	State    State
	Operator string
	Why      string // "by_status" is totalled apart
	Totals
}

// DayTotals returns a business day's totals by kind, state, operator and reason, in this order.
func (j *Journal) DayTotals(ctx context.Context, day string) ([]DayTotal, error) {
	rows, err := j.r.query(ctx, `SELECT kind, state, operator, why, count(*), sum(amount_fen)
		FROM operations WHERE `+ofDay+` GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4`, day, day, day)
	if err != nil {
		return nil, j.readError(err)
	}
	defer rows.Close()
	var list []DayTotal
	for rows.Next() {
		var t DayTotal
		if err := rows.Scan(&t.Kind, &t.State, &t.Operator, &t.Why, &t.Count, &t.Fen); err != nil {
			return nil, j.unreadable(ctx, err)
		}
		list = append(list, t)
	}
	return list, j.readError(rows.Err())
}

// Meta reads a small value, "" where there is none.
func (j *Journal) Meta(ctx context.Context, key string) (string, error) {
	var value string
	err := j.r.row(ctx, `SELECT value FROM meta WHERE key=?`, []any{key}, &value)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return value, j.readError(err)
}
