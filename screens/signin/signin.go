// Package signin is the screen where an operator says who she is. It asks the
// desk to check the PIN and keeps no PIN longer than that takes.
package signin

import (
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"counterfoil/offline"
	"counterfoil/screens/screen"
	"counterfoil/ui"
	"counterfoil/ui/scan"
)

// seen is how many operators are in sight at once.
const seen = 8

// nameTime is how long a typed name waits for its next letter.
const nameTime = time.Second

type signIn struct {
	env       *screen.Env
	operators []offline.Operator
	loaded    bool
	cursor    int
	pin       ui.Field
	checking  bool
	problem   error
	name      string // what was typed of a name
	nameAt    time.Time
	first     *first // set where nobody is there to sign in
}

type (
	operatorsRead struct {
		all []offline.Operator
		err error
	}
	checked struct {
		session offline.Session
		err     error
	}
)

// New returns the sign-in screen.
func New(env *screen.Env) screen.Screen {
	return &signIn{env: env, pin: screen.PINField()}
}

// Renewed implements screen.Lasting: the cursor stays on who signed in last.
func (s *signIn) Renewed(env *screen.Env) screen.Screen {
	next := New(env).(*signIn)
	next.operators, next.loaded, next.cursor = s.operators, s.loaded, s.cursor
	return next
}

func (s *signIn) TakesScans() bool { return false }
func (s *signIn) Typing() bool     { return s.first != nil }
func (s *signIn) Busy() bool       { return s.checking }

// Still implements screen.Still: a lock ends by time.
func (s *signIn) Still() bool {
	return !s.checking && !slices.ContainsFunc(s.operators, func(o offline.Operator) bool { return o.LockedUntil.Add(time.Minute).After(s.env.Now()) })
}

func (s *signIn) Bindings() []ui.Binding {
	enter := ui.Binding{Keys: []string{"enter"}, Words: "signin.enter"}
	if s.first != nil {
		enter.Words = "signin.first_make"
		return []ui.Binding{enter, {Keys: []string{"tab", "up", "down"}, Show: "↑↓", Words: "signin.choose"}}
	}
	if s.pin.Empty() {
		enter.Reason = "reason.pin"
	}
	return []ui.Binding{enter, {Keys: []string{"up", "down"}, Show: "↑↓", Words: "signin.choose"}}
}

func (s *signIn) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case screen.Shown:
		s.fresh()
		return s.read()
	case operatorsRead:
		s.take(msg)
	case checked:
		return s.done(msg)
	case screen.Key:
		return s.key(msg)
	case screen.Pasted:
		if s.first != nil {
			s.first.dialog.Paste(msg.Lines[0], s.env.Now())
		}
	}
	return nil
}

func (s *signIn) read() tea.Cmd {
	env := s.env
	return screen.Reply(screen.SignIn, func() tea.Msg {
		all, err := env.Desk.Operators(env.Context)
		return operatorsRead{all, err}
	})
}

func (s *signIn) take(msg operatorsRead) {
	if msg.err != nil {
		s.problem = msg.err
		return
	}
	at := ""
	if s.cursor < len(s.operators) {
		at = s.operators[s.cursor].Name
	}
	managed := slices.ContainsFunc(msg.all, func(o offline.Operator) bool { return o.Role == offline.Manager })
	if managed {
		s.first = nil
	} else if s.first == nil {
		s.first = newFirst(s.env)
	}
	s.operators = slices.DeleteFunc(msg.all, func(o offline.Operator) bool { return o.Disabled })
	s.cursor = max(slices.IndexFunc(s.operators, func(o offline.Operator) bool { return o.Name == at }), 0)
	s.loaded = true
}

func (s *signIn) key(k screen.Key) tea.Cmd {
	if s.checking {
		return nil
	}
	if s.first != nil {
		return s.makeFirst(k)
	}
	switch key := k.Key.Keystroke(); key {
	case "up", "shift+tab":
		s.move(-1)
	case "down", "tab":
		s.move(1)
	case "esc":
		s.pin.Clear()
	case "enter":
		return s.enter()
	default:
		if !s.pin.Key(k.Key) {
			s.jump(k.Key.Text, k.At)
		}
	}
	return nil
}

// Slow implements screen.SlowTaker: what a machine typed is no PIN.
func (s *signIn) Slow(in scan.Input) tea.Cmd {
	switch {
	case s.first != nil:
		s.first.dialog.Slow(in)
	case in.Machine() && !s.pin.Empty():
		s.pin.Clear()
		return screen.Say(s.env.T(ui.NotTyped), ui.Queued)
	case !in.Silent():
		return s.env.EnterAgain()
	}
	return nil
}

