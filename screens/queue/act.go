package queue

import (
	tea "charm.land/bubbletea/v2"

	"counterfoil/offline"
	"counterfoil/screens/screen"
	"counterfoil/ui"
)

// The queue's dialogs.
const (
	tagWithdraw = "withdraw"
	tagSettle   = "settle"
)

// act is what is asked of the desk for one operation: to withdraw it, or to
// settle it as something for a reason.
type act struct {
	op         string
	what       string // the operation, as a dialog names it
	as, reason string // as is "" for a withdrawal
}

// press answers the keys that do something with the chosen operation.
func (s *queue) press(key tea.KeyPressMsg) tea.Cmd {
	for _, b := range s.Bindings() {
		if !b.Matches(key) {
			continue
		}
		if b.Reason != "" {
			return screen.Say(s.env.T(b.Reason), ui.Wait)
		}
		op, _ := s.chosen()
		switch b.Keys[0] {
		case "n":
			return tea.Batch(s.tryNow(), screen.Say(s.env.T("queue.trying"), ui.Accent))
		case "w":
			s.asked = act{op: op.Op, what: s.what(op)}
			return s.ask(tagWithdraw, s.withdrawDialog(op))
		case "s":
			s.asked = act{op: op.Op, what: s.what(op)}
			return s.ask(tagSettle, s.settleDialog(op))
		}
	}
	return nil
}

func (s *queue) tryNow() tea.Cmd {
	desk := s.env.Desk
	return func() tea.Msg {
		desk.TryNow()
		return nil
	}
}

func (s *queue) ask(tag string, d *ui.Dialog) tea.Cmd {
	return screen.Ask(screen.Queue, tag, d)
}

func (s *queue) what(op offline.Operation) string {
	return s.env.What(op.Kind, op.ID, op.AmountFen)
}

func (s *queue) withdrawDialog(op offline.Operation) *ui.Dialog {
	return &ui.Dialog{
		Title: s.env.T("withdraw.title"), Tone: ui.Wait,
		Lines: []string{s.what(op), "", s.env.T("withdraw.sure")},
		Yes:   "queue.withdraw",
	}
}

func (s *queue) settleDialog(op offline.Operation) *ui.Dialog {
	e := s.env
	return &ui.Dialog{
		Title: e.T("settle.title"), Tone: ui.Bad,
		Lines: []string{s.what(op), "", e.T("settle.sure")},
		Asks: []ui.Ask{
			{Label: e.T("settle.as"), Options: []string{e.SettledAs("no-effect"), e.SettledAs("done")}},
			{Label: e.T("settle.reason"), Field: &ui.Field{Max: 120}},
		},
		Yes: "queue.settle",
	}
}

func (s *queue) answered(msg screen.Answered) tea.Cmd {
	if !msg.Yes {
		return nil
	}
	switch msg.Tag {
	case tagWithdraw:
		return s.do(s.asked, s.env.Session)
	case tagSettle:
		s.asked.as, s.asked.reason = "no-effect", msg.Values[1]
		if msg.Values[0] == s.env.SettledAs("done") {
			s.asked.as = "done"
		}
		return s.do(s.asked, s.env.Session)
	}
	return s.manager.SignIn(msg.Answer)
}

// do asks the desk in the name of by.
func (s *queue) do(a act, by offline.Session) tea.Cmd {
	env := s.env
	return screen.Reply(screen.Queue, func() tea.Msg {
		var op offline.Operation
		var err error
		if a.as == "" {
			op, err = env.Desk.Withdraw(env.Context, by, a.op)
		} else {
			op, err = env.Desk.Settle(env.Context, by, a.op, a.as, a.reason)
		}
		return acted{a, op, err}
	})
}

// acted shows what came of it; what a cashier may not do, a manager may allow this once.
func (s *queue) acted(msg acted) tea.Cmd {
	switch {
	case offline.KindOf(msg.err) == offline.ErrNeedsManager:
		s.asked = msg.act
		what := s.asked.what
		if as := s.asked.as; as != "" {
			what += "  " + s.env.Theme.Path + " " + s.env.T("outcome.because", map[string]any{"What": s.env.SettledAs(as), "Why": s.asked.reason})
		}
		return s.manager.Ask(what, msg.err)
	case msg.err != nil:
		return screen.Say(s.env.Problem(msg.err), ui.Bad)
	}
	if s.detail != nil && s.detail.Op == msg.op.Op {
		s.detail = &msg.op
	}
	m := s.env.Mark(msg.op)
	return tea.Batch(s.refresh(), screen.Say(m.String()+"  "+s.env.Mask(msg.op.ID), m.Tone))
}
