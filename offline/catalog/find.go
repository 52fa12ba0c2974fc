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
// how many there were; each may be nil to count only, and must not ask the
// catalog. A million codes take about a tenth of a second; ctx ends it.
func (c *Catalog) Find(ctx context.Context, s Search, each func(Match) error) (n int64, err error) {
	if s.Text == "" && s.Status == "" {
		return 0, nil
	}
	f := &finder{ctx: ctx, Search: s, each: each}
	if s.Text != "" {
		f.like = "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(s.Text) + "%"
	}
	err = c.read(ctx, func(t *tx) error {
		f.t = t
		n, err := t.conn.Int("SELECT count(*) FROM attributes WHERE name"+like, f.like)
		if err != nil {
			return err
		}
		f.names = n > 0
		path, err := t.behind(s.Under, s.After)
		if err != nil || len(path) == 0 {
			return err
		}
		return f.below(path)
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	return f.n, err
}

var errEnough = errors.New("enough")

// step is a place below a node: behind the child of an ord, and behind the code
// of a key in that child or, past all children, in the node itself.
type step struct {
	up        chain
	ord, code int64
}

// behind is the path to the place behind a node, or to the beginning of under.
func (t *tx) behind(under, after string) ([]step, error) {
	top, err := t.find(under)
	if err != nil || len(top) == 0 {
		return nil, err
	}
	p, err := t.at(after)
	if err != nil {
		return nil, err
	}
	at := step{ord: start}
	if p.code != nil {
		at = step{ord: past, code: p.code.key}
	}
	var path []step
	for i, n := range p.chain {
		at.up = p.chain[i:]
		if n.level != reelLevel || n == top[0] { // the codes of a reel are looked through with its parent
			path = append(path, at)
		}
		if n == top[0] {
			slices.Reverse(path)
			return path, nil
		}
		at.ord = n.ord
	}
	return []step{{up: top, ord: start}}, nil
}

// finder is one search.
type finder struct {
	ctx context.Context
	t   *tx
	Search
	like  string // pattern of the text; "" for all
	names bool   // there are names with the text
	each  func(Match) error
	n     int64
}

// below goes through what is below the first step of a path, from the place
// that the path leads to.
func (f *finder) below(path []step) error {
	if len(path) == 0 {
		return nil
	}
	at := path[0]
	if len(path) > 1 {
		if err := f.below(path[1:]); err != nil {
			return err
		}
	}
	q := findQuery{finder: f, up: at.up, filter: at.up.filter(f.Status)}
	if q.nothing {
		return nil
	}
	for at.ord < past {
		// The codes of reels are looked through together, up to the next child
		// that is found itself or is no reel.
		next, found, err := q.child(at.ord)
		if err != nil {
			return err
		}
		end := int64(past)
		if next != nil {
			end = next.ord
		}
		if err := q.through(at, end); err != nil {
			return err
		}
		at = step{up: at.up, ord: end}
		if found {
			err = f.hit(next.id, levels[next.level], at.up[0].id)
		}
		if err == nil && next != nil && next.level != reelLevel {
			err = f.below([]step{{up: append(chain{next}, at.up...), ord: start}})
		}
		if err != nil {
			return err
		}
	}
	return q.through(at, 0)
}

func (f *finder) enough() error {
	if f.Limit > 0 && f.n >= int64(f.Limit) {
		return errEnough
	}
	return f.ctx.Err()
}

func (f *finder) hit(id string, level api.Level, parent string) error {
	f.n++
	if f.each != nil && (f.Whole == 0 || f.n <= f.Whole || f.Every > 0 && (f.n-f.Whole)%f.Every == 0) {
		if err := f.each(Match{f.n, id, level, parent}); err != nil {
			return err
		}
	}
	return f.enough()
}
