package tree

import (
	"strings"

	"counterfoil/api"
	"counterfoil/screens/screen"
	"counterfoil/ui"
)

// headRows stand above the tree, footRows below it.
const (
	headRows = 2
	footRows = 2
	chrome   = headRows + footRows
)

// farCounts is how far right the counts stand where there is more room: an eye
// has to follow a row from its id to them.
const farCounts = 100

// View draws where one is, the rows in sight, and the chosen one in full.
func (s *tree) View(width, height int) string {
	t, e := s.env.Theme, s.env
	at, ok := s.list.At()
	rows := []string{s.trail(at, width), s.filterLine(at, width)}
	list, cursor := s.list.Rows()
	list = list[:min(len(list), max(height-chrome, 0))]
	c := s.columns(list)
	for i, r := range list {
		rows = append(rows, t.Row(s.line(r, c, min(width-1, farCounts)), width, i == cursor))
	}
	switch {
	case s.problem != nil:
		rows = append(rows, " "+t.Paint(ui.Bad, e.Problem(s.problem)))
	case !ok && !s.awaited && s.status != "":
		rows = append(rows, "", ui.Center(t.Paint(ui.Faint, e.T("tree.none_such")), width))
	case !ok && !s.awaited && s.load == nil:
		rows = append(rows, "", ui.Center(t.Paint(ui.Faint, e.T("tree.nothing")), width))
	}
	for len(rows) < height-footRows {
		rows = append(rows, "")
	}
	rows = append(rows[:height-footRows], s.detail(at, width), s.bottom(at, width))
	return strings.Join(rows, "\n")
}

// trail names what holds the chosen node, and its place there.
func (s *tree) trail(at *row, width int) string {
	t, e := s.env.Theme, s.env
	if at == nil {
		return " " + t.Title(e.T("tree.heading"))
	}
	place := ""
	if at.up != nil && at.pos >= 0 && at.of > 1 {
		place = e.T("tree.place", map[string]any{"Level": e.T("level." + string(at.node.Level)), "N": ui.Grouped(at.pos + 1), "Of": ui.Grouped(at.of)})
	}
	if at.up == nil {
		return ui.Spread(" "+t.Title(e.T("tree.heading")), place, width)
	}
	room := width - 3 - ui.Width(place)
	text := e.Holders(above(at), true, width)
	if ui.Width(text) > room {
		text = e.Holders(above(at), false, room)
	}
	return ui.Spread(" "+text, t.Paint(ui.Faint, place), width)
}

// filterLine names the statuses to choose from, and how old what is shown is.
func (s *tree) filterLine(at *row, width int) string {
	t, e := s.env.Theme, s.env
	var tabs []string
	for _, status := range append([]string{""}, s.statuses...) {
		name := e.T("tree.all")
		if status != "" {
			name = e.StatusMark(status).String()
		}
		if status == s.status {
			tabs = append(tabs, t.Solid(ui.Accent, " "+name+" "))
		} else {
			tabs = append(tabs, t.Paint(ui.Faint, " "+name+" "))
		}
	}
	right := ""
	switch {
	case s.load != nil:
		right = t.Paint(ui.Accent, t.Spin(e.Beat)+" "+e.T("tree.received", map[string]any{"N": ui.Grouped(s.load.received.Load())}))
	case at != nil:
		right = t.Paint(ui.Faint, e.T("counter.as_of", map[string]any{"Ago": e.Ago(at.node.SeenAt)}))
		if at.node.Partial {
			right = t.Paint(ui.Queued, e.T("tree.partial")) + " " + t.Bullet + " " + right
		}
	}
	return ui.Spread(" "+strings.Join(tabs, " "), right, width)
}

// columns says how wide the counts stand, so that they stand below each other.
type columns struct {
	status  []string
	width   []int
	pending int
}

func (s *tree) columns(rows []*row) columns {
	c := columns{status: s.statuses, width: make([]int, len(s.statuses))}
	for _, r := range rows {
		if p := s.pending.Below[r.node.ID].All(); p > 0 {
			c.pending = max(c.pending, len(ui.Grouped(int64(p))))
		}
		if r.node.Level == api.LevelCode {
			continue
		}
		for i, status := range c.status {
			if n := r.node.Counts[status]; n > 0 {
				c.width[i] = max(c.width[i], len(ui.Grouped(int64(n))))
			}
		}
	}
	return c
}

// line draws one row: its place in the tree on the left, what is in it on the right.
func (s *tree) line(r *row, c columns, width int) string {
	t, e := s.env.Theme, s.env
	n := r.node
	right := s.counts(r, c)
	left := strings.Repeat("  ", r.deep)
	if n.Level == api.LevelCode {
		m := e.CodeMark(n)
		left += t.Paint(m.Tone, m.Symbol) + " " + e.Mask(n.ID)
	} else {
		sign := " "
		switch {
		case n.Children > 0 && r.open:
			sign = "-"
		case n.Children > 0:
			sign = "+"
		}
		left += t.Paint(ui.Accent, sign) + " " + t.Paint(ui.Faint, e.T("level."+string(n.Level))) + " " + n.ID
	}
	if n.Name != "" {
		left += "  " + t.Paint(ui.Faint, n.Name)
	}
	return ui.Spread(left, right, width)
}

