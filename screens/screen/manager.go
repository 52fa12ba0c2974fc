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

// ShortPIN is the sentence for a PIN that is none, "" for one that may be. It
// is no try: a slip of the hand must not count against anybody.
func (e *Env) ShortPIN(pin string) string {
	if len(pin) < ShortestPIN {
		return e.Problem(&offline.Error{Kind: offline.ErrBadPIN})
	}
	return ""
}

// Approval is what a manager is asked for: one act, for one reason.
type Approval struct {
	What   string   // the act, as text
	Reason error    // why a manager is needed
	Names  []string // who may approve
	Tried  string   // who did last, "" for nobody
	Wrong  error    // why the last try failed, nil for none
}

// Approval adds the names of those who may approve. It asks the desk, so only
// commands call it.
func (e *Env) Approval(a Approval) Approval {
	a.Names = nil
	all, err := e.Desk.Operators(e.Context)
	if err != nil {
		a.Wrong = err
	}
	for _, o := range all {
		if o.Role == offline.Manager && !o.Disabled {
			a.Names = append(a.Names, o.Name)
		}
	}
	return a
}

// FindManagers has a screen told, by an Approval, who may approve an act.
func (e *Env) FindManagers(screen ID, a Approval) tea.Cmd {
	return Reply(screen, func() tea.Msg { return e.Approval(a) })
}

// Approved says that a manager signed in for an act, or why not (Wrong).
type Approved struct {
	Session offline.Session
	Approval
}

// Approve signs the manager in whom a ManagerDialog's answer names, and tells
// the screen by an Approved.
func (e *Env) Approve(screen ID, a Approval, answer ui.Answer) tea.Cmd {
	name, pin := answer.Values[0], answer.Values[1]
	return Reply(screen, func() tea.Msg {
		session, err := e.Desk.SignIn(e.Context, name, pin)
		a.Tried, a.Wrong = name, err
		return Approved{session, a}
	})
}

// ManagerDialog asks for a manager's name and PIN for one act and names the
// reason; its answer's values are the name and the PIN.
func (e *Env) ManagerDialog(a Approval) *ui.Dialog {
	name := ui.Ask{Label: e.T("manager.name"), Options: a.Names}
	name.Pick(a.Tried)
	return &ui.Dialog{
		Title: e.T("manager.title") + " " + e.Theme.Bullet + " " + e.T("manager."+reasonOf(a.Reason)), Tone: ui.Wait,
		Lines:   []string{a.What, "", e.Problem(a.Reason), e.T("manager.this_one")},
		Problem: e.Problem(a.Wrong),
		Asks: []ui.Ask{
			name,
			{Label: e.T("manager.pin"), Field: &ui.Field{Max: LongestPIN, Secret: true, Accept: ui.Digits}, Check: e.ShortPIN},
		},
		Choices: Yes("manager.approve"),
	}
}

// reasonOf is the last part of the message id that names a reason in two words.
func reasonOf(err error) string {
	if offline.KindOf(err) == offline.ErrOverLimit {
		return "over_limit"
	}
	var told *offline.Error
	if errors.As(err, &told) {
		if act, _ := told.Args["Act"].(string); slices.Contains([]string{"void_inactive", "settle", "withdraw"}, act) {
			return act
		}
	}
	return "this"
}
