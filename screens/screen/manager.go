package screen

import (
	"errors"
	"slices"

	tea "charm.land/bubbletea/v2"

	"counterfoil/offline"
	"counterfoil/ui"
)

// A PIN has from ShortestPIN to LongestPIN digits.
const (
	ShortestPIN = 4
	LongestPIN  = 8
)

// ShortPIN is the sentence for a PIN with too few digits, "" for any other.
// Such a PIN is not tried, since a typing mistake must not count towards the
// lock-out.
func (e *Env) ShortPIN(pin string) string {
	if len(pin) < ShortestPIN {
		return e.Problem(&offline.Error{Kind: offline.ErrBadPIN})
	}
	return ""
}

// TagManager marks the answer to a Manager's dialog.
const TagManager = "manager"

// Manager has a manager approve one act, for one reason. Its screen hands it
// ManagersFound and the answers tagged TagManager, and goes on with Approved.
type Manager struct {
	Env   *Env
	From  ID
	asked approval
}

// approval is what a manager is asked for.
type approval struct {
	what   string // the act, as text
	reason error  // why a manager is needed
}

type (
	// ManagersFound brings who may approve; it goes to Open.
	ManagersFound struct {
		names []string
		tried string // who did last, "" for nobody
		wrong error  // why the last try failed, nil for none
	}
	// Approved says that a manager signed in for what was asked.
	Approved struct {
		Manager offline.Session
		Reason  error
	}
)

// Ask begins to ask for the approval of an act; reason is why a manager is needed.
func (m *Manager) Ask(what string, reason error) tea.Cmd {
	m.asked = approval{what, reason}
	env := m.Env
	return Reply(m.From, func() tea.Msg { return find(env, "", nil) })
}

// find reads who may approve. It asks the desk, so only commands call it.
func find(e *Env, tried string, wrong error) ManagersFound {
	found := ManagersFound{tried: tried, wrong: wrong}
	all, err := e.Desk.Operators(e.Context)
	if err != nil {
		found.wrong = err
	}
	for _, o := range all {
		if o.Role == offline.Manager && !o.Disabled {
			found.names = append(found.names, o.Name)
		}
	}
	return found
}

// Open asks for a manager's name and PIN, and names the reason.
func (m *Manager) Open(found ManagersFound) tea.Cmd {
	e, a := m.Env, m.asked
	name := ui.Ask{Label: e.T("manager.name"), Options: found.names}
	name.Pick(found.tried)
	return Ask(m.From, TagManager, &ui.Dialog{
		Title: e.T("manager.title") + " " + e.Theme.Bullet + " " + e.T("manager."+inTwoWords(a.reason)), Tone: ui.Wait,
		Lines:   []string{a.what, "", e.Problem(a.reason), e.T("manager.this_one")},
		Problem: e.Problem(found.wrong),
		Asks: []ui.Ask{
			name,
			{Label: e.T("manager.pin"), Field: &ui.Field{Max: LongestPIN, Secret: true, Accept: ui.Digits}, Check: e.ShortPIN},
		},
		Yes: "manager.approve",
	})
}

// SignIn signs in the manager whom the dialog's answer names; after a wrong PIN it asks once more.
func (m *Manager) SignIn(answer ui.Answer) tea.Cmd {
	env, a, name, pin := m.Env, m.asked, answer.Values[0], answer.Values[1]
	return Reply(m.From, func() tea.Msg {
		session, err := env.Desk.SignIn(env.Context, name, pin)
		if err != nil {
			return find(env, name, err)
		}
		return Approved{session, a.reason}
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
