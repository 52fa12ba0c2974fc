package queue

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"counterfoil/api"
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

// act answers the keys that do something with the chosen operation.
func (s *queue) act(key tea.KeyPressMsg) tea.Cmd {
	for _, b := range s.Bindings() {
		if !b.Matches(key) {
			continue
		}
		if b.Reason != "" {
			return screen.Say(s.env.T(b.Reason), ui.Queued)
		}
		switch b.Keys[0] {
		case "n":
			return tea.Batch(s.tryNow(), screen.Say(s.env.T("queue.trying"), ui.Accent))
		case "w":
			return s.ask(tagWithdraw)
		case "s":
			return s.ask(tagSettle)
		case "e":
			return s.askExport()
		}
	}
	return nil
}

// askExport asks for a file of all that the filter in front shows.
func (s *queue) askExport() tea.Cmd {
	f := filters()[s.filter]
	x := offline.ExportFilter{States: f.states, Text: s.find.text(), Manager: f.manager}
	if f.today {
		x.Day = s.env.Desk.Day()
	}
	what := s.env.T(f.words)
	if x.Text != "" {
		what += " " + s.env.Theme.Bullet + " " + x.Text
	}
	return s.export.Ask(x, what)
}

func (s *queue) tryNow() tea.Cmd {
	desk := s.env.Desk
	return func() tea.Msg {
		desk.TryNow()
		return nil
	}
}

// confirm brings what a question about an operation needs.
type confirm struct {
	tag   string
	op    offline.Operation
	codes int64 // that the operation is about; 0 where that is not known
}

// ask reads how many codes the chosen operation is about, for the question about it.
func (s *queue) ask(tag string) tea.Cmd {
	op, _ := s.chosen()
	env := s.env
	if op.Range != nil {
		return screen.Reply(screen.Queue, func() tea.Msg { return confirm{tag, op, int64(op.Range.Count)} })
	}
	return screen.Reply(screen.Queue, func() tea.Msg {
		n, _, err := env.Desk.Node(env.Context, api.ID(op.ID))
		if err != nil {
			n.Codes = 0 // the question does without
		}
		return confirm{tag, op, n.Codes}
	})
}

func (s *queue) confirm(msg confirm) tea.Cmd {
	e, op := s.env, msg.op
	a := act{op: op.Op, what: func() []ui.Fact {
		return e.Facts(op.Kind, op.ID, e.CodesOf(msg.codes, msg.codes), op.AmountFen, op.Operator)
	}}
	return screen.Ask(screen.Queue, msg.tag, a, func() *ui.Dialog {
		if msg.tag == tagSettle {
			return s.settleDialog(a.what(), op)
		}
		return &ui.Dialog{
			Title: e.T("withdraw.title"), Tone: ui.Queued,
			Facts: a.what(), Lines: []string{e.T("withdraw.sure")},
			Yes: "queue.withdraw",
		}
	})
}

// besideEvidence is how many lines of a screen a settlement's dialog takes without the evidence.
const besideEvidence = 12

// settleDialog shows the latest of the evidence that it asks to be judged.
func (s *queue) settleDialog(what []ui.Fact, op offline.Operation) *ui.Dialog {
	e := s.env
	evidence := s.latest(e.History(op, min(s.size.Width, ui.DialogWidth)-8), max(s.size.Height-besideEvidence, 3))
	return &ui.Dialog{
		Title: e.T("settle.title"), Tone: ui.Bad, Final: true,
		Facts: what, Lines: append(evidence, "", e.T("settle.sure")),
		Asks: []ui.Ask{
			{Label: e.T("settle.as"), Open: true, Options: []string{e.SettledAs("no-effect"), e.SettledAs("done")}},
			{Label: e.T("settle.reason"), Field: &ui.Field{Max: 120}},
		},
		Yes: "queue.settle",
	}
}

// latest is the end of a history of more than room lines, from a whole piece on
// where one fits, with a line in front that says how many are left out.
func (s *queue) latest(history []string, room int) []string {
	left := len(history) - room
	if left <= 0 {
		return history
	}
	further := func(line string) bool { return strings.HasPrefix(line, "    ") }
	left++ // for the line that says so
	if whole := slices.IndexFunc(history[left:], func(line string) bool { return !further(line) }); whole > 0 {
		left += whole
	}
	earlier := 0
	for _, line := range history[:left] {
		if strings.HasPrefix(line, "  ") && !further(line) {
			earlier++
		}
	}
	said := s.env.Theme.Paint(ui.Faint, s.env.T("settle.earlier", map[string]any{"Count": earlier}))
	return append([]string{said}, history[left:]...)
}

func (s *queue) answered(msg screen.Answered) tea.Cmd {
	if !msg.Yes {
		return nil
	}
	a, ok := msg.About.(act)
	switch {
	case msg.Tag == screen.TagExport:
		return s.export.Answered(msg)
	case !ok:
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
