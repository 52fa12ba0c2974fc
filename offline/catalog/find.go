package catalog

import (
	"context"
	"errors"
	"slices"
	"strings"

	"counterfoil/api"
)

// Search says what to find.
type Search struct {
	Text   string // any part of an id or of a code's name, upper and lower case (of ASCII) alike; "" all
	Status string // only codes of this status and nodes holding one; with no Text only codes; "" all
	Under  string // only below this node; "" everywhere
	After  string // only behind this node in the order of the tree; "" from the beginning
	Limit  int    // 0 for all
	// Whole, where not 0, is how many matches are handed over one by one. Of those
	// behind, every Every-th is: they are counted without being named.
	Whole, Every int64
}

// Match is a node that was found.
type Match struct {
	N      int64 // its number among the matches of this search, from 1
	ID     string
	Level  api.Level
	Parent string
}

// Find hands over matches in the order of the tree, while it goes, and returns
// how many there were; each may be nil to count only. A million codes take about
// a tenth of a second; what is found is handed over as it goes, and ctx ends it.
func (c *Catalog) Find(ctx context.Context, s Search, each func(Match) error) (n int64, err error) {
	if s.Text == "" && s.Status == "" {
		return 0, nil
	}
	f := &finder{cat: c, Search: s, each: each}
	if s.Text != "" {
		f.like = "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(s.Text) + "%"
	}
	var path []step
	err = c.read(ctx, func(t *tx) (err error) {
		path, err = t.behind(s.Under, s.After)
		return err
	})
	if err == nil {
		err = f.below(ctx, path)
	}
	if errors.Is(err, errEnough) {
		err = nil
	}
	return f.n, err
}

var errEnough = errors.New("enough")

// step is a place below a node: behind the child of an ord, and behind the code
// of a key in that child or, past all children, in the node itself.
type step struct {
	id        string
	ord, code int64
}

// behind is the path to the place behind a node, or to the beginning of under.
func (t *tx) behind(under, after string) ([]step, error) {
	first := []step{{under, start, 0}}
	p, err := t.at(after)
	if err != nil || !p.known() {
		return first, err
	}
	var path []step
	at := step{ord: start}
	if p.code != nil {
		at = step{ord: past, code: p.code.key}
	}
	for _, n := range p.chain {
		at.id = n.id
		if n.level != reelLevel || n.id == under { // the codes of a reel are looked through with its parent
			path = append(path, at)
		}
		if n.id == under {
			slices.Reverse(path)
			return path, nil
		}
		at.ord = n.ord
	}
	return first, nil
}

// finder is one search. Its place is kept as ids, ords and keys, so that a
// switch in between is survived.
type finder struct {
	cat *Catalog
	Search
	like string // pattern of the text; "" for all
	each func(Match) error
	n    int64
	held []Match
}

// below goes through what is below the first step of a path, from the place
// that the path leads to.
func (f *finder) below(ctx context.Context, path []step) error {
	at := path[0]
	if len(path) > 1 {
		if err := f.below(ctx, path[1:]); err != nil {
			return err
		}
	}
	for {
		var into string
		var more bool
		err := f.cat.read(ctx, func(t *tx) (err error) {
			into, more, err = f.slice(t, &at)
			return err
		})
		if e := f.deliver(ctx); e != nil {
			return e
		}
		if err == nil && into != "" {
			err = f.below(ctx, []step{{into, start, 0}})
		}
		if err != nil || !more {
			return err
		}
	}
}

const heldMost = 2048 // matches held before they are handed over

// slice goes on from a place below a node within one transaction. into is the
// node to go through next; more says that there is more to read here.
func (f *finder) slice(t *tx, at *step) (into string, more bool, err error) {
	up, err := t.find(at.id, chain.live)
	if err != nil || len(up) == 0 {
		return "", false, err
	}
	q := findQuery{finder: f, t: t, up: up, filter: up.filter(f.Status)}
	for at.ord < past && !q.nothing {
		// The codes of reels are looked through together, up to the next child
		// that is found itself or is no reel.
		next, err := q.child(at.ord)
		if err != nil {
			return "", false, err
		}
		end := int64(past)
		if next != nil {
			end = next.ord
		}
		if more, err := q.through(at, end); more || err != nil {
			return "", true, err
		}
		*at = step{id: at.id, ord: end}
		if next == nil {
			break
		}
		if f.like != "" && q.found {
			f.hit(next.id, levels[next.level], up[0].id)
		}
		if next.level != reelLevel {
			into = next.id
		}
		if into != "" || f.full() {
			return into, true, f.enough()
		}
	}
	if q.nothing {
		return "", false, nil
	}
	more, err = q.through(at, 0)
	return "", more, err
}

// full reports that matches are to be handed over: many, or the very first.
func (f *finder) full() bool { return len(f.held) >= heldMost || len(f.held) == 1 && f.n == 1 }

func (f *finder) enough() error {
	if f.Limit > 0 && f.n >= int64(f.Limit) {
		return errEnough
	}
	return nil
}

func (f *finder) hit(id string, level api.Level, parent string) {
	f.n++
	if f.each != nil && (f.Whole == 0 || f.n <= f.Whole || f.Every > 0 && (f.n-f.Whole)%f.Every == 0) {
		f.held = append(f.held, Match{f.n, id, level, parent})
	}
}

func (f *finder) deliver(ctx context.Context) error {
	for _, m := range f.held {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := f.each(m); err != nil {
			return err
		}
	}
	f.held = f.held[:0]
	return nil
}
