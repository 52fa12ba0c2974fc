// Package day is the screen of the business day: report X as it stands, the sums
// behind it, what is still open and the earlier closes, and the close itself. The
// figures are the desk's; the screen adds up nothing.
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
	env     *screen.Env
	x       offline.DayReport
	closes  []offline.DayReport // newest first
	z       *offline.DayReport  // the close in front, nil for report X
	tab     int                 // in tabs
	top     int                 // the first line of the slip in sight
	list    ui.List[[]string]   // the rows of the tab
	read    bool
	problem error
}

type reportsRead struct {
	x      offline.DayReport
	closes []offline.DayReport
	err    error
}

type reprinted struct {
	z   offline.DayReport
	err error
}

// done says what came of a close, or of keeping a slip.
type done struct {
	reports []offline.DayReport
	path    string
	err     error
}

// Failure implements screen.Failing.
func (m done) Failure() error { return m.err }

// New returns the screen.
func New(env *screen.Env) screen.Screen {
	s := &day{env: env}
	s.list.Key = func(row []string) string { return row[0] }
	return s
}

func (s *day) TakesScans() bool { return false }
func (s *day) Typing() bool     { return false }
func (s *day) Busy() bool       { return false }

// scroll is by how many lines the slip moves.
const scroll = 5

// report is the one in front.
func (s *day) report() *offline.DayReport {
	if s.z != nil {
		return s.z
	}
	return &s.x
}

// Bindings name what can be done with the report in front.
func (s *day) Bindings() []ui.Binding {
	list := []ui.Binding{
		{Keys: []string{"c"}, Words: "day.close"}, {Keys: []string{"s"}, Words: "day.save"}, {Keys: []string{"r"}, Words: "day.again"},
		{Keys: []string{"tab"}, Words: "day.tab"}, {Keys: []string{"up", "down"}, Show: "↑↓", Words: "signin.choose", Minor: true},
		{Keys: []string{"pgup", "pgdown"}, Show: "PgUp PgDn", Words: "day.scroll", Minor: true},
		{Keys: []string{"esc"}, Words: "keys.back"},
	}
	if tabs[s.tab] == tabCloses && len(s.closes) > 0 {
		list = append([]ui.Binding{{Keys: []string{"enter"}, Words: "day.reprint"}}, list...)
	}
	return list
}

func (s *day) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case screen.Shown, screen.Opened:
		return s.load()
	case screen.Sized:
		s.list.SetHeight(ui.TableRoom(s.tableHeight(msg.Width, msg.Height)))
	case reportsRead:
		if s.problem = msg.err; msg.err == nil {
			s.x, s.closes, s.read = msg.x, msg.closes, true
		}
		s.fill(true)
	case reprinted:
		if msg.err != nil {
			return screen.Say(s.env.Problem(msg.err), ui.Bad)
		}
		s.z, s.top = &msg.z, 0
		s.fill(true)
	case screen.Key:
		return s.key(msg.Name())
	case screen.Answered:
		return s.answered(msg)
	case done:
		return s.done(msg)
	}
	return nil
}

// load reads the reports: when the screen comes to the front and when asked. A
// report has its time; reading all of a day at every change would cost too much.
func (s *day) load() tea.Cmd {
	env := s.env
	return screen.Reply(screen.BusinessDay, func() tea.Msg {
		x, err := env.Desk.ReportX(env.Context, env.Session)
		if err != nil {
			return reportsRead{err: err}
		}
		closes, err := env.Desk.Closes(env.Context, env.Session)
		return reportsRead{x, closes, err}
	})
}

