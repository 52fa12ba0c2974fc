package screens

import (
	tea "charm.land/bubbletea/v2"

	"counterfoil/offline"
	"counterfoil/screens/screen"
	"counterfoil/ui"
)

// self is the root as the one who asked.
const self screen.ID = ""

// gotOpened says that a manager opened a screen for the session, or why not.
type gotOpened struct {
	screen.OpenFor
	err error
}

func (m *Model) manager() *screen.Manager {
	return &screen.Manager{Env: m.env, From: self, Lasts: "manager.this_screen"}
}

// askManager asks for a manager who opens a screen.
func (m *Model) askManager(what screen.OpenFor) tea.Cmd {
	env := m.env
	if !env.SignedIn() {
		return nil
	}
	why := &offline.Error{Kind: offline.ErrNeedsManager, Args: map[string]any{"Act": string(what.Act)}}
	facts := func() []ui.Fact {
		return []ui.Fact{{Label: env.T("detail.kind"), Value: what.What}, {Label: env.T("detail.by"), Value: env.Session.Name}}
	}
	return m.manager().Ask(facts, why, func(manager offline.Session) tea.Msg {
		defer env.Desk.SignOut(manager)
		return gotOpened{what, env.Desk.OpenScreen(env.Context, env.Session.With(manager), what.Act)}
	})
}

// took takes the answers to what the root asked.
func (m *Model) took(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case screen.ManagersFound:
		return m.manager().Open(msg)
	case screen.Answered:
		if msg.Yes {
			return m.manager().SignIn(msg)
		}
	case gotOpened:
		if msg.err != nil {
			return screen.Say(m.env.Problem(msg.err), ui.Bad)
		}
		if msg.Screen != m.front {
			m.clean()
		}
		if m.env.Opened = msg.Act; msg.Screen == m.front {
			return m.to(m.front, screen.Opened{})
		}
		return m.show(msg.Screen)
	}
	return nil
}

// leave ends what a manager opened the screen in front for.
func (m *Model) leave() {
	if m.env.Opened != "" {
		m.env.Desk.LeaveScreen(m.env.Session)
		m.clean()
	}
}

// clean leaves nothing to be seen of the screen in front, where a manager opened it.
func (m *Model) clean() {
	if m.env.Opened == "" {
		return
	}
	m.env.Opened = ""
	for i := range m.screens {
		if e := &m.screens[i]; e.id == m.front {
			e.renew(m.env)
		}
	}
}
