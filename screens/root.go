package screens

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"counterfoil/offline"
	"counterfoil/screens/screen"
	"counterfoil/ui"
	"counterfoil/ui/scan"
)

// Model is the root: it owns what is in front and routes what comes in.
type Model struct {
	o       Options
	env     *screen.Env
	wedge   *scan.Wedge
	order   []entry
	screens map[screen.ID]screen.Screen
	front   screen.ID
	help    bool

	dialog     *ui.Dialog
	dialogFrom screen.ID
	dialogTag  string

	signedIn bool
	last     string // who was signed in last
	touched  time.Time
	notice   screen.Notice

	width, height int
	light         bool

	changed <-chan struct{}
	unwatch func()

	beatSeq int
	fast    bool

	dirty bool
	drawn string
}

type (
	beat       struct{ seq int }
	deskStatus struct{ offline.Status }
	probeTime  struct{ offline.Status }
)

// quitTag marks the root's own dialog.
const quitTag = "root.quit"

// Init starts the clock, the desk's signal and the question for the background colour.
func (m *Model) Init() tea.Cmd {
	return tea.Batch(tea.RequestBackgroundColor, m.watch(), m.nextBeat(), m.to(m.front, screen.Shown{}))
}

// Update routes one message: resize, dialog, complete scan, focused text
// field, global keys, screen.
func (m *Model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	m.dirty = true
	now := m.o.Now()
	var cmd tea.Cmd
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.width, m.height = msg.Width, msg.Height
		cmd = m.all(m.room())
	case tea.BackgroundColorMsg:
		m.light = !msg.IsDark()
		m.retheme()
	case tea.KeyPressMsg:
		inputs, wait := m.wedge.Press(msg)
		cmd = tea.Batch(m.input(inputs), wait)
	case tea.MouseMsg:
		cmd = m.pointed(msg)
	case tea.PasteMsg:
		cmd = m.input(m.wedge.Paste(msg.Content, now))
	case scan.Tick:
		inputs, wait := m.wedge.Wake(msg)
		cmd = tea.Batch(m.input(inputs), wait)
	case beat:
		if msg.seq != m.beatSeq {
			return m, nil
		}
		m.env.Beat++
		m.fast = false
		cmd = tea.Batch(m.lockWhenIdle(now), m.askProbeTime(), m.nextBeat())
	case deskStatus:
		m.env.Status = msg.Status
		cmd = tea.Batch(m.all(screen.Changed{}), m.watch())
	case probeTime:
		m.env.Status = msg.Status
	case screen.To:
		cmd = m.to(msg.Screen, msg.Msg)
	case screen.Go:
		cmd = m.show(msg.Screen)
	case screen.Open:
		m.dialog, m.dialogFrom, m.dialogTag = msg.Dialog, msg.From, msg.Tag
		m.dialog.Open(now)
	case screen.SignedIn:
		cmd = m.signIn(msg.Session)
	case screen.Notice:
		m.notice = msg
	}
	if !m.fast && m.busy() {
		cmd = tea.Batch(cmd, m.nextBeat())
	}
	return m, cmd
}

func (m *Model) busy() bool { return m.screens[m.front].Busy() }

// nextBeat keeps the clock going: by the second, quicker while something moves.
func (m *Model) nextBeat() tea.Cmd {
	m.beatSeq++
	seq := m.beatSeq
	m.fast = m.busy()
	pause := time.Second
	if m.fast {
		pause = 100 * time.Millisecond
	}
	return tea.Tick(pause, func(time.Time) tea.Msg { return beat{seq} })
}

// watch waits for the desk's signal and reads the status once for all signals of a moment.
func (m *Model) watch() tea.Cmd {
	ctx, desk, changed := m.env.Context, m.env.Desk, m.changed
	return func() tea.Msg {
		select {
		case <-ctx.Done():
			return nil
		case <-changed:
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(30 * time.Millisecond):
		}
		return deskStatus{desk.Status()}
	}
}

// askProbeTime keeps the time of the next try true: nothing else changes with it.
func (m *Model) askProbeTime() tea.Cmd {
	if m.env.Status.Link == offline.Online {
		return nil
	}
	desk := m.env.Desk
	return func() tea.Msg { return probeTime{desk.Status()} }
}

func (m *Model) to(id screen.ID, msg tea.Msg) tea.Cmd {
	if s := m.screens[id]; s != nil {
		return s.Update(msg)
	}
	return nil
}

