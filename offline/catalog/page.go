package catalog

import (
	"context"
	"slices"
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
	err = c.read(ctx, func(t *tx) error {
		l, ok, err := t.list(p.Parent, p.Status)
		if err != nil || !ok {
			return err
		}
		add := func(n Node) error {
			if out = append(out, n); len(out) >= p.Limit {
				return errStop
			}
			return nil
		}
		if p.Limit <= 0 {
			return nil
		}
		if p.Before == 0 && !p.Last {
			return l.forward(p.After, add)
		}
		before := p.Before
		if p.Last {
			before = 1<<62 - 1
		}
		err = l.backward(before, add)
		slices.Reverse(out)
		return err
	})
	return out, err
}

// list is the children of one node, with what the reading of them needs.
type list struct {
	t      *tx
	parent int64 // row key, 0 for the roots
	nodes  chain // the parent and above, empty for the roots
	codes  chain // the row whose codes follow
	until  int64 // key of the last row whose chunks are walked, when not only codes[0]
	filter bool  // only what has status
	unlike bool  // only codes of another status
	status uint8
}

// list finds the children of parent; ok is false where it is not known or has
// nothing of that status.
func (t *tx) list(parent, status string) (l list, ok bool, err error) {
	l.t = t
	if status != "" {
		l.filter = true
		if l.status, ok = t.cat.words.known(status); !ok {
			return l, false, nil
		}
	}
	if parent == "" {
		l.codes, err = t.chain(looseKey)
		return l, err == nil, err
	}
	c, err := t.find(parent)
	if err != nil || len(c) == 0 {
		return l, false, err
	}
	l.parent, l.nodes, l.codes = c[0].key, c, c
	return l, true, nil
}

// effective is the SQL of a child's statuses: those of the mark above where it
// is newer than the child. Its values are mark version and mark bit.
const effective = "(CASE WHEN ver < ? AND has<>0 THEN ? ELSE has END)"

func (l list) markArgs(c chain) []any {
	m := c.inherited()
	return []any{m.ver, bit(m.status)}
}

func (l list) walkNodes(from int64, down bool, f func(Node) error) (stopped bool, err error) {
	q := "SELECT " + rowColumns + " FROM nodes WHERE parent=? AND ord>? AND key<>1"
	order := " ORDER BY ord"
	if down {
		q = "SELECT " + rowColumns + " FROM nodes WHERE parent=? AND ord<? AND key<>1"
		order = " ORDER BY ord DESC"
	}
	args := []any{l.parent, from}
	if l.filter {
		q += " AND " + effective + " & ? <> 0"
		args = append(append(args, l.markArgs(l.nodes)...), bit(l.status))
	}
	err = l.t.conn.each(q+order, args, func(s *record) error {
		r, err := scanRow(s)
		if err != nil {
			return err
		}
		c := append(chain{r}, l.nodes...)
		if l.filter && !slices.ContainsFunc(c.counts(), func(x cell) bool { return x.status == l.status }) {
			return nil
		}
		err = f(l.t.node(c))
		stopped = err != nil
		return err
	})
	return stopped, err
}

// walkChunks hands over the chunks from one on, or down from it.
func (l list) walkChunks(from int64, down bool, f func(*chunk) error) error {
	key := l.codes[0].key
	q := "SELECT " + chunkColumns + " FROM chunks WHERE id>=? AND id<=?"
	order, args := " ORDER BY id", []any{chunkID(key, from), chunkID(max(key, l.until)+1, 0) - 1}
	if down {
		order, args = " ORDER BY id DESC", []any{chunkID(key, 0), chunkID(key, from)}
	}
	switch {
	case l.filter:
		q += " AND " + effective + " & ? <> 0"
		args = append(append(args, l.markArgs(l.codes)...), bit(l.status))
	case l.unlike:
		q += " AND " + effective + " <> ?"
		args = append(append(args, l.markArgs(l.codes)...), bit(l.status))
	}
	var ch chunk
	return l.t.conn.each(q+order, args, func(s *record) error {
		if err := ch.scan(s); err != nil {
			return err
		}
		return f(&ch)
	})
}

func (l list) walkCodes(no int64, i int, down bool, f func(*chunk, int) error) error {
	m := l.codes.inherited()
	return l.walkChunks(no, down, func(ch *chunk) error {
		step, k, end := 1, 0, ch.n()
		if down {
			step, k, end = -1, ch.n()-1, -1
		}
		for ; k != end; k += step {
			if ch.no == no && (!down && k < i || down && k > i) {
				continue
			}
			status := ch.st[k]
			if m.ver > ch.ver {
				status = m.status
			}
			if l.filter && status != l.status || l.unlike && status == l.status {
				continue
			}
			if err := f(ch, k); err != nil {
				return err
			}
		}
		return nil
	})
}

func (l list) forward(after int64, f func(Node) error) error {
	no, i := int64(0), 0
	if after < codeBase {
		if stopped, err := l.walkNodes(after-1, false, f); stopped || err != nil {
			return err
		}
	} else {
		no, i = (after-codeBase)>>8, int(after&255) // the key counts from one, so this is the next
	}
	return l.walkCodes(no, i, false, func(ch *chunk, i int) error { return f(l.t.code(l.codes, ch, i)) })
}

func (l list) backward(before int64, f func(Node) error) error {
	if before > codeBase {
		stopped := false
		no, i := min((before-codeBase)>>8, 1<<chunkBits-1), int(before&255)-2
		err := l.walkCodes(no, i, true, func(ch *chunk, i int) error {
			err := f(l.t.code(l.codes, ch, i))
			stopped = err != nil
			return err
		})
		if err != nil || stopped {
			return err
		}
	}
	_, err := l.walkNodes(min(before, codeBase)-1, true, f)
	return err
}
