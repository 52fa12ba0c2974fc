// Package doctor is the screen that says what is wrong with this counter and
// what to do about it, and that shows what a scanner really sends. The checks
// are the desk's; this room only draws them.
package doctor

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"counterfoil/offline"
	"counterfoil/screens/screen"
	"counterfoil/ui"
	"counterfoil/ui/scan"
)

type doctor struct {
	env     *screen.Env
	checks  []offline.Check
	running bool
	scan    *scan.Scan
	typed   typed
	size    screen.Sized
	top     int // the first line of the checks in sight
}

// typed is what came as keys: a scanner that is too slow to be told from a person.
type typed struct {
	text        []rune // the first of them
	keys        int
	first, last time.Time
	worst       time.Duration
	ended       bool
}

type checked struct{ checks []offline.Check }

// New returns the doctor.
func New(env *screen.Env) screen.Screen { return &doctor{env: env} }

func (s *doctor) TakesScans() bool { return true }
func (s *doctor) Typing() bool     { return false }
func (s *doctor) Busy() bool       { return s.running }

func (s *doctor) Bindings() []ui.Binding {
	run := ui.Binding{Keys: []string{"ctrl+r"}, Show: "Ctrl+R", Words: "checkup.again"}
	if s.running {
		run.Reason = "reason.running"
	}
	return []ui.Binding{run, {Keys: []string{"up", "down", "pgup", "pgdown"}, Show: "↑↓", Words: "keys.scroll"}, {Keys: []string{"esc"}, Words: "keys.back"}}
}

func (s *doctor) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case screen.Shown:
		s.scan, s.typed = nil, typed{}
		return s.run()
	case screen.Sized:
		s.size = msg
		s.scroll(0)
	case checked:
		s.running, s.checks, s.top = false, msg.checks, 0
	case screen.Scanned:
		s.scan, s.typed = &msg.Scan, typed{}
	case screen.Pasted:
		s.scan = &scan.Scan{Text: msg.Lines[0], Raw: msg.Lines[0], Ended: "paste", Keys: len([]rune(msg.Lines[0]))}
	case screen.Key:
		return s.key(msg)
	}
	return nil
}

// Slow implements screen.SlowTaker: what came is shown as it was typed.
func (s *doctor) Slow(in scan.Input) tea.Cmd {
	s.typed.ended = s.typed.ended || !in.Silent()
	return nil
}

func (s *doctor) run() tea.Cmd {
	if s.running {
		return nil
	}
	s.running = true
	env := s.env
	return screen.Reply(screen.Doctor, func() tea.Msg { return checked{env.Desk.Doctor(env.Context)} })
}

func (s *doctor) key(k screen.Key) tea.Cmd {
	switch key := k.Key.Keystroke(); key {
	case "up", "down", "pgup", "pgdown":
		s.scroll(map[string]int{"up": -1, "down": 1, "pgup": -5, "pgdown": 5}[key])
		return nil
	case "ctrl+r":
		return s.run()
	case "esc":
		return screen.Send(screen.Go{Screen: screen.Counter})
	case "enter", "tab", "ctrl+j":
		s.typed.ended = len(s.typed.text) > 0
		return nil
	}
	if k.Key.Text == "" {
		return nil
	}
	if s.typed.ended || k.At.Sub(s.typed.last) > 2*time.Second {
		s.typed = typed{first: k.At}
	}
	s.scan = nil
	if s.typed.keys > 0 {
		s.typed.worst = max(s.typed.worst, k.At.Sub(s.typed.last))
	}
	if len(s.typed.text) < 200 {
		s.typed.text = append(s.typed.text, []rune(k.Key.Text)...)
	}
	s.typed.keys += len([]rune(k.Key.Text))
	s.typed.last = k.At
	return nil
}

// scannerRows is the scanner test's height.
const scannerRows = 8

func (s *doctor) View(width, height int) string {
	t, e := s.env.Theme, s.env
	lines := s.checkLines(width - 4)
	high := min(max(len(lines)+2, 6), height-scannerRows)
	title := t.Title(e.T("checkup.title"))
	if s.running {
		title += "  " + t.Paint(ui.Accent, t.Spin(e.Beat)+" "+e.T("checkup.running"))
	}
	seen, foot := ui.Window(lines, s.top, high-2)
	return t.Box(title, foot, seen, width, high, ui.Plain) + "\n" +
		t.Panel(t.Title(e.T("scanner.title")), s.scanLines(width-4), width, scannerRows, ui.Plain)
}

// scroll moves the checks in sight.
func (s *doctor) scroll(by int) {
	most := len(s.checkLines(s.size.Width-4)) - (s.size.Height - scannerRows - 2)
	s.top = max(min(s.top+by, most), 0)
}

