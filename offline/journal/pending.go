package journal

import (
	"encoding/json"
	"maps"
	"slices"
	"sync"

	"counterfoil/offline/journal/chain"
	"counterfoil/offline/operation"
)

// pendingRow is an operation as it stands after an event, waiting for its row to
// be written. It never changes: the next event makes a new one.
type pendingRow struct {
	op      operation.Operation
	row     bool    // the tables have an older row
	stored  int     // pieces of evidence that the tables have
	brought []int64 // which event brought each of the others

	accepted int64 // the event that accepted it
	postings []chain.Posting
}

// pendingAfter is an operation's pending row after one more event; was is the one
// before, or nil, and s then how far the operation is stored.
func pendingAfter(was *pendingRow, op *operation.Operation, s rowVersion) *pendingRow {
	i := &pendingRow{op: op.Clone(), row: s.seq != 0, stored: s.evidence}
	before := s.state
	i.accepted = s.accepted
	if was != nil {
		i.row, i.stored, i.brought = was.row, was.stored, slices.Clip(was.brought)
		before, i.accepted, i.postings = was.op.State, was.accepted, slices.Clip(was.postings)
	}
	if before == "" {
		i.accepted = op.Seq
	}
	i.postings = append(i.postings, chain.PostingsOf(before, i.accepted, op)...)
	for range len(op.Evidence) - i.stored - len(i.brought) {
		i.brought = append(i.brought, op.Seq)
	}
	return i
}

// read returns the operation as it would be read from its row, with nothing that
// another reader has too.
func (i *pendingRow) read(whole bool) (o operation.Operation, err error) {
	bare := i.op
	if !whole {
		bare.Attempts, bare.Evidence = nil, nil
	}
	text, err := chain.EncodeOperation(&bare)
	if err == nil {
		err = json.Unmarshal([]byte(text), &o)
	}
	return o, err
}

// pendingRows are those of all commits so far. The writer changes them and may
// read the map as it is; others use all.
type pendingRows struct {
	mu     sync.Mutex
	byOp   map[string]*pendingRow
	shared bool // a reader has the map: it is not changed any more
}

func (s *pendingRows) all() overlay {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.shared = true
	return s.byOp
}

// of is the row of one operation, nil for none.
func (s *pendingRows) of(op string) *pendingRow {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.byOp[op]
}

// take adds those of a commit; where it wrote the rows, none are left.
func (s *pendingRows) take(fresh map[string]*pendingRow, projected bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case projected && s.shared:
		s.byOp, s.shared = map[string]*pendingRow{}, false
		return
	case projected:
		clear(s.byOp)
		return
	case s.shared:
		s.byOp, s.shared = maps.Clone(s.byOp), false
	}
	maps.Copy(s.byOp, fresh)
}
