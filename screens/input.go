package screens

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"counterfoil/api"
	"counterfoil/screens/screen"
	"counterfoil/ui"
	"counterfoil/ui/scan"
)

// input routes keys, scans and pastes.
func (m *Model) input(inputs []scan.Input) tea.Cmd {
	var cmds []tea.Cmd
	for _, in := range inputs {
		m.session.touched = m.o.SinceBoot()
		switch in.Kind {
		case scan.Complete:
			cmds = append(cmds, m.scan(in.Scan))
		case scan.Pasted:
			cmds = append(cmds, m.paste(in))
		case scan.Slow:
			cmds = append(cmds, m.slow(in))
		default:
			cmds = append(cmds, m.key(in))
		}
	}
	return tea.Batch(cmds...)
}

func (m *Model) key(in scan.Input) tea.Cmd {
	if m.locks(in.Key) {
		return m.lock(screen.Notice{})
	}
	if m.asked.dialog != nil {
		if keyLanguage().Matches(in.Key) {
			m.otherLanguage()
			return nil
		}
		answer, done := m.asked.dialog.Key(in)
		if !done {
			return nil
		}
		return m.answered(answer)
	}
	m.notice = screen.Notice{}
	if m.help.open {
		if m.scroll(in.Key.Keystroke()) {
			return nil
		}
		m.help = help{}
		if helpKeys()[0].Matches(in.Key) {
			return nil
		}
	}
	switch {
	case in.Key.Keystroke() == "enter" && !in.Quiet:
		if in.Again {
			return nil
		}
		return m.env.EnterAgain()
	case m.acts(in.Key) && !m.wedge.Alone(in):
		return nil
	}
	if m.inFront().Typing() && in.Key.Text != "" {
		return m.to(m.front, screen.Key{Input: in})
	}
	if cmd, ok := m.global(in); ok {
		return cmd
	}
	return m.to(m.front, screen.Key{Input: in})
}

// acts reports a character that does something: a slow scanner sends it too.
func (m *Model) acts(k tea.KeyPressMsg) bool {
	if k.Text == "" || m.inFront().Typing() {
		return false
	}
	return slices.ContainsFunc(append(m.bindings(), keyHelp()), func(b ui.Binding) bool { return b.Matches(k) })
}

// slow brings what came as keys, and is a scan, to where it was typed.
func (m *Model) slow(in scan.Input) tea.Cmd {
	if m.asked.dialog != nil {
		m.asked.dialog.Slow(in)
		if _, err := api.ParseID(in.Scan.Text); err == nil && in.Machine() {
			return m.scan(in.Scan)
		}
		return nil
	}
	if s, ok := m.inFront().(screen.SlowTaker); ok {
		return s.Slow(in)
	}
	_, err := api.ParseID(in.Scan.Text)
	switch {
	case err == nil && m.env.SignedIn() && !m.inFront().Typing():
		return m.scan(in.Scan)
	case in.Silent():
		return nil
	}
	return m.env.EnterAgain()
}

func (m *Model) answered(a ui.Answer) tea.Cmd {
	to, scans := m.asked.to, m.asked.scans
	m.asked = asked{}
	if to.Tag == quitTag && a.Yes {
		return tea.Quit
	}
	cmds := []tea.Cmd{m.to(to.From, screen.Answered{Tag: to.Tag, About: to.About, Answer: a})}
	for _, s := range scans {
		cmds = append(cmds, m.scan(s))
	}
	return tea.Batch(cmds...)
}

// scan brings a scan to where scans are taken: the screen in front, or else the counter.
func (m *Model) scan(s scan.Scan) tea.Cmd {
	switch {
	case s.Repeat && m.front != screen.Doctor:
		return nil
	case m.asked.dialog != nil:
		m.asked.scans = append(m.asked.scans, s)
		m.asked.dialog.Scan(m.env.Mask(s.Text))
		return nil
	}
	m.help, m.notice = help{}, screen.Notice{}
	if m.inFront().TakesScans() {
		return m.to(m.front, screen.Scanned{Scan: s})
	}
	if !m.env.SignedIn() {
		m.notice = screen.Notice{Text: m.env.T("notice.scan_signin"), Tone: ui.Queued}
		return nil
	}
	return tea.Batch(m.show(screen.Counter), m.to(screen.Counter, screen.Scanned{Scan: s}))
}

func (m *Model) paste(in scan.Input) tea.Cmd {
	switch {
	case m.asked.dialog != nil:
		m.asked.dialog.Paste(strings.Join(in.Paste.Lines, " "), m.o.Now())
		return nil
	case m.inFront().Typing(), m.inFront().TakesScans():
		return m.to(m.front, screen.Pasted{Paste: in.Paste})
	case !m.env.SignedIn():
		return nil
	}
	return tea.Batch(m.show(screen.Counter), m.to(screen.Counter, screen.Pasted{Paste: in.Paste}))
}

// typedApart reports that first, a few digits just before a scan, was typed:
// the ids of reels, packages and boxes have no digit in front.
func typedApart(first, second string) bool {
	id, err := api.ParseID(second)
	return err == nil && id.Level() != api.LevelCode && strings.Trim(first, "0123456789") == ""
}
