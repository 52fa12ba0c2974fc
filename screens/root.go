package screens

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"counterfoil/screens/screen"
	"counterfoil/ui"
	"counterfoil/ui/scan"
)

// Model is the root: it owns what is in front and routes what comes in.
type Model struct {
	o     Options
	env   *screen.Env
	wedge *scan.Wedge
	registered
	help    help
	notice  screen.Notice
	asked   asked
	session session
	news    news
	clock   clock
	canvas  canvas
}

// registered are the screens, in the order of their keys, and which is in front.
type registered struct {
	screens []entry
	front   screen.ID
}

func (r *registered) entry(id screen.ID) entry {
	return r.screens[slices.IndexFunc(r.screens, func(e entry) bool { return e.id == id })]
}

// inFront is the screen in front.
func (r *registered) inFront() screen.Screen { return r.entry(r.front).Screen }

// asked is the dialog in front, nil for none, and who gets its answer.
type asked struct {
	dialog *ui.Dialog
	to     screen.Open
	scans  []scan.Scan // came meanwhile, and wait for its end
}

// canvas is what is drawn, and on what.
type canvas struct {
	width, height int
	light         bool // the terminal's background
	colours       colorprofile.Profile
	sized         int  // counts the changes of size
	painted       int  // counts the repaints after them
	dirty         bool // something came in since
	minute        string
	drawn, sent   string
	steady        steady
}

// Init starts the clock, the desk's signal and the question for the background colour.
func (m *Model) Init() tea.Cmd {
	return tea.Batch(tea.RequestBackgroundColor, m.watch(), m.nextBeat(), m.to(m.front, screen.Shown{}))
}

// Update routes one message: resize, the key that locks, dialog, complete scan,
// focused text field, global keys, screen.
func (m *Model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	lock := m.lockWhenIdle()
	was := m.canvas.dirty
	if o, ok := msg.(owned); ok {
		if o.by != m.env {
			return m, lock
		}
		msg = o.msg
	}
	m.canvas.dirty = true
	var cmd tea.Cmd
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.canvas.width, m.canvas.height = msg.Width, msg.Height
		cmd = tea.Batch(m.all(m.room()), m.repaintLater())
	case repaint:
		if m.canvas.dirty = was; msg.sized == m.canvas.sized {
			m.canvas.painted++ // what the library holds for the same it does not draw
			m.clock.pace.draw()
			cmd = tea.ClearScreen
		}
	case tea.BackgroundColorMsg:
		m.canvas.light = !msg.IsDark()
		m.retheme()
	case tea.ColorProfileMsg:
		m.canvas.colours = msg.Profile
		m.retheme()
	case tea.KeyPressMsg:
		if m.locks(msg) && !strings.Contains(m.env.Scanner.Prefix, "\f") { // also amidst a scan
			return m, m.lock(screen.Notice{})
		}
		inputs, wait := m.wedge.Press(msg)
		m.canvas.dirty = was || len(inputs) > 0 // what is held back is not shown
		cmd = tea.Batch(m.input(inputs), wait)
	case tea.MouseMsg:
		cmd = m.pointed(msg)
	case tea.PasteMsg:
		cmd = m.input(m.wedge.Paste(msg.Content, m.o.Now()))
	case scan.Tick:
		inputs, wait := m.wedge.Wake(msg)
		m.canvas.dirty = was || len(inputs) > 0
		cmd = tea.Batch(m.input(inputs), wait)
	case beat:
		if msg.seq != m.clock.seq {
			return m, lock
		}
		m.canvas.dirty = was || !m.still()
		cmd = m.beat()
	case rest:
		m.canvas.dirty = was
		m.clock.pace.rest()
	case deskStatus:
		m.env.Status = msg.Status
		cmd = tea.Batch(m.all(screen.Changed{}), m.watch(), m.askSigned())
	case probeTime:
		if m.env.Status.OpenCount != msg.OpenCount { // time alone makes an unknown the manager's
			cmd = m.all(screen.Changed{})
		}
		m.env.Status = msg.Status
	case screen.To:
		if cmd = m.lockWhenEnded(msg.Msg); cmd == nil {
			cmd = m.to(msg.Screen, msg.Msg)
		}
	case screen.Go:
		cmd = m.show(msg.Screen)
	case screen.Open:
		cmd = m.open(msg)
	case screen.OpenFor:
		cmd = own(m.env, m.askManager(msg))
	case screen.SignedIn:
		cmd = m.signIn(msg.Session)
	case screen.Notice:
		m.notice = msg
	}
	if !m.clock.fast && m.busy() {
		cmd = tea.Batch(cmd, m.nextBeat())
	}
	return m, tea.Batch(lock, cmd)
}

func (m *Model) to(id screen.ID, msg tea.Msg) tea.Cmd {
	if id == self {
		return own(m.env, m.took(msg))
	}
	return own(m.env, m.entry(id).Update(msg))
}

// open puts a dialog in front. Behind another one it is as if it had been left:
// nobody sees it.
func (m *Model) open(o screen.Open) tea.Cmd {
	if m.asked.dialog != nil {
		return m.to(o.From, screen.Answered{Tag: o.Tag, About: o.About})
	}
	m.asked = asked{dialog: o.Dialog(), to: o}
	m.asked.dialog.Open(m.o.Now())
	return nil
}

func (m *Model) all(msg tea.Msg) tea.Cmd {
	cmds := make([]tea.Cmd, 0, len(m.screens))
	for _, e := range m.screens {
		cmds = append(cmds, own(m.env, e.Update(msg)))
	}
	return tea.Batch(cmds...)
}

// show brings a screen to the front, if the session may.
func (m *Model) show(id screen.ID) tea.Cmd {
	if e := m.entry(id); !e.allowed(m.env) {
		switch {
		case m.env.SignedIn() && e.opens():
			return own(m.env, m.askManager(screen.OpenFor{Screen: id, Act: e.act, What: m.env.T(e.title)}))
		case m.env.SignedIn():
			m.notice = screen.Notice{Text: m.env.T("reason.manager"), Tone: ui.Queued}
			return nil
		}
		id = screen.SignIn
	}
	shown := m.inHand()
	if id != m.front && !m.env.Opened.Covers(m.entry(id).act) {
		m.leave()
	}
	var left tea.Cmd
	if id != m.front {
		left = m.to(m.front, screen.Left{})
	}
	m.front, m.help = id, help{}
	// A screen that was made anew when it was left has no size yet.
	return tea.Batch(left, m.to(id, m.room()), m.to(id, shown))
}
