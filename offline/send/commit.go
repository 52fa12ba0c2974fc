package send

import (
	"context"
	"errors"
	"sync"
	"time"

	"counterfoil/offline/journal"
	"counterfoil/offline/link"
	"counterfoil/offline/operation"
	"counterfoil/offline/worklist"
)

// Pauses between tries to store an outcome.
const (
	commitFirst = 100 * time.Millisecond
	commitLast  = 5 * time.Second
)

// commit makes a changed operation durable, then visible, in that order. It
// does not give up on an outcome: a full disk may be emptied. What stays
// uncommitted is asked about once the journal was opened again.
func (s *Sender) commit(item *worklist.Item, op operation.Operation, event operation.Event) bool {
	pauses := link.Growing(commitFirst, commitLast)
	for {
		err := s.put(&op, event)
		if err == nil {
			s.stored(item, op)
			return true
		}
		s.Fail(err)
		if Hopeless(err) || !link.Pause(s.jobs.calling(), pauses.NextBackOff()) {
			return false
		}
	}
}

// CommitOnce commits a person's decision. Unlike an outcome it is tried once
// only: the person is told of a failure and decides anew.
func (s *Sender) CommitOnce(item *worklist.Item, op operation.Operation, event operation.Event) (operation.Operation, error) {
	if err := s.put(&op, event); err != nil {
		s.Fail(err)
		return op, err
	}
	s.stored(item, op)
	return op, nil
}

func (s *Sender) put(op *operation.Operation, event operation.Event) error {
	return s.o.Journal().Write(context.Background(), func(tx *journal.Tx) error { return tx.Put(op, string(event)) })
}

// stored makes a committed operation visible.
func (s *Sender) stored(item *worklist.Item, op operation.Operation) {
	item.Set(op)
	s.Well()
	s.o.Changed()
}

// Hopeless reports an error that waiting does not cure: what is on disk must be read anew first.
func Hopeless(err error) bool {
	for _, end := range []error{journal.ErrDamaged, journal.ErrStale, journal.ErrShrunk, journal.ErrClosed, journal.ErrReadOnly} {
		if errors.Is(err, end) {
			return true
		}
	}
	return false
}

// Fail notes that the journal could not be written.
func (s *Sender) Fail(err error) {
	s.o.Log.Error("journal", "err", err)
	if errors.Is(err, journal.ErrStale) || errors.Is(err, journal.ErrShrunk) {
		// Nobody else writes here: memory and disk disagree, and the disk is right.
		s.o.Journal().Distrust(err)
	}
	s.fault.set(err)
	s.o.Changed()
}

// Well notes that the journal was written.
func (s *Sender) Well() { s.fault.set(nil) }

// Fault is the journal's last trouble, nil once it writes again. A full disk is
// over when the journal has its reserve back, also where nothing was written since.
func (s *Sender) Fault() error {
	f := &s.fault
	f.mu.Lock()
	defer f.mu.Unlock()
	if errors.Is(f.last, journal.ErrDiskFull) && !s.o.Journal().Full() {
		f.last = nil
	}
	return f.last
}

// fault is the journal's last trouble.
type fault struct {
	mu   sync.Mutex
	last error // nil once it writes again
}

func (f *fault) set(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.last = err
}
