package worklist

import (
	"maps"
	"slices"
	"sync"
	"time"

	"counterfoil/api"
	"counterfoil/offline/operation"
)

// Clock is the counter's clock. Its skew, the platform's clock less the counter's, was
// measured at the time at, which is zero before any answer of this run.
type Clock interface {
	Now() time.Time
	Skew() (skew time.Duration, at time.Time)
}

// List holds the open operations in the order of their acceptance, and the
// closed ones that are looked up once more. It is safe for concurrent use.
type List struct {
	clock      Clock
	settleTime time.Duration // between the end of an attempt and the first question about it

	mu       sync.Mutex
	byOp     map[string]*Item
	byID     map[string][]*Item // in order of acceptance, as all lists here
	byLevel  map[string][]*Item
	order    []*Item // operation ids rise, so this is sorted by them
	rechecks map[string]*Item
	kept     map[string]int // ids on which nothing goes out, and how many want it so
}

// NewList returns an empty list.
func NewList(clock Clock, settleTime time.Duration) *List {
	l := &List{clock: clock, settleTime: settleTime, kept: map[string]int{}}
	l.clear()
	return l
}

func (l *List) clear() {
	l.byOp, l.byID, l.byLevel = map[string]*Item{}, map[string][]*Item{}, map[string][]*Item{}
	l.order, l.rechecks = nil, map[string]*Item{}
}

// Reset replaces all items by what was read from the journal.
func (l *List) Reset(items []*Item) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.clear()
	for _, i := range items {
		l.put(i)
	}
}

// Accept adds a new item unless check refuses. Check and place are one step, so
// that no two acceptances can pass each other; name gives the item's operation
// id, which must rise.
func (l *List) Accept(i *Item, check func(View) error, name func() string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := check(View{l}); err != nil {
		return err
	}
	i.op.Op = name()
	l.put(i)
	return nil
}

// Drop takes an item back whose acceptance was not stored.
func (l *List) Drop(i *Item) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.remove(i)
}

func (l *List) put(i *Item) {
	i.list = l
	if i.recheck {
		l.rechecks[i.op.Op] = i
		return
	}
	if n := len(l.order); n > 0 && maps.Equal(l.order[n-1].above, i.above) {
		i.above = l.order[n-1].above // the vouchers of a reel share one map
	}
	l.byOp[i.op.Op] = i
	l.order = listed(l.order, i)
	l.byID[i.op.ID] = listed(l.byID[i.op.ID], i)
	l.byLevel[i.op.Level] = listed(l.byLevel[i.op.Level], i)
}

func (l *List) remove(i *Item) {
	delete(l.byOp, i.op.Op)
	l.order = unlisted(l.order, i)
	l.byLevel[i.op.Level] = unlisted(l.byLevel[i.op.Level], i)
	if l.byID[i.op.ID] = unlisted(l.byID[i.op.ID], i); len(l.byID[i.op.ID]) == 0 {
		delete(l.byID, i.op.ID)
	}
}

func compareOp(i *Item, op string) int {
	switch {
	case i.op.Op < op:
		return -1
	case i.op.Op > op:
		return 1
	}
	return 0
}

func listed(list []*Item, i *Item) []*Item {
	at, _ := slices.BinarySearchFunc(list, i.op.Op, compareOp)
	return slices.Insert(list, at, i)
}

func unlisted(list []*Item, i *Item) []*Item {
	at, found := slices.BinarySearchFunc(list, i.op.Op, compareOp)
	if !found {
		return list
	}
	if at < len(list)/2 { // the old ones go first: move those before it, not the thousands behind
		copy(list[1:at+1], list[:at])
		list[0] = nil
		return list[1:]
	}
	return slices.Delete(list, at, at+1)
}

// near returns those of a level that may overlap a place. On its own level only
// the same id can; of thousands that wait, most are on one level.
func (l *List) near(level string, p operation.Place) []*Item {
	if level == string(p.Level) {
		return l.byID[p.ID]
	}
	return l.byLevel[level]
}

