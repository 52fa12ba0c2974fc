package signin

import (
	"errors"
	"slices"

	tea "charm.land/bubbletea/v2"

	"counterfoil/offline"
	"counterfoil/screens/screen"
	"counterfoil/ui"
)

// first asks for the first manager, without whom nobody may do anything: a name,
// and a PIN twice.
type first struct{ dialog *ui.Dialog }

// errDiffer says that the PIN was not typed alike twice; the desk never sees it.
var errDiffer = errors.New("the two PINs differ")

func newFirst(e *screen.Env) *first {
	pin := func() ui.Ask {
		f := screen.PINField()
		return ui.Ask{Field: &f}
	}
	d := &ui.Dialog{Asks: []ui.Ask{{Field: &ui.Field{Max: 32}}, pin(), pin()}, Yes: "signin.first_make"}
	d.Open(e.Now())
	return &first{d}
}

// view draws it in the language of now.
func (f *first) view(e *screen.Env, problem error, width, height int) string {
	d := *f.dialog
	d.Title, d.Lines = e.T("signin.first_title"), []string{e.T("signin.first_why")}
	d.Asks = slices.Clone(d.Asks)
	for i, id := range []string{"signin.first_name", "signin.pin", "signin.first_again"} {
		d.Asks[i].Label = e.T(id)
	}
	if d.Problem = e.Problem(problem); errors.Is(problem, errDiffer) {
		d.Problem = e.T("signin.first_differ")
	}
	return d.View(e.Theme, e.Words, width, height)
}

func (s *signIn) makeFirst(k screen.Key) tea.Cmd {
	d := s.first.dialog
	answer, done := d.Key(k.Input)
	if !done {
		return nil
	}
	d.Open(k.At)
	if !answer.Yes {
		s.problem = nil
		d.Again(0)
		return nil
	}
	name, pin := offline.OperatorName(answer.Values[0]), answer.Values[1]
	d.Again(1)
	switch s.problem = screen.NoPIN(pin); {
	case s.problem != nil:
		return nil
	case pin != answer.Values[2]:
		s.problem = errDiffer
		return nil
	}
	s.checking, s.problem = true, nil
	env := s.env
	return screen.Reply(screen.SignIn, func() tea.Msg {
		if err := env.Desk.AddOperator(env.Context, offline.Session{}, name, offline.Manager, pin); err != nil {
			return checked{err: err}
		}
		session, err := env.Desk.SignIn(env.Context, name, pin)
		return checked{session, err}
	})
}
