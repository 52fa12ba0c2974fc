// Package people is the screen of who works at the counter: a manager adds,
// disables and enables operators and gives roles and PINs, everybody changes her
// own PIN. What may be done is the desk's to say; no PIN is kept here.
package people

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"counterfoil/offline"
	"counterfoil/screens/screen"
	"counterfoil/ui"
)

type people struct {
	env     *screen.Env
	list    ui.List[offline.Operator]
	problem error
}

type operatorsRead struct {
	all []offline.Operator
	err error
}

// New returns the screen.
func New(env *screen.Env) screen.Screen {
	s := &people{env: env}
	s.list.Key = func(o offline.Operator) string { return o.Name }
	return s
}

func (s *people) TakesScans() bool { return false }
func (s *people) Typing() bool     { return false }
func (s *people) Busy() bool       { return false }

// own is who is signed in.
func (s *people) own(o offline.Operator) bool { return o.Name == s.env.Session.Name }

// Bindings name what the chosen operator's row can be asked for; a cashier sees
// her own only.
func (s *people) Bindings() []ui.Binding {
	back := ui.Binding{Keys: []string{"esc"}, Words: "keys.back"}
	pin := ui.Binding{Keys: []string{"p"}, Words: "people.own_pin"}
	o, ok := s.list.At()
	if !s.env.May(offline.ChangePeople) {
		return []ui.Binding{pin, back}
	}
	disable := ui.Binding{Keys: []string{"d"}, Words: "people.disable"}
	role := ui.Binding{Keys: []string{"o"}, Words: "people.role"}
	if o.Disabled {
		disable.Words = "people.enable"
	}
	if ok && !s.own(o) {
		pin.Words = "people.pin"
	}
	if s.last(o) {
		disable.Reason, role.Reason = "reason.last_manager", "reason.last_manager"
	}
	return []ui.Binding{{Keys: []string{"a"}, Words: "people.add"}, pin, role, disable,
		{Keys: []string{"up", "down"}, Show: "↑↓", Words: "signin.choose", Minor: true}, back}
}

// last reports the only manager who can sign in.
func (s *people) last(o offline.Operator) bool {
	manages := func(o offline.Operator) bool { return o.Role == offline.Manager && !o.Disabled }
	return manages(o) && !slices.ContainsFunc(s.list.All(), func(other offline.Operator) bool { return manages(other) && other.Name != o.Name })
}

func (s *people) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case screen.Shown, screen.Changed:
		return s.read()
	case screen.Sized:
		s.list.SetHeight(ui.TableRoom(msg.Height))
	case operatorsRead:
		s.problem = msg.err
		if !s.env.May(offline.ChangePeople) {
			msg.all = slices.DeleteFunc(msg.all, func(o offline.Operator) bool { return !s.own(o) })
		}
		if msg.err == nil {
			s.list.Put(msg.all, 0, true, true, true)
		}
	case screen.Key:
		return s.key(msg.Key)
	case screen.Answered:
		return s.answered(msg)
	case acted:
		return s.acted(msg)
	}
	return nil
}

func (s *people) read() tea.Cmd {
	env := s.env
	return screen.Reply(screen.People, func() tea.Msg {
		all, err := env.Desk.Operators(env.Context)
		return operatorsRead{all, err}
	})
}

func (s *people) key(key tea.KeyPressMsg) tea.Cmd {
	switch by := map[string]int{"up": -1, "down": 1, "home": -1 << 20, "end": 1 << 20}[key.Keystroke()]; {
	case by != 0:
		s.list.Move(by)
		return nil
	case key.Keystroke() == "esc":
		return screen.Send(screen.Go{Screen: screen.Counter})
	}
	for _, b := range s.Bindings() {
		if !b.Matches(key) {
			continue
		}
		if b.Reason != "" {
			return screen.Say(s.env.T(b.Reason), ui.Queued)
		}
		switch o, ok := s.list.At(); {
		case b.Words == "people.own_pin":
			return s.ask(b.Words, offline.Operator{Name: s.env.Session.Name})
		case ok, b.Words == "people.add":
			return s.ask(b.Words, o)
		}
	}
	return nil
}

func (s *people) View(width, height int) string {
	e := s.env
	rows, cursor := s.list.Rows()
	table := ui.Table{
		Title: e.Theme.Title(e.T("people.title")),
		Columns: []ui.Column{
			{Title: e.T("signin.first_name"), Width: 32, Least: 16, Middle: true},
			{Title: e.T("people.role"), Width: 12},
			{Title: e.T("people.state"), Width: 24, Grow: true},
			{Title: e.T("people.since"), Width: 10, Optional: true},
		},
		Cursor: cursor, Total: int64(len(s.list.All())), Empty: e.Problem(s.problem),
	}
	for _, o := range rows {
		table.Rows = append(table.Rows, []string{o.Name, e.T("role." + string(o.Role)), s.state(o), o.CreatedAt.In(e.Zone).Format("2006-01-02")})
	}
	return table.View(e.Theme, width, height)
}

// state says whether an operator can sign in.
func (s *people) state(o offline.Operator) string {
	e := s.env
	switch {
	case o.Disabled:
		return e.Theme.Paint(ui.Faint, e.T("people.disabled"))
	case o.LockedUntil.After(e.Now()):
		return e.Theme.Paint(ui.Bad, e.T("signin.locked", map[string]any{"Until": e.Clock(o.LockedUntil)}))
	}
	return e.T("people.active")
}
