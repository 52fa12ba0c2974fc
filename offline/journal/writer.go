package journal

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"sync/atomic"
	"time"

	"counterfoil/offline/sqlite"
)

// idleAfter is how long nothing is written before the log is folded into the database.
const idleAfter = 15 * time.Second

// writer has the one writing connection; its queue says who may use it.
type writer struct {
	j     *Journal
	c     *sqlite.Conn
	queue queue
	batch []*call // scratch space of the leader
	// shared says that the last commit was for several callers: they may soon call again.
	shared  bool
	tx      Tx
	pending pendingRows
	head    atomic.Pointer[Head]
	// broken is set after a failure of the device or a damaged row: nothing more is accepted.
	broken atomic.Pointer[error]
	broke  chan struct{} // closed with it
}

// newWriter makes the pending rows from the events that have no rows yet.
func newWriter(j *Journal, c *sqlite.Conn, head Head) (*writer, error) {
	w := &writer{j: j, c: c, broke: make(chan struct{})}
	w.queue.init()
	w.head.Store(&head)
	pending, err := readUnprojected(c.Each, 0)
	if err != nil {
		return nil, err
	}
	w.pending.byOp = map[string]*pendingRow{}
	w.pending.take(pending, nil)
	newest, err := readNewest(c)
	if err != nil {
		return nil, err
	}
	w.tx = Tx{c: c, now: j.o.Now, head: head}
	w.tx.projection = projection{pending: &w.pending, fresh: map[string]*pendingRow{}, rows: map[string]rowVersion{}, newest: newest}
	w.tx.ids = ids{newestOp: newest.op, sequences: map[string]*sequence{}}
	if w.tx.checkpoint, err = c.Int(sqlProjected); err != nil {
		return nil, err
	}
	if w.tx.highestTrace, err = w.tx.readHighestTrace(); err != nil {
		return nil, err
	}
	for op := range pending {
		w.tx.newestOp = max(w.tx.newestOp, op)
	}
	return w, nil
}

// commit writes the batch in one transaction. On a full disk it frees the reserve
// and tries again, then folds in and cuts the log and tries once more.
func (w *writer) commit(batch []*call) {
	rows := projectDue
	if slices.ContainsFunc(batch, func(c *call) bool { return c.rows == projectAll }) {
		rows = projectAll
	}
	err := w.try(batch, rows)
	if sqlite.ClassOf(err) == sqlite.Full && w.j.reserve.release() {
		w.j.o.Log.Warn("the disk is full; the reserve is freed")
		err = w.try(batch, projectLittle)
	}
	if sqlite.ClassOf(err) == sqlite.Full {
		w.fold("TRUNCATE")
		err = w.try(batch, projectLittle)
	}
	if err == nil {
		return
	}
	switch sqlite.ClassOf(err) {
	case sqlite.Full:
		w.j.reserve.noteFull()
		err = fmt.Errorf("%w: %w", ErrDiskFull, err)
	case sqlite.IO, sqlite.Rows:
		w.fail(err)
		err = fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	for _, c := range batch {
		if c.err == nil && c.panicked == nil {
			c.err = err
		}
	}
}

// fail stops accepting. What is on disk is not known until the next opening.
func (w *writer) fail(err error) {
	if !w.refuse(err) {
		return
	}
	if sqlite.ClassOf(err) != sqlite.IO {
		w.j.leave(LeftDamaged)
	}
	close(w.broke)
}

// refuse refuses every later write; false where that is so already. The caller
// closes broke, after noting what the reopening must know.
func (w *writer) refuse(err error) bool {
	if !w.broken.CompareAndSwap(nil, &err) {
		return false
	}
	w.j.o.Log.Error("the journal stops accepting", "error", err)
	return true
}

// try runs the batch in one transaction. With an error nothing of the batch is
// stored. An error of one caller is no such error: the transaction is then run
// again with a savepoint around each caller, which costs too much to do always.
func (w *writer) try(batch []*call, rows projecting) error {
	if b := w.broken.Load(); b != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, *b)
	}
	again, err := w.transaction(batch, false, rows)
	if again {
		_, err = w.transaction(batch, true, rows)
	}
	return err
}

// transaction runs the batch, with a savepoint around each caller where apart is
// set. again means that a caller failed who had none.
func (w *writer) transaction(batch []*call, apart bool, rows projecting) (again bool, err error) {
	head, newest := w.tx.head, w.tx.newest
	w.tx.touched = w.tx.touched[:0]
	if err := w.c.Exec("BEGIN IMMEDIATE"); err != nil {
		return false, err
	}
	committed := false
	defer func() {
		if committed {
			return
		}
		w.tx.head, w.tx.newest = head, newest
		w.tx.undo(0)
		clear(w.tx.fresh)
		clear(w.tx.sequences)
		if !w.c.AutoCommit() {
			back := w.c.Exec("ROLLBACK")
			err = errors.Join(err, back)
		}
	}()
	good := 0
	for _, c := range batch {
		if err := w.part(c, apart); err != nil {
			return false, err
		}
		if c.err == nil && c.panicked == nil {
			good++
		} else if !apart && len(batch) > 1 {
			return true, nil
		}
	}
	if good == 0 {
		return false, nil
	}
	projected, err := w.tx.projectSome(rows)
	if err == nil {
		err = w.tx.storeSequences()
	}
	if err != nil {
		return false, err
	}
	if err := w.c.Exec("COMMIT"); err != nil {
		return false, err
	}
	committed = true
	w.tx.committed(projected)
	head = w.tx.head
	w.head.Store(&head)
	return false, nil
}

// part runs one caller. Its error is one of the transaction.
func (w *writer) part(c *call, apart bool) error {
	if apart {
		if err := w.c.Exec("SAVEPOINT part"); err != nil {
			return err
		}
	}
	head, newest, from := w.tx.head, w.tx.newest, len(w.tx.touched)
	c.err, c.panicked = nil, nil
	func() {
		defer func() { c.panicked = recover() }()
		c.err = c.fn(&w.tx)
	}()
	if f := sqlite.ClassOf(c.err); f == sqlite.Full || f == sqlite.IO || f == sqlite.Rows || w.c.AutoCommit() {
		err := c.err
		c.err = nil
		return err
	}
	if !apart {
		return nil
	}
	if c.err != nil || c.panicked != nil {
		w.tx.head, w.tx.newest = head, newest
		w.tx.undo(from)
		if err := w.c.Exec("ROLLBACK TO part"); err != nil {
			return err
		}
	}
	err := w.c.Exec("RELEASE part")
	return err
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
	err = w.c.Script("PRAGMA cache_size=10; BEGIN IMMEDIATE") // so small that the pages are written before the rollback
	if err == nil {
		err = w.c.Exec(`INSERT INTO meta (key, value) VALUES ('', zeroblob(?))`, page*logLength)
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
	if (len(w.pending.byOp) == 0 && w.tx.checkpoint == w.tx.head.Seq) || w.broken.Load() != nil {
		return
	}
	_, err := w.transaction([]*call{{fn: func(*Tx) error { return nil }}}, false, projectAll)
	switch sqlite.ClassOf(err) {
	case sqlite.None:
	case sqlite.IO, sqlite.Rows:
		w.fail(err)
	default:
		w.j.o.Log.Warn("the tables stay behind the events", "error", err)
	}
}
