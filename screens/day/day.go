// Package day is the screen of the business day: report X as it stands, the sums
// behind it, what is still open, where the platform says otherwise and the earlier
// closes; the close itself, and the export. The figures are the desk's; the screen
// adds up nothing.
package day

import (
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"counterfoil/offline"
	"counterfoil/screens/screen"
	"counterfoil/screens/slip"
	"counterfoil/ui"
)

type day struct {
	env *screen.Env
	book
	z       *closed      // the close in front, nil for report X
	tab     int          // in tabs
	top     int          // the first line of the slip in sight
	list    ui.List[row] // the rows of the tab
	page    *page        // in place of the rows, nil for none
	check   *check       // nil while the platform is not asked
	size    screen.Sized
	reading reading
	export  screen.Export
}

// closed is a report Z with the notes on it.
type closed struct {
	offline.DayReport
	notes []offline.DayNote
}

// row is one of a tab's.
type row struct {
	key     string
	cells   []string
	id      string // what it is about, "" for none
	z       int64  // of a close
	differs *offline.Difference
}

// The dialogs.
const (
	tagClose = "day.close"
	tagNote  = "day.note"
)

// New returns the screen.
func New(env *screen.Env) screen.Screen {
	s := &day{env: env, export: screen.Export{Env: env, From: screen.BusinessDay}}
	s.list.Key = func(r row) string { return r.key }
	return s
}

func (s *day) TakesScans() bool { return false }
func (s *day) Typing() bool     { return false }
func (s *day) Busy() bool       { return s.check != nil }

// scroll is by how many lines the slip moves.
const scroll = 5

// report is the one in front.
func (s *day) report() *offline.DayReport {
	if s.z != nil {
		return &s.z.DayReport
	}
	return &s.x
}

// Bindings name what can be done with the report in front.
func (s *day) Bindings() []ui.Binding {
	tab := ui.Binding{Keys: []string{"tab", "right", "left"}, Show: s.env.Theme.Tab, Words: "day.tab"}
	if s.check != nil {
		return []ui.Binding{{Keys: []string{"esc"}, Words: "tree.stop"}, tab}
	}
	back := ui.Binding{Keys: []string{"esc"}, Words: "keys.back"}
	again := ui.Binding{Keys: []string{"r"}, Words: "day.again"}
	if _, ok := s.inHand(); ok {
		again.Words = "day.ask_again"
	}
	if s.page != nil {
		return []ui.Binding{again, {Keys: []string{"up", "down"}, Show: "↑↓", Words: "keys.scroll"}, back}
	}
	note := ui.Binding{Keys: []string{"n"}, Words: "day.note"}
	if s.z == nil {
		note.Reason = "day.note_which"
	}
	list := []ui.Binding{
		{Keys: []string{"c"}, Words: "day.close"}, {Keys: []string{"k"}, Words: "day.check"}, {Keys: []string{"e"}, Words: "export.write"},
		{Keys: []string{"s"}, Words: "day.save"}, note, again, tab,
		{Keys: []string{"up", "down"}, Show: "↑↓", Words: "signin.choose", Minor: true},
		{Keys: []string{"pgup", "pgdown"}, Show: "PgUp PgDn", Words: "day.scroll", Minor: true}, back,
	}
	if r, ok := s.list.At(); ok && (r.z > 0 || r.differs != nil) {
		list = append([]ui.Binding{{Keys: []string{"enter"}, Words: "day.reprint"}}, list...)
	}
	return list
}

func (s *day) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case screen.Shown, screen.Opened:
		s.reading.front = true
		return s.load(true)
	case screen.Left:
		s.reading.front = false
	case screen.Changed:
		return s.changed()
	case screen.Sized:
		s.size = msg
		s.resize()
	case bookRead:
		return s.took(msg)
	case opRead:
		if s.page != nil && msg.op.Op == s.page.differs.Op {
			s.page.op = msg.op
		}
	case reprinted:
		if msg.err != nil {
			return screen.Say(s.env.Problem(msg.err), ui.Bad)
		}
		s.z, s.top = &closed{msg.z, msg.notes}, 0
		s.fill(true)
	case noted:
		return s.noted(msg)
	case checked:
		return s.checked(msg)
	case done:
		return s.done(msg)
	case saved:
		return s.saved(msg)
	case screen.Exported:
		return s.export.Exported(msg)
	case screen.Answered:
		return s.answered(msg)
	case screen.Key:
		return s.key(msg.Name())
	}
	return nil
}

func (s *day) answered(msg screen.Answered) tea.Cmd {
	switch about := msg.About.(type) {
	case closing:
		if !msg.Yes {
			return nil
		}
		return s.close(about)
	case int64:
		if !msg.Yes {
			return nil
		}
		return s.note(about, msg.Values[0])
	}
	return s.export.Answered(msg)
}

func (s *day) key(key string) tea.Cmd {
	by := map[string]int{"up": -1, "down": 1, "home": -1 << 20, "end": 1 << 20}[key]
	switch {
	case by != 0 && s.page != nil:
		s.page.scroll = min(max(s.page.scroll+by, 0), s.lowest())
	case by != 0:
		s.list.Move(by)
	case key == "pgdown":
		s.top = min(s.top+scroll, strings.Count(slip.Text(s.env.Words, s.report()), "\n"))
	case key == "pgup":
		s.top = max(s.top-scroll, 0)
	case key == "tab", key == "right", key == "shift+tab", key == "left":
		step := map[string]int{"tab": 1, "right": 1}[key]
		s.tab, s.page = (s.tab+len(tabs)-1+2*step)%len(tabs), nil
		s.fill(false)
	case key == "esc" && s.check != nil:
		s.check.cancel()
	case key == "esc" && s.page != nil:
		s.page = nil
	case key == "esc" && s.z != nil:
		s.z, s.top = nil, 0
		s.fill(true)
	case key == "esc":
		return screen.Send(screen.Go{Screen: screen.Counter})
	case s.check == nil && s.read:
		return s.act(key)
	}
	return nil
}

// act is what the letters do with the report in front.
func (s *day) act(key string) tea.Cmd {
	at, _ := s.list.At()
	d, differs := s.inHand()
	switch {
	case key == "r" && differs:
		return s.reconcile(d.ID)
	case key == "r":
		return s.load(true)
	case s.page != nil:
	case key == "enter" && differs:
		return s.open(d)
	case key == "enter" && at.z > 0:
		return s.reprint(at.z)
	case key == "s":
		return s.save()
	case key == "k":
		return s.reconcile("")
	case key == "n" && s.z != nil:
		return s.askNote()
	case key == "n":
		return screen.Say(s.env.T("day.note_which"), ui.Queued)
	case key == "e":
		r := s.report()
		filter := offline.ExportFilter{Z: r.Z, Since: r.Z == 0}
		name := s.env.T("slip.x") + " " + r.Day
		if r.Z > 0 {
			name = "Z " + strconv.FormatInt(r.Z, 10) + " " + r.Day
		}
		return s.export.Ask(filter, name+"  "+s.env.T("export.rows", map[string]any{"Count": int(r.Accepted.Ops), "N": ui.Grouped(r.Accepted.Ops)}))
	case key == "c":
		return s.ask()
	}
	return nil
}
