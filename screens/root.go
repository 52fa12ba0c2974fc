package screens

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"counterfoil/offline"
	"counterfoil/screens/frame"
	"counterfoil/ui"
)

// Model is the root: it owns what is in front and routes what comes in.
type Model struct {
	o       Options
	env     *frame.Env
	framer  *ui.Framer
	order   []entry
	screens map[frame.ID]frame.Screen
	front   frame.ID
	help    bool

	dialog     *ui.Dialog
	dialogFrom frame.ID
	dialogTag  string

	signedIn bool
	last     string // who was signed in last
	touched  time.Time
	notice   frame.Notice

	width, height int
	light         bool

	changed <-chan struct{}
	unwatch func()

	beatSeq int
	fast    bool
	frames  frames

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
	return tea.Batch(tea.RequestBackgroundColor, m.watch(), m.nextBeat(), m.to(m.front, frame.Shown{}))
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
		cmd = tea.Batch(m.input(m.framer.Key(msg, m.awake(now))), m.nextFrame())
	case tea.MouseMsg:
		cmd = m.pointed(msg)
	case tea.PasteMsg:
		cmd = m.input(m.framer.Paste(msg.Content, now))
	case frameTick:
		cmd = m.frameTicked(msg, now)
	case beat:
		if msg.seq != m.beatSeq {
			return m, nil
		}
		m.env.Beat++
		m.fast = false
		cmd = tea.Batch(m.lockWhenIdle(now), m.askProbeTime(), m.nextBeat())
	case deskStatus:
		m.env.Status = msg.Status
		cmd = tea.Batch(m.all(frame.Changed{}), m.watch())
	case probeTime:
		m.env.Status = msg.Status
	case frame.To:
		cmd = m.to(msg.Screen, msg.Msg)
	case frame.Go:
		cmd = m.show(msg.Screen)
	case frame.Open:
		m.dialog, m.dialogFrom, m.dialogTag = msg.Dialog, msg.From, msg.Tag
		m.dialog.Open(now)
	case frame.SignedIn:
		cmd = m.signIn(msg.Session)
	case frame.Notice:
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

func (m *Model) to(id frame.ID, msg tea.Msg) tea.Cmd {
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
func (m *Model) show(id frame.ID) tea.Cmd {
	for _, e := range m.order {
		if e.id != id {
			continue
		}
		if !e.allowed(m.signedIn, m.env.Session) {
			if m.signedIn {
				m.notice = frame.Notice{Text: m.env.T("reason.manager"), Tone: ui.Wait}
				return nil
			}
			id = frame.SignIn
		}
		place := m.inHand()
		m.front, m.help = id, false
		return m.to(id, frame.Shown{Place: place})
	}
	return nil
}

// input routes what the framer made of what came in.
func (m *Model) input(inputs []ui.Input) tea.Cmd {
	var cmds []tea.Cmd
	for _, in := range inputs {
		m.touched = in.At
		switch in.Kind {
		case ui.InputScan:
			cmds = append(cmds, m.scan(in.Scan))
		case ui.InputPaste:
			cmds = append(cmds, m.paste(in))
		default:
			cmds = append(cmds, m.key(in))
		}
	}
	return tea.Batch(cmds...)
}

func (m *Model) key(in ui.Input) tea.Cmd {
	if m.dialog != nil {
		answer, done := m.dialog.Key(in)
		if !done {
			return nil
		}
		return m.answered(answer)
	}
	m.notice = frame.Notice{}
	if m.help {
		m.help = false
		if in.Key.Keystroke() == "esc" || in.Key.Text == "?" {
			return nil
		}
	}
	if m.screens[m.front].Typing() && in.Key.Text != "" {
		return m.to(m.front, frame.Key{Input: in})
	}
	if cmd, ok := m.global(in); ok {
		return cmd
	}
	return m.to(m.front, frame.Key{Input: in})
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
	return m.to(from, frame.Answered{Tag: tag, Answer: a})
}

// scan brings a scan to where scans are taken: the screen in front, or else the counter.
func (m *Model) scan(s ui.Scan) tea.Cmd {
	switch {
	case s.Repeat && m.front != frame.Doctor:
		return nil
	case m.dialog != nil:
		m.dialog.Scan()
		return nil
	}
	m.help, m.notice = false, frame.Notice{}
	if m.screens[m.front].TakesScans() {
		return m.to(m.front, frame.Scanned{Scan: s})
	}
	if !m.signedIn {
		m.notice = frame.Notice{Text: m.env.T("notice.scan_signin"), Tone: ui.Wait}
		return nil
	}
	return tea.Batch(m.show(frame.Counter), m.to(frame.Counter, frame.Scanned{Scan: s}))
}

func (m *Model) paste(in ui.Input) tea.Cmd {
	switch {
	case m.dialog != nil:
		m.dialog.Paste(in.Lines[0])
		return nil
	case m.screens[m.front].Typing(), m.screens[m.front].TakesScans():
		return m.to(m.front, frame.Pasted{Lines: in.Lines})
	case !m.signedIn:
		return nil
	}
	return tea.Batch(m.show(frame.Counter), m.to(frame.Counter, frame.Pasted{Lines: in.Lines}))
}

func (m *Model) signIn(s offline.Session) tea.Cmd {
	m.signedIn, m.env.Session = true, s
	m.touched = m.o.Now()
	var cmd tea.Cmd
	if s.Name != m.last {
		cmd = m.all(frame.SignedOut{})
	}
	m.last = s.Name
	return tea.Batch(cmd, m.show(frame.Counter))
}

// lock ends the session; what is half done waits for the same operator.
func (m *Model) lock() tea.Cmd {
	m.signedIn, m.env.Session, m.dialog = false, offline.Session{}, nil
	return m.show(frame.SignIn)
}

func (m *Model) lockWhenIdle(now time.Time) tea.Cmd {
	if !m.signedIn || m.o.IdleLock <= 0 || now.Sub(m.touched) < m.o.IdleLock {
		return nil
	}
	m.notice = frame.Notice{Text: m.env.T("notice.locked"), Tone: ui.Wait}
	return m.lock()
}
