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
// settle it as something for a reason. Questions about it carry it along.
type act struct {
	op         string
	what       func() []ui.Fact // the operation, as a dialog names it
	as, reason string           // as is "" for a withdrawal
}

// press answers the keys that do something with the chosen operation.
func (s *queue) press(key tea.KeyPressMsg) tea.Cmd {
	for _, b := range s.Bindings() {
		if !b.Matches(key) {
			continue
		}
		if b.Reason != "" {
			return screen.Say(s.env.T(b.Reason), ui.Queued)
		}
		op, _ := s.chosen()
		switch b.Keys[0] {
		case "n":
			return tea.Batch(s.tryNow(), screen.Say(s.env.T("queue.trying"), ui.Accent))
		case "w":
			return screen.Ask(screen.Queue, tagWithdraw, act{op: op.Op, what: s.what(op)}, func() *ui.Dialog { return s.withdrawDialog(op) })
		case "s":
			return screen.Ask(screen.Queue, tagSettle, act{op: op.Op, what: s.what(op)}, func() *ui.Dialog { return s.settleDialog(op) })
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

func (s *queue) what(op offline.Operation) func() []ui.Fact {
	return func() []ui.Fact { return s.env.Facts(op.Kind, op.ID, 0, op.AmountFen, op.Operator) }
}

func (s *queue) withdrawDialog(op offline.Operation) *ui.Dialog {
	return &ui.Dialog{
		Title: s.env.T("withdraw.title"), Tone: ui.Queued,
		Facts: s.what(op)(), Lines: []string{s.env.T("withdraw.sure")},
		Yes: "queue.withdraw",
	}
}

func (s *queue) settleDialog(op offline.Operation) *ui.Dialog {
	e := s.env
	return &ui.Dialog{
		Title: e.T("settle.title"), Tone: ui.Bad, Final: true,
		Facts: s.what(op)(), Lines: []string{e.T("settle.sure")},
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
	a, ok := msg.About.(act)
	if !ok {
		return s.manager.SignIn(msg)
	}
	if msg.Tag == tagSettle {
		a.as, a.reason = "no-effect", msg.Values[1]
		if msg.Values[0] == s.env.SettledAs("done") {
			a.as = "done"
		}
	}
	env, by := s.env, s.env.Session
	return screen.Reply(screen.Queue, func() tea.Msg { return a.do(env, by) })
}

// do asks the desk in the name of by; only commands call it.
func (a act) do(env *screen.Env, by offline.Session) tea.Msg {
	var op offline.Operation
	var err error
	if a.as == "" {
		op, err = env.Desk.Withdraw(env.Context, by, a.op)
	} else {
		op, err = env.Desk.Settle(env.Context, by, a.op, a.as, a.reason)
	}
	return acted{a, op, err}
}

// Failure implements screen.Failing.
func (m acted) Failure() error { return m.err }

// acted shows what came of it; what a cashier may not do, a manager may allow this once.
func (s *queue) acted(msg acted) tea.Cmd {
	switch {
	case offline.KindOf(msg.err) == offline.ErrNeedsManager:
		env, a := s.env, msg.act
		what := func() []ui.Fact {
			if a.as == "" {
				return a.what()
			}
			return append(a.what(), ui.Fact{Label: env.T("settle.as"), Value: env.SettledAs(a.as)}, ui.Fact{Label: env.T("settle.reason"), Value: a.reason})
		}
		return s.manager.Ask(what, msg.err, func(manager offline.Session) tea.Msg {
			defer env.Desk.SignOut(manager) // also where it was not needed any more
			return a.do(env, env.Session.With(manager))
		})
	case msg.err != nil:
		return screen.Say(s.env.Problem(msg.err), ui.Bad)
	}
	if s.detail != nil && s.detail.Op == msg.op.Op {
		s.detail = &msg.op
	}
	m := s.env.Mark(msg.op)
	return tea.Batch(s.refresh(), screen.Say(m.String()+"  "+s.env.Mask(msg.op.ID), m.Tone))
}
