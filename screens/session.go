package screens

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"counterfoil/offline"
	"counterfoil/screens/screen"
	"counterfoil/ui"
)

// session is the time of one operator, or of nobody, before the screens. Its Env
// is its identity: everything that is begun in it ends with it.
type session struct {
	program context.Context // ends with the program
	end     context.CancelFunc
	touched time.Duration // since boot, when a person last did something
}

// owned is what a command brings, and the session that began it.
type owned struct {
	by  *screen.Env
	msg tea.Msg
}

// own makes a screen's command part of a session: once that has ended the command
// begins nothing any more, and what it brings is dropped.
func own(by *screen.Env, cmd tea.Cmd) tea.Cmd {
	if cmd == nil {
		return nil
	}
	return func() tea.Msg {
		if by.Context.Err() != nil {
			return nil
		}
		switch msg := cmd().(type) {
		case tea.BatchMsg:
			for i := range msg {
				msg[i] = own(by, msg[i])
			}
			return msg
		case screen.To, screen.Go, screen.Open, screen.OpenFor, screen.SignedIn, screen.Notice:
			return owned{by, msg}
		default:
			return msg // the terminal library's
		}
	}
}

// begin ends the session and begins the next: of s, or of nobody. Dialogs,
// look-ups and answers on their way belong to the one that ends. Each screen is
// made anew, with nothing in it but what belongs to the desk.
func (m *Model) begin(s offline.Session) tea.Cmd {
	m.session.end()
	m.o.Desk.SignOut(m.env.Session)
	env := *m.env
	env.Session, env.Opened = s, ""
	env.Context, m.session.end = context.WithCancel(m.session.program)
	m.env, m.asked, m.canvas.dirty = &env, asked{}, true
	for i := range m.screens {
		m.screens[i].renew(m.env)
	}
	m.session.touched = m.o.SinceBoot()
	return m.all(m.room())
}

func (m *Model) signIn(s offline.Session) tea.Cmd {
	if s == (offline.Session{}) {
		return nil
	}
	return tea.Batch(m.begin(s), m.show(screen.Counter))
}

func (m *Model) lock(why screen.Notice) tea.Cmd {
	m.notice = why
	return tea.Batch(m.begin(offline.Session{}), m.show(screen.SignIn))
}

// locks reports the key that locks: whoever leaves does not look at what is in front.
func (m *Model) locks(k tea.KeyPressMsg) bool {
	return m.env.SignedIn() && keyLock(true).Matches(k)
}

// lockWhenEnded locks where the desk no longer knows the session that it was
// asked for: its operator was disabled, for instance.
func (m *Model) lockWhenEnded(msg tea.Msg) tea.Cmd {
	f, ok := msg.(screen.Failing)
	if !ok {
		return nil
	}
	if kind := offline.KindOf(f.Failure()); kind != offline.ErrSignedOut && kind != offline.ErrDisabled {
		return nil
	}
	return m.lock(screen.Notice{Text: m.env.Problem(f.Failure()), Tone: ui.Bad})
}

// ended says that a session that nobody acts in is over.
type ended struct{ err error }

// Failure implements screen.Failing.
func (m ended) Failure() error { return m.err }

// askSigned asks whether the desk still knows the session, with the role that its
// keys were made for.
func (m *Model) askSigned() tea.Cmd {
	env, front := m.env, m.front
	if !env.SignedIn() {
		return nil
	}
	return own(env, screen.Reply(front, func() tea.Msg {
		now, err := env.Desk.Signed(env.Context, env.Session)
		if err == nil && now.Role != env.Session.Role {
			err = &offline.Error{Kind: offline.ErrSignedOut}
		}
		return ended{err}
	}))
}

// lockWhenIdle comes before every message: after the machine slept nobody's first
// key may still count for the session before.
func (m *Model) lockWhenIdle() tea.Cmd {
	if !m.env.SignedIn() || m.o.IdleLock <= 0 || m.o.SinceBoot()-m.session.touched < m.o.IdleLock {
		return nil
	}
	return m.lock(screen.Notice{Text: m.env.T("notice.locked"), Tone: ui.Queued})
}
