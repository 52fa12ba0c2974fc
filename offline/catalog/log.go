package catalog

import "os"

// SQLite's log is carried over into the file by a goroutine with a connection
// of its own, so that no writer waits for the disk within its transaction.
const (
	logCarry = 4 << 20  // bytes from which on it is carried over
	logMost  = 64 << 20 // bytes at which the writer does it itself: a steady load never leaves a gap for it
	logLook  = 16       // transactions between looks at its size
)

func (c *Catalog) carryLog(w *conn) {
	defer close(c.carried)
	for {
		select {
		case <-c.quit:
			return
		case <-c.carry:
		}
		if err := w.pragma("PRAGMA wal_checkpoint(PASSIVE)"); err != nil {
			_ = c.judge(err)
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
	select {
	case c.carry <- struct{}{}:
	default:
	}
}
