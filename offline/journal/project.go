package journal

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"counterfoil/offline/journal/chain"
	"counterfoil/offline/sqlite"
)

// The tables operations, attempts, evidence and days are a projection of the
// events: everything in them follows from an event. A commit writes only the
// event, one page of the log where the rows and their indexes would be five.
// The rows follow some hundred events later, within a commit that is made
// anyway. Until then pending rows in memory stand in for them; after a crash
// they are made again from the events (readUnprojected).

// projectFrom is how many pending rows make a commit write them.
const projectFrom = 192

var sqlInsert = `INSERT INTO operations (` + operationColumns + `, accepted_seq)
VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)`

// sqlUpdate leaves id and day alone: they never change, and setting them would rewrite their indexes.
const sqlUpdate = `UPDATE operations SET kind=?2, level=?4, state=?5, amount_fen=?6, offline=?7,
operator=?8, approved_by=?9, counter=?10, accepted_at=?11, finished_at=?12, order_no=?13, seq=?14, hash=?15,
why=?17, reason=?18, settled_as=?19, settled_by=?20, waits_for=?21, next_at=?22, asked=?23, name=?24, range=?25,
approved_for=?26, entered=?27, settle_asked_by=?28
WHERE op=?1 AND id=?3 AND day=?16 RETURNING op`

const sqlAttempt = `INSERT INTO attempts (op, n, trace, data) VALUES (?,?,?,?)
ON CONFLICT (op, n) DO UPDATE SET trace=excluded.trace, data=excluded.data WHERE data<>excluded.data`

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

// projectSome writes the pending rows where there are many, and before the
// checkpoint is too far behind; it reports whether it did.
func (t *Tx) projectSome(how projecting) (bool, error) {
	behind := t.head.Seq - t.checkpoint
	must := how == projectAll || behind >= chain.MaxBehind-1
	many := how == projectDue && len(t.pending.byOp)+len(t.fresh) >= projectFrom
	if behind == 0 || !must && !many {
		return false, nil
	}
	all := maps.Clone(t.pending.byOp)
	maps.Copy(all, t.fresh)
	return true, t.project(all)
}

// project writes these rows, which are all that wait, and moves the checkpoint.
func (t *Tx) project(all map[string]*pendingRow) error {
	if err := t.unchanged(all); err != nil {
		return err
	}
	for _, op := range slices.Sorted(maps.Keys(all)) {
		if err := t.projectOne(all[op]); err != nil {
			if sqlite.ClassOf(err) == sqlite.Other {
				// The tables are not what they were when the events were accepted.
				err = fmt.Errorf("%w: %w", sqlite.ErrUnreadable, err)
			}
			return err
		}
		t.newest = max(t.newest, op)
	}
	return t.SetMeta(chain.MetaProjected, strconv.FormatInt(t.head.Seq, 10))
}

// unchanged holds the rows that are to be written over against their events, once
// another program has written beside: what somebody changed in one must not vanish
// unseen. Most who write beside only count a PIN.
func (t *Tx) unchanged(all map[string]*pendingRow) error {
	version, err := t.c.Int("PRAGMA data_version")
	t.beside = t.beside || version != t.seen
	t.seen = version
	if err != nil || !t.beside {
		return err
	}
	var ops []string
	for op, i := range all {
		if i.row {
			ops = append(ops, op)
		}
	}
	return chain.CheckRows(t.c, ops)
}

// projectOne writes an operation's row, and then what hangs on it.
func (t *Tx) projectOne(i *pendingRow) error {
	args, err := chain.OperationArgs(&i.op)
	if err != nil {
		return err
	}
	if i.row {
		n := 0
		err := t.c.Each(sqlUpdate, args, func(sqlite.Row) error { n++; return nil })
		if err == nil && n != 1 {
			err = fmt.Errorf("%w: operation %s has lost its row", sqlite.ErrUnreadable, i.op.Op)
		}
		if err != nil {
			return err
		}
	} else {
		if err := t.c.Exec(sqlInsert, append(args, i.accepted)...); err != nil {
			return err
		}
		if err := t.noteDay(i.op.Op, i.op.Day); err != nil {
			return err
		}
	}
	for n := range i.postings {
		if err := t.post(&i.postings[n]); err != nil {
			return err
		}
	}
	for n, a := range i.op.Attempts {
		text, err := json.Marshal(&a)
		if err == nil {
			err = t.c.Exec(sqlAttempt, i.op.Op, n, a.Trace, string(text))
		}
		if err != nil {
			return err
		}
	}
	for n, seq := range i.brought {
		text, err := json.Marshal(&i.op.Evidence[i.stored+n])
		if err == nil {
			err = t.c.Exec(`INSERT INTO evidence (op, n, seq, data) VALUES (?,?,?,?)`, i.op.Op, i.stored+n, seq, string(text))
		}
		if err != nil {
			return err
		}
	}
	return nil
}
