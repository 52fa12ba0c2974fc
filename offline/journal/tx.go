package journal

import (
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/mattn/go-sqlite3"
)

// Tx is one caller's part of a commit. It is good only inside the function it was given to.
type Tx struct {
	c      *conn
	now    func() time.Time
	head   Head
	newest newest
	buf    []byte // for hashing
	json   []byte // for the snapshot
	// touched remembers what Put changed in the caller's operations, to give it back on a rollback.
	touched []touched
}

type touched struct {
	op   *Operation
	seq  int64
	hash string
}

const sqlInsert = `INSERT INTO operations (` + operationColumns + `)
VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)`

// sqlUpdate leaves id and day alone: they never change, and setting them would rewrite their indexes.
const sqlUpdate = `UPDATE operations SET kind=?2, level=?4, state=?5, amount_fen=?6, offline=?7,
operator=?8, approved_by=?9, counter=?10, accepted_at=?11, finished_at=?12, order_no=?13, seq=?14, hash=?15,
why=?17, reason=?18, settled_as=?19, settled_by=?20, waits_for=?21, next_at=?22, asked=?23, name=?24, range=?25,
approved_for=?26
WHERE op=?1 AND id=?3 AND day=?16`

const sqlAttempt = `INSERT INTO attempts (op, n, trace, data) VALUES (?,?,?,?)
ON CONFLICT (op, n) DO UPDATE SET trace=excluded.trace, data=excluded.data WHERE data<>excluded.data`

// Put stores the operation with its attempts and evidence and appends one
// chained event of that name holding its snapshot; it sets op.Seq and op.Hash.
// A Seq of 0 means a new operation; any other must be the stored one, so that
// nobody writes over a change they have not seen. Evidence is only ever added.
// Errors: ErrStale, ErrShrunk.
func (t *Tx) Put(op *Operation, event string) error {
	if op.Op == "" || event == "" {
		return errors.New("journal: an operation and its event need a name")
	}
	attempts, err := encodeAttempts(op.Attempts)
	if err != nil {
		return err
	}
	seq, tried, known, err := t.stored(op)
	if err != nil {
		return err
	}
	if len(attempts) < tried || len(op.Evidence) < known {
		return fmt.Errorf("%w: %s", ErrShrunk, op.Op)
	}
	if op.Seq != 0 && seq != op.Seq {
		return fmt.Errorf("%w: %s", ErrStale, op.Op)
	}
	evidence, err := encodeList(op.Evidence[known:])
	if err != nil {
		return err
	}
	snapshot := *op
	snapshot.Seq, snapshot.Hash = t.head.Seq+1, ""
	if t.json, err = appendOperation(t.json[:0], &snapshot, attempts, evidence); err != nil {
		return err
	}
	was := touched{op, op.Seq, op.Hash}
	if err := t.append(op.Op, event, string(t.json)); err != nil {
		return err
	}
	t.touched = append(t.touched, was)
	op.Seq, op.Hash = t.head.Seq, t.head.Hash
	if err := t.putRow(op, was.seq); err != nil {
		return err
	}
	for n, text := range attempts {
		if err := t.c.do(sqlAttempt, op.Op, int64(n), op.Attempts[n].Trace, text); err != nil {
			return err
		}
	}
	for i, text := range evidence {
		if err := t.c.do(`INSERT INTO evidence (op, n, seq, data) VALUES (?,?,?,?)`,
			op.Op, int64(known+i), op.Seq, text); err != nil {
			return err
		}
	}
	return nil
}

// putRow writes the operation's own row, which stood at event was, 0 for a new one.
func (t *Tx) putRow(op *Operation, was int64) error {
	args, err := operationArgs(op)
	if err != nil {
		return err
	}
	if was == 0 {
		err := t.c.do(sqlInsert, args...)
		var e sqlite3.Error
		if errors.As(err, &e) && e.ExtendedCode == sqlite3.ErrConstraintUnique {
			return fmt.Errorf("%w: %s", ErrStale, op.Op)
		}
		if err != nil {
			return err
		}
		return t.noteDay(op.Op, op.Day)
	}
	return t.c.do(sqlUpdate, args...)
}

// stored returns the last event of an operation that is to be changed, and how
// many attempts and pieces of evidence are stored; zeros for a new one.
func (t *Tx) stored(op *Operation) (seq int64, attempts, evidence int, err error) {
	if op.Seq == 0 {
		return 0, 0, 0, nil
	}
	err = t.c.each(`SELECT seq, (SELECT count(*) FROM attempts WHERE op=?1), (SELECT count(*) FROM evidence WHERE op=?1)
		FROM operations WHERE op=?1 AND id=?2 AND day=?3`,
		[]any{op.Op, op.ID, op.Day}, func(row []driver.Value) error {
			seq, attempts, evidence = asInt(row[0]), int(asInt(row[1])), int(asInt(row[2]))
			return nil
		})
	return seq, attempts, evidence, err
}

// Operation reads one operation whole, as this transaction sees it. Error: ErrNoOperation.
func (t *Tx) Operation(op string) (Operation, error) {
	var o Operation
	found := false
	err := t.c.each(selectWhole+` WHERE o.op=?`, []any{op}, func(row []driver.Value) (err error) {
		found = true
		o, err = operationOf(row)
		return err
	})
	if err == nil && !found {
		err = fmt.Errorf("%w: %s", ErrNoOperation, op)
	}
	return o, err
}

// Append adds an event that belongs to no operation (operator added, skew measured, close of a day).
func (t *Tx) Append(event string, data any) error {
	b, err := json.Marshal(data)
	if err != nil {
		return err
	}
	return t.append("", event, string(b))
}

func (t *Tx) append(op, name, data string) error {
	e := event{seq: t.head.Seq + 1, at: stamp(t.now()), op: op, name: name, data: data, prev: t.head.Hash}
	e.hash, t.buf = e.sum(t.buf)
	return t.insert(&e)
}

func (t *Tx) insert(e *event) error {
	err := t.c.do(`INSERT INTO events (seq, at, op, event, data, prev, hash) VALUES (?,?,?,?,?,?,?)`,
		e.seq, e.at, e.op, e.name, e.data, e.prev, e.hash)
	if err == nil {
		t.head = Head{Seq: e.seq, Hash: e.hash}
	}
	return err
}

// NextTrace returns the day's next sequence number: one more than the last, and at least floor.
func (t *Tx) NextTrace(day string, floor int64) (int64, error) {
	return t.c.integer(`INSERT INTO traces (day, last) VALUES (?1, max(1, ?2))
		ON CONFLICT (day) DO UPDATE SET last = max(last + 1, ?2) RETURNING last`, day, floor)
}

// Meta reads a small value as this transaction sees it, "" where there is none.
func (t *Tx) Meta(key string) (string, error) {
	return t.c.text(`SELECT value FROM meta WHERE key=?`, key)
}

// SetMeta keeps a small value: the skew, the link's history. It makes no event.
func (t *Tx) SetMeta(key, value string) error {
	_, err := t.c.exec(`INSERT INTO meta (key, value) VALUES (?,?)
		ON CONFLICT (key) DO UPDATE SET value=excluded.value`, key, value)
	return err
}

// undo gives the caller's operations back as they were before this part of the commit.
func (t *Tx) undo(from int) {
	for i := len(t.touched) - 1; i >= from; i-- {
		u := t.touched[i]
		u.op.Seq, u.op.Hash = u.seq, u.hash
	}
	t.touched = t.touched[:from]
}