// blocker returns the oldest open operation accepted before i that overlaps it,
// or nil (docs/rules.md, rule 4).
func (l *List) blocker(i *Item) *Item {
	var oldest *Item
	place := i.Place()
	for level := range l.byLevel {
		for _, other := range l.near(level, place) {
			if other.op.Op >= i.op.Op || oldest != nil && other.op.Op >= oldest.op.Op {
				break
			}
			if operation.Overlap(other.Place(), place) {
				oldest = other
				break
			}
		}
	}
	return oldest
}

// overlapping lists the open operations that overlap a place, oldest first.
func (l *List) overlapping(p operation.Place) []*Item {
	var found []*Item
	for level := range l.byLevel {
		for _, i := range l.near(level, p) {
			if operation.Overlap(i.Place(), p) {
				found = append(found, i)
			}
		}
	}
	slices.SortFunc(found, func(a, b *Item) int { return compareOp(a, b.op.Op) })
	return found
}

// Overlapping returns the open operations that overlap a place, oldest first.
func (l *List) Overlapping(p operation.Place) []operation.Operation {
	l.mu.Lock()
	defer l.mu.Unlock()
	var ops []operation.Operation
	for _, i := range l.overlapping(p) {
		ops = append(ops, i.op.Clone())
	}
	return ops
}

// On returns the open operations on exactly that id, oldest first.
func (l *List) On(id string) []operation.Operation {
	l.mu.Lock()
	defer l.mu.Unlock()
	return View{l}.On(id)
}

// Behind reports an open operation accepted after op that overlaps a place.
// Where none is known to, unsure are those on lower levels of which it was not known
// what holds them on the place's own level.
func (l *List) Behind(op string, p operation.Place) (overlaps bool, unsure []operation.Place) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for level := range l.byLevel {
		list := l.near(level, p)
		at, found := slices.BinarySearchFunc(list, op, compareOp)
		if found {
			at++
		}
		for _, i := range list[at:] {
			other := i.Place()
			if _, known := other.Above[p.Level]; !known && operation.Below(other.Level, p.Level) {
				unsure = append(unsure, other)
			} else if operation.Overlap(other, p) {
				return true, nil
			}
		}
	}
	return false, unsure
}

// Each hands over every open operation in the order of acceptance. The list is
// locked meanwhile: see must not keep the operation, nor call the list.
func (l *List) Each(see func(*operation.Operation)) {
	l.EachPlace(func(op *operation.Operation, _ operation.Place) { see(op) })
}

// EachPlace is Each with the operation's place in the voucher tree.
func (l *List) EachPlace(see func(*operation.Operation, operation.Place)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, i := range l.order {
		see(&i.op, i.Place())
	}
}

// Any reports an open operation of a level.
func (l *List) Any(level api.Level) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.byLevel[string(level)]) > 0
}

// View is what a check at acceptance may ask of a list, which stays locked.
type View struct{ l *List }

// On returns the open operations on exactly that id, oldest first.
func (v View) On(id string) []operation.Operation {
	var ops []operation.Operation
	for _, i := range v.l.byID[id] {
		ops = append(ops, i.op.Clone())
	}
	return ops
}

// AtLevel returns the open operations of a level, oldest first.
func (v View) AtLevel(level api.Level) []operation.Operation {
	var ops []operation.Operation
	for _, i := range v.l.byLevel[string(level)] {
		ops = append(ops, i.op.Clone())
	}
	return ops
}

// Waiting counts and sums (in fen) what is queued or on its way, and tells how long
// ago the oldest of it was accepted; zero for none.
func (v View) Waiting() (count int, fen int64, age time.Duration) {
	for _, i := range v.l.order {
		if i.op.State != operation.Queued && i.op.State != operation.Sending {
			continue
		}
		if count++; count == 1 {
			age = v.l.clock.Now().Sub(i.op.AcceptedAt)
		}
		fen += i.op.AmountFen
	}
	return count, fen, age
}
