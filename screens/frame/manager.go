package frame

import (
	"counterfoil/offline"
	"counterfoil/ui"
)

// Managers names who may approve. It asks the desk, so only commands call it.
func (e *Env) Managers() ([]string, error) {
	all, err := e.Desk.Operators(e.Context)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, o := range all {
		if o.Role == offline.Manager && !o.Disabled {
			names = append(names, o.Name)
		}
	}
	return names, nil
}

// ManagerDialog asks for a manager's name and PIN for one act; its answer's
// values are the name and the PIN.
func (e *Env) ManagerDialog(names []string, problem error) *ui.Dialog {
	return &ui.Dialog{
		Title: e.T("manager.title"), Tone: ui.Wait, Lines: []string{e.T("manager.this_one")}, Problem: e.Problem(problem),
		Asks: []ui.Ask{
			{Label: e.T("manager.name"), Options: names},
			{Label: e.T("manager.pin"), Field: &ui.Field{Max: 8, Secret: true, Accept: ui.Digits}},
		},
		Choices: []ui.Choice{{Binding: ui.Binding{Keys: []string{"enter"}, Words: "manager.approve"}, Value: "yes"}},
	}
}
