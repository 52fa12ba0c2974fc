package tree

import (
	"slices"
	"strings"
	"time"

	"counterfoil/api"
	"counterfoil/offline"
	"counterfoil/screens/screen"
	"counterfoil/ui"
)

// headRows stand above the tree's rows, footRows below them.
const (
	headRows = 2
	footRows = 1
)

// detailRows stand below the tree where there is no room for the preview beside it.
const detailRows = 2

// room is how many rows of the tree are in sight.
func room(size screen.Sized) int {
	rows := size.Height - headRows - footRows
	if size.Width < ui.Beside {
		rows -= detailRows
	}
	return max(rows, 1)
}

// View draws what is looked for and shown, the rows in sight, and the chosen one in full.
func (s *tree) View(width, height int) string {
	at, _ := s.list.At()
	if width < ui.Beside {
		return s.head(at, width) + "\n" + s.rowsView(at, width, height-1-detailRows) + "\n" + s.detail(at, width)
	}
	body := ui.Split(width, func(width int) string { return s.rowsView(at, width, height-1) },
		func(width int) string { return s.asideView(at, width, height-1) })
	return s.head(at, width) + "\n" + body
}

// head is what is looked for, the statuses to choose from with how many codes of
// each the chosen root holds, and what is on its way.
func (s *tree) head(at *row, width int) string {
	t, e := s.env.Theme, s.env
	moving, spin := "", t.Paint(ui.Accent, t.Spin(e.Beat)+" ")
	switch {
	case s.load != nil:
		moving = spin + s.load.progress(e)
	case s.asking:
		moving = spin + e.T("counter.looking")
	case s.sale.Moving:
		moving = spin + e.T("result.sending", map[string]any{"N": int(e.Now().Sub(s.sale.SentAt) / time.Second)})
	}
	root := at
	for root != nil && root.up != nil {
		root = root.up
	}
	var tabs []ui.Tab
	chosen := 0
	for i, status := range append([]string{""}, s.statuses...) {
		tab := ui.Tab{Name: e.T("tree.all"), Count: -1}
		if status != "" {
			tab.Name = e.StatusMark(status).String()
			if root != nil {
				tab.Count = int64(root.node.Counts[status])
			}
		}
		if status == s.status {
			chosen = i
		}
		tabs = append(tabs, tab)
	}
	find := s.search.line(e)
	if find == "" {
		return ui.Spread(ui.Tabs(t, tabs, chosen, width-ui.Width(moving)-1), moving, width)
	}
	if moving == "" {
		moving = ui.Tabs(t, tabs, chosen, max(width-ui.Width(find)-2, 0))
	}
	return ui.Spread(" "+find, moving, width)
}

// rowsView draws the rows in sight in a frame that names what holds the chosen
// one, its place there, and how old what is shown is.
func (s *tree) rowsView(at *row, width, height int) string {
	t, e := s.env.Theme, s.env
	list, cursor := s.list.Rows()
	list = list[:min(len(list), max(height-2, 0))]
	inner := width - 4
	c := s.columns(list, inner)
	var rows []string
	for i, r := range list {
		rows = append(rows, s.line(r, c, inner-2, i == cursor))
	}
	quiet := at == nil && !s.awaited && s.load == nil
	switch {
	case s.problem != nil:
		rows = t.Wrap(ui.Bad, e.Problem(s.problem), inner)
	case quiet && s.status != "":
		rows = []string{"", ui.Center(t.Paint(ui.Faint, e.T("tree.none_such")), inner)}
	case quiet:
		rows = []string{"", ui.Center(t.Paint(ui.Faint, e.T("tree.nothing")), inner)}
	}
	return t.Box(s.trail(at, width-6), s.foot(at), rows, width, height, ui.Plain)
}

// trail names what holds the chosen node; a code's reel is left to the preview where that is in sight.
func (s *tree) trail(at *row, width int) string {
	path := above(at)
	if s.size.Width >= ui.Beside {
		path = slices.DeleteFunc(path, func(n offline.Node) bool { return n.Level == api.LevelReel })
	}
	if len(path) == 0 {
		return s.env.Theme.Title(s.env.T("tree.heading"))
	}
	text := s.env.Holders(path, true, width)
	if ui.Width(text) > width {
		text = s.env.Holders(path, false, width)
	}
	return text
}

// foot is the chosen node's place, and how old what is shown of it is.
func (s *tree) foot(at *row) string {
	if at == nil {
		return ""
	}
	t, e := s.env.Theme, s.env
	var parts []string
	if at.up != nil && at.pos >= 0 && at.of > 1 {
		parts = append(parts, e.T("tree.place", map[string]any{"Level": e.T("level." + string(at.node.Level)), "N": ui.Grouped(at.pos + 1), "Of": ui.Grouped(at.of)}))
	}
	if at.node.Partial {
		parts = append(parts, t.Paint(ui.Queued, e.T("tree.partial")))
	}
	age, tone := e.T("counter.as_of", map[string]any{"Ago": e.Ago(at.node.SeenAt)}), ui.Faint
	if e.Status.Link == offline.Offline {
		age, tone = t.Offline+" "+age, ui.Queued
	}
	return strings.Join(append(parts, t.Paint(tone, age)), " "+t.Bullet+" ")
}

