package screens

import (
	"runtime/debug"
	"time"

	tea "charm.land/bubbletea/v2"

	"counterfoil/offline"
	"counterfoil/screens/screen"
	"counterfoil/ui"
)

// news is the desk's signal that something changed.
type news struct {
	changed <-chan struct{}
	stop    func()
}

// clock is the tick by which the screens move: every second, quicker while
// something moves.
type clock struct {
	seq  int // of the beat that is awaited; others are old
	fast bool
	tidy bool // memory was given back since a person did something
	pace pace
}

// tidyAfter is how long after a person's last key a counter gives unused memory
// back to the system: what a large look-up took, and what the start did.
const tidyAfter = 10 * time.Second

type (
	beat       struct{ seq int }
	deskStatus struct{ offline.Status }
	probeTime  struct{ offline.Status }
)

func (m *Model) busy() bool { return m.inFront().Busy() }

// beat is what every tick brings: the idle lock, the time of the next probe,
// the next tick.
func (m *Model) beat(now time.Time) tea.Cmd {
	m.env.Beat++
	m.clock.fast = false
	cmd := tea.Batch(m.lockWhenIdle(now), m.askProbeTime(), m.nextBeat(), m.tidyWhenIdle(now))
	if m.canvas.dirty || !m.clock.pace.resting {
		return tea.Batch(cmd, tea.Tick(restAfter+restAfter/4, func(time.Time) tea.Msg { return rest{} }))
	}
	return cmd
}

func (m *Model) tidyWhenIdle(now time.Time) tea.Cmd {
	was := m.clock.tidy
	m.clock.tidy = now.Sub(m.session.touched) >= tidyAfter
	if was || !m.clock.tidy {
		return nil
	}
	return func() tea.Msg {
		debug.FreeOSMemory()
		return nil
	}
}

// still reports that a tick changes nothing on the screen: the minute is the
// one that was drawn, no age of a waiting operation is shown, and the screen in
// front says so too.
func (m *Model) still() bool {
	s, ok := m.inFront().(screen.Still)
	return ok && s.Still() && m.env.Status.Waiting == 0 && m.minute() == m.canvas.minute
}

// nextBeat keeps the clock going: by the second, quicker while something moves.
func (m *Model) nextBeat() tea.Cmd {
	m.clock.seq++
	seq := m.clock.seq
	m.clock.fast = m.busy()
	pause := time.Second
	if m.clock.fast {
		pause = 100 * time.Millisecond
	}
	return tea.Tick(pause, func(time.Time) tea.Msg { return beat{seq} })
}

// watch waits for the desk's signal and reads the status once for all signals of a moment.
func (m *Model) watch() tea.Cmd {
	ctx, desk, changed := m.env.Context, m.env.Desk, m.news.changed
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

// askProbeTime reads when the next probe is due, which changes without a
// signal.
func (m *Model) askProbeTime() tea.Cmd {
	if m.env.Status.Link == offline.Online {
		return nil
	}
	desk := m.env.Desk
	return func() tea.Msg { return probeTime{desk.Status()} }
}

// session is who is signed in.
type session struct {
	signedIn bool
	last     string    // who was signed in last
	touched  time.Time // when a person last did something
}

func (m *Model) signIn(s offline.Session) tea.Cmd {
	m.session.signedIn, m.env.Session = true, s
	m.session.touched = m.o.Now()
	var cmd tea.Cmd
	if s.Name != m.session.last {
		cmd = m.all(screen.SignedOut{})
	}
	m.session.last = s.Name
	return tea.Batch(cmd, m.show(screen.Counter))
}

// lock ends the session; what is half done waits for the same operator.
func (m *Model) lock() tea.Cmd {
	m.asked.dialog, m.canvas.dirty = nil, true
	cmd := m.all(screen.Locked{})
	m.session.signedIn, m.env.Session = false, offline.Session{}
	return tea.Batch(cmd, m.show(screen.SignIn))
}

func (m *Model) lockWhenIdle(now time.Time) tea.Cmd {
	if !m.session.signedIn || m.o.IdleLock <= 0 || now.Sub(m.session.touched) < m.o.IdleLock {
		return nil
	}
	m.notice = screen.Notice{Text: m.env.T("notice.locked"), Tone: ui.Wait}
	return m.lock()
}
