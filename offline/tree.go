package offline

import (
	"context"

	"counterfoil/api"
	"counterfoil/offline/catalog"
	"counterfoil/offline/operation"
)

// The catalog's words for finding.
type (
	Search     = catalog.Search
	Match      = catalog.Match
	SeenStatus = catalog.Status
)

// Pending counts the open operations over the tree.
type Pending struct {
	On    map[string]OpenCount // by the very id they are on
	Below map[string]OpenCount // by every node that has one on it or below it, as far as the tree is known
}

// OpenCount counts open operations, each once.
type OpenCount = operation.OpenCount

// Node returns what the catalog knows of id; ok is false where that is nothing.
func (d *Desk) Node(ctx context.Context, id api.ID) (n Node, ok bool, err error) {
	n, ok, err = d.data.catalog().Get(ctx, id)
	return n, ok, publicError(err)
}

// Path returns the node's ancestors, the root first, without the node itself.
func (d *Desk) Path(ctx context.Context, id api.ID) ([]Node, error) {
	path, err := d.data.catalog().Path(ctx, id)
	return path, publicError(err)
}

// hereMost is how many operations Here returns.
const hereMost = 20

// Here returns the latest operations on an id and on what holds it, newest first, whole.
func (d *Desk) Here(ctx context.Context, id api.ID) ([]Operation, error) {
	return d.Operations(ctx, Query{IDs: idsOf(string(id), d.above(ctx, id)), Limit: hereMost, Whole: true})
}

// Position returns a node's place among its siblings, from 0, and how many they are.
func (d *Desk) Position(ctx context.Context, id api.ID) (index, of int64, ok bool, err error) {
	index, of, ok, err = d.data.catalog().Position(ctx, id)
	return index, of, ok, publicError(err)
}

// ChildAt returns the child at a place from 0 on; parent "" is for the roots.
func (d *Desk) ChildAt(ctx context.Context, parent string, index int64) (n Node, ok bool, err error) {
	n, ok, err = d.data.catalog().ChildAt(ctx, parent, index)
	return n, ok, publicError(err)
}

// Find hands over matches in the order of the tree while it goes, and returns
// how many there were. It ends with ctx, whose error it then returns.
func (d *Desk) Find(ctx context.Context, s Search, each func(Match) error) (int64, error) {
	n, err := d.data.catalog().Find(ctx, s, each)
	if err != nil && ctx.Err() == nil {
		return n, publicError(err)
	}
	return n, err
}

// Outlier returns the next node behind from that is not like its neighbours; ok is
// false where all are alike.
func (d *Desk) Outlier(ctx context.Context, from api.ID) (n Node, ok bool, err error) {
	n, ok, err = d.data.catalog().Outlier(ctx, from)
	return n, ok, publicError(err)
}

// Statuses returns every status ever seen, with the platform's words for it.
func (d *Desk) Statuses(ctx context.Context) ([]SeenStatus, error) {
	all, err := d.data.catalog().Statuses(ctx)
	return all, publicError(err)
}

// Pending lays the open operations over the tree: each walks its ancestry once,
// whatever the tree's size.
func (d *Desk) Pending(ctx context.Context) (Pending, error) {
	p := Pending{On: map[string]OpenCount{}, Below: map[string]OpenCount{}}
	type placed struct {
		operation.Place
		OpenCount
	}
	var all []placed
	platform := d.clock.Platform()
	d.list.EachPlace(func(op *Operation, at operation.Place) {
		all = append(all, placed{at, d.s.Rules.CountOpen(op, platform)})
	})
	for _, at := range all {
		p.On[at.ID] = p.On[at.ID].Plus(at.OpenCount)
		p.Below[at.ID] = p.Below[at.ID].Plus(at.OpenCount)
		if _, whole := at.Above[api.LevelBox]; !whole {
			// It was accepted before all that holds it was known.
			path, err := d.data.catalog().Path(ctx, api.ID(at.ID))
			if err != nil {
				return Pending{}, publicError(err)
			}
			at.Above = catalog.AboveOf(path)
		}
		for _, holder := range at.Above {
			p.Below[holder] = p.Below[holder].Plus(at.OpenCount)
		}
	}
	return p, nil
}
