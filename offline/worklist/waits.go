package worklist

import (
	"counterfoil/api"
	"counterfoil/offline/operation"
)

// Waits says what queued operations wait for where they are only read, as a List
// does: all open ones are handed over in the order of acceptance, none left out.
// It keeps their ids and nothing more, for however many wait.
type Waits struct {
	only  *operation.Operation // the one that is asked about, nil for all
	above func(id string) map[api.Level]string
	on    map[string]string    // the oldest on an id
	under map[string]string    // the oldest below an id
	at    map[api.Level]string // the oldest of a level
	apart map[api.Level]string // the oldest below a level of which it is not known what holds it there
}

// NewWaits asks about one operation, or about all where it is nil. above finds what
// holds an id, and is asked of no more than what can matter.
func NewWaits(only *operation.Operation, above func(id string) map[api.Level]string) *Waits {
	return &Waits{only, above, map[string]string{}, map[string]string{}, map[api.Level]string{}, map[api.Level]string{}}
}

// Tell takes the next operations, and sets what those that are asked about wait for.
func (w *Waits) Tell(ops []operation.Operation) {
	for i := range ops {
		op, p := &ops[i], operation.Place{ID: ops[i].ID, Level: api.Level(ops[i].Level)}
		asked := w.only == nil || w.only.Op == op.Op
		if asked || operation.Below(p.Level, api.Level(w.only.Level)) {
			p.Above = w.above(op.ID)
		}
		if before := w.next(op.Op, p); asked && op.State == operation.Queued {
			op.WaitsFor = before
		}
	}
}

// next takes an operation and returns the oldest one before it that overlaps its place.
func (w *Waits) next(op string, p operation.Place) (before string) {
	oldest := func(other string) {
		if other != "" && (before == "" || other < before) {
			before = other
		}
	}
	oldest(w.on[p.ID])
	oldest(w.under[p.ID])
	oldest(w.apart[p.Level])
	first(w.on, p.ID, op)
	first(w.at, p.Level, op)
	for _, level := range []api.Level{api.LevelBox, api.LevelPackage, api.LevelReel} {
		holder, known := p.Above[level]
		switch {
		case !operation.Below(p.Level, level):
		case known:
			oldest(w.on[holder])
			first(w.under, holder, op)
		case operation.Overlap(operation.Place{Level: level}, p): // with any of that level
			oldest(w.at[level])
			first(w.apart, level, op)
		}
	}
	return before
}

func first[K comparable](of map[K]string, key K, op string) {
	if _, known := of[key]; !known {
		of[key] = op
	}
}
