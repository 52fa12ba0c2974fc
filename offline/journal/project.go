package journal

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"counterfoil/offline/operation"
	"counterfoil/offline/sqlite"
)

// The tables operations, attempts, evidence and days are a projection of the
// events: everything in them follows from an event. A commit writes only the
// event, one page of the log where the rows and their indexes would be five.
// The rows follow some hundred events later, within a commit that is made
// anyway. Until then pending rows in memory stand in for them; after a crash
// they are made again from the events (readUnprojected). An operation that is
// being sent waits for its answer: most never need the row in between.

// projectFrom is how many pending rows make a commit write them.
const projectFrom = 192

var sqlInsert = `INSERT INTO operations (` + operationColumns + `)
VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)`

// sqlUpdate leaves id and day alone: they never change, and setting them would rewrite their indexes.
const sqlUpdate = `UPDATE operations SET kind=?2, level=?4, state=?5, amount_fen=?6, offline=?7,
operator=?8, approved_by=?9, counter=?10, accepted_at=?11, finished_at=?12, order_no=?13, seq=?14, hash=?15,
why=?17, reason=?18, settled_as=?19, settled_by=?20, waits_for=?21, next_at=?22, asked=?23, name=?24, range=?25,
approved_for=?26
WHERE op=?1 AND id=?3 AND day=?16`

const sqlAttempt = `INSERT INTO attempts (op, n, trace, data) VALUES (?,?,?,?)
ON CONFLICT (op, n) DO UPDATE SET trace=excluded.trace, data=excluded.data WHERE data<>excluded.data`

// projection is what the tables show.
type projection struct {
	pending *pendingRows           // of earlier commits
	fresh   map[string]*pendingRow // of this commit
	// rows are the versions of the open operations' rows that were written here:
	// nobody else writes them.
	rows map[string]rowVersion
	// checkpoint is metaProjected as it is stored, nextCheckpoint as this commit makes it.
	checkpoint, nextCheckpoint int64
	newest                     newest
}

// pendingRow returns an operation's, nil where the stored row is up to date.
func (t *Tx) pendingRow(op string) *pendingRow {
	if i := t.fresh[op]; i != nil {
		return i
	}
	return t.pending.byOp[op]
}

// projecting says which pending rows a commit writes.
type projecting int

const (
	projectDue    projecting = iota // those that are due
	projectLittle                   // none that can wait
	projectAll
)

// projectSome writes rows where many are due, and all of them before the
// checkpoint is too far behind. It returns the pending rows that it wrote.
func (t *Tx) projectSome(how projecting) (map[string]*pendingRow, error) {
	many := len(t.pending.byOp)
	for op := range t.fresh {
		if t.pending.byOp[op] == nil {
			many++
		}
	}
	t.nextCheckpoint = t.checkpoint
	whole := how == projectAll || t.head.Seq-t.checkpoint >= maxBehind-1
	switch {
	case many == 0 && whole:
		return nil, t.moveCheckpoint(t.head.Seq) // events that belong to no operation
	case many == 0, !whole && (how == projectLittle || many < projectFrom):
		return nil, nil
	}
	all := maps.Clone(t.pending.byOp)
	maps.Copy(all, t.fresh)
	due := all
	if !whole {
		due = maps.Clone(all)
		maps.DeleteFunc(due, func(_ string, i *pendingRow) bool { return i.op.State == operation.Sending })
		if len(due) < projectFrom/2 {
			due = all
		}
	}
	return due, t.project(all, due)
}

// committed is called after the commit.
func (t *Tx) committed(projected map[string]*pendingRow) {
	t.checkpoint = t.nextCheckpoint
	t.pending.take(t.fresh, projected)
	clear(t.fresh)
	for op, i := range projected {
		if i.op.State.Open() {
			t.rows[op] = i.version()
		} else {
			delete(t.rows, op)
		}
	}
	for _, s := range t.sequences {
		s.stored = s.last
	}
}

// project writes those of all pending rows that are due, and moves the checkpoint.
func (t *Tx) project(all, due map[string]*pendingRow) error {
	ops := slices.Sorted(maps.Keys(due))
	if err := t.projectRows(ops, due); err != nil {
		if sqlite.ClassOf(err) == sqlite.Other {
			// The tables are not what they were when the events were accepted.
			err = fmt.Errorf("%w: %w", sqlite.ErrUnreadable, err)
		}
		return err
	}
	checkpoint := t.head.Seq
	for op, i := range all {
		if due[op] == nil {
			checkpoint = min(checkpoint, i.since-1)
		}
	}
	return t.moveCheckpoint(checkpoint)
}

func (t *Tx) moveCheckpoint(to int64) error {
	if to == t.checkpoint {
		return nil
	}
	t.nextCheckpoint = to
	return t.SetMeta(metaProjected, strconv.FormatInt(to, 10))
}

// projectRows writes the operations' rows, and then what hangs on them.
func (t *Tx) projectRows(ops []string, due map[string]*pendingRow) error {
	before, err := t.c.Int(`SELECT total_changes()`)
	if err != nil {
		return err
	}
	updated := int64(0)
	for _, op := range ops {
		if i := due[op]; i.row {
			updated++
			if err := t.projectRow(sqlUpdate, i); err != nil {
				return err
			}
		}
	}
	after, err := t.c.Int(`SELECT total_changes()`)
	if err == nil && after-before != updated {
		err = fmt.Errorf("%w: %d operations have lost their rows", sqlite.ErrUnreadable, updated-after+before)
	}
	for _, op := range ops {
		i := due[op]
		if err == nil && !i.row {
			if err = t.projectRow(sqlInsert, i); err == nil {
				err = t.noteDay(op, i.op.Day)
			}
		}
		if err == nil {
			err = t.projectLists(i)
		}
	}
	return err
}

func (t *Tx) projectRow(statement string, i *pendingRow) error {
	var err error
	if t.args, err = operationArgs(t.args[:0], &i.op); err != nil {
		return err
	}
	return t.c.Exec(statement, t.args...)
}

func (t *Tx) projectLists(i *pendingRow) error {
	for n, text := range i.attempts {
		if err := t.c.Exec(sqlAttempt, i.op.Op, int64(n), i.traces[n], text); err != nil {
			return err
		}
	}
	for n, seq := range i.brought {
		at := i.stored + n
		if err := t.c.Exec(`INSERT INTO evidence (op, n, seq, data) VALUES (?,?,?,?)`,
			i.op.Op, int64(at), seq, i.evidence[at]); err != nil {
			return err
		}
	}
	return nil
}
