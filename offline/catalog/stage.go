package catalog

import (
	"context"
	"sync"
	"time"

	"counterfoil/api"
)

// pace says how much is done at once; every transaction is to stay at some milliseconds.
type pace struct {
	group int // nodes staged in one transaction
	moves int // codes of an answer that the commit itself takes from where they stood before; of more, the collector does
}

var usualPace = pace{group: 512, moves: 1024}

// Stage is a look-up's answer on its way in.
type Stage struct {
	cat    *Catalog
	use    sync.Mutex // one Add, Commit or Abort at a time: Close aborts too
	group  []api.Node
	pipe   pipe
	ended  bool
	answer answer

	mu        sync.Mutex // guards err and confirmed
	err       error
	confirmed []Confirmed // while the answer was on its way: newer than the answer
}

// pipe leads full groups to a goroutine of the stage's own, which stores them
// while the next one fills. It is begun with the first full group.
type pipe struct {
	full  chan []api.Node
	spare chan []api.Node
	done  chan struct{}
}

// Stage begins receiving the answer to a look-up of root. Nothing of it shows
// before Commit, and nothing is written before its first nodes. A status
// confirmed from now on is newer than the answer: call it before asking.
func (c *Catalog) Stage(ctx context.Context, root api.ID) (*Stage, error) {
	if err := c.beginWrite(ctx); err != nil {
		return nil, err
	}
	defer c.leave()
	s := &Stage{cat: c, answer: answer{root: string(root)}}
	c.stages.Store(s, nil)
	return s, nil
}

// Add takes the next node, parents before children; repeats are merged, the
// first of them holds. An error of an earlier node may come with a later one
// or with Commit.
func (s *Stage) Add(n api.Node) error {
	s.use.Lock()
	defer s.use.Unlock()
	if err := s.failed(); err != nil {
		return err
	}
	s.group = append(s.group, n)
	if len(s.group) < s.cat.pace.group {
		return nil
	}
	if s.pipe.full == nil {
		s.pipe = pipe{make(chan []api.Node), make(chan []api.Node, 2), make(chan struct{})}
		s.pipe.spare <- nil
		go s.store()
	}
	s.pipe.full <- s.group
	s.group = <-s.pipe.spare
	return nil
}

// hear takes a status that was confirmed while the answer is on its way.
func (s *Stage) hear(c Confirmed) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.confirmed = append(s.confirmed, c)
}

func (s *Stage) failed() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// fail ends the stage for all that comes later; the first error holds.
func (s *Stage) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		s.err = err
	}
}

func (s *Stage) store() {
	defer close(s.pipe.done)
	for group := range s.pipe.full {
		if s.failed() == nil {
			if err := s.cat.write(func(t *tx) error { return s.answer.add(t, group) }); err != nil {
				s.fail(err)
			}
		}
		clear(group)
		s.pipe.spare <- group[:0]
	}
}

// drain waits until everything handed to the goroutine is stored.
func (s *Stage) drain() {
	if s.pipe.full != nil {
		close(s.pipe.full)
		<-s.pipe.done
		s.pipe.full = nil
	}
}

// Commit switches the catalog to what was staged, at once: nodes are updated in
// place, nodes below root that the answer no longer holds go, siblings and
// ancestors beside the answer stay. It returns root as now known, the zero Node
// where the answer did not hold it and nothing was known of it. A status
// confirmed while the answer was on its way holds over it. A ctx that ended
// before the switch leaves the catalog as it was.
func (s *Stage) Commit(ctx context.Context, seen time.Time) (n Node, err error) {
	if err := s.cat.enter(); err != nil {
		return Node{}, err
	}
	defer s.cat.leave()
	s.use.Lock()
	defer s.use.Unlock()
	s.drain()
	err = s.failed()
	if err == nil {
		err = ctx.Err()
	}
	if err == nil {
		err = s.cat.write(func(t *tx) (err error) {
			n, err = s.switchTo(t, seen)
			return err
		})
	}
	if err != nil {
		s.abort()
		return Node{}, err
	}
	s.ended = true
	s.fail(ErrClosed)
	s.cat.stages.Delete(s)
	s.cat.collector.due()
	return n, nil
}

func (s *Stage) switchTo(t *tx, seen time.Time) (n Node, err error) {
	if err := s.answer.add(t, s.group); err != nil {
		return n, err
	}
	s.mu.Lock()
	confirmed := s.confirmed
	s.mu.Unlock()
	if err := s.answer.merge(t, max(seen.UnixMilli(), 1), confirmed); err != nil {
		return n, err
	}
	p, err := t.at(s.answer.root)
	if err == nil && p.known() {
		n, err = t.show(p)
	}
	return n, err
}

// Abort drops what was staged. Safe after Commit.
func (s *Stage) Abort() {
	s.use.Lock()
	defer s.use.Unlock()
	s.abort()
}

func (s *Stage) abort() {
	if s.ended {
		return
	}
	s.ended = true
	s.fail(ErrClosed)
	s.drain()
	s.cat.stages.Delete(s)
	if s.answer.load == 0 {
		return
	}
	_ = s.cat.write(func(t *tx) error {
		return t.conn.Exec("UPDATE nodes SET parent=? WHERE parent=?", dead, -s.answer.load)
	})
	s.cat.collector.due()
}
