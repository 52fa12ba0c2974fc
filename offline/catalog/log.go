package catalog

import "os"

// SQLite's log is carried over into the file by a goroutine with a connection
// of its own, so that no writer waits for the disk within its transaction.
const (
	logCarry = 4 << 20   // bytes from which on it is carried over
	logFull  = 16 << 20  // bytes from which on work in the background waits for that: a steady load leaves no gap in which SQLite could begin the log anew
	logMost  = 128 << 20 // bytes at which whoever writes does it himself
	logLook  = 16        // transactions between looks at its size
)

func (c *Catalog) carryLog(w *conn) {
	defer close(c.carried)
	for {
		var done chan struct{}
		select {
		case <-c.quit:
			return
		case <-c.carry:
		case done = <-c.empty:
		}
		if err := w.pragma("PRAGMA wal_checkpoint(PASSIVE)"); err != nil {
			_ = c.judge(err)
		}
		if done != nil {
			close(done)
		}
	}
}

// lookAtLog is called by the writer between transactions.
func (c *Catalog) lookAtLog() {
	if c.sinceLook++; c.sinceLook < logLook {
		return
	}
	c.sinceLook = 0
	info, err := os.Stat(c.file + "-wal")
	if err != nil || info.Size() < logCarry {
		return
	}
	if info.Size() >= logMost {
		_ = c.writer.pragma("PRAGMA wal_checkpoint(PASSIVE)")
		return
	}
	c.full.Store(info.Size() >= logFull)
	select {
	case c.carry <- struct{}{}:
	default:
	}
}

// awaitLog is called before work in the background, and lets the log be
// emptied first where it has grown; others write meanwhile.
func (c *Catalog) awaitLog() {
	if !c.full.Swap(false) {
		return
	}
	done := make(chan struct{})
	select {
	case c.empty <- done:
		<-done
	case <-c.carried:
	}
}
