package journal

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"counterfoil/offline/journal/chain"
	"counterfoil/offline/operation"
	"counterfoil/offline/sqlite"
)

// Tx is one caller's part of a commit. It is good only inside the function it was given to.
type Tx struct {
	c          *sqlite.Conn
	now        func() time.Time
	head       chain.Head
	tried      chain.Head             // of the newest commit that was begun
	pending    *pendingRows           // of earlier commits
	fresh      map[string]*pendingRow // of this commit
	checkpoint int64                  // chain.MetaProjected as it is stored
	newest     string                 // no row's op is greater
	touched    []touched
	seen       int64 // SQLite's data_version at the last look
	beside     bool  // another program has written since the opening
}

// touched is what Put changed in a caller's operation, to be undone on a rollback.
type touched struct {
	op   *operation.Operation
	seq  int64
	hash string
}

// Operation reads one operation whole, as this transaction sees it. Error: ErrNoOperation.
func (t *Tx) Operation(op string) (operation.Operation, error) {
	if i := t.pendingRow(op); i != nil {
		return i.read(true)
	}
	var o operation.Operation
	found := false
	err := t.c.Each(selectWhole+` WHERE o.op=?`, []any{op}, func(row sqlite.Row) (err error) {
		found = true
		o, err = chain.OperationOf(row)
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
	e := chain.Event{Seq: t.head.Seq + 1, At: chain.Stamp(t.now()), Op: op, Name: name, Data: data, Prev: t.head.Hash}
	e.Hash = e.Sum()
	return t.insert(&e)
}

func (t *Tx) insert(e *chain.Event) error {
	err := t.c.Exec(`INSERT INTO events (seq, at, op, event, data, prev, hash) VALUES (?,?,?,?,?,?,?)`,
		e.Seq, e.At, e.Op, e.Name, e.Data, e.Prev, e.Hash)
	if err == nil {
		t.head = chain.Head{Seq: e.Seq, Hash: e.Hash}
	} else if sqlite.Taken(err) {
		err = fmt.Errorf("%w: %w", ErrBeside, err)
	}
	return err
}

// Seq is the number of the newest event, this transaction's among them.
func (t *Tx) Seq() int64 { return t.head.Seq }

// Conn is the transaction's connection, for rooms that keep tables of their own.
// It must not be kept, and begins or ends no transaction.
func (t *Tx) Conn() *sqlite.Conn { return t.c }

// Meta reads a small value as this transaction sees it, "" where there is none.
func (t *Tx) Meta(key string) (string, error) {
	return t.c.Text(`SELECT value FROM meta WHERE key=?`, key)
}

// SetMeta keeps a small value that nothing rests on. It makes no event.
func (t *Tx) SetMeta(key, value string) error {
	err := t.c.Exec(`INSERT INTO meta (key, value) VALUES (?,?)
		ON CONFLICT (key) DO UPDATE SET value=excluded.value`, key, value)
	return err
}

// undo sets the callers' operations back to what they were before the transaction.
func (t *Tx) undo(head chain.Head) {
	for _, u := range slices.Backward(t.touched) {
		u.op.Seq, u.op.Hash = u.seq, u.hash
	}
	t.head = head
	clear(t.fresh)
}
