package counter

import (
	tea "charm.land/bubbletea/v2"

	"counterfoil/offline"
	"counterfoil/screens/sale"
	"counterfoil/screens/screen"
	"counterfoil/ui"
)

// The counter's own dialogs.
const (
	tagVoid  = "void"
	tagEmpty = "empty"
)

func (s *counter) askVoid(l *line) tea.Cmd {
	if s.sales.Busy() {
		return nil
	}
	if reason := l.notVoid(); reason != "" {
		return screen.Say(s.env.T(reason), ui.Wait)
	}
	lines := []string{s.env.T("level."+string(l.ID.Level())) + "  " + s.env.Mask(string(l.ID))}
	if n := l.card.Node.Codes; n > 1 {
		lines = append(lines, s.env.Codes(n))
	}
	return screen.Ask(screen.Counter, tagVoid, sale.VoidDialog(s.env, lines))
}

func (s *counter) askEmpty() tea.Cmd {
	return screen.Ask(screen.Counter, tagEmpty, &ui.Dialog{
		Title: s.env.T("basket.empty_title"), Lines: []string{s.env.T("basket.empty_sure")}, Yes: "basket.empty",
	})
}

func (s *counter) answered(msg screen.Answered) tea.Cmd {
	yes := msg.Yes
	switch msg.Tag {
	case tagVoid:
		if l := s.current(); yes && l != nil && l.notVoid() == "" {
			return s.sell(offline.Void, l)
		}
	case tagEmpty:
		if yes {
			s.clear()
		}
	default:
		return s.sold(msg)
	}
	return nil
}
