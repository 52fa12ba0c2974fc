package tree

import (
	tea "charm.land/bubbletea/v2"

	"counterfoil/screens/screen"
)

func (s *tree) cursorID() string {
	if at, ok := s.list.At(); ok {
		return at.node.ID
	}
	return ""
}

// reread reads the rows around the cursor once more; several reasons at the same
// time make one reading.
func (s *tree) reread() tea.Cmd {
	if s.awaited {
		s.stale = true
		return nil
	}
	return s.read(s.cursorID(), false)
}

// jump shows an id, whatever was folded above it.
func (s *tree) jump(id string) tea.Cmd { return s.read(id, true) }

// read reads a screenful around an id, from the beginning where id is "".
func (s *tree) read(id string, jump bool) tea.Cmd {
	return s.readBy(jump, func(r *reader) (pane, error) { return around(r, id, jump, s.height) })
}

// readEnd reads the last rows, or the first.
func (s *tree) readEnd(last bool) tea.Cmd {
	height := s.height
	return s.readBy(true, func(r *reader) (pane, error) {
		if !last {
			return around(r, "", true, height)
		}
		rows, err := r.last(3 * height)
		return reversed(pane{rows: rows, endUp: len(rows) < 3*height, endEnd: true}), err
	})
}

func (s *tree) readBy(jump bool, work func(*reader) (pane, error)) tea.Cmd {
	s.gen++
	s.awaited, s.stale = true, false
	r, gen := &reader{ctx: s.env.Context, desk: s.env.Desk, outline: s.copied()}, s.gen
	return screen.Reply(screen.Tree, func() tea.Msg {
		p, err := work(r)
		p.gen, p.jump, p.byHand, p.err = gen, jump, r.byHand, err
		return p
	})
}

// reversed turns rows that were read from the last to the first, and puts the
// cursor on the last.
func reversed(p pane) pane {
	for i, k := 0, len(p.rows)-1; i < k; i, k = i+1, k-1 {
		p.rows[i], p.rows[k] = p.rows[k], p.rows[i]
	}
	p.cursor = len(p.rows) - 1
	return p
}

func around(r *reader, id string, reveal bool, height int) (pane, error) {
	var at *row
	var err error
	if id != "" {
		if at, err = r.place(id); err != nil {
			return pane{}, err
		}
	}
	if at == nil {
		rows, err := r.down(nil, nil, 0, 0, 3*height)
		return pane{rows: rows, endUp: true, endEnd: len(rows) < 3*height}, err
	}
	if reveal {
		r.reveal(at)
	} else {
		at = r.visible(at)
	}
	rows, err := r.before(at, height)
	if err != nil {
		return pane{}, err
	}
	p := reversed(pane{rows: rows, endUp: len(rows) < height})
	if r.shows(&at.node) {
		p.rows = append(p.rows, at)
	}
	p.cursor++
	more, err := r.after(at, 2*height)
	p.rows, p.endEnd = append(p.rows, more...), len(more) < 2*height
	return p, err
}

func (s *tree) takePane(msg pane) tea.Cmd {
	if msg.gen != s.gen {
		return nil
	}
	return tea.Batch(s.put(msg), s.findOn())
}

func (s *tree) put(msg pane) tea.Cmd {
	s.awaited, s.problem = false, nil
	switch {
	case msg.err != nil:
		s.problem = msg.err
		s.list.Fail()
		return nil
	case msg.gone:
		return s.reread()
	case msg.jump:
		s.byHand = msg.byHand
	default:
		s.keepCursor(&msg)
	}
	at := max(min(msg.cursor, len(msg.rows)-1), 0)
	s.list.Put(msg.rows, at, s.lineFor(msg.rows, at), msg.endUp, msg.endEnd)
	if s.stale {
		return s.reread()
	}
	return s.more()
}

// lineFor says on which line a row is to stand: where it stood, else with some
// of its neighbours on both sides.
func (s *tree) lineFor(rows []*row, at int) int {
	seen, cursor := s.list.Rows()
	if at < len(rows) {
		for i, r := range seen {
			if r.node.ID == rows[at].node.ID {
				return i
			}
		}
	}
	if len(seen) == 0 {
		return 0
	}
	return max(min(cursor, s.height*2/3), s.height/3)
}

// keepCursor leaves the cursor where keys may have moved it while the rows were read.
func (s *tree) keepCursor(p *pane) {
	id := s.cursorID()
	for i, r := range p.rows {
		if r.node.ID == id {
			p.cursor = i
		}
	}
}

// more reads on where the list comes near an end of what is held.
func (s *tree) more() tea.Cmd {
	if s.awaited || !s.begun {
		return nil
	}
	want, ok := s.list.Next()
	if !ok {
		return nil
	}
	want.Limit = 2 * s.height
	r, gen := &reader{ctx: s.env.Context, desk: s.env.Desk, outline: s.copied()}, s.gen
	return screen.Reply(screen.Tree, func() tea.Msg {
		p := page{gen: gen, want: want}
		var at *row
		switch at, p.err = r.place(want.After + want.Before); {
		case p.err != nil:
		case at == nil && want.After+want.Before == "":
			p.rows, p.err = r.down(nil, nil, 0, 0, want.Limit)
		case at == nil: // gone; the change that removed it has the rows read once more
		case want.After != "":
			p.rows, p.err = r.after(at, want.Limit)
		default:
			p.rows, p.err = r.before(at, want.Limit)
			p.rows = reversed(pane{rows: p.rows}).rows
		}
		return p
	})
}

func (s *tree) takePage(msg page) tea.Cmd {
	switch {
	case msg.gen != s.gen:
		return nil // the list was filled by a later reading
	case msg.err != nil:
		s.problem = msg.err
		s.list.Fail()
		return nil
	}
	s.list.Add(msg.want, msg.rows)
	return s.more()
}
