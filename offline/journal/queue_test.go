package journal

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"counterfoil/offline/journal/journaltest"
	"counterfoil/offline/sqlite"
)

func TestAnIdleJournalFoldsItsLog(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		j := openIn(t, dir)
		folded := func() int64 { // what the database says without its log
			c, err := sqlite.Open(sqlite.Name(filepath.Join(dir, DatabaseName), "mode=ro&immutable=1"))
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			n, err := c.Int(`SELECT count(*) FROM operations`)
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		length := func() int64 {
			info, err := os.Stat(filepath.Join(dir, DatabaseName+"-wal"))
			if err != nil {
				t.Fatal(err)
			}
			return info.Size()
		}
		pass := func(d time.Duration) { // of the test's own clock
			<-time.After(d)
			synctest.Wait()
		}
		pass(2 * time.Second)
		long := length()
		op := journaltest.Operation(1)
		put(t, j, &op, "accepted")
		pass(idleAfter - time.Second)
		if folded() != 0 {
			t.Fatal("not idle yet, or nothing to fold")
		}
		pass(2 * time.Second)
		if n := folded(); n != 1 {
			t.Errorf("the database holds %d operations", n)
		}
		for n := range 300 {
			op := journaltest.Operation(2 + n)
			put(t, j, &op, "accepted")
		}
		if length() != long {
			t.Errorf("the log was lengthened from %d to %d by commits", long, length())
		}
		pass(2 * idleAfter)
		if n := folded(); n != 301 {
			t.Errorf("the database holds %d operations", n)
		}
	})
}

func TestACancelledWriteLeavesTheQueueAndHoldsUpNobody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		j := openIn(t, t.TempDir())
		ctx, cancel := context.WithCancel(context.Background())
		inside, release := make(chan struct{}), make(chan struct{})
		var first, last sync.WaitGroup
		first.Go(func() {
			_ = j.Write(context.Background(), func(*Tx) error { close(inside); <-release; return nil })
		})
		<-inside
		given := make(chan error, 1)
		go func() {
			given <- j.Write(ctx, func(*Tx) error { t.Error("a cancelled write ran"); return nil })
		}()
		synctest.Wait()
		op := journaltest.Operation(1)
		last.Go(func() { put(t, j, &op, "accepted") })
		synctest.Wait()
		cancel()
		if err := <-given; !errors.Is(err, context.Canceled) {
			t.Errorf("it ended with %v", err)
		}
		close(release)
		first.Wait()
		last.Wait()
		if op.Seq != 1 {
			t.Errorf("the write behind it stands at %d", op.Seq)
		}
	})
}
