package queue

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"counterfoil/offline"
	"counterfoil/screens/screen"
	"counterfoil/ui"
)

// headRows stand above the table: what is looked for, or how the queue moves.
const headRows = 1

// Head implements screen.Headed: an operation alone has no head.
func (s *queue) Head() int {
	if s.detail != nil {
		return 0
	}
	return headRows
}

// View draws the list with the chosen operation beside it, or one operation with
// all that is known of it.
func (s *queue) View(width, height int) string {
	if s.detail != nil {
		return s.pageView(*s.detail, width, height)
	}
	body := ui.Split(width, func(width int) string { return s.table(width, height-headRows) },
		func(width int) string { return s.preview(width, height-headRows) })
	return s.head(width) + "\n" + body
}

// head is what is looked for, and how the queue moves.
func (s *queue) head(width int) string {
	t, e := s.env.Theme, s.env
	find := ""
	switch label := " " + t.Paint(ui.Strong, e.T("tree.find_label")) + " " + t.Paint(ui.Accent, t.Prompt) + " "; {
	case s.find.typing:
		find = label + s.find.field.View(t, max(ui.Width(s.find.text())+1, 12), true)
	case s.find.text() != "":
		find = label + s.find.text()
	}
	if find != "" && s.rows.loaded {
		find += "  " + t.Paint(ui.Strong, s.found())
	}
	progress := s.progress(max(width-ui.Width(find)-2, 0))
	if find == "" {
		return " " + progress
	}
	return ui.Spread(find, progress, width)
}

// found is how many operations hold what is looked for, as far as they are read.
func (s *queue) found() string {
	n, whole := s.list.Held()
	text := ui.Grouped(int64(n))
	if !whole {
		text += "+"
	}
	return text
}

// progress says how many wait, how old the oldest is and how fast the queue
// goes out; or when the platform is tried again.
func (s *queue) progress(width int) string {
	t, e, st := s.env.Theme, s.env, s.env.Status
	if st.Link == offline.Offline {
		text := t.Offline + " " + e.T("queue.offline_since", map[string]any{"At": e.When(st.Since)})
		if in := st.NextProbe.Sub(e.Now()); !st.NextProbe.IsZero() && in > 0 {
			text += "  " + t.Bullet + "  " + e.T("queue.next_try", map[string]any{"N": int(in/time.Second) + 1})
		}
		return t.Paint(ui.Queued, ui.Cut(text, width))
	}
	if st.Waiting == 0 {
		return ""
	}
	parts := []string{t.Wait + " " + e.T("status_line.waiting", map[string]any{"Count": st.Waiting})}
	if !st.Oldest.IsZero() {
		parts = append(parts, e.T("queue.oldest", map[string]any{"Ago": e.Ago(st.Oldest)}))
	}
	if st.Closed > 0 {
		parts = append(parts, e.T("queue.gone_out", map[string]any{"Count": st.Closed}))
	}
	if st.Rate > 0 {
		parts = append(parts, e.T("queue.rate", map[string]any{"Rate": strconv.FormatFloat(st.Rate, 'f', 1, 64)}))
	}
	between := "  " + t.Bullet + "  "
	for len(parts) > 1 && ui.Width(strings.Join(parts, between)) > width {
		parts = parts[:len(parts)-1] // the last says least
	}
	return t.Paint(ui.Accent, ui.Cut(strings.Join(parts, between), width))
}

// table draws the rows in sight.
func (s *queue) table(width, height int) string {
	t, e := s.env.Theme, s.env
	ops, at := s.list.Rows()
	ops = ops[:min(len(ops), ui.TableRoom(height))]
	b := ui.Table{Title: ui.Tabs(t, s.tabs(), s.filter, width-6), Cursor: at, Columns: []ui.Column{
		{Title: e.T("queue.at"), Optional: true}, {Title: e.T("queue.state")}, {Title: e.T("queue.kind")},
		{Title: e.T("queue.id"), Least: leastNumber, Middle: true, Grow: true}, {Title: e.T("counter.amount"), Right: true},
		{Title: e.T("queue.by"), Least: 3}, {Title: e.T("queue.age"), Right: true}, {Title: e.T("detail.why"), Least: leastWhy, Optional: true},
	}}
	for _, op := range ops {
		b.Rows = append(b.Rows, s.cells(op))
	}
	for i := range b.Columns {
		c, title := &b.Columns[i], ui.Width(b.Columns[i].Title)
		for _, cells := range b.Rows {
			c.Width = max(c.Width, ui.Width(cells[i]))
		}
		if c.Width == 0 && c.Optional {
			c.Title, c.Least = "", 0
			continue
		}
		c.Width = max(c.Width, title)
		c.Least = min(max(c.Least, title*min(c.Least, 1)), c.Width)
	}
	if first, known := s.list.First(); known && s.find.text() == "" {
		b.First, b.Total = int64(first), max(s.tabs()[s.filter].Count, int64(first+len(ops))) // the counts may come later
	}
	switch {
	case s.rows.problem != nil:
		b.Empty = t.Paint(ui.Bad, e.Problem(s.rows.problem))
	case s.rows.loaded:
		b.Empty = t.Paint(ui.Good, t.Good+" ") + e.T("queue.empty")
	}
	return b.View(t, width, height)
}

