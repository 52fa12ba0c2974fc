package catalog

import (
	"context"
	"slices"

	"counterfoil/api"
)

// Page selects children of a node by key. Nodes come before codes, each in the
// order in which they were first seen there.
type Page struct {
	Parent string // "" for the roots
	After  int64  // key of the row before the page; 0 from the start
	Before int64  // key of the row behind the page; 0 unset
	Last   bool   // the last page
	Status string // only nodes holding a code of this status; "" all
	Limit  int
}

// Children returns a page of direct children in order. A key of a row that is
// gone meanwhile still marks its place.
func (c *Catalog) Children(ctx context.Context, p Page) (out []Node, err error) {
	if p.Limit <= 0 {
		return nil, ctx.Err()
	}
	err = c.read(ctx, func(t *tx) error {
		up, err := t.find(p.Parent)
		if err != nil || len(up) == 0 {
			return err
		}
		l := listing{t: t, up: up, filter: up.filter(p.Status), limit: p.Limit}
		before := p.Before
		if p.Last {
			before = codeBase + past
		}
		if before > 0 {
			l.desc = " DESC"
		}
		switch {
		case before > codeBase:
			if err = l.codes(start, before-codeBase-1); err == nil {
				err = l.kids(start, past)
			}
		case before > 0:
			err = l.kids(start, before-1)
		case p.After > codeBase:
			err = l.codes(p.After-codeBase-1, past)
		default:
			if err = l.kids(p.After-1, past); err == nil {
				err = l.codes(start, past)
			}
		}
		if out = l.out; before > 0 {
			slices.Reverse(out)
		}
		return err
	})
	return out, err
}

// start and past are ords and numbers before and behind all children.
const (
	start = -1
	past  = 1 << 60
)

// filter is what SQL must ask of children to find those that hold a status.
type filter struct {
	nothing bool   // no child holds it
	nodes   string // of nodes
	codes   string // of codes
	args    []any  // the status, for each of them
}

// filter is that of the children of c[0]; status "" asks nothing.
func (c chain) filter(status string) filter {
	switch m := c.marked(); {
	case status == "":
		return filter{}
	case m.at == 0:
		return filter{nodes: " AND " + hasStatus, codes: " AND c.status=?", args: []any{status}}
	default:
		return filter{nothing: m.status != status, nodes: " AND r.codes>0"}
	}
}

// listing collects children of up[0] until there are enough.
type listing struct {
	t  *tx
	up chain
	filter
	desc  string // " DESC" for backward
	limit int
	out   []Node
}

// kids takes the nodes whose ord lies between two.
func (l *listing) kids(after, before int64) error {
	if l.nothing {
		return nil
	}
	args := append([]any{l.up[0].key, after, before}, l.args...)
	return l.t.kids(l.filter.nodes+" ORDER BY r.ord"+l.desc, args, l.limit-len(l.out), func(n *node) error {
		l.out = append(l.out, append(chain{n}, l.up...).show())
		return nil
	})
}

// codes takes the codes whose number lies between two.
func (l *listing) codes(after, before int64) error {
	if l.nothing {
		return nil
	}
	n := l.up[0]
	args := append([]any{codeKey(n.key, 0) + after, codeKey(n.key, 0) + min(before, 1<<numberBits)}, l.args...)
	return l.t.codes(l.filter.codes+" ORDER BY c.key"+l.desc, args, l.limit-len(l.out), func(c *code) error {
		n, err := l.t.showCode(l.up, c)
		l.out = append(l.out, n)
		return err
	})
}

// kids hands over children of a node whose ord lies between two. args are its
// key, the two, and what where needs.
func (t *tx) kids(where string, args []any, limit int, f func(*node) error) error {
	return t.each("SELECT "+nodeColumns+" FROM nodes r WHERE parent=? AND ord>? AND ord<?"+where+" LIMIT ?", append(args, limit),
		func(r row) error {
			n, err := scanNode(r)
			if err != nil {
				return err
			}
			return f(n)
		})
}

