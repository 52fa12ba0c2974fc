// Package serials is the screen of serial ranges: a form with what it would be
// beside it, and the earlier ranges of this counter below. What speaks against a
// range is the desk's to say; the screen has no rule of its own.
package serials

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"counterfoil/offline"
	"counterfoil/screens/screen"
	"counterfoil/ui"
)

type serials struct {
	env *screen.Env
	form
	kept    map[string]form // by whose they are, over locks
	preview offline.RangePreview
	of      offline.RangeOrder         // what the preview is of
	list    ui.List[offline.Operation] // this counter's ranges, the newest first
	reading reading
	sold    string // the operation that the form became, until another is begun; "" for none
	manager screen.Manager
}

// reading is how the reading of the preview and the list stands.
type reading struct {
	shown, loaded  bool
	awaited, again bool
	problem        error
}

// read brings the preview of an order, and the earlier ranges.
type read struct {
	order   offline.RangeOrder
	preview offline.RangePreview
	ranges  []offline.Operation
	err     error
}

// Failure implements screen.Failing.
func (m read) Failure() error { return m.err }

// New returns the screen.
func New(env *screen.Env) screen.Screen {
	s := &serials{env: env, form: newForm(env.Session.Name), kept: map[string]form{}, manager: screen.Manager{Env: env, From: screen.Serials}}
	s.list.Key = func(op offline.Operation) string { return op.Op }
	return s
}

// Renewed implements screen.Lasting: a form is its writer's alone, and outlasts locks.
func (s *serials) Renewed(env *screen.Env) screen.Screen {
	next := New(env).(*serials)
	next.kept = s.kept
	next.kept[s.by] = s.form
	if mine, ok := next.kept[env.Session.Name]; ok && env.SignedIn() {
		next.form = mine
	}
	return next
}

func (s *serials) TakesScans() bool { return true }
func (s *serials) Typing() bool     { return false }
func (s *serials) Busy() bool       { return false }

// Still implements screen.Still: what is open has an age.
func (s *serials) Still() bool { return len(s.list.All()) == 0 }

// Bindings name what Enter does now: to go on in the form, or to ask.
func (s *serials) Bindings() []ui.Binding {
	enter := ui.Binding{Keys: []string{"enter"}, Words: "ui.next"}
	if s.ready() {
		enter.Words = "serials.activate"
	}
	empty := ui.Binding{Keys: []string{"delete"}, Show: "Del", Words: "serials.empty"}
	if s.untouched() {
		empty.Reason = "reason.form_empty"
	}
	return []ui.Binding{enter,
		{Keys: []string{"tab", "shift+tab", "up", "down"}, Show: "↑↓", Words: "serials.field"},
		{Keys: []string{"left", "right"}, Show: "←→", Words: "serials.type", Minor: true}, empty,
		{Keys: []string{"pgup", "pgdown"}, Show: "PgUp PgDn", Words: "serials.scroll", Minor: true},
		{Keys: []string{"esc"}, Words: "keys.back"}}
}

// ready reports an order that nothing is known to speak against.
func (s *serials) ready() bool {
	return s.reading.loaded && s.of == s.order() && !s.untouched() && len(s.preview.Wrong)+len(s.preview.Overlaps) == 0
}

func (s *serials) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case screen.Shown, screen.Opened:
		s.reading.shown = true
		return s.read()
	case screen.Changed:
		if s.reading.shown {
			return s.read()
		}
	case screen.Sized:
		s.list.SetHeight(ui.TableRoom(msg.Height - above(msg.Height)))
	case read:
		return s.took(msg)
	case screen.Scanned:
		return s.scanned(msg.Text)
	case screen.Pasted:
		return s.pasted(msg.Lines[0])
	case screen.Key:
		return s.key(msg)
	}
	return s.sell(msg)
}

// read asks for the preview of what stands in the form; several reasons at the
// same time make one reading.
func (s *serials) read() tea.Cmd {
	if s.reading.awaited {
		s.reading.again = true
		return nil
	}
	s.reading.awaited, s.reading.again = true, false
	env, order := s.env, s.order()
	return screen.Reply(screen.Serials, func() tea.Msg {
		p, err := env.Desk.PreviewRange(env.Context, offline.RangeRequest{Order: order, Operator: env.Session})
		if err != nil {
			return read{err: err}
		}
		ranges, err := env.Desk.Operations(env.Context, offline.Query{Kind: offline.Range})
		return read{order, p, ranges, err}
	})
}

func (s *serials) took(msg read) tea.Cmd {
	s.reading.awaited, s.reading.problem = false, msg.err
	if msg.err == nil {
		s.of, s.preview, s.reading.loaded = msg.order, msg.preview, true
		s.list.Put(msg.ranges, 0, true, true, true)
	}
	if s.reading.again {
		return s.read()
	}
	return nil
}

func (s *serials) key(k screen.Key) tea.Cmd {
	rows, _ := s.list.Rows()
	page := len(rows)
	switch key := k.Name(); key {
	case "esc":
		return screen.Send(screen.Go{Screen: screen.Counter})
	case "enter":
		if !s.ready() && s.focus < lastField {
			s.focus++
			return nil
		}
		return s.ask(false)
	case "delete":
		s.form = newForm(s.env.Session.Name)
	case "pgup", "pgdown":
		s.list.Move(map[string]int{"pgup": -page, "pgdown": page}[key])
		return nil
	default:
		if !s.press(k) {
			return nil
		}
	}
	s.sold = ""
	return s.read()
}

// ranged is the range with an operation's number, a zero one where none is known.
func (s *serials) ranged(op string) (r offline.Operation) {
	if i := slices.IndexFunc(s.list.All(), func(r offline.Operation) bool { return r.Op == op }); i >= 0 {
		r = s.list.All()[i]
	}
	return r
}