// counts are the numbers of codes by status, and what waits; of a code, its status in words.
func (s *tree) counts(r *row, c columns) string {
	t, e := s.env.Theme, s.env
	n := r.node
	var parts []string
	if n.Level == api.LevelCode {
		m := e.CodeMark(n)
		parts = append(parts, t.Paint(m.Tone, m.Word))
	} else {
		for i, status := range c.status {
			if c.width[i] == 0 {
				continue
			}
			m := e.StatusMark(status)
			if count := n.Counts[status]; count > 0 {
				parts = append(parts, t.Paint(m.Tone, m.Symbol+" "+ui.FitLeft(ui.Grouped(int64(count)), c.width[i])))
			} else {
				parts = append(parts, strings.Repeat(" ", 1+ui.Width(m.Symbol)+c.width[i]))
			}
		}
	}
	if w := s.waits(r, c); w != "" {
		parts = append(parts, w)
	}
	return strings.Join(parts, "  ")
}

// waits counts the operations that are open on a node or below it. One on what
// holds the node concerns it too, and shows without a number.
func (s *tree) waits(r *row, c columns) string {
	t := s.env.Theme
	if p := s.pending.Below[r.node.ID].All(); p > 0 {
		return t.Paint(ui.Queued, t.Wait+" "+ui.FitLeft(ui.Grouped(int64(p)), c.pending))
	}
	for up := r.up; up != nil; up = up.up {
		if s.pending.On[up.node.ID].All() > 0 {
			return t.Paint(ui.Queued, t.Wait+strings.Repeat(" ", c.pending+min(c.pending, 1)))
		}
	}
	if c.pending > 0 {
		return strings.Repeat(" ", ui.Width(t.Wait)+1+c.pending)
	}
	return ""
}

// detail says of the chosen node what its row has no room for.
func (s *tree) detail(at *row, width int) string {
	t, e := s.env.Theme, s.env
	if at == nil {
		return ""
	}
	n := at.node
	parts := []string{t.Paint(ui.Strong, e.T("level."+string(n.Level))+" "+e.Mask(n.ID))}
	if n.Level == api.LevelCode {
		m := e.CodeMark(n)
		parts = append(parts, t.Paint(m.Tone, m.String()))
		if fen, ok := e.Desk.FaceValue(n); ok {
			parts = append(parts, screen.Money(fen))
		}
		if n.ValidTo != "" {
			parts = append(parts, e.T("valid.until", map[string]any{"Day": screen.Day(n.ValidTo)}))
		}
		if n.Remaining >= 0 {
			parts = append(parts, e.T("valid.times", map[string]any{"Count": n.Remaining}))
		}
	} else {
		if holds := e.Holds(n); holds != "" {
			parts = append(parts, holds)
		}
		parts = append(parts, e.Codes(n.Codes))
	}
	if n.Name != "" {
		parts = append(parts, n.Name)
	}
	return ui.Cut(" "+strings.Join(parts, "  "), width)
}

// bottom is the line to type into, or how a search stands, or what waits at the chosen node.
func (s *tree) bottom(at *row, width int) string {
	t, e := s.env.Theme, s.env
	f := &s.search
	switch {
	case f.typing:
		label := t.Paint(ui.Strong, e.T("tree.find_label")) + " " + t.Paint(ui.Accent, t.Prompt) + " "
		return " " + label + f.field.View(t, width-ui.Width(label)-2, true)
	case f.text != "":
		return ui.Spread(" "+e.T("tree.found", map[string]any{"Text": f.text})+"  "+s.matchCount(), "", width)
	case s.asking:
		return " " + t.Paint(ui.Accent, t.Spin(e.Beat)+" "+e.T("counter.looking"))
	case s.sale.Moving:
		return " " + t.Paint(ui.Accent, t.Spin(e.Beat)+" "+e.T("result.sending"))
	case at != nil && s.pending.Below[at.node.ID].All() > 0:
		return ui.Cut(" "+t.Paint(ui.Queued, t.Wait+" "+e.T("tree.waiting", map[string]any{"Count": s.pending.Below[at.node.ID].All()})), width)
	}
	return ""
}

// matchCount is which of the matches is shown, of how many so far.
func (s *tree) matchCount() string {
	t, e, f := s.env.Theme, s.env, &s.search
	n := f.total()
	text := ""
	switch {
	case n > 0:
		text = t.Paint(ui.Strong, e.T("tree.match", map[string]any{"N": ui.Grouped(int64(f.at + 1)), "Of": ui.Grouped(int64(n))}))
	case !f.running:
		text = t.Paint(ui.Queued, e.T("tree.no_match"))
	}
	if f.running {
		text += " " + t.Paint(ui.Accent, t.Spin(e.Beat))
	}
	return text
}
