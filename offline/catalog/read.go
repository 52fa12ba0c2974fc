package catalog

import (
	"context"
	"slices"

	"counterfoil/api"
)

// readAt is read for a call about one id; f is not run where nothing is known of it.
func (c *Catalog) readAt(ctx context.Context, id api.ID, f func(*tx, place) error) error {
	return c.read(ctx, func(t *tx) error {
		p, err := t.at(string(id))
		if err != nil || !p.known() {
			return err
		}
		return f(t, p)
	})
}

// Get returns a node; ok is false where nothing is known of it.
func (c *Catalog) Get(ctx context.Context, id api.ID) (n Node, ok bool, err error) {
	err = c.readAt(ctx, id, func(t *tx, p place) (err error) {
		ok = true
		n, err = t.show(p)
		return err
	})
	return n, ok && err == nil, err
}

// Path returns the node's ancestors, the root first, without the node itself.
func (c *Catalog) Path(ctx context.Context, id api.ID) (path []Node, err error) {
	err = c.readAt(ctx, id, func(_ *tx, p place) error {
		for up := p.above(); len(up) > 1; up = up[1:] { // the last is the top node
			path = append(path, up.show())
		}
		slices.Reverse(path)
		return nil
	})
	return path, err
}

// Above returns a node's name, and the ids of what holds it by their level; nil
// where nothing is known to. It is Get and Path for who asks no more of them.
func (c *Catalog) Above(ctx context.Context, id api.ID) (name string, holders map[api.Level]string, err error) {
	err = c.readAt(ctx, id, func(_ *tx, p place) error {
		if p.code != nil {
			name = p.code.name
		}
		for _, n := range p.above() {
			if n.key == topKey {
				break
			}
			if holders == nil {
				holders = make(map[api.Level]string, len(p.chain))
			}
			holders[levels[n.level]] = n.id
		}
		return nil
	})
	return name, holders, err
}

// Holds reports whether ancestor holds id, which no node does of itself. known
// is false where the catalog cannot tell: where nothing as high as ancestor was
// ever seen above id.
func (c *Catalog) Holds(ctx context.Context, ancestor, id api.ID) (holds, known bool, err error) {
	high, low := levelNumber(ancestor.Level()), levelNumber(id.Level())
	if high != 0 && low != 0 && high >= low {
		return false, true, ctx.Err() // only what stands higher can hold
	}
	err = c.readAt(ctx, id, func(_ *tx, p place) error {
		up := p.above()
		up = up[:len(up)-1]
		for _, n := range up {
			if n.id == string(ancestor) {
				holds, known = true, true
				return nil
			}
		}
		highest := levelNumber(api.LevelCode)
		switch {
		case len(up) > 0:
			highest = up[len(up)-1].level
		case p.code == nil:
			highest = p.chain[0].level
		}
		known = highest != 0 && highest <= max(high, levelNumber(api.LevelBox))
		return nil
	})
	return holds, known, err
}

// Status is a status as the platform writes it, with its words for it.
type Status struct {
	Code string
	Text string
}

// Statuses returns every status ever seen, with the text last seen with it.
func (c *Catalog) Statuses(ctx context.Context) (out []Status, err error) {
	err = c.read(ctx, func(t *tx) error {
		return t.each("SELECT code, text FROM statuses ORDER BY key", nil, func(r row) error {
			out = append(out, Status{r.Text(0), r.Text(1)})
			return r.Check("tt")
		})
	})
	return out, err
}
