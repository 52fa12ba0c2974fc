package journal

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync/atomic"
	"time"

	"counterfoil/offline/journal/chain"
	"counterfoil/offline/sqlite"
)

// idleAfter is how long nothing is written before the log is folded into the database.
const idleAfter = 15 * time.Second

// The log gets its length once nothing was written for a second after the opening, or
// behind so many commits: a command with one operation is over before it needs that.
const (
	firstIdle  = time.Second
	fewCommits = 8
)

// writer has the one writing connection, which only the holder of the turn uses.
type writer struct {
	j *Journal
	c *sqlite.Conn
	line
	quiet   *time.Timer // ends when nothing was written for a while
	tx      Tx
	pending pendingRows
	head    atomic.Pointer[chain.Head]
	// accepting ends, with its cause, after a failure of the device or at a damaged row.
	accepting context.Context
	refuse    context.CancelCauseFunc
}

// newWriter makes the pending rows from the events that have no rows yet.
func newWriter(j *Journal, c *sqlite.Conn, head chain.Head) (*writer, error) {
	w := &writer{j: j, c: c, line: line{turn: make(chan struct{}, 1), calls: make(chan *call)}, quiet: time.NewTimer(firstIdle)}
	w.accepting, w.refuse = context.WithCancelCause(context.Background())
	w.head.Store(&head)
	var err error
	if w.pending.byOp, err = readUnprojected(c.Each, 0); err != nil {
		return nil, err
	}
	w.tx = Tx{c: c, now: j.o.Now, head: head, pending: &w.pending, fresh: map[string]*pendingRow{}}
	if w.tx.checkpoint, err = c.Int(chain.SQLProjected); err != nil {
		return nil, err
	}
	if w.tx.seen, err = c.Int("PRAGMA data_version"); err != nil {
		return nil, err
	}
	if w.tx.newest, err = c.Text(`SELECT op FROM operations ORDER BY op DESC LIMIT 1`); err != nil {
		return nil, err
	}
	return w, nil
}

