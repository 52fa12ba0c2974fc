package counter

import (
	tea "charm.land/bubbletea/v2"

	"counterfoil/offline"
	"counterfoil/screens/frame"
	"counterfoil/ui"
)

// The counter's dialogs.
const (
	tagVoid    = "void"
	tagOffline = "offline"
	tagManager = "manager"
	tagEmpty   = "empty"
)

type (
	approved struct {
		session offline.Session
		frame.Approval
	}
)

func ask(tag string, d *ui.Dialog) tea.Cmd {
	return frame.Send(frame.Open{From: frame.Counter, Tag: tag, Dialog: d})
}

func choice(words string) []ui.Choice {
	return []ui.Choice{{Binding: ui.Binding{Keys: []string{"enter"}, Words: words}, Value: "yes"}}
}

func (s *screen) askVoid(l *line) tea.Cmd {
	if s.busyJob {
		return nil
	}
	if reason := l.notVoid(); reason != "" {
		return frame.Send(frame.Notice{Text: s.env.T(reason), Tone: ui.Wait})
	}
	lines := []string{s.env.T("level."+string(l.id.Level())) + "  " + string(l.id)}
	if n := l.card.Node.Codes; n > 1 {
		lines = append(lines, s.env.T("counter.codes", map[string]any{"Count": int(n)}))
	}
	return ask(tagVoid, &ui.Dialog{
		Title: s.env.T("void.title"), Tone: ui.Bad,
		Lines: append(lines, "", s.env.T("void.sure")), Choices: choice("counter.void"),
	})
}

// askOffline has the cashier confirm the one sentence that matters in an outage.
func (s *screen) askOffline(l *line, kind offline.Kind) tea.Cmd {
	sentence := "offline.not_active"
	if kind == offline.Void {
		sentence = "offline.not_void"
	}
	what := string(l.id)
	if n := len(s.sending); n > 1 {
		what = s.env.T("counter.things", map[string]any{"Count": n})
	}
	return ask(tagOffline, &ui.Dialog{
		Title: s.env.T("offline.title"), Tone: ui.Wait,
		Lines:   []string{what, "", s.env.T(sentence), s.env.T("offline.later")},
		Choices: choice("offline.accept"),
	})
}

func (s *screen) askEmpty() tea.Cmd {
	return ask(tagEmpty, &ui.Dialog{
		Title: s.env.T("basket.empty_title"), Lines: []string{s.env.T("basket.empty_sure")}, Choices: choice("basket.empty"),
	})
}

// needManager asks for a manager's approval of the first job in hand.
func (s *screen) needManager(reason error) tea.Cmd {
	what := ""
	if l := s.find(s.sending[0].n); l != nil {
		r := l.request(s.env, s.sending[0].kind)
		what = s.env.What(r.Kind, string(r.ID), r.AmountFen)
	}
	return s.findManagers(frame.Approval{What: what, Reason: reason})
}

func (s *screen) findManagers(a frame.Approval) tea.Cmd {
	env := s.env
	return frame.Reply(frame.Counter, func() tea.Msg { return env.Approval(a) })
}

func (s *screen) askManager(a frame.Approval) tea.Cmd {
	if len(s.sending) == 0 {
		return nil
	}
	s.asked = a
	return ask(tagManager, s.env.ManagerDialog(a))
}

func (s *screen) answered(msg frame.Answered) tea.Cmd {
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
		env, a, pin := s.env, s.asked, msg.Values[1]
		a.Tried = msg.Values[0]
		return frame.Reply(frame.Counter, func() tea.Msg {
			var session offline.Session
			session, a.Wrong = env.Desk.SignIn(env.Context, a.Tried, pin)
			return approved{session, a}
		})
	case tagEmpty:
		if yes {
			s.clear()
		}
	}
	return nil
}

func (s *screen) approvedBy(msg approved) tea.Cmd {
	if msg.Wrong != nil {
		return s.findManagers(msg.Approval)
	}
	s.approver = msg.session
	s.reasons = append(s.reasons, offline.KindOf(msg.Reason))
	return s.next()
}
