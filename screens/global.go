package screens

import (
	tea "charm.land/bubbletea/v2"

	"counterfoil/screens/screen"
	"counterfoil/ui"
	"counterfoil/ui/scan"
)

// The keys that work everywhere.
func keyHelp() ui.Binding     { return ui.Binding{Keys: []string{"?"}, Words: "keys.all"} }
func keyLanguage() ui.Binding { return ui.Binding{Keys: []string{"f10"}, Words: "keys.language"} }
func keyQuit() ui.Binding {
	return ui.Binding{Keys: []string{"ctrl+c", "ctrl+q"}, Show: "Ctrl+C", Words: "keys.quit", Minor: true}
}

func keyLock(signedIn bool) ui.Binding {
	b := ui.Binding{Keys: []string{"ctrl+l"}, Show: "Ctrl+L", Words: "keys.lock", Minor: true}
	if !signedIn {
		b.Reason = "reason.sign_in"
	}
	return b
}

// bindings are the keys of the screen in front, then those that work everywhere.
func (m *Model) bindings() []ui.Binding {
	all := append([]ui.Binding(nil), m.inFront().Bindings()...)
	for _, e := range m.screens {
		if e.key != "" && e.id != m.front {
			all = append(all, e.binding(m.env))
		}
	}
	if !m.env.Theme.ASCII { // there is one language only
		all = append(all, keyLanguage())
	}
	return append(all, keyLock(m.env.SignedIn()), keyQuit())
}

// global acts on a key that works everywhere; ok is false for any other.
func (m *Model) global(in scan.Input) (cmd tea.Cmd, ok bool) {
	k := in.Key
	switch {
	case keyHelp().Matches(k):
		m.help.open = true
		return nil, true
	case keyLanguage().Matches(k):
		m.otherLanguage()
		return nil, true
	case keyQuit().Matches(k):
		return m.askToQuit(), true
	}
	for _, e := range m.screens {
		if e.key == "" || !e.binding(m.env).Matches(k) {
			continue
		}
		if e.id == m.front {
			return nil, true
		}
		if !m.env.SignedIn() && !e.allowed(m.env) {
			m.notice = screen.Notice{Text: m.env.T("reason.sign_in"), Tone: ui.Queued}
			return nil, true
		}
		return m.show(e.id), true
	}
	return nil, false
}

// otherLanguage changes it, also of what is being asked.
func (m *Model) otherLanguage() {
	m.env.Words.SetLanguage(map[string]string{ui.Chinese: ui.English, ui.English: ui.Chinese}[m.env.Words.Language()])
	if d := m.asked.dialog; d != nil {
		m.asked.dialog = d.Reworded(m.asked.to.Dialog())
	}
}

// quitTag marks the root's own dialog.
const quitTag = "root.quit"

func (m *Model) askToQuit() tea.Cmd {
	waiting := m.env.Status.Waiting
	return m.open(screen.Open{Tag: quitTag, From: m.front, Dialog: func() *ui.Dialog {
		lines := []string{m.env.T("quit.sure")}
		if waiting > 0 {
			lines = append(lines, "", m.env.T("quit.waiting", map[string]any{"Count": waiting}))
		}
		return &ui.Dialog{Title: m.env.T("quit.title"), Lines: lines, Yes: "keys.quit"}
	}})
}

// inHand tells the next screen of the id that the one in front works on.
func (m *Model) inHand() (shown screen.Shown) {
	if h, ok := m.inFront().(screen.Holder); ok {
		shown.Place, shown.Asked = h.InHand()
	}
	return shown
}

// pointing reports whether the screen in front has the mouse.
func (m *Model) pointing() bool {
	p, ok := m.inFront().(screen.Pointing)
	return ok && p.Pointing() && m.asked.dialog == nil && !m.help.open
}

// pointed brings the mouse to the screen in front.
func (m *Model) pointed(msg tea.MouseMsg) tea.Cmd {
	if !m.pointing() {
		return nil
	}
	m.session.touched = m.o.SinceBoot()
	at := msg.Mouse()
	p := screen.Pointed{X: at.X - 1, Y: at.Y - m.head()}
	if p.Y >= m.headed() {
		p.Y -= len(m.noticeLines(m.room().Width))
	}
	switch {
	case at.Button == tea.MouseWheelDown:
		p.Wheel = 1
	case at.Button == tea.MouseWheelUp:
		p.Wheel = -1
	case at.Button != tea.MouseLeft:
		return nil
	}
	switch msg.(type) {
	case tea.MouseClickMsg, tea.MouseWheelMsg:
		m.notice = screen.Notice{}
		return m.to(m.front, p)
	}
	return nil
}
