package worklist

import (
	"time"

	"counterfoil/api"
	"counterfoil/offline/operation"
)

// Item is one operation on the list, with what only this run knows of it. Only
// who claimed it may change it; everybody may read it.
type Item struct {
	list *List // nil before it is added

	op    operation.Operation
	above map[api.Level]string // its ancestors, as far as known when it was accepted
	busy  bool                 // claimed
	// recheck marks a closed operation that is looked up once more.
	recheck bool

	// ended is when the last attempt ended, on this run's monotonic clock; zero
	// for an attempt of an earlier run.
	ended time.Time
	// before is the end of such an earlier attempt, as the platform's clock had
	// it, and met is when this run read of it: it had ended by then.
	before, met time.Time

	// tries counts fruitless tries in a row, which stretch the pauses.
	tries int
	// unheard marks a pause that is there because nobody answered.
	unheard bool
}

// New is the item of an operation that is being accepted. It is claimed by the caller.
func New(op operation.Operation, above map[api.Level]string) *Item {
	return &Item{op: op, above: above, busy: true}
}

// Found is the item of an operation that an earlier run left, read at the
// moment met of this run's clock.
func Found(op operation.Operation, above map[api.Level]string, met time.Time) *Item {
	return &Item{op: op, above: above, before: op.LastEnd(), met: met, recheck: !op.State.Open()}
}

// Operation returns a copy of the operation as it stands.
func (i *Item) Operation() operation.Operation {
	defer i.lock()()
	return i.op.Clone()
}

// Set puts a committed change in force. The caller has claimed the item.
func (i *Item) Set(op operation.Operation) {
	defer i.lock()()
	i.op = op
}

// Ended notes the end of an attempt: whatever comes next starts from the shortest pause.
func (i *Item) Ended(at time.Time) {
	defer i.lock()()
	i.ended, i.tries, i.unheard = at, 0, false
}

// Tried counts one more fruitless try and returns how many there were before
// it; unheard says that nobody answered.
func (i *Item) Tried(unheard bool) int {
	defer i.lock()()
	i.tries++
	i.unheard = unheard
	return i.tries - 1
}

// SetTries has the next pauses start as after n fruitless tries.
func (i *Item) SetTries(n int) {
	defer i.lock()()
	i.tries = n
}

// Place is where the operation's id stands in the voucher tree.
func (i *Item) Place() operation.Place {
	return operation.Place{ID: i.op.ID, Level: api.Level(i.op.Level), Above: i.above}
}

// lock takes the list's lock where the item is on one, and returns what gives it back.
func (i *Item) lock() (unlock func()) {
	if i.list == nil {
		return func() {}
	}
	i.list.mu.Lock()
	return i.list.mu.Unlock
}

// sinceEnd is how long before now the last attempt ended. For one of an earlier run
// that takes the platform's time, which this run's first answer brings; until then
// it counts as ended when this run met it.
func (i *Item) sinceEnd(now time.Time, clock Clock) time.Duration {
	if !i.ended.IsZero() {
		return now.Sub(i.ended)
	}
	if i.before.IsZero() {
		return 0
	}
	least := now.Sub(i.met)
	skew, measured := clock.Skew()
	if measured.IsZero() {
		return least
	}
	return max(now.Add(skew).Sub(i.before), least)
}
