package catalog

import (
	"context"
	"errors"
	"sync"
	"time"

	"counterfoil/api"
	"counterfoil/offline/sqlite"
)

// Errors of the catalog.
var (
	// ErrReadOnly is what writing to a catalog opened with Options.ReadOnly returns.
	ErrReadOnly = errors.New("catalog: opened for reading only")
	// ErrClosed is what a call after Close, or a Stage after its end, returns.
	ErrClosed = errors.New("catalog: closed")
	// ErrOrder is what Stage returns for a node whose parent has not come, or
	// that stands above its parent: such an answer is not stored.
	ErrOrder = errors.New("catalog: node out of order")
	// ErrDamaged wraps what SQLite says of a damaged file. The next Open sets the
	// file aside; Broke tells that it is time for one.
	ErrDamaged = errors.New("catalog: damaged")
)

// Node is one node as last seen, with the counts of all codes at or below it.
type Node struct {
	Key        int64 // its place among its siblings, for paging; grows, may have gaps, never 0
	ID         string
	Level      api.Level
	Parent     string // "" at a root
	Status     string // codes only
	StatusText string // codes only; after SetStatus the text last seen with that status, "" for none
	Name       string
	FaceValue  string
	ValidFrom  string
	ValidTo    string
	Remaining  int            // -1 unknown
	Children   int64          // direct children
	Codes      int64          // codes at or below
	Counts     map[string]int // codes at or below, by status
	Values     []Value        // codes at or below, by status and face value
	SeenAt     time.Time      // of the look-up or SetStatus it comes from, in milliseconds
	// Partial says that the node is known only from look-ups of something below
	// or beside it, so that more may lie below than is known.
	Partial bool
}

// Value counts the codes that have one status and one face value.
type Value struct {
	Status    string
	FaceValue string // as sent; "" where not known
	Codes     int64
}

// Sum adds up the face values, in fen, of a node's codes of some statuses; ok is
// false where one of any status is not known, or they pass most.
func (n Node) Sum(face func(string) (int64, bool), most int64, of func(status string) bool) (fen int64, ok bool) {
	if n.Level == api.LevelCode {
		return face(n.FaceValue)
	}
	var all int64
	for _, v := range n.Values {
		one, ok := face(v.FaceValue)
		if !ok || all > most {
			return 0, false
		}
		if all += one * v.Codes; of(v.Status) {
			fen += one * v.Codes
		}
	}
	if n.Partial || all == 0 {
		return 0, false
	}
	return fen, true
}

// Options say where the catalog is.
type Options struct {
	Dir string
	// ReadOnly opens beside another process and stores nothing; without a usable file it is empty.
	ReadOnly bool
}

// Catalog is the open catalog (catalog.db in the data folder). Safe for concurrent use.
type Catalog struct {
	opts      Options
	pace      pace
	pool      *sqlite.Pool // nil where there is nothing to read
	writer    *sqlite.Conn // nil when read-only, and once closed
	lock      sync.Mutex   // guards writer, numbers and dict
	numbers   numbers
	dict      dictionary
	stages    sync.Map // the open ones, as keys
	collector collector
	damage    struct {
		sync.Once
		found chan struct{} // closed once the file is found damaged or its device fails
	}
	users struct {
		sync.RWMutex // held for reading by every call, for writing by Close
		closing      sync.Once
		gone         bool
	}
}

// enter keeps Close waiting until leave.
func (c *Catalog) enter() error {
	c.users.RLock()
	if c.users.gone {
		c.users.RUnlock()
		return ErrClosed
	}
	return nil
}

// beginWrite is enter for a call that writes.
func (c *Catalog) beginWrite(ctx context.Context) error {
	if c.opts.ReadOnly {
		return ErrReadOnly
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return c.enter()
}

func (c *Catalog) leave() { c.users.RUnlock() }

// Broke is closed when the file is found damaged, or its device fails: what is
// kept from then on may be lost, until it is closed and opened again.
func (c *Catalog) Broke() <-chan struct{} { return c.damage.found }

// Close waits for running work and closes. What is staged and not committed is dropped.
func (c *Catalog) Close() error {
	var err error
	c.users.closing.Do(func() {
		c.stages.Range(func(s, _ any) bool {
			s.(*Stage).Abort()
			return true
		})
		c.collector.stop()
		c.users.Lock()
		c.users.gone = true
		c.users.Unlock()
		c.lock.Lock()
		defer c.lock.Unlock()
		err = c.closeFiles()
	})
	return err
}

// read runs f in one read transaction; f is not run where there is nothing to read.
func (c *Catalog) read(ctx context.Context, f func(*tx) error) error {
	if err := c.enter(); err != nil {
		return err
	}
	defer c.leave()
	if err := ctx.Err(); err != nil || c.pool == nil {
		return err
	}
	return c.judge(c.pool.Use(ctx, func(conn *sqlite.Conn) error {
		err := conn.Exec("BEGIN")
		if err == nil {
			err = f(newTx(c, conn))
		}
		if err == nil {
			err = conn.Exec("COMMIT")
		}
		if !conn.AutoCommit() { // also where ctx ended, which stops the statements above
			err = errors.Join(err, conn.Script("ROLLBACK"))
		}
		return err
	}))
}

// write runs f in one transaction of the writer. It is never cut by a context.
// Others wait meanwhile: it is to stay at some milliseconds.
func (c *Catalog) write(f func(*tx) error) error {
	c.lock.Lock()
	defer c.lock.Unlock()
	if c.writer == nil {
		return ErrClosed // a stage that was begun while Close looked for open ones
	}
	if err := c.writer.Exec("BEGIN IMMEDIATE"); err != nil {
		return c.judge(err)
	}
	t := newTx(c, c.writer)
	err := f(t)
	if err == nil {
		err = t.flush()
	}
	if err == nil && c.numbers.stored != c.numbers.next {
		err = c.writer.Exec("UPDATE meta SET next=?", c.numbers.next)
	}
	if err == nil {
		err = c.writer.Exec("COMMIT")
	}
	if err != nil {
		if !c.writer.AutoCommit() {
			_ = c.writer.Script("ROLLBACK")
		}
		c.dict = dictionary{}
		return c.judge(err)
	}
	c.numbers.stored = c.numbers.next
	return nil
}

// numbers counts nodes and loads; none is used twice.
type numbers struct{ next, stored int64 }

func (n *numbers) take() int64 {
	n.next++
	return n.next - 1
}
