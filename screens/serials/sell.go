package serials

import (
	"strconv"

	tea "charm.land/bubbletea/v2"

	"counterfoil/offline"
	"counterfoil/screens/screen"
	"counterfoil/ui"
)

const tagConfirm = "range.confirm"

type (
	// checked brings the preview of the very request that is asked about.
	checked struct {
		offline.RangeRequest
		preview offline.RangePreview
		err     error
	}
	accepted struct {
		checked
		op offline.Operation
	}
)

// Failure implements screen.Failing.
func (m checked) Failure() error { return m.err }

// Failure implements screen.Failing.
func (m accepted) Failure() error {
	if m.Approver != (offline.Session{}) {
		return nil // it may be the approver whom the desk does not know any more
	}
	return m.err
}

// ask has what stands in the form judged once more and its count typed; waits
// where the operator must know that it will not be active yet.
func (s *serials) ask(waits bool) tea.Cmd {
	env := s.env
	r := offline.RangeRequest{Order: s.order(), Operator: env.Session, Offline: waits}
	return screen.Reply(screen.Serials, func() tea.Msg {
		p, err := env.Desk.PreviewRange(env.Context, r)
		return checked{r, p, err}
	})
}

// sell takes what came of asking.
func (s *serials) sell(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case checked:
		return s.confirm(msg)
	case screen.Answered:
		about, ok := msg.About.(checked)
		switch {
		case !msg.Yes:
			return nil
		case msg.Tag == screen.TagManager:
			return s.manager.SignIn(msg)
		case ok:
			env := s.env
			return screen.Reply(screen.Serials, func() tea.Msg { return accept(env, about) })
		}
	case screen.ManagersFound:
		return s.manager.Open(msg)
	case accepted:
		return s.accepted(msg)
	}
	return nil
}

// accept asks the desk for exactly what was confirmed; only commands call it.
func accept(env *screen.Env, c checked) tea.Msg {
	op, err := env.Desk.AcceptRange(env.Context, c.RangeRequest)
	c.err = err
	return accepted{c, op}
}

// confirm has the count typed, or says the first thing that speaks against it.
func (s *serials) confirm(c checked) tea.Cmd {
	e := s.env
	switch {
	case c.err != nil:
		return screen.Say(e.Problem(c.err), ui.Bad)
	case len(c.preview.Wrong) > 0:
		return screen.Say(Sentence(e.Words, c.preview.Wrong[0]), ui.Bad)
	case len(c.preview.Overlaps) > 0:
		return screen.Say(s.overlap(c.preview.Overlaps[0]), ui.Bad)
	}
	return screen.Ask(screen.Serials, tagConfirm, c, func() *ui.Dialog {
		count := strconv.Itoa(c.Order.Count)
		d := &ui.Dialog{
			Title: e.T("serials.title_confirm"), Tone: ui.Manager, Final: true, Yes: "serials.activate", Facts: facts(e, c.RangeRequest, &c.preview),
			Lines: []string{What(e.Words, &c.Order, &c.preview)},
			Asks:  []ui.Ask{ui.ConfirmAsk(e.T("range.type_count", map[string]any{"Count": count}), count, e.T("serials.not_the_count"))},
		}
		for _, r := range c.preview.Unusual {
			d.Lines = append(d.Lines, e.Theme.Person+" "+Sentence(e.Words, r))
		}
		if c.Offline {
			d.Lines = append(d.Lines, e.T("offline.not_active"))
		}
		return d
	})
}

func facts(e *screen.Env, r offline.RangeRequest, p *offline.RangePreview) []ui.Fact {
	return e.Facts(offline.Range, r.Order.ID(), "", p.SellingFen, r.Operator.Name)
}

// accepted empties the form for what was accepted, or asks about what stands in
// the way.
func (s *serials) accepted(msg accepted) tea.Cmd {
	env, c := s.env, msg.checked
	switch kind := offline.KindOf(msg.err); {
	case msg.err == nil:
		s.form, s.sold = newForm(env.Session.Name), msg.op.Op
		return s.read()
	case kind == offline.ErrNotConfirmed && !c.Offline:
		env.Desk.SignOut(c.Approver)
		return s.ask(true)
	case kind == offline.ErrOverLimit && c.Approver == (offline.Session{}):
		return s.manager.Ask(func() []ui.Fact { return facts(env, c.RangeRequest, &c.preview) }, msg.err, func(manager offline.Session) tea.Msg {
			c.Approver = manager
			return accept(env, c)
		})
	}
	env.Desk.SignOut(c.Approver)
	return screen.Say(env.Problem(msg.err), ui.Bad)
}