// commit writes the group in one transaction. On a full disk it frees the reserve
// and tries again, then folds in and cuts the log and tries once more.
func (w *writer) commit(group []*call) {
	how := projectDue
	if slices.ContainsFunc(group, func(c *call) bool { return c.how == projectAll }) {
		how = projectAll
	}
	err := w.try(group, how)
	if sqlite.ClassOf(err) == sqlite.Full && w.j.reserve.release() {
		w.j.o.Log.Warn("the disk is full; the reserve is freed")
		err = w.try(group, projectLittle)
	}
	if sqlite.ClassOf(err) == sqlite.Full {
		w.fold("TRUNCATE")
		err = w.try(group, projectLittle)
	}
	switch sqlite.ClassOf(err) {
	case sqlite.Full:
		w.j.reserve.noteFull()
		err = fmt.Errorf("%w: %w", ErrDiskFull, err)
	case sqlite.IO, sqlite.Rows:
		w.fail(err)
		err = fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	for _, c := range group {
		if !c.failed() {
			c.err = err
		}
	}
}

// broken is why nothing more is accepted, nil while it is.
func (w *writer) broken() error { return context.Cause(w.accepting) }

// fail stops accepting. What is on disk is not known until the next opening.
func (w *writer) fail(err error) {
	if w.broken() == nil && sqlite.ClassOf(err) != sqlite.IO {
		w.j.leave(LeftDamaged)
	}
	w.stop(err)
}

// stop refuses every later write.
func (w *writer) stop(err error) {
	if w.broken() == nil {
		w.j.o.Log.Error("the journal stops accepting", "error", err)
	}
	w.refuse(err)
}

// try runs the group in one transaction. With an error nothing of the group is
// stored. An error of one caller is no such error: the others begin anew without
// it, which is rare and needs no savepoints.
func (w *writer) try(group []*call, how projecting) (err error) {
	if err := w.broken(); err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	for again := true; again; {
		again, err = w.transaction(group, how)
	}
	return err
}

// transaction runs those of the group that have not failed. again means that one
// of them did, and that everything was rolled back.
func (w *writer) transaction(group []*call, how projecting) (again bool, err error) {
	before := w.tx.head
	w.tx.touched = w.tx.touched[:0]
	if err := w.c.Exec("BEGIN IMMEDIATE"); err != nil {
		return false, err
	}
	committed := false
	defer func() {
		if committed {
			return
		}
		w.tx.undo(before)
		if !w.c.AutoCommit() {
			err = errors.Join(err, w.c.Exec("ROLLBACK"))
		}
	}()
	good := 0
	for _, c := range group {
		if c.failed() {
			continue
		}
		if err := w.run(c); err != nil || c.failed() {
			return err == nil, err
		}
		good++
	}
	if good == 0 {
		return false, nil
	}
	projected, err := w.tx.projectSome(how)
	if err != nil {
		return false, err
	}
	w.tx.tried = w.tx.head
	if err := w.c.Exec("COMMIT"); err != nil {
		return false, err
	}
	committed = true
	if projected {
		w.tx.checkpoint = w.tx.head.Seq
	}
	w.pending.take(w.tx.fresh, projected)
	clear(w.tx.fresh)
	head := w.tx.head
	w.head.Store(&head)
	return false, nil
}

// run runs one caller. Its error is one of the transaction.
func (w *writer) run(c *call) error {
	func() {
		defer func() { c.panicked = recover() }()
		c.err = c.fn(&w.tx)
	}()
	if errors.Is(c.err, ErrBeside) {
		w.stop(c.err) // the next opening looks at it
	}
	if f := sqlite.ClassOf(c.err); f == sqlite.Full || f == sqlite.IO || f == sqlite.Rows || w.c.AutoCommit() {
		err := c.err
		c.err = nil
		return err
	}
	return nil
}

// logPages is how many pages the log takes before it is folded into the
// database; lengthen gives it room for these and a large commit.
const (
	logPages  = 200
	logLength = logPages * 5 / 4
)

// lengthen gives the log its full length at once: a commit that makes the file
// longer takes nearly twice as long, since it waits for the file system's own
// log too. The pages are written by a transaction that is rolled back.
func (w *writer) lengthen() {
	page, err := w.c.Int("PRAGMA page_size")
	if err != nil {
		return
	}
	if info, err := os.Stat(w.j.o.file() + "-wal"); err == nil && info.Size() >= page*logLength {
		return
	}
	const cached = 10 // so few that all other pages are written before the rollback
	err = w.c.Script(fmt.Sprintf("PRAGMA cache_size=%d; BEGIN IMMEDIATE", cached))
	if err == nil {
		err = w.c.Exec(`INSERT INTO meta (key, value) VALUES ('', zeroblob(?))`, page*(logLength+2*cached))
	}
	if !w.c.AutoCommit() {
		err = errors.Join(err, w.c.Script("ROLLBACK"))
	}
	err = errors.Join(err, w.c.Script("PRAGMA "+writerCache))
	if err != nil {
		w.j.o.Log.Info("the log is not lengthened", "error", err)
	}
}

// fold carries SQLite's log into the database; mode is that of its
// wal_checkpoint. A busy reader only delays it.
func (w *writer) fold(mode string) {
	if err := w.c.Script("PRAGMA wal_checkpoint(" + mode + ")"); err != nil {
		switch sqlite.ClassOf(err) {
		case sqlite.IO, sqlite.Rows:
			w.fail(err)
		case sqlite.Full:
			w.j.reserve.release()
		}
	}
}

// projectAll writes all pending rows, before the folder is closed or while it is
// idle: the tables then show everything.
func (w *writer) projectAll() {
	if w.tx.checkpoint == w.tx.head.Seq || w.broken() != nil {
		return
	}
	_, err := w.transaction([]*call{{fn: func(*Tx) error { return nil }}}, projectAll)
	switch sqlite.ClassOf(err) {
	case sqlite.None:
	case sqlite.IO, sqlite.Rows:
		w.fail(err)
	default:
		w.j.o.Log.Warn("the tables stay behind the events", "error", err)
	}
}
