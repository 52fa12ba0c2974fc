package catalog

import (
	"context"
	"time"

	"counterfoil/api"
)

// codeBase lifts the keys of codes above those of the nodes beside them.
const codeBase = 1 << 40

func codeKey(no int64, i int) int64 { return codeBase | no<<8 | int64(i) + 1 }

// code shows a code; c is its parent with what is above.
func (t *tx) code(c chain, ch *chunk, i int) Node {
	l := ch.looks[ch.at[i]]
	status, seen := ch.st[i], max(t.seen(c[0]), ch.lateOf(i))
	if m := c.inherited(); m.ver > ch.ver {
		status, seen = m.status, max(seen, m.seen)
	}
	n := Node{
		Key: codeKey(ch.no, i), ID: string(ch.id(i)), Level: api.LevelCode, Parent: c[0].id,
		Name: l.name, FaceValue: l.face, ValidFrom: l.from, ValidTo: l.to, Remaining: l.remaining,
		Codes: 1, SeenAt: time.UnixMilli(seen),
	}
	var text string
	n.Status, text = t.cat.words.say(t.conn, status)
	if n.StatusText = l.statusText; status != l.seenStatus {
		n.StatusText = text
	}
	n.Counts = map[string]int{n.Status: 1}
	n.Values = []Value{{n.Status, n.FaceValue, 1}}
	return n
}

// at is what an id names: a code in its chunk, or a row.
type at struct {
	chain chain // of a code its parent's
	chunk *chunk
	i     int
}

func (a at) known() bool { return len(a.chain) > 0 }

func (t *tx) at(id string) (at, error) {
	if a, ok, err := t.nearby(id); ok || err != nil {
		return a, err
	}
	c, err := t.find(id)
	if err != nil || len(c) > 0 && id != "" {
		return at{chain: c}, err
	}
	if id == "" {
		return at{}, nil
	}
	p, err := t.places(id)
	if err != nil || len(p) == 0 {
		return at{}, err
	}
	t.found(p[0])
	return at{p[0].chain, p[0].chunk, p[0].i}, nil
}

func (t *tx) show(a at) Node {
	if a.chunk != nil {
		return t.code(a.chain, a.chunk, a.i)
	}
	return t.node(a.chain)
}

// ancestors are the rows above, the nearest first, without the one for loose codes.
func (a at) ancestors() chain {
	c := a.chain
	if a.chunk == nil {
		c = c[1:]
	}
	if len(c) > 0 && c[len(c)-1].key == looseKey {
		c = c[:len(c)-1]
	}
	return c
}

// Get returns a node; ok is false where nothing is known of it.
func (c *Catalog) Get(ctx context.Context, id api.ID) (n Node, ok bool, err error) {
	err = c.read(ctx, func(t *tx) error {
		a, err := t.at(string(id))
		if err == nil && a.known() {
			n, ok = t.show(a), true
		}
		return err
	})
	return n, ok, err
}

// Path returns the node's ancestors, the root first, without the node itself.
func (c *Catalog) Path(ctx context.Context, id api.ID) (path []Node, err error) {
	err = c.read(ctx, func(t *tx) error {
		a, err := t.at(string(id))
		if err != nil || !a.known() {
			return err
		}
		up := a.ancestors()
		for i := len(up) - 1; i >= 0; i-- {
			path = append(path, t.node(up[i:]))
		}
		return nil
	})
	return path, err
}

// Above returns a node's name, and the ids of what holds it by their level; nil
// where nothing is known to. It is Get and Path for who asks no more of them.
func (c *Catalog) Above(ctx context.Context, id api.ID) (name string, holders map[api.Level]string, err error) {
	err = c.read(ctx, func(t *tx) error {
		a, err := t.at(string(id))
		if err != nil || !a.known() {
			return err
		}
		if a.chunk != nil {
			name = a.chunk.looks[a.chunk.at[a.i]].name
		}
		for _, r := range a.ancestors() {
			if holders == nil {
				holders = make(map[api.Level]string, len(a.chain))
			}
			holders[levels[r.level]] = r.id
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
	err = c.read(ctx, func(t *tx) error {
		a, err := t.at(string(id))
		if err != nil || !a.known() {
			return err
		}
		up := a.ancestors()
		for _, r := range up {
			if r.id == string(ancestor) {
				holds, known = true, true
				return nil
			}
		}
		top := levelNumber(api.LevelCode)
		switch {
		case len(up) > 0:
			top = up[len(up)-1].level
		case a.chunk == nil:
			top = a.chain[0].level
		}
		known = top != 0 && top <= max(high, levelNumber(api.LevelBox))
		return nil
	})
	return holds, known, err
}

// Statuses returns every status ever seen, with the text last seen with it.
func (c *Catalog) Statuses(ctx context.Context) (out []Status, err error) {
	err = c.read(ctx, func(t *tx) error {
		if c.opts.ReadOnly {
			if err := c.words.load(t.conn); err != nil {
				return err
			}
		}
		c.words.mu.RLock()
		defer c.words.mu.RUnlock()
		for i, code := range c.words.codes {
			out = append(out, Status{code, c.words.texts[i]})
		}
		return nil
	})
	return out, err
}

// Status is a status as the platform writes it, with its words for it.
type Status struct {
	Code string
	Text string
}
