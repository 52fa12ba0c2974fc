package counter

import (
	"slices"

	tea "charm.land/bubbletea/v2"
)

// asks are the look-ups of a basket: no more at a time than calls may be made in
// parallel, the card in hand first.
type asks struct {
	running int
	waiting []*line // the oldest first
}

// askNext asks the platform about lines that wait for it, as many as may be asked now.
func (s *counter) askNext() tea.Cmd {
	var cmds []tea.Cmd
	for s.running < s.env.Desk.Parallel() && len(s.waiting) > 0 {
		i := max(slices.Index(s.waiting, s.current()), 0)
		l := s.waiting[i]
		s.waiting = slices.Delete(s.waiting, i, i+1)
		if !l.left {
			s.running++
			cmds = append(cmds, s.askPlatform(l))
		}
	}
	return tea.Batch(cmds...)
}