func (s *day) key(key string) tea.Cmd {
	switch by := map[string]int{"up": -1, "down": 1, "home": -1 << 20, "end": 1 << 20}[key]; {
	case by != 0:
		s.list.Move(by)
		return nil
	case key == "pgdown":
		s.top = min(s.top+scroll, strings.Count(slip.Text(s.env.Words, s.report()), "\n"))
	case key == "pgup":
		s.top = max(s.top-scroll, 0)
	case key == "tab", key == "right", key == "shift+tab", key == "left":
		step := map[string]int{"tab": 1, "right": 1}[key]
		s.tab = (s.tab + len(tabs) - 1 + 2*step) % len(tabs)
		s.fill(false)
	case key == "esc" && s.z != nil:
		s.z, s.top = nil, 0
		s.fill(true)
	case key == "esc":
		return screen.Send(screen.Go{Screen: screen.Counter})
	case key == "r":
		return s.load()
	case key == "enter" && tabs[s.tab] == tabCloses:
		return s.reprint()
	case key == "s" && s.read:
		return s.save()
	case key == "c" && s.read:
		x := s.x
		return screen.Ask(screen.BusinessDay, "day.close", len(x.Open), func() *ui.Dialog { return s.dialog(&x) })
	}
	return nil
}

// dialog asks for the close: the number of what is still open is typed.
func (s *day) dialog(x *offline.DayReport) *ui.Dialog {
	e := s.env
	count := func(ops, fen int64) string { return strconv.FormatInt(ops, 10) + "  " + screen.Money(fen) }
	d := &ui.Dialog{Title: e.T("day.close_title"), Yes: "day.close", Tone: ui.Manager, Final: len(x.Open) > 0, Facts: []ui.Fact{
		{Label: e.T("day.day"), Value: x.Day},
		{Label: e.T("day.accepted"), Value: count(x.Accepted.Ops, x.Accepted.Fen)},
		{Label: e.T("day.active"), Value: count(x.Outcomes.Active.Ops, x.Outcomes.Active.Fen)},
		{Label: e.T("day.open"), Value: count(x.StillOpen.Ops, x.StillOpen.Fen)},
	}, Lines: []string{e.T("day.close_sure")}}
	if n := len(x.Open); n > 0 {
		d.Asks = []ui.Ask{ui.ConfirmAsk(e.T("day.open_number"), strconv.Itoa(n), e.T("day.open_wrong"))}
	}
	return d
}

// answered closes the day with what was confirmed, and keeps the slips.
func (s *day) answered(msg screen.Answered) tea.Cmd {
	open, ok := msg.About.(int)
	if !ok || !msg.Yes {
		return nil
	}
	env := s.env
	return screen.Reply(screen.BusinessDay, func() tea.Msg {
		reports, err := env.Desk.CloseDay(env.Context, env.Session, offline.CloseRequest{Open: open})
		d := done{reports: reports, err: err}
		for i := range reports {
			if reports[i].Copy == 0 {
				d.path, d.err = env.Desk.SaveSlip(&reports[i], slip.Text(env.Words, &reports[i]))
			}
		}
		return d
	})
}

func (s *day) done(msg done) tea.Cmd {
	e := s.env
	said := screen.Say(e.T("day.saved", map[string]any{"File": msg.path}), ui.Good)
	if n := len(msg.reports); n > 0 {
		z := msg.reports[n-1]
		s.z, s.top = &z, 0
		args := map[string]any{"Z": z.Z, "File": msg.path, "N": z.Copy}
		switch {
		case z.Copy > 0:
			said = screen.Say(e.T("day.nothing_new", args), ui.Queued)
		case msg.err != nil:
			said = screen.Say(e.T("day.unsaved", args), ui.Queued)
		default:
			said = screen.Say(e.T("day.closed", args), ui.Good)
		}
	} else if msg.err != nil {
		said = screen.Say(e.Problem(msg.err), ui.Bad)
	}
	return tea.Batch(s.load(), said)
}

// save keeps the slip in front as a file.
func (s *day) save() tea.Cmd {
	env, r := s.env, *s.report()
	return screen.Reply(screen.BusinessDay, func() tea.Msg {
		path, err := env.Desk.SaveSlip(&r, slip.Text(env.Words, &r))
		return done{path: path, err: err}
	})
}

// reprint shows a copy of the chosen close.
func (s *day) reprint() tea.Cmd {
	row, ok := s.list.At()
	if !ok {
		return nil
	}
	env := s.env
	z, _ := strconv.ParseInt(strings.TrimPrefix(row[0], "Z "), 10, 64) // as the row was made
	return screen.Reply(screen.BusinessDay, func() tea.Msg {
		r, _, err := env.Desk.Reprint(env.Context, env.Session, z)
		return reprinted{r, err}
	})
}
