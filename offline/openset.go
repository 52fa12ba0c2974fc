package offline

import (
	"maps"
	"slices"
	"time"

	"counterfoil/api"
	"counterfoil/offline/operation"
)

// entry is one open operation in memory, with what only this run knows of it.
type entry struct {
	op Operation
	// chain maps each level above the operation's id to its ancestor there, as far as known.
	chain map[api.Level]string
	// busy marks the one goroutine that may change op.
	busy bool
	// laned marks one that holds a lane by itself.
	laned bool
	// ended is when the last attempt ended, on this run's monotonic clock; zero
	// for an attempt of an earlier run, whose end is known by the platform's clock only.
	ended time.Time
	// before is that earlier end, as the platform's clock had it.
	before time.Time
	// met is when this run read it: it had ended by then.
	met time.Time
	// tries counts fruitless looks in a row; it stretches the pauses.
	tries int
	// unheard marks one whose pause is there because nobody answered.
	unheard bool
}

// place is where the entry's id stands in the voucher tree.
func (e *entry) place() operation.Place {
	return operation.Place{ID: e.op.ID, Level: api.Level(e.op.Level), Above: e.chain}
}

// openSet holds the open operations in the order of their acceptance, and the
// closed ones that are looked at once more.
type openSet struct {
	byOp     map[string]*entry
	byID     map[string][]*entry // in order of acceptance, as all lists here
	byLevel  map[string][]*entry
	order    []*entry // ULIDs rise, so this is sorted by op
	rechecks map[string]*entry
}

func newOpenSet() *openSet {
	return &openSet{
		byOp: map[string]*entry{}, byID: map[string][]*entry{}, byLevel: map[string][]*entry{}, rechecks: map[string]*entry{},
	}
}

func byOp(e *entry, op string) int {
	switch {
	case e.op.Op < op:
		return -1
	case e.op.Op > op:
		return 1
	}
	return 0
}

func (s *openSet) add(e *entry) {
	if n := len(s.order); n > 0 && maps.Equal(s.order[n-1].chain, e.chain) {
		e.chain = s.order[n-1].chain // the vouchers of a reel have one
	}
	s.byOp[e.op.Op] = e
	s.order = listed(s.order, e)
	s.byID[e.op.ID] = listed(s.byID[e.op.ID], e)
	s.byLevel[e.op.Level] = listed(s.byLevel[e.op.Level], e)
}

func (s *openSet) remove(e *entry) {
	delete(s.byOp, e.op.Op)
	s.order = unlisted(s.order, e)
	s.byLevel[e.op.Level] = unlisted(s.byLevel[e.op.Level], e)
	if s.byID[e.op.ID] = unlisted(s.byID[e.op.ID], e); len(s.byID[e.op.ID]) == 0 {
		delete(s.byID, e.op.ID)
	}
}

func listed(list []*entry, e *entry) []*entry {
	i, _ := slices.BinarySearchFunc(list, e.op.Op, byOp)
	return slices.Insert(list, i, e)
}

func unlisted(list []*entry, e *entry) []*entry {
	i, found := slices.BinarySearchFunc(list, e.op.Op, byOp)
	if !found {
		return list
	}
	if i < len(list)/2 { // the old ones go first: move those before it, not the thousands behind
		copy(list[1:i+1], list[:i])
		list[0] = nil
		return list[1:]
	}
	return slices.Delete(list, i, i+1)
}

func (s *openSet) addRecheck(e *entry) { s.rechecks[e.op.Op] = e }

// blocker returns the oldest open operation accepted before e that overlaps it,
// or nil. On e's own level only the same id can; of thousands that wait, most
// are on one level.
func (s *openSet) blocker(e *entry) *entry {
	var oldest *entry
	for _, list := range s.byLevel {
		if len(list) > 0 && list[0].op.Level == e.op.Level {
			list = s.byID[e.op.ID]
		}
		for _, other := range list {
			if other.op.Op >= e.op.Op || oldest != nil && other.op.Op >= oldest.op.Op {
				break
			}
			if operation.Overlap(other.place(), e.place()) {
				oldest = other
				break
			}
		}
	}
	return oldest
}

// overlapping lists the open operations that overlap an id with that ancestry, oldest first.
func (s *openSet) overlapping(id string, level api.Level, chain map[api.Level]string) []*entry {
	probe := operation.Place{ID: id, Level: level, Above: chain}
	var found []*entry
	for _, list := range s.byLevel {
		if len(list) > 0 && list[0].op.Level == string(level) {
			list = s.byID[id]
		}
		for _, e := range list {
			if operation.Overlap(e.place(), probe) {
				found = append(found, e)
			}
		}
	}
	slices.SortFunc(found, func(a, b *entry) int { return byOp(a, b.op.Op) })
	return found
}