// checkLines draws the checks with what to do below each, what is not well first.
func (s *doctor) checkLines(width int) []string {
	var lines []string
	for _, level := range []offline.CheckLevel{offline.Fail, offline.Warn, offline.OK} {
		for _, c := range s.checks {
			if c.Level != level {
				continue
			}
			lines = append(lines, s.check(c, width)...)
			if c.Advice != "" && c.Level != offline.OK {
				for _, row := range s.env.Theme.Wrap(ui.Accent, s.env.T(c.Advice, c.Args), width-5) {
					lines = append(lines, "     "+row)
				}
			}
		}
	}
	return lines
}

func (s *doctor) check(c offline.Check, width int) []string {
	t, e := s.env.Theme, s.env
	symbol, tone := t.Good, ui.Good
	switch c.Level {
	case offline.Warn:
		symbol, tone = t.Person, ui.Queued
	case offline.Fail:
		symbol, tone = t.Bad, ui.Bad
	}
	head := t.Paint(tone, ui.Fit(symbol+" "+e.T("level_of."+string(c.Level)), 7+ui.Width(t.Good))) + " " +
		t.Paint(ui.Strong, ui.Fit(e.T(c.Name), 16)) + " "
	var lines []string
	for _, text := range ui.Wrap(e.T(c.Detail, c.Args), width-ui.Width(head)) {
		lines = append(lines, head+text)
		head = strings.Repeat(" ", ui.Width(head))
	}
	return lines
}

// scanLines shows what came from the scanner and what was made of it.
func (s *doctor) scanLines(width int) []string {
	t, e := s.env.Theme, s.env
	row := func(id, value string) string {
		return ui.Cut(t.Paint(ui.Faint, ui.Fit(e.T(id), 14))+" "+value, width)
	}
	switch {
	case s.scan != nil:
		sc := s.scan
		how := e.T("scanner.ended_" + sc.Ended)
		if sc.AIM != "" {
			how += "  " + t.Bullet + "  AIM " + sc.AIM
		}
		if sc.Repeat {
			how += "  " + t.Bullet + "  " + e.T("scanner.repeat")
		}
		return []string{
			t.Paint(ui.Good, t.Good+" "+e.T("scanner.is_scan")),
			row("scanner.text", ui.CutMiddle(named(sc.Text), width-15)),
			row("scanner.raw", ui.CutMiddle(named(sc.Raw), width-15)),
			row("scanner.length", strconv.Itoa(sc.Keys)),
			row("scanner.pace", pace(sc.Mean)+"  "+t.Bullet+"  "+e.T("scanner.worst")+" "+pace(sc.Worst)),
			row("scanner.ended", how),
		}
	case len(s.typed.text) > 0:
		return s.typedLines(row, width)
	}
	set := s.env.Scanner
	mode := e.T("scanner.speed", map[string]any{"Gap": set.BurstGap.String(), "Least": set.MinLength})
	if set.Prefix != "" {
		mode = e.T("scanner.prefix", map[string]any{"Prefix": named(set.Prefix)})
	}
	return []string{"", e.T("scanner.try"), t.Paint(ui.Faint, mode)}
}

func (s *doctor) typedLines(row func(string, string) string, width int) []string {
	t, e, k := s.env.Theme, s.env, s.typed
	mean := time.Duration(0)
	if k.keys > 1 {
		mean = k.last.Sub(k.first) / time.Duration(k.keys-1)
	}
	lines := []string{
		t.Paint(ui.Queued, t.Person+" "+e.T("scanner.is_typed")),
		row("scanner.text", ui.CutMiddle(named(string(k.text)), width-15)),
		row("scanner.length", strconv.Itoa(k.keys)),
		row("scanner.pace", pace(mean)+"  "+t.Bullet+"  "+e.T("scanner.worst")+" "+pace(k.worst)),
	}
	if k.ended && len(k.text) >= s.env.Scanner.MinLength && k.worst < 120*time.Millisecond {
		lines = append(lines, t.Paint(ui.Accent, ui.Cut(e.T("scanner.raise_gap", map[string]any{"Gap": strconv.Itoa(int(k.worst/time.Millisecond)+10) + "ms"}), width)))
	}
	return lines
}

func pace(d time.Duration) string {
	return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond))
}

// controlNames are the names of the control characters, in order.
var controlNames = strings.Fields("NUL SOH STX ETX EOT ENQ ACK BEL BS TAB LF VT FF CR SO SI DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC FS GS RS US")

// named writes control characters by their names.
func named(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r < ' ':
			b.WriteString("<" + controlNames[r] + ">")
		case r == 0x7f:
			b.WriteString("<DEL>")
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
