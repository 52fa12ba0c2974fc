package screens

import (
	"slices"
	"strconv"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"counterfoil/offline"
	"counterfoil/screens/screen"
	"counterfoil/ui"
)

// The smallest terminal that the screens fit.
const (
	minWidth  = 80
	minHeight = 24
)

// View draws the screen. What was drawn stands until a message comes.
func (m *Model) View() tea.View {
	if m.canvas.dirty {
		m.canvas.minute, m.canvas.dirty = m.minute(), false
		drawn := m.draw()
		if m.env.Theme.ASCII {
			drawn = ui.ToASCII(drawn) // what others wrote, too
		}
		if drawn != m.canvas.drawn {
			m.canvas.drawn, m.canvas.sent = drawn, m.canvas.steady.drawn(drawn)
			m.clock.pace.draw()
		}
	}
	v := tea.NewView(m.canvas.sent + strings.Repeat("\x1b[m", m.canvas.painted%2))
	v.AltScreen = true
	if m.pointing() {
		v.MouseMode = tea.MouseModeCellMotion
	}
	v.WindowTitle = "Counterfoil"
	return v
}

// repaint has everything drawn anew, if the size is still the one it was asked for.
type repaint struct{ sized int }

// repaintLater is for after a change of size: the terminal library keeps cells of
// the former size for a frame.
func (m *Model) repaintLater() tea.Cmd {
	m.canvas.sized++
	sized := m.canvas.sized
	return tea.Tick(restAfter/2, func(time.Time) tea.Msg { return repaint{sized} })
}

// minute is the time of day as the status line shows it.
func (m *Model) minute() string { return ui.TimeOfDay(m.env.Now(), m.env.Zone) }

func (m *Model) draw() string {
	if m.canvas.width == 0 || m.canvas.height == 0 {
		return ""
	}
	if m.canvas.width < minWidth || m.canvas.height < minHeight {
		return m.tooSmall()
	}
	t, w := m.env.Theme, m.canvas.width
	var rows []string
	if m.o.Training {
		rows = append(rows, t.Bar(m.env.T("training.bar"), w))
	}
	rows = append(rows, m.statusLine(w), t.Rule(w))
	content := m.body(m.room())
	keys, tail := m.bindings(), keyHelp()
	if m.help.open {
		keys, tail = helpKeys(), ui.Binding{}
	}
	if d := m.asked.dialog; d != nil {
		content = ui.Overlay(t.Dim(content), d.View(t, m.env.Words, w-2, m.room().Height+1), w-2)
		keys, tail = d.Bindings(), ui.Binding{}
	}
	for row := range strings.SplitSeq(content, "\n") {
		rows = append(rows, " "+row+" ")
	}
	rows = append(rows, ui.Hints(t, m.env.Words, keys, tail, w-1)+" ")
	return strings.Join(rows, "\n")
}

// body is the screen in front, with the notice below the lines that head it. A
// long notice takes some of the screen's room.
func (m *Model) body(room screen.Sized) string {
	notice, head := m.noticeLines(room.Width), m.headed()
	var content string
	if m.help.open {
		content, head = m.helpPage(room), 0
	} else {
		content = m.inFront().View(room.Width, room.Height+1-len(notice))
	}
	rows := strings.Split(ui.Block(content, room.Width, room.Height+1-len(notice)), "\n")
	return strings.Join(slices.Insert(rows, head, notice...), "\n")
}

// headed is how many lines of the screen in front stand above a notice.
func (m *Model) headed() int {
	if h, ok := m.inFront().(screen.Headed); ok {
		return h.Head()
	}
	return 0
}

// head is the number of lines above a screen, room what is left for it.
func (m *Model) head() int {
	if m.o.Training {
		return 3
	}
	return 2
}

func (m *Model) room() screen.Sized {
	return screen.Sized{Width: m.canvas.width - 2, Height: m.canvas.height - m.head() - 2} // one line for a notice, one for the keys
}

