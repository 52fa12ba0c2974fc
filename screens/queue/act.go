package queue

import (
	tea "charm.land/bubbletea/v2"

	"counterfoil/offline"
	"counterfoil/screens/frame"
	"counterfoil/ui"
)

// The queue's dialogs; the operation's id follows the colon.
const (
	tagWithdraw = "withdraw:"
	tagSettle   = "settle:"
)

// act answers the keys that do something with the chosen operation.
func (s *screen) act(key string) tea.Cmd {
	for _, b := range s.Bindings() {
		if b.Keys[0] != key {
			continue
		}
		if b.Reason != "" {
			return notice(s.env.T(b.Reason), ui.Wait)
		}
		op, _ := s.chosen()
		switch key {
		case "n":
			return tea.Batch(s.tryNow(), notice(s.env.T("queue.trying"), ui.Accent))
		case "w":
			return s.ask(tagWithdraw+op.Op, s.withdrawDialog(op))
		case "s":
			return s.ask(tagSettle+op.Op, s.settleDialog(op))
		}
	}
	return nil
}

func notice(text string, tone ui.Tone) tea.Cmd {
	return frame.Send(frame.Notice{Text: text, Tone: tone})
}

func (s *screen) tryNow() tea.Cmd {
	desk := s.env.Desk
	return func() tea.Msg {
		desk.TryNow()
		return nil
	}
}

func (s *screen) ask(tag string, d *ui.Dialog) tea.Cmd {
	return frame.Send(frame.Open{From: frame.Queue, Tag: tag, Dialog: d})
}

func (s *screen) what(op offline.Operation) string {
	return s.env.T("kind."+string(op.Kind)) + "  " + s.env.Mask(op.ID)
}

func (s *screen) withdrawDialog(op offline.Operation) *ui.Dialog {
	return &ui.Dialog{
		Title: s.env.T("withdraw.title"), Tone: ui.Wait,
		Lines:   []string{s.what(op), "", s.env.T("withdraw.sure")},
		Choices: []ui.Choice{{Binding: ui.Binding{Keys: []string{"enter"}, Words: "queue.withdraw"}, Value: "yes"}},
	}
}

func (s *screen) settleDialog(op offline.Operation) *ui.Dialog {
	e := s.env
	return &ui.Dialog{
		Title: e.T("settle.title"), Tone: ui.Bad,
		Lines: []string{s.what(op), "", e.T("settle.sure")},
		Asks: []ui.Ask{
			{Label: e.T("settle.as"), Options: []string{e.T("settle.no_effect"), e.T("settle.done")}},
			{Label: e.T("settle.reason"), Field: &ui.Field{Max: 120}},
		},
		Choices: []ui.Choice{{Binding: ui.Binding{Keys: []string{"enter"}, Words: "queue.settle"}, Value: "yes"}},
	}
}

func (s *screen) answered(msg frame.Answered) tea.Cmd {
	if msg.Choice == "" {
		return nil
	}
	env, by := s.env, s.env.Session
	if op, ok := cut(msg.Tag, tagWithdraw); ok {
		return frame.Reply(frame.Queue, func() tea.Msg {
			got, err := env.Desk.Withdraw(env.Context, by, op)
			return acted{got, err}
		})
	}
	op, ok := cut(msg.Tag, tagSettle)
	if !ok {
		return nil
	}
	as, reason := "no-effect", msg.Values[1]
	if msg.Values[0] == env.T("settle.done") {
		as = "done"
	}
	return frame.Reply(frame.Queue, func() tea.Msg {
		got, err := env.Desk.Settle(env.Context, by, op, as, reason)
		return acted{got, err}
	})
}

func cut(tag, prefix string) (string, bool) {
	if len(tag) > len(prefix) && tag[:len(prefix)] == prefix {
		return tag[len(prefix):], true
	}
	return "", false
}

func (s *screen) acted(msg acted) tea.Cmd {
	if msg.err != nil {
		return notice(s.env.Problem(msg.err), ui.Bad)
	}
	if s.detail != nil && s.detail.Op == msg.op.Op {
		s.detail = &msg.op
	}
	m := s.env.Mark(msg.op)
	return tea.Batch(s.refresh(), notice(m.String()+"  "+s.env.Mask(msg.op.ID), m.Tone))
}