func (m *Model) all(msg tea.Msg) tea.Cmd {
	cmds := make([]tea.Cmd, 0, len(m.order))
	for _, e := range m.order {
		cmds = append(cmds, m.to(e.id, msg))
	}
	return tea.Batch(cmds...)
}

// show brings a screen to the front, if the session may.
func (m *Model) show(id screen.ID) tea.Cmd {
	for _, e := range m.order {
		if e.id != id {
			continue
		}
		if !e.allowed(m.signedIn, m.env.Session) {
			if m.signedIn {
				m.notice = screen.Notice{Text: m.env.T("reason.manager"), Tone: ui.Wait}
				return nil
			}
			id = screen.SignIn
		}
		place := m.inHand()
		m.front, m.help = id, false
		return m.to(id, screen.Shown{Place: place})
	}
	return nil
}

// input routes keys, scans and pastes.
func (m *Model) input(inputs []scan.Input) tea.Cmd {
	var cmds []tea.Cmd
	for _, in := range inputs {
		m.touched = in.At
		switch in.Kind {
		case scan.Complete:
			cmds = append(cmds, m.scan(in.Scan))
		case scan.Pasted:
			cmds = append(cmds, m.paste(in))
		default:
			cmds = append(cmds, m.key(in))
		}
	}
	return tea.Batch(cmds...)
}

func (m *Model) key(in scan.Input) tea.Cmd {
	if m.dialog != nil {
		answer, done := m.dialog.Key(in)
		if !done {
			return nil
		}
		return m.answered(answer)
	}
	m.notice = screen.Notice{}
	if m.help {
		m.help = false
		if in.Key.Keystroke() == "esc" || in.Key.Text == "?" {
			return nil
		}
	}
	if m.screens[m.front].Typing() && in.Key.Text != "" {
		return m.to(m.front, screen.Key{Input: in})
	}
	if cmd, ok := m.global(in); ok {
		return cmd
	}
	return m.to(m.front, screen.Key{Input: in})
}

func (m *Model) answered(a ui.Answer) tea.Cmd {
	from, tag := m.dialogFrom, m.dialogTag
	m.dialog = nil
	if tag == quitTag {
		if a.Choice == "" {
			return nil
		}
		return tea.Quit
	}
	return m.to(from, screen.Answered{Tag: tag, Answer: a})
}

// scan brings a scan to where scans are taken: the screen in front, or else the counter.
func (m *Model) scan(s scan.Scan) tea.Cmd {
	switch {
	case s.Repeat && m.front != screen.Doctor:
		return nil
	case m.dialog != nil:
		m.dialog.Scan()
		return nil
	}
	m.help, m.notice = false, screen.Notice{}
	if m.screens[m.front].TakesScans() {
		return m.to(m.front, screen.Scanned{Scan: s})
	}
	if !m.signedIn {
		m.notice = screen.Notice{Text: m.env.T("notice.scan_signin"), Tone: ui.Wait}
		return nil
	}
	return tea.Batch(m.show(screen.Counter), m.to(screen.Counter, screen.Scanned{Scan: s}))
}

func (m *Model) paste(in scan.Input) tea.Cmd {
	switch {
	case m.dialog != nil:
		m.dialog.Paste(in.Lines[0])
		return nil
	case m.screens[m.front].Typing(), m.screens[m.front].TakesScans():
		return m.to(m.front, screen.Pasted{Lines: in.Lines})
	case !m.signedIn:
		return nil
	}
	return tea.Batch(m.show(screen.Counter), m.to(screen.Counter, screen.Pasted{Lines: in.Lines}))
}

func (m *Model) signIn(s offline.Session) tea.Cmd {
	m.signedIn, m.env.Session = true, s
	m.touched = m.o.Now()
	var cmd tea.Cmd
	if s.Name != m.last {
		cmd = m.all(screen.SignedOut{})
	}
	m.last = s.Name
	return tea.Batch(cmd, m.show(screen.Counter))
}

// lock ends the session; what is half done waits for the same operator.
func (m *Model) lock() tea.Cmd {
	m.dialog = nil
	cmd := m.all(screen.Locked{})
	m.signedIn, m.env.Session = false, offline.Session{}
	return tea.Batch(cmd, m.show(screen.SignIn))
}

func (m *Model) lockWhenIdle(now time.Time) tea.Cmd {
	if !m.signedIn || m.o.IdleLock <= 0 || now.Sub(m.touched) < m.o.IdleLock {
		return nil
	}
	m.notice = screen.Notice{Text: m.env.T("notice.locked"), Tone: ui.Wait}
	return m.lock()
}