func (m *Model) tooSmall() string {
	text := m.env.T("small.screen", map[string]any{"Width": minWidth, "Height": minHeight, "HaveWidth": m.canvas.width, "HaveHeight": m.canvas.height})
	return ui.Block(strings.Join(ui.Wrap(text, m.canvas.width), "\n"), m.canvas.width, m.canvas.height)
}

// statusLine names the shop, who is signed in, the link and what is open. What
// matters least is left out where the terminal is narrow.
func (m *Model) statusLine(w int) string {
	t, e := m.env.Theme, m.env
	shop := ui.CutMiddle(e.Shop, max(w/4, 16))
	left := []string{t.Title("COUNTERFOIL") + "   " + shop, shop}
	if name := e.Session.Name; name != "" {
		name = "   " + t.Paint(ui.Strong, name)
		role := t.Paint(ui.Strong, " "+t.Bullet+" "+e.T("role."+string(e.Session.Role)))
		left = []string{left[0] + name + role, shop + name + role, shop + name}
	}
	var line string
	for _, room := range []int{everything, withoutAge, onlyNumbers} {
		right := m.linkAndOpen(room)
		for _, l := range left {
			line = ui.Spread(" "+l, right+" ", w)
			if ui.Width(l)+ui.Width(right)+5 <= w {
				return line
			}
		}
	}
	return line
}

// How much of the link and of what is open the status line has room for.
const (
	everything  = iota
	withoutAge  // of what waits
	onlyNumbers // symbols and numbers
)

// linkAndOpen names the state of the link and what is open.
func (m *Model) linkAndOpen(room int) string {
	t, e, st := m.env.Theme, m.env, m.env.Status
	count := func(tone ui.Tone, symbol, id string, n int) string {
		text := strconv.Itoa(n)
		if room != onlyNumbers {
			text = e.T(id, map[string]any{"Count": n})
		}
		if n == 0 {
			tone = ui.Faint
		} else if id == "status_line.waiting" && room == everything && !st.Oldest.IsZero() {
			text += " " + t.Bullet + " " + e.Ago(st.Oldest)
		}
		return t.Paint(tone, symbol+" "+text)
	}
	right := []string{m.link(st), count(ui.Queued, t.Wait, "status_line.waiting", st.Waiting)}
	if st.Unknown > 0 {
		right = append(right, count(ui.Unknown, t.Unknown, "status_line.unknown", st.Unknown))
	}
	if st.Attention > 0 {
		right = append(right, count(ui.Manager, t.Person, "status_line.attention", st.Attention))
	}
	return strings.Join(append(right, m.minute()), "   ")
}

func (m *Model) link(st offline.Status) string {
	t := m.env.Theme
	word := m.env.T("link." + string(st.Link))
	switch st.Link {
	case offline.Online:
		return t.Paint(ui.Good, t.On+" "+word)
	case offline.Shaky:
		return t.Paint(ui.Queued, t.Half+" "+word)
	case offline.Unheard:
		return t.Paint(ui.Faint, t.Bullet+" "+word)
	}
	return t.Paint(ui.Bad, t.Offline+" "+word)
}

// noticeLines are a notice or the desk's own trouble, one empty line where there is neither.
func (m *Model) noticeLines(w int) []string {
	t := m.env.Theme
	text, tone := m.notice.Text, m.notice.Tone
	if f := m.env.Status.Fault; f != nil {
		text, tone = m.env.Problem(f), ui.Bad
	} else if h := m.env.Status.Healed; h != nil && text == "" {
		text, tone = m.env.Problem(h), ui.Queued
	}
	if text == "" {
		return []string{ui.Fit("", w)}
	}
	if tone == ui.Bad || tone == ui.Queued {
		text = t.Person + " " + text
	}
	lines := t.Wrap(tone, text, w-1)
	for i := range lines {
		lines[i] = ui.Fit(" "+lines[i], w)
	}
	return lines
}
