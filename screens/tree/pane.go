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
