package screens

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"counterfoil/offline"
	"counterfoil/screens/screen"
	"counterfoil/ui"
)

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
