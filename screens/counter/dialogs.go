package counter

import (
	tea "charm.land/bubbletea/v2"

	"counterfoil/offline"
	"counterfoil/screens/screen"
	"counterfoil/ui"
)

// The counter's dialogs.
const (
	tagVoid    = "void"
	tagOffline = "offline"
	tagManager = "manager"
	tagEmpty   = "empty"
)

func ask(tag string, d *ui.Dialog) tea.Cmd { return screen.Ask(screen.Counter, tag, d) }

func (s *counter) askVoid(l *line) tea.Cmd {
	if s.busyJob {
		return nil
	}
	if reason := l.notVoid(); reason != "" {
		return screen.Say(s.env.T(reason), ui.Wait)
	}
	lines := []string{s.env.T("level."+string(l.id.Level())) + "  " + s.env.Mask(string(l.id))}
	if n := l.card.Node.Codes; n > 1 {
		lines = append(lines, s.env.Codes(n))
	}
	return ask(tagVoid, s.env.VoidDialog(lines))
}

// askOffline has the cashier confirm the one sentence that matters in an outage.
func (s *counter) askOffline(l *line, kind offline.Kind) tea.Cmd {
	what := s.env.Mask(string(l.id))
	if n := len(s.sending); n > 1 {
		what = s.env.T("counter.things", map[string]any{"Count": n})
	}
	return ask(tagOffline, s.env.OfflineDialog(kind, what))
}

func (s *counter) askEmpty() tea.Cmd {
	return ask(tagEmpty, &ui.Dialog{
		Title: s.env.T("basket.empty_title"), Lines: []string{s.env.T("basket.empty_sure")}, Choices: screen.Yes("basket.empty"),
	})
}

// needManager asks for a manager's approval of the first job in hand.
func (s *counter) needManager(reason error) tea.Cmd {
	what := ""
	if l := s.find(s.sending[0].n); l != nil {
		r := l.request(s.env, s.sending[0].kind)
		what = s.env.What(r.Kind, string(r.ID), r.AmountFen)
	}
	return s.env.FindManagers(screen.Counter, screen.Approval{What: what, Reason: reason})
}

func (s *counter) askManager(a screen.Approval) tea.Cmd {
	if len(s.sending) == 0 {
		return nil
	}
	s.asked = a
	return ask(tagManager, s.env.ManagerDialog(a))
}

func (s *counter) answered(msg screen.Answered) tea.Cmd {
	yes := msg.Choice != ""
	switch msg.Tag {
	case tagVoid:
		if l := s.current(); yes && l != nil && l.notVoid() == "" {
			return s.start(job{l.n, offline.Void})
		}
	case tagOffline:
		if !yes {
			s.sending = nil
			return s.next()
		}
		s.offline = true
		return s.next()
	case tagManager:
		if !yes {
			return s.drop()
		}
		return s.env.Approve(screen.Counter, s.asked, msg.Answer)
	case tagEmpty:
		if yes {
			s.clear()
		}
	}
	return nil
}

func (s *counter) approvedBy(msg screen.Approved) tea.Cmd {
	if msg.Wrong != nil {
		return s.env.FindManagers(screen.Counter, msg.Approval)
	}
	s.approver = msg.Session
	s.reasons = append(s.reasons, offline.KindOf(msg.Reason))
	return s.next()
}
