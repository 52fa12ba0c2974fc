package chain_test

import (
	"encoding/json"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"counterfoil/assets"
	"counterfoil/offline/journal/chain"
	"counterfoil/offline/journal/journaltest"
	"counterfoil/offline/sqlite"
)

// book is an empty database of the newest schema, in memory, and what a test
// appends to its chain.
type book struct {
	t    *testing.T
	c    *sqlite.Conn
	head chain.Head
}

func openBook(t *testing.T) *book {
	t.Helper()
	c, err := sqlite.Open(":memory:")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	b := &book{t: t, c: c}
	names, err := fs.Glob(assets.Migrations, "migrations/*.sql")
	b.must(err)
	slices.Sort(names)
	for _, name := range names {
		text, err := fs.ReadFile(assets.Migrations, name)
		b.must(err)
		b.must(c.Script(string(text)))
	}
	return b
}

func (b *book) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

// next is the event that would follow.
func (b *book) next(op, name, data string) chain.Event {
	e := chain.Event{Seq: b.head.Seq + 1, At: chain.Stamp(journaltest.Start), Op: op, Name: name, Data: data, Prev: b.head.Hash}
	e.Hash = e.Sum()
	return e
}

// insert stores an event as it stands.
func (b *book) insert(e chain.Event) {
	b.t.Helper()
	b.must(b.c.Exec(`INSERT INTO events (`+chain.EventColumns+`) VALUES (?,?,?,?,?,?,?)`, e.Seq, e.At, e.Op, e.Name, e.Data, e.Prev, e.Hash))
	b.head = chain.Head{Seq: e.Seq, Hash: e.Hash}
}

// append adds an event that belongs to no operation, and returns its number.
func (b *book) append(name string, data any) int64 {
	b.t.Helper()
	text, err := json.Marshal(data)
	b.must(err)
	b.insert(b.next("", name, string(text)))
	return b.head.Seq
}

// accepted adds the events of so many operations.
func (b *book) accepted(n int) {
	b.t.Helper()
	for range n {
		op := journaltest.Operation(int(b.head.Seq))
		op.Seq = b.head.Seq + 1
		text, err := chain.EncodeOperation(&op)
		b.must(err)
		b.insert(b.next(op.Op, "accepted", text))
	}
}

// acknowledged adds a manager's word that a document was seen.
func (b *book) acknowledged(document int64) int64 {
	b.t.Helper()
	return b.append(chain.AcknowledgedEvent, map[string]any{"gap": document, "by": "mgr"})
}

func (b *book) documents() []chain.Document {
	b.t.Helper()
	all, err := chain.ReadDocuments(b.c.Each, chain.Unindexed)
	b.must(err)
	believed, err := chain.ReadDocuments(b.c.Each, "")
	b.must(err)
	if !slices.Equal(all, believed) {
		b.t.Errorf("by the index %+v, without it %+v", believed, all)
	}
	return all
}

func (b *book) broken() bool {
	b.t.Helper()
	broken, err := chain.Broken(b.c.Each)
	b.must(err)
	return broken
}

// tried tells what broken says once a statement has changed the book, and takes it back.
func (b *book) tried(statement string, args ...any) bool {
	b.t.Helper()
	b.must(b.c.Script(`SAVEPOINT tried`))
	b.must(b.c.Exec(statement, args...))
	broken := b.broken()
	b.must(b.c.Script(`ROLLBACK TO tried; RELEASE tried`))
	return broken
}

// columns are those of an event, in the order in which it is hashed.
var columns = strings.Split(chain.EventColumns, ", ")
