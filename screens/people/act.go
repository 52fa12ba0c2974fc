package people

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"counterfoil/offline"
	"counterfoil/screens/screen"
	"counterfoil/ui"
)

// act is what is asked of the desk: a message id, which names the key as well,
// and whom it is about.
type act struct {
	id string
	offline.Operator
}

type acted struct {
	act
	err error
}

// Failure implements screen.Failing.
func (m acted) Failure() error { return m.err }

// ask asks for what an act needs.
func (s *people) ask(id string, o offline.Operator) tea.Cmd {
	a := act{id, o}
	return screen.Ask(screen.People, id, a, func() *ui.Dialog { return s.dialog(a) })
}

func (s *people) dialog(a act) *ui.Dialog {
	e := s.env
	d := &ui.Dialog{Title: e.T(a.id + "_title"), Lines: []string{a.Name, "", e.T(a.id + "_sure")}, Yes: a.id}
	role := ui.Ask{Label: e.T("people.role"), Options: []string{e.T("role.cashier"), e.T("role.manager")}}
	switch a.id {
	case "people.add":
		d.Lines = d.Lines[2:]
		d.Asks = append([]ui.Ask{{Label: e.T("signin.first_name"), Field: &ui.Field{Max: 32}}, role}, s.newPIN()...)
	case "people.own_pin":
		old := screen.PINField()
		d.Asks = append([]ui.Ask{{Label: e.T("people.old_pin"), Field: &old, Check: s.noPIN}}, s.newPIN()...)
	case "people.pin":
		d.Asks = s.newPIN()
	case "people.role":
		if a.Role == offline.Cashier {
			role.Pick(e.T("role.manager"))
		}
		d.Asks = []ui.Ask{role}
	}
	return d
}

func (s *people) noPIN(pin string) string { return s.env.Problem(screen.NoPIN(pin)) }

// newPIN asks for a PIN twice.
func (s *people) newPIN() []ui.Ask {
	pin, again := screen.PINField(), screen.PINField()
	return []ui.Ask{
		{Label: s.env.T("people.new_pin"), Field: &pin, Check: s.noPIN},
		{Label: s.env.T("signin.first_again"), Field: &again, Check: func(text string) string {
			if text != pin.Text() {
				return s.env.T("signin.first_differ")
			}
			return ""
		}},
	}
}

// answered asks the desk for what was answered.
func (s *people) answered(msg screen.Answered) tea.Cmd {
	a, ok := msg.About.(act)
	if !ok || !msg.Yes {
		return nil
	}
	env, values := s.env, msg.Values
	role := func(text string) offline.Role {
		if text == env.T("role.manager") {
			return offline.Manager
		}
		return offline.Cashier
	}
	switch a.id {
	case "people.add":
		a.Name, a.Role = offline.OperatorName(values[0]), role(values[1])
	case "people.role":
		a.Role = role(values[0])
	}
	return screen.Reply(screen.People, func() tea.Msg { return acted{a, a.do(env, values)} })
}

// do asks the desk; only commands call it.
func (a act) do(env *screen.Env, values []string) error {
	ctx, by := env.Context, env.Session
	switch a.id {
	case "people.add":
		return env.Desk.AddOperator(ctx, by, a.Name, a.Role, values[2])
	case "people.pin":
		return env.Desk.ResetPIN(ctx, by, a.Name, values[0])
	case "people.own_pin":
		// Also where the session ends meanwhile, a wrong PIN is counted.
		who, err := env.Desk.SignIn(context.WithoutCancel(ctx), by.Name, values[0])
		if err != nil {
			return err
		}
		env.Desk.SignOut(who)
		return env.Desk.ChangePIN(ctx, by, values[1])
	case "people.role":
		return env.Desk.SetRole(ctx, by, a.Name, a.Role)
	case "people.enable":
		return env.Desk.EnableOperator(ctx, by, a.Name)
	}
	return env.Desk.DisableOperator(ctx, by, a.Name)
}

func (s *people) acted(msg acted) tea.Cmd {
	if msg.err != nil {
		return screen.Say(s.env.Problem(msg.err), ui.Bad)
	}
	return tea.Batch(s.read(), screen.Say(s.env.T(msg.id+"_done", map[string]any{"Name": msg.Name}), ui.Good))
}
