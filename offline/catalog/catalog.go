package catalog

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"counterfoil/api"
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

// Options say where the catalog is.
type Options struct {
	Dir string
	// ReadOnly opens beside another process and stores nothing; without a usable file it is empty.
	ReadOnly bool
}

// Catalog is the open catalog (catalog.db in the data folder). Safe for concurrent use.
type Catalog struct {
	opts   Options
	file   string
	words  *words
	pace   pace
	pool   *pool
	writer *conn
	turn   *turn // guards writer and the counters below

	changes atomic.Uint64 // goes up before and after each commit of the writer; odd in between

	version int64        // of the last change; see mark
	settled atomic.Int64 // version as of the last transaction
	nextKey int64        // node keys are never used twice
	sweptTo int64        // bucket up to which the sweeper has come

	stagesMu sync.Mutex
	stages   map[*Stage]struct{}

	wake    chan struct{}
	quit    chan struct{}
	swept   chan struct{} // closed when the sweeper has ended
	carrier *conn
	carry   chan struct{}
	carried chan struct{}      // closed when the carrier has ended
	empty   chan chan struct{} // asks the carrier to empty the log, and to close the channel then
	full    atomic.Bool        // the log has grown

	sinceLook int // transactions since the log's size was looked at
	closing   sync.Once
	broke     chan struct{} // closed once the file is found damaged or its device fails
	breaking  sync.Once
	users     sync.RWMutex // held for reading by every call, for writing by Close
	closed    bool
}

// enter keeps Close waiting until leave.
func (c *Catalog) enter() error {
	c.users.RLock()
	if c.closed {
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
func (c *Catalog) Broke() <-chan struct{} { return c.broke }

// Close waits for running work and closes. What is staged and not committed is dropped.
func (c *Catalog) Close() error {
	var err error
	c.closing.Do(func() {
		c.stagesMu.Lock()
		open := make([]*Stage, 0, len(c.stages))
		for s := range c.stages {
			open = append(open, s)
		}
		c.stagesMu.Unlock()
		for _, s := range open {
			s.Abort()
		}
		if c.quit != nil {
			close(c.quit)
			<-c.swept
			<-c.carried
		}
		c.users.Lock()
		c.closed = true
		c.users.Unlock()
		c.turn.take(false)
		defer c.turn.give()
		err = c.closeFiles()
	})
	return err
}

// read runs f in one read transaction. What an earlier one of the connection
// has read serves this one where nothing was committed since.
func (c *Catalog) read(ctx context.Context, f func(*tx) error) error {
	if err := c.enter(); err != nil {
		return err
	}
	defer c.leave()
	return c.pool.use(ctx, func(cn *conn) error {
		state := c.state()
		if err := cn.exec("BEGIN"); err != nil {
			return c.judge(err)
		}
		m := &cn.memo
		if state != unsure && m.state == state {
			// Only with the first row read does SQLite settle for a state of the file.
			if _, _, err := cn.number("SELECT version FROM meta"); err != nil || c.changes.Load() != state {
				m.forget()
			}
		} else {
			m.forget()
		}
		err := f(&tx{cat: c, conn: cn, memo: m})
		if e := cn.exec("COMMIT"); err == nil {
			err = e
		}
		if m.state = unsure; err == nil && c.changes.Load() == state {
			m.keep(state)
		}
		return c.judge(err)
	})
}

// state numbers what is committed; unsure while that is changing, or where
// another process changes it.
func (c *Catalog) state() uint64 {
	if s := c.changes.Load(); s%2 == 0 && !c.opts.ReadOnly {
		return s
	}
	return unsure
}

// write runs f in one transaction of the writer. It is never cut by a context.
func (c *Catalog) write(f func(*tx) error) error {
	if c.opts.ReadOnly {
		return ErrReadOnly
	}
	c.turn.take(false)
	defer c.turn.give()
	return c.transact(&memo{rows: map[int64]*row{}}, f)
}

// resume is write for calls that mostly go where the one before went: it finds
// in memory what that one left there, if none but it has written since.
func (c *Catalog) resume(f func(*tx) error) error {
	if c.opts.ReadOnly {
		return ErrReadOnly
	}
	c.turn.take(false)
	defer c.turn.give()
	if c.writer == nil {
		return ErrClosed
	}
	m := &c.writer.memo
	if m.state != c.state() {
		m.forget()
	}
	err := c.transact(m, f)
	if m.state = unsure; err == nil {
		m.keep(c.state())
	}
	return err
}

// work is write for what nobody waits for. Where f takes long it looks out for
// turn.wanted, and goes on in another transaction.
func (c *Catalog) work(f func(*tx) error) error {
	c.awaitLog()
	c.turn.take(true)
	defer c.turn.give()
	return c.transact(&memo{rows: map[int64]*row{}}, f)
}

func (c *Catalog) transact(m *memo, f func(*tx) error) error {
	if c.writer == nil {
		return ErrClosed // a stage that was begun while Close looked for open ones
	}
	defer c.lookAtLog()
	if err := c.writer.exec("BEGIN IMMEDIATE"); err != nil {
		return c.judge(err)
	}
	version, nextKey := c.version, c.nextKey
	t := &tx{cat: c, conn: c.writer, memo: m, writes: true}
	err := f(t)
	if err == nil {
		err = t.flush()
	}
	if err == nil && (version != c.version || nextKey != c.nextKey) {
		err = c.writer.exec("UPDATE meta SET version=?, next_key=?", c.version, c.nextKey)
	}
	if err == nil {
		c.changes.Add(1)
		err = c.writer.exec("COMMIT")
		c.changes.Add(1)
	}
	if err != nil {
		_ = c.writer.exec("ROLLBACK")
		c.version, c.nextKey = version, nextKey
		_ = c.words.load(c.writer)
	}
	c.settled.Store(c.version)
	return c.judge(err)
}