// leastNumber is the room in which the two ends of a number still tell it.
const leastNumber = 17

// leastWhy is the room below which a reason is left to the operation's page.
const leastWhy = 12

// cells are the columns of an operation's row.
func (s *queue) cells(op offline.Operation) []string {
	t, e, m := s.env.Theme, s.env, s.env.Mark(op)
	amount := t.Dash
	if op.Kind != offline.Void {
		amount = e.Money(op.AmountFen)
	}
	if op.Why == screen.WhyOverdue { // a longer word would cut the number
		m.Symbol, m.Tone = t.Mark(ui.Manager), ui.Manager
	}
	return []string{
		s.minute(op.AcceptedAt), t.Paint(m.Tone, m.String()), e.T("kind." + string(op.Kind)), t.Lit(e.Mask(op.ID), s.find.text()),
		amount, t.Lit(op.Operator, s.find.text()), e.Ago(op.AcceptedAt), t.Paint(ui.Faint, e.Because(op)),
	}
}

// minute is a time without its seconds.
func (s *queue) minute(at time.Time) string {
	if text := s.env.When(at); len(text) > len(time.TimeOnly) {
		return text
	}
	return ui.TimeOfDay(at, s.env.Zone)
}

// tabs are the filters with their counts.
func (s *queue) tabs() []ui.Tab {
	st := s.env.Status
	tabs := make([]ui.Tab, 0, len(filters()))
	for i, n := range []int{st.All(), st.Waiting, st.Unknown, st.Attention, s.closed} {
		tabs = append(tabs, ui.Tab{Name: s.env.T(filters()[i].words), Count: int64(n)})
	}
	return tabs
}

// preview draws the chosen operation, and the keys that do something with it.
func (s *queue) preview(width, height int) string {
	t, e, inner := s.env.Theme, s.env, width-4
	op, ok := s.list.At()
	if !ok {
		return t.Box("", "", nil, width, height, ui.Plain)
	}
	below := []string{""}
	for _, b := range s.acts() {
		below = append(below, ui.Key(t, e.Words, b, inner)...)
	}
	lines := s.cut(s.operation(op, inner), max(height-2-len(below), 1), inner)
	lines = append(lines, make([]string, max(height-2-len(below)-len(lines), 0))...)
	return t.Box(s.title(op), "", append(lines, below...), width, height, s.env.Mark(op).Tone)
}

func (s *queue) title(op offline.Operation) string {
	m := s.env.Mark(op)
	return s.env.Theme.Paint(m.Tone, m.String()) + " " + s.env.Theme.Bullet + " " + s.env.T("level."+op.Level)
}

// cut leaves out the last lines that there is no room for, and says how many.
func (s *queue) cut(lines []string, room, width int) []string {
	left := len(lines) - room
	if left <= 0 {
		return lines
	}
	more := s.env.Theme.Paint(ui.Faint, s.env.T("queue.more_lines", map[string]any{"Count": left + 1}))
	return append(slices.Clone(lines[:room-1]), ui.Center(more, width))
}

// pageView draws one operation alone.
func (s *queue) pageView(op offline.Operation, width, height int) string {
	lines, room := s.operation(op, width-4), max(height-2, 1)
	top := min(s.scroll, max(len(lines)-room, 0))
	return s.env.Theme.Box(s.title(op), "", s.cut(lines[top:], room, width-4), width, height, s.env.Mark(op).Tone)
}

// lowest is how far an operation's page can be scrolled.
func (s *queue) lowest() int {
	if s.detail == nil {
		return 0
	}
	return max(len(s.operation(*s.detail, s.size.Width-4))-max(s.size.Height-2, 1), 0)
}
