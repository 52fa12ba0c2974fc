// Package batch holds what is asked for together: the lines of a basket, the ids of
// one command, or one id that holds many codes. It counts them against the limits
// above which a second person approves, and keeps a basket on disk until it is sent
// or cleared.
package batch

import (
	"fmt"
	"strings"
	"sync"

	"counterfoil/api"
	"counterfoil/offline/operation"
)

// Batch counts the lines of one batch. It is safe for concurrent use.
type Batch struct {
	limits operation.BatchLimits
	mu     sync.Mutex
	pieces int64
	fen    int64
}

// New returns a batch without lines.
func New(limits operation.BatchLimits) *Batch { return &Batch{limits: limits} }

// Add counts what was sent of the batch before: it takes its part whether or not
// that passes a limit.
func (b *Batch) Add(pieces, fen int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.pieces, b.fen = b.pieces+pieces, b.fen+fen
}

// Line is one operation of a batch as it is asked for.
type Line struct {
	Kind   operation.Kind
	ID     api.ID
	Pieces int64 // the codes that it would change, counted as 1 where that is not known
	Fen    int64
}

// Share is what one line takes of its batch's limits. Its fields are read only.
type Share struct {
	Line
	Passed operation.Passed // what it would pass; zero for a line that fits
	By     string           // the manager who approved it, "" for nobody
	batch  *Batch
	state  state
}

type state int

const (
	waits state = iota // passes a limit: it takes nothing
	taken
	used // one operation was accepted on it
)

// Take takes a line's part. A line that would pass a limit takes nothing and
// waits for an approval; the next one may fit. Where several lines are asked for
// at the same time, the order of the takes is that of the batch, so that the same
// batch given again leaves out the same lines.
func (b *Batch) Take(l Line) *Share {
	l.Pieces = max(l.Pieces, 1)
	b.mu.Lock()
	defer b.mu.Unlock()
	s := &Share{Line: l, batch: b, Passed: b.limits.Passed(b.pieces+l.Pieces, b.fen+l.Fen)}
	if s.Passed == (operation.Passed{}) {
		s.take()
	}
	return s
}

func (s *Share) take() {
	s.state = taken
	s.batch.pieces, s.batch.fen = s.batch.pieces+s.Pieces, s.batch.fen+s.Fen
}

// Recount has a line count as so many codes, where more of them are known by now
// than when it was taken. One that passes a limit so waits, whatever was approved of
// it before.
func (s *Share) Recount(pieces int64) {
	s.batch.mu.Lock()
	defer s.batch.mu.Unlock()
	if pieces <= s.Pieces || s.state == used {
		return
	}
	if s.state == taken {
		s.batch.pieces, s.batch.fen = s.batch.pieces-s.Pieces, s.batch.fen-s.Fen
	}
	was := s.state
	s.Pieces, s.By, s.state = pieces, "", waits
	switch p := s.batch.limits.Passed(s.batch.pieces+s.Pieces, s.batch.fen+s.Fen); {
	case p != (operation.Passed{}):
		s.Passed = p
	case was == taken:
		s.take()
	}
}

// GiveBack frees the part of a line that did not become an operation. One that is
// open or done here already keeps it: a batch given again is the same batch.
func (s *Share) GiveBack() {
	if s == nil {
		return
	}
	s.batch.mu.Lock()
	defer s.batch.mu.Unlock()
	if s.state == taken {
		s.state = waits
		s.batch.pieces, s.batch.fen = s.batch.pieces-s.Pieces, s.batch.fen-s.Fen
	}
}

// Lets reports that one operation may be accepted on the share: of this line,
// which fits or was approved, and not a second time. A nil share belongs to no
// batch and lets all.
func (s *Share) Lets(kind operation.Kind, id api.ID, fen int64) bool {
	if s == nil {
		return true
	}
	s.batch.mu.Lock()
	defer s.batch.mu.Unlock()
	return s.state == taken && s.Kind == kind && s.ID == id && s.Fen == fen
}

// Use ends the share with the acceptance.
func (s *Share) Use() {
	if s == nil {
		return
	}
	s.batch.mu.Lock()
	defer s.batch.mu.Unlock()
	s.state = used
}

// Approver is the manager who approved the line above its limit, "" for nobody.
func (s *Share) Approver() string {
	if s == nil {
		return ""
	}
	return s.By
}

// Frozen names exactly these lines, for an approval of them and of nothing else.
func Frozen(shares []*Share) string {
	var b strings.Builder
	for _, s := range shares {
		fmt.Fprintf(&b, "%q %q %d %d\n", s.Kind, s.ID, s.Pieces, s.Fen)
	}
	return b.String()
}

// Approve has a manager stand behind the lines that waited.
func Approve(by string, shares []*Share) {
	for _, s := range shares {
		s.batch.mu.Lock()
		if s.state == waits {
			s.By = by
			s.take()
		}
		s.batch.mu.Unlock()
	}
}
