package tree

import (
	"context"
	"maps"
	"slices"

	"counterfoil/api"
	"counterfoil/offline"
)

// row is one line of the tree. Rows are never changed once read.
type row struct {
	node offline.Node
	up   *row // the row of its parent, nil at a root
	deep int
	open bool
	pos  int64 // place among its siblings, from 0; -1 where not known
	of   int64 // siblings
}

// above are the nodes that hold a row's, the root first.
func above(at *row) []offline.Node {
	var nodes []offline.Node
	for up := at.up; up != nil; up = up.up {
		nodes = append(nodes, up.node)
	}
	slices.Reverse(nodes)
	return nodes
}

// outline says what of the tree is shown: what is open, and of which status.
type outline struct {
	to     int             // levels above this one are open, 1 to 4
	byHand map[string]bool // nodes opened and closed by hand
	status string          // only nodes that hold a code of it; "" all
}

func (o outline) copied() outline {
	o.byHand = maps.Clone(o.byHand)
	return o
}

func (o outline) isOpen(n *offline.Node) bool {
	if n.Children == 0 {
		return false
	}
	if open, set := o.byHand[n.ID]; set {
		return open
	}
	return n.Level.Rank() < o.to
}

func (o outline) shows(n *offline.Node) bool { return o.status == "" || n.Counts[o.status] > 0 }

// reader reads rows as an outline shows them. It walks from a row to its
// neighbours, so that what it reads does not grow with the tree.
type reader struct {
	ctx  context.Context
	desk *offline.Desk
	outline
	got int // rows read so far
}

func (r *reader) row(n offline.Node, up *row, pos, of int64) *row {
	at := &row{node: n, up: up, open: r.isOpen(&n), pos: pos, of: of}
	if up != nil {
		at.deep = up.deep + 1
	}
	if r.status != "" {
		at.pos = -1 // places count every sibling, also those not shown
	}
	return at
}

// place returns the row of an id; nil where nothing is known of it.
func (r *reader) place(id string) (*row, error) {
	n, ok, err := r.desk.Node(r.ctx, api.ID(id))
	if err != nil || !ok {
		return nil, err
	}
	path, err := r.desk.Path(r.ctx, api.ID(id))
	if err != nil {
		return nil, err
	}
	var up *row
	for _, n := range append(path, n) {
		pos, of, ok, err := r.desk.Position(r.ctx, api.ID(n.ID))
		if err != nil {
			return nil, err
		}
		if !ok {
			pos = -1
		}
		up = r.row(n, up, pos, of)
	}
	return up, nil
}

// visible goes up to the row that stands for one that is folded away.
func (r *reader) visible(at *row) *row {
	for up := at.up; up != nil; up = up.up {
		if !up.open {
			at = up
		}
	}
	return at
}

// reveal opens everything above a row.
func (r *reader) reveal(at *row) {
	for up := at.up; up != nil; up = up.up {
		if !r.isOpen(&up.node) {
			r.byHand[up.node.ID] = true
		}
		up.open = true
	}
}

// after reads up to limit rows behind one.
func (r *reader) after(at *row, limit int) ([]*row, error) {
	var out []*row
	var err error
	if at.open {
		if out, err = r.down(out, at, 0, 0, limit); err != nil {
			return out, err
		}
	}
	for ; at != nil && len(out) < limit; at = at.up {
		if out, err = r.down(out, at.up, at.node.Key, at.pos+1, limit); err != nil {
			return out, err
		}
	}
	return out, nil
}

// down appends the children of up behind a key, with what is open below them.
func (r *reader) down(out []*row, up *row, key, pos int64, limit int) ([]*row, error) {
	for len(out) < limit {
		want := limit - len(out)
		nodes, err := r.desk.Children(r.ctx, offline.Page{Parent: parentID(up), After: key, Status: r.status, Limit: want})
		if err != nil {
			return out, err
		}
		r.got += len(nodes)
		for i, n := range nodes {
			at := r.row(n, up, pos+int64(i), siblings(up))
			out = append(out, at)
			if at.open {
				if out, err = r.down(out, at, 0, 0, limit); err != nil {
					return out, err
				}
			}
			if len(out) >= limit {
				return out, nil
			}
		}
		if len(nodes) < want {
			return out, nil
		}
		key, pos = nodes[len(nodes)-1].Key, pos+int64(len(nodes))
	}
	return out, nil
}

// before reads up to limit rows in front of one, the nearest first.
func (r *reader) before(at *row, limit int) ([]*row, error) {
	var out []*row
	for ; len(out) < limit; at = at.up {
		var err error
		page := offline.Page{Parent: parentID(at.up), Before: at.node.Key}
		if out, err = r.upward(out, at.up, page, at.pos-1, limit); err != nil || at.up == nil {
			return out, err
		}
		if len(out) < limit && r.shows(&at.up.node) {
			out = append(out, at.up)
		}
	}
	return out, nil
}

// last reads up to limit rows from the end, the last first.
func (r *reader) last(limit int) ([]*row, error) {
	return r.upward(nil, nil, offline.Page{Last: true}, -1, limit)
}

// upward appends the children of up that a page ends with, each behind what is open below it.
func (r *reader) upward(out []*row, up *row, page offline.Page, pos int64, limit int) ([]*row, error) {
	page.Status = r.status
	for len(out) < limit {
		page.Limit = limit - len(out)
		nodes, err := r.desk.Children(r.ctx, page)
		if err != nil {
			return out, err
		}
		r.got += len(nodes)
		for i := len(nodes) - 1; i >= 0; i-- {
			at := r.row(nodes[i], up, pos, siblings(up))
			if pos >= 0 {
				pos--
			}
			if at.open {
				below := offline.Page{Parent: at.node.ID, Last: true}
				if out, err = r.upward(out, at, below, at.node.Children-1, limit); err != nil {
					return out, err
				}
			}
			if len(out) >= limit {
				return out, nil
			}
			out = append(out, at)
		}
		if len(nodes) < page.Limit {
			return out, nil
		}
		page.Before, page.Last = nodes[0].Key, false
	}
	return out, nil
}

func parentID(up *row) string {
	if up == nil {
		return ""
	}
	return up.node.ID
}

func siblings(up *row) int64 {
	if up == nil {
		return 0
	}
	return up.node.Children
}