func (s *signIn) move(by int) {
	if n := len(s.operators); n > 0 {
		s.cursor = (s.cursor + by + n) % n
		s.fresh()
	}
}

// fresh clears what was typed and the message about it.
func (s *signIn) fresh() {
	s.pin.Clear()
	s.problem, s.name = nil, ""
}

// jump goes to the operator whose name begins with what is typed in one go. A
// letter typed for itself goes on to the next such name, one more stays where
// the name still fits.
func (s *signIn) jump(text string, now time.Time) {
	if text == "" {
		return
	}
	first := 0
	if s.name == "" || now.Sub(s.nameAt) >= nameTime {
		s.name, first = "", 1
	}
	s.name, s.nameAt = s.name+strings.ToLower(text), now
	for i := range s.operators {
		at := (s.cursor + first + i) % len(s.operators)
		if strings.HasPrefix(strings.ToLower(s.operators[at].Name), s.name) {
			name := s.name
			s.fresh()
			s.cursor, s.name = at, name
			return
		}
	}
}

func (s *signIn) enter() tea.Cmd {
	if len(s.operators) == 0 || s.pin.Empty() {
		return nil
	}
	env, name, pin := s.env, s.operators[s.cursor].Name, s.pin.Text()
	s.fresh()
	if s.problem = screen.NoPIN(pin); s.problem != nil {
		return nil
	}
	s.checking = true
	return screen.Reply(screen.SignIn, func() tea.Msg {
		session, err := env.Desk.SignIn(env.Context, name, pin)
		return checked{session, err}
	})
}

func (s *signIn) done(msg checked) tea.Cmd {
	s.checking = false
	if msg.err != nil {
		s.problem = msg.err
		return s.read()
	}
	return screen.Send(screen.SignedIn{Session: msg.session})
}

func (s *signIn) View(width, height int) string {
	t, e := s.env.Theme, s.env
	box := min(width, 56)
	var lines []string
	if s.first != nil && !s.checking {
		block := s.first.view(e, s.problem, width, height)
		return ui.Overlay(ui.Block("", width, height), block, width)
	}
	lines = append(append(lines, ""), s.people(box-4)...)
	lines = append(lines, "", "  "+ui.Fit(e.T("signin.pin"), 8)+" "+s.pin.Box(t, 16, !s.checking), "")
	switch {
	case s.checking:
		lines = append(lines, t.Paint(ui.Accent, "  "+t.Spin(e.Beat)+" "+e.T("signin.checking")))
	case s.problem != nil:
		for _, l := range t.Wrap(ui.Bad, e.Problem(s.problem), box-6) {
			lines = append(lines, "  "+l)
		}
	default:
		lines = append(lines, "")
	}
	rows := []string{t.Panel(t.Title(e.T("signin.title")), lines, box, len(lines)+2, ui.Plain)}
	for i, h := range e.Hints {
		if i == 0 {
			rows = append(rows, "", t.Paint(ui.Strong, e.T("signin.training")))
		}
		rows = append(rows, "  "+ui.Fit(h.Name, 12)+ui.Fit(e.T("role."+string(h.Role)), 10)+t.Paint(ui.Accent, e.T("signin.pin")+" "+h.PIN))
	}
	block := strings.Join(rows, "\n")
	return ui.Overlay(ui.Block("", width, height), ui.Block(block, box, strings.Count(block, "\n")+1), width)
}

func (s *signIn) people(width int) []string {
	t, e := s.env.Theme, s.env
	top := max(min(s.cursor-seen/2, len(s.operators)-seen), 0)
	var lines []string
	for i, o := range s.operators[top:min(top+seen, len(s.operators))] {
		mark := "  "
		name := ui.Fit(o.Name, 20)
		if top+i == s.cursor {
			mark, name = t.Paint(ui.Accent, t.Prompt)+" ", t.Paint(ui.Strong, name)
		}
		line := mark + name + "  " + t.Paint(ui.Faint, e.T("role."+string(o.Role)))
		if o.LockedUntil.After(e.Now()) {
			line += "  " + t.Paint(ui.Bad, e.T("signin.locked", map[string]any{"Until": e.Clock(o.LockedUntil)}))
		}
		lines = append(lines, ui.Cut(line, width))
	}
	return lines
}