// codes hands over codes whose key lies between two; args as for kids.
func (t *tx) codes(where string, args []any, limit int, f func(*code) error) error {
	return t.each(selectCodes+"WHERE c.key>? AND c.key<?"+where+" LIMIT ?", append(args, limit), func(r row) error {
		c, err := scanCode(r)
		if err != nil {
			return err
		}
		return f(c)
	})
}

// code returns the code of a key, nil where there is none.
func (t *tx) code(key int64) (found *code, err error) {
	err = t.codes("", []any{key - 1, key + 1}, 1, func(c *code) error {
		found = c
		return nil
	})
	return found, err
}

// Position returns a node's place among its siblings, from 0, and how many they
// are; ok is false where nothing is known of it. Exact; where siblings went or
// moved in between, counting the gaps takes up to some milliseconds.
func (c *Catalog) Position(ctx context.Context, id api.ID) (index, of int64, ok bool, err error) {
	err = c.readAt(ctx, id, func(t *tx, p place) (err error) {
		up := p.chain[0]
		if p.code != nil {
			if index = p.code.no(); up.nextNo != up.own {
				index, err = t.conn.Int("SELECT count(*) FROM codes WHERE key>=? AND key<?", codeKey(up.key, 0), p.code.key)
			}
			index += up.kids
		} else {
			up, index = p.chain[1], up.ord
			if up.nextOrd != up.kids {
				index, err = t.conn.Int("SELECT count(*) FROM nodes WHERE parent=? AND ord<?", up.key, index)
			}
		}
		of, ok = up.kids+up.own, err == nil
		return err
	})
	return index, of, ok, err
}

// ChildAt returns the child at a place from 0 on, for a jump or a scroll bar;
// ok is false where there is none. parent "" is for the roots.
func (c *Catalog) ChildAt(ctx context.Context, parent string, index int64) (n Node, ok bool, err error) {
	if index < 0 {
		return Node{}, false, ctx.Err()
	}
	err = c.read(ctx, func(t *tx) error {
		up, err := t.find(parent)
		if err != nil || len(up) == 0 {
			return err
		}
		list, after, skip := up[0], index-1, int64(0)
		if index < list.kids {
			if list.nextOrd != list.kids {
				after, skip = -1, index
			}
			return t.each("SELECT "+nodeColumns+" FROM nodes WHERE parent=? AND ord>? ORDER BY ord LIMIT 1 OFFSET ?",
				[]any{list.key, after, skip}, func(r row) error {
					kid, err := scanNode(r)
					if err == nil {
						n, ok = append(chain{kid}, up...).show(), true
					}
					return err
				})
		}
		if index -= list.kids; index >= list.own {
			return nil
		}
		first := codeKey(list.key, 0)
		key := first + index
		if list.nextNo != list.own {
			if key, err = t.conn.Int("SELECT key FROM codes WHERE key>=? ORDER BY key LIMIT 1 OFFSET ?", first, index); err != nil {
				return err
			}
		}
		at, err := t.code(key)
		if err == nil && at != nil {
			n, err = t.showCode(up, at)
			ok = err == nil
		}
		return err
	})
	return n, ok, err
}

// Walk hands over id and everything below, parents before children; "" stands
// for all that is known. It reads a page at a time, so that a look-up that
// arrives meanwhile may show in the part not yet read.
func (c *Catalog) Walk(ctx context.Context, id api.ID, each func(Node) error) error {
	if id != "" {
		n, ok, err := c.Get(ctx, id)
		if err == nil && ok {
			err = each(n)
		}
		if err != nil || !ok || n.Level == api.LevelCode {
			return err
		}
	}
	return c.walkBelow(ctx, string(id), each)
}

func (c *Catalog) walkBelow(ctx context.Context, id string, each func(Node) error) error {
	const atOnce = 512
	for p := (Page{Parent: id, Limit: atOnce}); ; {
		page, err := c.Children(ctx, p)
		if err != nil {
			return err
		}
		for _, n := range page {
			p.After = n.Key
			if err = ctx.Err(); err == nil {
				err = each(n)
			}
			if err == nil && n.Level != api.LevelCode {
				err = c.walkBelow(ctx, n.ID, each)
			}
			if err != nil {
				return err
			}
		}
		if len(page) < atOnce {
			return nil
		}
	}
}
