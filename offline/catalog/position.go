package catalog

import (
	"context"

	"counterfoil/api"
)

// Position returns a node's place among its siblings, from 0, and how many they
// are; ok is false where nothing is known of it. Exact; where siblings went or
// moved in between, counting the gaps takes up to some milliseconds.
func (c *Catalog) Position(ctx context.Context, id api.ID) (index, of int64, ok bool, err error) {
	err = c.read(ctx, func(t *tx) error {
		a, err := t.at(string(id))
		if err != nil || !a.known() {
			return err
		}
		ok = true
		index, of, err = t.position(a)
		return err
	})
	return index, of, ok, err
}

func (t *tx) position(a at) (index, of int64, err error) {
	if ch := a.chunk; ch != nil {
		r := a.chain[0]
		before := ch.no * chunkCodes
		if r.flags&flagRagged != 0 {
			before, _, err = t.conn.number("SELECT coalesce(sum(n),0) FROM chunks WHERE id>=? AND id<?", chunkID(r.key, 0), chunkID(r.key, ch.no))
		}
		return r.kids + before + int64(a.i), r.kids + r.own, err
	}
	r := a.chain[0]
	list, err := t.listRow(a.chain[1:])
	if err != nil {
		return 0, 0, err
	}
	index = r.ord
	if list.next != list.kids {
		index, _, err = t.conn.number("SELECT count(*) FROM nodes WHERE parent=? AND ord<? AND key<>1", r.parent, r.ord)
	}
	return index, list.kids + list.own, err
}

// ChildAt returns the child at a place from 0 on, for a jump or a scroll bar;
// ok is false where there is none. parent "" is for the roots.
func (c *Catalog) ChildAt(ctx context.Context, parent string, index int64) (n Node, ok bool, err error) {
	if index < 0 {
		return Node{}, false, ctx.Err()
	}
	err = c.read(ctx, func(t *tx) error {
		l, known, err := t.list(parent, "")
		if err != nil || !known {
			return err
		}
		list := l.codes[0] // of the roots the row that counts them
		if index < list.kids {
			q, args := "SELECT "+rowColumns+" FROM nodes WHERE parent=? AND key<>1 ORDER BY ord LIMIT 1 OFFSET ?", []any{l.parent, index}
			if list.next == list.kids {
				q = "SELECT " + rowColumns + " FROM nodes WHERE parent=? AND ord=? AND key<>1"
			}
			return t.conn.each(q, args, func(s *record) error {
				r, err := scanRow(s)
				if err == nil {
					n, ok = t.node(append(chain{r}, l.nodes...)), true
				}
				return err
			})
		}
		if index -= list.kids; index >= list.own {
			return nil
		}
		no, i, err := t.chunkAt(list, index)
		if err != nil {
			return err
		}
		return l.walkCodes(no, i, false, func(ch *chunk, i int) error {
			n, ok = t.code(l.codes, ch, i), true
			return errStop
		})
	})
	return n, ok, err
}

// chunkAt finds the chunk of the index-th code of a row, and its place there.
func (t *tx) chunkAt(r *row, index int64) (no int64, i int, err error) {
	if r.flags&flagRagged == 0 {
		return index / chunkCodes, int(index % chunkCodes), nil
	}
	err = t.conn.each("SELECT id, n FROM chunks WHERE id>=? AND id<? ORDER BY id", []any{chunkID(r.key, 0), chunkID(r.key+1, 0)},
		func(s *record) error {
			id, n := s.int(0), s.int(1)
			if index < n {
				no, i = id&(1<<chunkBits-1), int(index)
				return errStop
			}
			index -= n
			return nil
		})
	return no, i, err
}