// bar is how wide the bar of a row is, where there is room for one beside leastLeft.
const (
	bar       = 8
	leastLeft = 36
)

// columns says how wide what stands on the right is, so that it stands below each other.
type columns struct {
	bar    int
	status []string
	width  []int
	open   [len(openKinds)]int // digits of the open operations; 0 for none in sight
	right  int                 // the counts all together
}

func (s *tree) columns(rows []*row, width int) columns {
	c := columns{status: s.statuses, width: make([]int, len(s.statuses))}
	least := 0 // a code's status is never cut
	for _, r := range rows {
		for i := range openKinds {
			if number, shows := s.open(r, i); shows {
				c.open[i] = max(c.open[i], len(number), 1)
			}
		}
		if r.node.Level == api.LevelCode {
			least = max(least, ui.Width(s.env.CodeMark(r.node).Word))
			continue
		}
		for i, status := range c.status {
			if n := r.node.Counts[status]; n > 0 {
				c.width[i] = max(c.width[i], len(ui.Grouped(int64(n))))
			}
		}
	}
	for i, n := range c.width {
		if n > 0 {
			c.right += 2 + ui.Width(s.env.StatusMark(c.status[i]).Symbol) + 1 + n
		}
	}
	marks := 0
	for i, digits := range c.open {
		if digits > 0 {
			marks += 2 + ui.Width(s.env.Theme.Mark(openKinds[i].tone)) + 1 + digits
		}
	}
	if c.right > 0 && width-c.right-marks-bar >= leastLeft {
		c.bar = bar
		c.right += bar
	} else {
		c.right = max(c.right-2, 0)
	}
	c.right = max(c.right, least)
	return c
}

// proportion draws counts as a bar in the tones of their statuses.
func (s *tree) proportion(counts map[string]int, width int) string {
	var parts []ui.Part
	for _, status := range s.statuses {
		parts = append(parts, ui.Part{Tone: s.env.StatusMark(status).Tone, N: int64(counts[status])})
	}
	return s.env.Theme.Proportion(width, parts...)
}

// line draws one row: its place in the tree on the left, what is in it on the
// right, and dots that lead from the one to the other. Of the cursor's row only
// the node is lit, so that its counts keep their tones and a move sends little.
func (s *tree) line(r *row, c columns, width int, chosen bool) string {
	t, e, n := s.env.Theme, s.env, r.node
	paint, lit, mark := t.Paint, t.Lit, " "
	if chosen {
		paint = func(_ ui.Tone, text string) string { return t.Picked(text) }
		lit, mark = t.PickedLit, t.Paint(ui.Accent, t.Prompt)
	}
	right := s.counts(r, c) + s.openMarks(r, c)
	tone, sign := ui.Accent, " "
	switch m := e.CodeMark(n); {
	case n.Level == api.LevelCode:
		tone, sign = m.Tone, m.Symbol
	case n.Children > 0 && r.open:
		sign = "-"
	case n.Children > 0:
		sign = "+"
	}
	left := mark + " " + strings.Repeat("  ", r.deep) + paint(tone, sign) + paint(ui.Plain, " ")
	if n.Level != api.LevelCode {
		left += paint(ui.Faint, e.T("level."+string(n.Level))) + paint(ui.Plain, " ")
	}
	room := width - ui.Width(right)
	left += lit(ui.CutMiddle(e.Mask(n.ID), room-ui.Width(left)), s.search.text)
	if n.Name != "" && ui.Width(left)+2+ui.Width(n.Name) <= room {
		left += "  " + t.Paint(ui.Faint, n.Name)
	}
	lead := max(width-ui.Width(left)-ui.Width(right), 0)
	return left + " " + t.Paint(ui.Faint, strings.Repeat(t.Bullet, lead)) + " " + right
}

// counts are the numbers of codes by status with their bar; of a code, its status in words.
func (s *tree) counts(r *row, c columns) string {
	t, e := s.env.Theme, s.env
	if r.node.Level == api.LevelCode {
		m := e.CodeMark(r.node)
		return ui.Fit(t.Paint(m.Tone, m.Word), c.right)
	}
	var parts []string
	if c.bar > 0 {
		parts = append(parts, s.proportion(r.node.Counts, c.bar))
	}
	for i, status := range c.status {
		if c.width[i] == 0 {
			continue
		}
		m := e.StatusMark(status)
		text := strings.Repeat(" ", ui.Width(m.Symbol)+1+c.width[i])
		if count := r.node.Counts[status]; count > 0 {
			text = t.Paint(m.Tone, m.Symbol+" "+ui.FitLeft(ui.Grouped(int64(count)), c.width[i]))
		}
		parts = append(parts, text)
	}
	return ui.Fit(strings.Join(parts, "  "), c.right)
}
