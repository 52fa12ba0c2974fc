package catalog

import (
	"context"
	"sync"
	"time"

	"counterfoil/api"
)

// pace says how much is done at once; every transaction is to stay at some milliseconds.
type pace struct {
	batch   int // nodes staged in one transaction
	pending int // index entries waiting in memory, 24 bytes each: the more, the fewer times a bucket is rewritten
	heed    int // nodes staged between looks whether somebody waits for the writer
	inline  int // index entries added within the switch
	buckets int // buckets written in one transaction
	merged  int // codes taken into a known reel one by one; for more, its other codes are taken in instead
	moves   int // moved codes that the switch itself takes from their old places; more are the sweeper's
}

var usualPace = pace{batch: 1024, pending: 1 << 17, inline: 2048, buckets: 32, heed: 64, merged: 64, moves: 128}

// Stage is a look-up's answer on its way in.
type Stage struct {
	cat   *Catalog
	root  string
	since int64      // the version when it was begun: what is newer holds over the answer
	use   sync.Mutex // one Add, Commit or Abort at a time: Close aborts too
	batch []api.Node

	// A full batch is stored by a goroutine of the stage's own while the next
	// one fills; it is begun with the first full batch.
	work  chan []api.Node
	spare chan []api.Node
	idle  chan struct{}

	mu    sync.Mutex // guards err and ended
	err   error
	ended bool

	b builder // begun with the first nodes that are stored

	confirmedMu sync.Mutex
	confirmed   []confirmation
}

// confirmation is a SetStatus made while an answer was on its way: it is newer
// than the answer.
type confirmation struct {
	id, status string
	seen       time.Time
}

// Stage begins receiving the answer to a look-up of root. Nothing of it shows
// before Commit, and nothing is written before its first nodes. A status
// confirmed from now on is newer than the answer: call it before asking.
func (c *Catalog) Stage(ctx context.Context, root api.ID) (*Stage, error) {
	if err := c.beginWrite(ctx); err != nil {
		return nil, err
	}
	defer c.leave()
	s := &Stage{cat: c, root: string(root), since: c.settled.Load()}
	c.stagesMu.Lock()
	c.stages[s] = struct{}{}
	c.stagesMu.Unlock()
	return s, nil
}

// write runs f in one transaction of Catalog.write or work, the first of which
// begins the load.
func (s *Stage) write(as func(func(*tx) error) error, f func(*tx) error) error {
	first := s.b.cat == nil
	err := as(func(t *tx) error {
		if first {
			s.b = builder{cat: s.cat, root: s.root, ver: s.since, rows: map[int64]*row{}}
			s.b.load = t.newVersion() // versions never repeat
			if err := t.conn.exec("INSERT INTO loads VALUES (?,0)", s.b.load); err != nil {
				return err
			}
		}
		return s.b.in(t, func() error { return f(t) })
	})
	if err != nil && first {
		s.b = builder{} // the number is free for another
	}
	return err
}

func (s *Stage) forget() {
	s.cat.stagesMu.Lock()
	delete(s.cat.stages, s)
	s.cat.stagesMu.Unlock()
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
	s.batch = append(s.batch, n)
	if len(s.batch) < s.cat.pace.batch {
		return nil
	}
	if s.work == nil {
		s.work, s.spare, s.idle = make(chan []api.Node), make(chan []api.Node, 2), make(chan struct{})
		go s.run()
	}
	s.work <- s.batch
	select {
	case s.batch = <-s.spare:
	default:
		s.batch = make([]api.Node, 0, s.cat.pace.batch)
	}
	return nil
}

func (s *Stage) failed() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil && s.ended {
		return ErrClosed
	}
	return s.err
}

func (s *Stage) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		s.err = err
	}
}

func (s *Stage) run() {
	defer close(s.idle)
	for batch := range s.work {
		if s.failed() == nil {
			if err := s.store(batch); err != nil {
				s.fail(err)
			}
		}
		clear(batch)
		select {
		case s.spare <- batch[:0]:
		default:
		}
	}
}

func (s *Stage) store(batch []api.Node) error {
	var err error
	for len(batch) > 0 && err == nil {
		err = s.write(s.cat.work, func(t *tx) error {
			n, err := s.b.add(t, batch)
			batch = batch[n:]
			return err
		})
	}
	if err == nil && len(s.b.entries) >= s.cat.pace.pending {
		err = s.b.flushEntries()
	}
	return err
}

// settle waits until everything handed to the goroutine is stored.
func (s *Stage) settle() {
	if s.work != nil {
		close(s.work)
		<-s.idle
		s.work = nil
	}
}

// end takes the stage out of use; it reports whether it was in use.
func (s *Stage) end() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	was := !s.ended
	s.ended = true
	return was
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
	if err := s.failed(); err != nil {
		s.abort()
		return Node{}, err
	}
	s.settle()
	if err = s.failed(); err == nil {
		err = ctx.Err()
	}
	if err == nil && len(s.b.entries)+len(s.batch) > s.cat.pace.inline {
		err = s.write(s.cat.work, func(t *tx) error { return s.b.finish(t, s.batch) })
		s.batch = nil
		if err == nil {
			err = s.b.flushEntries()
		}
		if err == nil {
			err = ctx.Err()
		}
	}
	if err != nil {
		s.abort()
		return Node{}, err
	}
	err = s.write(s.cat.write, func(t *tx) error {
		err := s.b.finish(t, s.batch)
		if err == nil {
			err = s.b.commit(t, seen.UnixMilli())
		}
		if err == nil {
			err = s.confirm(t)
		}
		if err != nil {
			return err
		}
		a, err := t.at(s.root)
		if err == nil && a.known() {
			n = t.show(a)
		}
		return err
	})
	if err != nil {
		s.abort()
		return Node{}, err
	}
	s.end()
	s.forget()
	s.cat.wakeSweeper()
	return n, nil
}

// confirm sets again, on what this answer brought, what was confirmed meanwhile.
// The stage is forgotten here, so that none comes between this and the switch.
func (s *Stage) confirm(t *tx) error {
	s.confirmedMu.Lock()
	defer s.confirmedMu.Unlock()
	for _, c := range s.confirmed {
		a, err := t.at(c.id)
		if err != nil {
			return err
		}
		if a.known() && (a.chunk != nil || a.chain[0].load == s.b.load) {
			if err := t.setStatus(a, c.status, c.seen.UnixMilli()); err != nil {
				return err
			}
		}
	}
	return nil
}

// Abort drops what was staged. Safe after Commit.
func (s *Stage) Abort() {
	s.use.Lock()
	defer s.use.Unlock()
	s.abort()
}

func (s *Stage) abort() {
	if !s.end() {
		return
	}
	s.settle()
	s.forget()
	if s.b.cat == nil {
		return
	}
	_ = s.cat.write(func(t *tx) error { return t.dropLoad(s.b.load, s.b.tops) })
	s.cat.wakeSweeper()
}
