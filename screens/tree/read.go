package tree

import (
	"cmp"
	"context"
	"maps"
	"slices"

	tea "charm.land/bubbletea/v2"

	"counterfoil/api"
	"counterfoil/offline"
	"counterfoil/screens/screen"
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
func above(at *row) (nodes []offline.Node) {
	for ; at != nil && at.up != nil; at = at.up {
		nodes = append(nodes, at.up.node)
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
	up, down int // rows to read on either side of a place
	got      int // rows read so far
}

// around reads the rows around an id, from the beginning where it is "". To
// reveal it, all above it is opened; otherwise what it is folded into stands for it.
func (r *reader) around(id string, reveal bool) (pane, error) {
	if id == "" {
		return r.end(false)
	}
	at, err := r.place(id)
	switch {
	case err != nil:
		return pane{}, err
	case at == nil && reveal:
		return pane{gone: true}, nil
	case at == nil:
		return r.end(false)
	case reveal:
		r.reveal(at)
	default:
		at = r.visible(at)
	}
	rows, err := r.beside(at, r.up, true)
	if err != nil {
		return pane{}, err
	}
	p := pane{rows: rows, cursor: len(rows), endUp: len(rows) < r.up}
	slices.Reverse(p.rows)
	if r.shows(&at.node) {
		p.rows = append(p.rows, at)
	}
	more, err := r.beside(at, r.down, false)
	p.rows, p.endEnd = append(p.rows, more...), len(more) < r.down
	return p, err
}

// end reads the last rows, or the first.
func (r *reader) end(last bool) (pane, error) {
	rows, err := r.children(nil, nil, r.down, last)
	if !last {
		return pane{rows: rows, endUp: true, endEnd: len(rows) < r.down}, err
	}
	slices.Reverse(rows)
	return pane{rows: rows, cursor: len(rows) - 1, endUp: len(rows) < r.down, endEnd: true}, err
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

// beside reads up to limit rows behind one, or back in front of it, the nearest first.
func (r *reader) beside(at *row, limit int, back bool) (out []*row, err error) {
	if at.open && !back {
		out, err = r.children(nil, at, limit, false)
	}
	for ; at != nil && err == nil && len(out) < limit; at = at.up {
		page, pos := offline.Page{After: at.node.Key}, at.pos+1
		if back {
			page, pos = offline.Page{Before: at.node.Key}, at.pos-1
		}
		out, err = r.walk(out, at.up, page, pos, limit, back)
		if back && at.up != nil && len(out) < limit && r.shows(&at.up.node) {
			out = append(out, at.up)
		}
	}
	return out, err
}

// children appends the children of up from the first on, or back from the last,
// with what is open below them.
func (r *reader) children(out []*row, up *row, limit int, back bool) ([]*row, error) {
	pos := int64(0)
	if back {
		pos = siblings(up) - 1
	}
	return r.walk(out, up, offline.Page{Last: back}, pos, limit, back)
}

// walk appends children of up from a page on, the first of them at a place, with
// what is open below them. Back from a node, what is below it comes before it.
func (r *reader) walk(out []*row, up *row, page offline.Page, pos int64, limit int, back bool) ([]*row, error) {
	page.Parent, page.Status = parentID(up), r.status
	for len(out) < limit {
		page.Limit = limit - len(out)
		nodes, err := r.desk.Children(r.ctx, page)
		if err != nil {
			return out, err
		}
		r.got += len(nodes)
		step := int64(1)
		if back {
			slices.Reverse(nodes)
			step = -1
		}
		for _, n := range nodes {
			at := r.row(n, up, pos, siblings(up))
			pos += step
			if !back {
				out = append(out, at)
			}
			if at.open {
				if out, err = r.children(out, at, limit, back); err != nil {
					return out, err
				}
			}
			if len(out) >= limit {
				return out, nil
			}
			if back {
				out = append(out, at)
			}
		}
		if len(nodes) < page.Limit {
			return out, nil
		}
		if key := nodes[len(nodes)-1].Key; back {
			page.Before, page.Last = key, false
		} else {
			page.After = key
		}
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

func (r *rows) cursorID() string {
	if at, ok := r.list.At(); ok {
		return at.node.ID
	}
	return ""
}

// place is where the cursor is, or was.
func (r *rows) place() string { return cmp.Or(r.cursorID(), r.stood) }

// reread reads the rows around the cursor once more; several reasons at the same
// time make one reading.
func (s *tree) reread() tea.Cmd {
	if s.awaited {
		s.stale = true
		return nil
	}
	return s.read(s.place(), false)
}

// jump shows an id, whatever was folded above it.
func (s *tree) jump(id string) tea.Cmd { return s.read(id, true) }

// read reads the rows around an id, from the beginning where id is "".
func (s *tree) read(id string, jump bool) tea.Cmd {
	return s.readBy(jump, func(r *reader) (pane, error) { return r.around(id, jump) })
}

// readEnd reads the last rows, or the first.
func (s *tree) readEnd(last bool) tea.Cmd {
	return s.readBy(true, func(r *reader) (pane, error) { return r.end(last) })
}

func (s *tree) readBy(jump bool, work func(*reader) (pane, error)) tea.Cmd {
	s.gen++
	s.awaited, s.stale = true, false
	r, gen := &reader{ctx: s.env.Context, desk: s.env.Desk, outline: s.copied()}, s.gen
	r.up, r.down = s.list.Around()
	return screen.Reply(screen.Tree, func() tea.Msg {
		p, err := work(r)
		p.gen, p.jump, p.byHand, p.err = gen, jump, r.byHand, err
		return p
	})
}

func (s *tree) takePane(msg pane) tea.Cmd {
	if msg.gen != s.gen {
		return nil
	}
	return tea.Batch(s.put(msg), s.findOn())
}

func (s *tree) put(msg pane) tea.Cmd {
	s.awaited, s.problem = false, msg.err
	switch {
	case msg.err != nil:
		return nil
	case msg.gone:
		return s.reread()
	case msg.jump:
		s.byHand = msg.byHand
	}
	s.list.Put(msg.rows, msg.cursor, !msg.jump, msg.endUp, msg.endEnd)
	if s.stale {
		return s.reread()
	}
	return s.more()
}

// more reads on where the list comes near an end of what is held.
func (s *tree) more() tea.Cmd {
	if s.awaited || !s.begun || !s.list.Short() {
		return nil
	}
	return s.reread()
}
