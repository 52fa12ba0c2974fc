package screens

import (
	"slices"
	"strings"

	"counterfoil/screens/screen"
	"counterfoil/ui"
)

// help is the page of all keys over the screen in front, and where it is scrolled to.
type help struct {
	open bool
	top  int
}

func helpKeys() []ui.Binding {
	return []ui.Binding{
		{Keys: []string{"esc", "?"}, Words: "keys.back"},
		{Keys: []string{"up", "down", "pgup", "pgdown", "home", "end"}, Show: "↑↓", Words: "keys.scroll"},
	}
}

// scroll moves the page; ok is false for a key that does not.
func (m *Model) scroll(key string) (ok bool) {
	room := m.room()
	by, ok := map[string]int{"up": -1, "down": 1, "pgup": -room.Height / 2, "pgdown": room.Height / 2, "home": -1 << 20, "end": 1 << 20}[key]
	if ok {
		most := len(m.helpLines(room.Width-4)) - (room.Height - 2)
		m.help.top = max(min(m.help.top+by, most), 0)
	}
	return ok
}

// helpPage draws as much of the page as there is room for, and which part it is.
func (m *Model) helpPage(room screen.Sized) string {
	t := m.env.Theme
	lines := m.helpLines(room.Width - 4)
	seen, foot := ui.Window(lines, m.help.top, room.Height-2)
	return t.Box(t.Title(m.env.T("help.keys")), foot, seen, room.Width, room.Height, ui.Plain)
}

// allKeys are the bindings, and behind those of the counter what moves in its
// fields and out of them, for which its line of hints has no room.
func (m *Model) allKeys() []ui.Binding {
	all := m.bindings()
	if m.front != screen.Counter {
		return all
	}
	own := len(m.inFront().Bindings())
	fields := []ui.Binding{{Keys: []string{"tab"}, Words: "help.fields"}}
	if !slices.ContainsFunc(all[:own], func(b ui.Binding) bool { return slices.Contains(b.Keys, "esc") }) {
		fields = append(fields, ui.Binding{Keys: []string{"esc"}, Words: "help.clear"})
	}
	return slices.Insert(all, own, fields...)
}

// helpLines are every key that does something now, and what each result asks of
// the cashier.
func (m *Model) helpLines(width int) []string {
	t, e := m.env.Theme, m.env
	lines := append(ui.AllKeys(t, e.Words, m.allKeys(), width), "", t.Title(e.T("help.words")))
	for _, row := range []struct {
		tone     ui.Tone
		word, do string
	}{
		{ui.Good, "result.active", "help.active"},
		{ui.Void, "result.void", "help.void"},
		{ui.Bad, "result.refused", "help.refused"},
		{ui.Queued, "result.queued", "help.queued"},
		{ui.Unknown, "result.unknown", "help.unknown"},
		{ui.Manager, "result.attention", "help.attention"},
	} {
		const word = 22
		head := t.Solid(row.tone, ui.Fit(" "+t.Mark(row.tone)+" "+e.T(row.word), word))
		for _, text := range ui.Wrap(e.T(row.do), width-word-2) {
			lines = append(lines, head+"  "+text)
			head = strings.Repeat(" ", word)
		}
	}
	if m.o.Version != "" {
		lines = append(lines, "", t.Paint(ui.Faint, "Counterfoil "+m.o.Version))
	}
	return lines
}
