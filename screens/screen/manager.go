package screen

import (
	"cmp"
	"context"
	"errors"
	"slices"

	tea "charm.land/bubbletea/v2"

	"counterfoil/offline"
	"counterfoil/ui"
)

// PINField takes a PIN, and one digit more, by which too many are noticed.
func PINField() ui.Field {
	return ui.Field{Max: offline.LongestPIN + 1, Secret: true, Accept: ui.Digits}
}

// NoPIN is the error for what has too few or too many digits for a PIN, nil for
// any other. It is not tried: neither a typing mistake nor what a scanner typed
// may count towards the lock-out.
func NoPIN(pin string) error {
	if !offline.GoodPIN(pin) {
		return &offline.Error{Kind: offline.ErrBadPIN}
	}
	return nil
}

// TagManager marks the answer to a Manager's dialog.
const TagManager = "manager"

// Manager has a manager approve one act, for one reason. Its screen hands it
// ManagersFound and the answers tagged TagManager, and gets what the act brings.
type Manager struct {
	Env   *Env
	From  ID
	Lasts string // message id of how long the approval holds; "" for this one act
}

// approval is what a manager is asked for. Nothing of it changes from the
// question to the act, whatever is typed meanwhile.
type approval struct {
	what   func() []ui.Fact              // the act
	reason error                         // why a manager is needed
	act    func(offline.Session) tea.Msg // the act, in the manager's name
}

type (
	// ManagersFound brings who may approve; it goes to Open.
	ManagersFound struct {
		approval
		names []string
		tried string // who did last, "" for nobody
		wrong error  // why the last try failed, nil for none
	}
)

// Ask begins to ask for the approval of an act; reason is why a manager is
// needed. act runs outside the screen, right after the PIN was found right.
func (m *Manager) Ask(what func() []ui.Fact, reason error, act func(offline.Session) tea.Msg) tea.Cmd {
	env := m.Env
	return Reply(m.From, func() tea.Msg { return find(env, approval{what, reason, act}, "", nil) })
}

// find reads who may approve. It asks the desk, so only commands call it.
func find(e *Env, a approval, tried string, wrong error) ManagersFound {
	found := ManagersFound{approval: a, tried: tried, wrong: wrong}
	all, err := e.Desk.Operators(e.Context)
	if err != nil {
		found.wrong = err
	}
	for _, o := range all {
		if o.Role == offline.Manager && !o.Disabled {
			found.names = append(found.names, o.Name)
		}
	}
	// Nobody approves her own request; where she is the only one the desk says so.
	if others := slices.DeleteFunc(slices.Clone(found.names), func(name string) bool { return name == e.Session.Name }); len(others) > 0 {
		found.names = others
	}
	return found
}

// Open asks for a manager's name and PIN, and names the reason.
func (m *Manager) Open(found ManagersFound) tea.Cmd {
	e, a := m.Env, found.approval
	return Ask(m.From, TagManager, a, func() *ui.Dialog {
		name, pin := ui.Ask{Label: e.T("manager.name"), Options: found.names}, PINField()
		name.Pick(found.tried)
		return &ui.Dialog{
			Title: e.T("manager.title") + " " + e.Theme.Bullet + " " + e.T("manager."+inTwoWords(a.reason)), Tone: ui.Manager,
			Facts:   a.what(),
			Lines:   []string{e.Problem(a.reason), e.T(cmp.Or(m.Lasts, "manager.this_one"))},
			Problem: e.Problem(found.wrong),
			Asks: []ui.Ask{
				name,
				{Label: e.T("manager.pin"), Field: &pin, Check: func(pin string) string { return e.Problem(NoPIN(pin)) }},
			},
			Yes: "manager.approve",
		}
	})
}

// SignIn does what was asked in the name of the manager whom the dialog's answer
// names; after a wrong PIN it asks once more.
func (m *Manager) SignIn(answer Answered) tea.Cmd {
	env, name, pin := m.Env, answer.Values[0], answer.Values[1]
	a, ok := answer.About.(approval)
	if !ok {
		return nil
	}
	return Reply(m.From, func() tea.Msg {
		// Also where the session ends meanwhile, a wrong PIN is counted.
		session, err := env.Desk.SignIn(context.WithoutCancel(env.Context), name, pin)
		switch {
		case err != nil:
			return find(env, a, name, err)
		case env.Context.Err() != nil:
			env.Desk.SignOut(session)
			return nil
		}
		return a.act(session)
	})
}

// inTwoWords is the last part of the message id that names a reason in short.
func inTwoWords(err error) string {
	if offline.KindOf(err) == offline.ErrOverLimit {
		return "over_limit"
	}
	if failed, ok := errors.AsType[*offline.Error](err); ok {
		if act, _ := failed.Args["Act"].(string); slices.Contains([]string{"void_inactive", "settle", "withdraw"}, act) {
			return act
		}
	}
	return "this"
}
