package ui

import (
	"slices"
	"strconv"
	"strings"
)

// Column is one column of a Table. What does not fit gives way in this order:
// columns are narrowed to Least, then those that are Optional are left out, the
// last first, then ids and names are cut further.
type Column struct {
	Title    string // text
	Width    int    // what it wants
	Least    int    // the narrowest; 0 for Width: it is never cut
	Right    bool   // stands at the right: numbers
	Middle   bool   // is cut in its middle: ids and names
	Optional bool
	Grow     bool // takes what is left over
}

// Table draws a window of rows in a frame: headings above them, the cursor's row
// lit, and in the lower edge which of how many are in sight. Its rows are read
// elsewhere (List); it only draws.
type Table struct {
	Title   string // painted, in the upper edge: a name, or Tabs
	Columns []Column
	Rows    [][]string // what is in sight; cells may be painted
	Cursor  int        // in Rows, -1 for none
	First   int64      // the place of Rows[0] among all, from 0
	Total   int64      // how many there are; 0 for not known
	Foot    string     // instead of the places, in the lower edge
	Empty   string     // said where there are no rows
}

// TableRoom is how many rows a table of that height shows.
func TableRoom(height int) int { return max(height-3, 1) }

// gap is between two columns.
const gap = 2

// View draws exactly width by height.
func (b Table) View(t *Theme, width, height int) string {
	inner := width - 4
	wide := layout(b.fitted(), inner-2) // the cursor's mark stands in front
	heads := make([]string, len(b.Columns))
	for i, c := range b.Columns {
		heads[i] = t.Paint(Faint, Capital(c.Title))
	}
	lines := append(make([]string, 0, height), "  "+b.row(heads, wide))
	for i, cells := range b.Rows[:min(len(b.Rows), max(height-3, 0))] {
		line := b.row(cells, wide)
		if i == b.Cursor {
			lines = append(lines, t.Paint(Accent, t.Prompt)+t.Picked(Fit(" "+line, inner-1)))
		} else {
			lines = append(lines, "  "+line)
		}
	}
	if len(b.Rows) == 0 && b.Empty != "" {
		lines = append(lines, "", Center(b.Empty, inner))
	}
	return t.Box(b.Title, b.foot(), lines, width, height, Plain)
}

// fitted are the columns, those that are never cut as wide as what stands in them.
func (b Table) fitted() []Column {
	columns := slices.Clone(b.Columns)
	for i := range columns {
		if c := &columns[i]; c.Least == 0 {
			for _, cells := range b.Rows {
				if i < len(cells) {
					c.Width = max(c.Width, Width(cells[i]))
				}
			}
		}
	}
	return columns
}

// foot is "1–30 of 34" without words: both languages read it.
func (b Table) foot() string {
	if b.Foot != "" || b.Total == 0 || len(b.Rows) == 0 {
		return b.Foot
	}
	return Grouped(b.First+1) + "–" + Grouped(b.First+int64(len(b.Rows))) + " / " + Grouped(b.Total)
}

func (b Table) row(cells []string, wide []int) string {
	var line strings.Builder
	for i, cell := range cells[:min(len(cells), len(wide))] {
		if wide[i] == 0 {
			continue
		}
		if line.Len() > 0 {
			line.WriteString(blank(gap))
		}
		switch c := b.Columns[i]; {
		case c.Right:
			line.WriteString(FitLeft(cell, wide[i]))
		case c.Middle:
			line.WriteString(FitMiddle(cell, wide[i]))
		default:
			line.WriteString(Fit(cell, wide[i]))
		}
	}
	return line.String()
}

// layout is how wide each column is drawn, 0 for one that is left out.
func layout(columns []Column, width int) []int {
	wide := make([]int, len(columns))
	used := -gap
	for i, c := range columns {
		wide[i] = c.Least
		if c.Least == 0 {
			wide[i] = c.Width
		}
		used += wide[i] + gap
	}
	for i := len(columns) - 1; i >= 0 && used > width; i-- {
		if columns[i].Optional {
			used -= wide[i] + gap
			wide[i] = 0
		}
	}
	for i, c := range columns {
		if least := 7; c.Middle && wide[i] > least && used > width {
			cut := min(wide[i]-least, used-width)
			wide[i], used = wide[i]-cut, used-cut
		}
	}
	for i, c := range columns {
		if more := min(c.Width-wide[i], width-used); wide[i] > 0 && more > 0 {
			wide[i] += more
			used += more
		}
	}
	for i, c := range columns {
		if c.Grow && wide[i] > 0 && width > used {
			wide[i] += width - used
			used = width
		}
	}
	return wide
}

// Tab is one of several views, with how many rows it has; -1 for not known.
type Tab struct {
	Name  string
	Count int64
}

// Tabs draws views side by side with the chosen one lit. Where there is no room
// for all, those after the chosen one give way first, and a sign and the place of
// the chosen one among all say so.
func Tabs(t *Theme, tabs []Tab, chosen, width int) string {
	drawn := make([]string, len(tabs))
	for i, tab := range tabs {
		text := " " + tab.Name + " "
		if tab.Count >= 0 {
			text += Grouped(tab.Count) + " "
		}
		if drawn[i] = t.Paint(Faint, text); i == chosen {
			drawn[i] = t.Solid(Accent, text)
		}
	}
	first, last := 0, len(drawn)
	place := t.Paint(Faint, " "+strconv.Itoa(chosen+1)+"/"+strconv.Itoa(len(tabs))+" ")
	line := func() string {
		shown, more := slices.Clone(drawn[first:last]), t.Paint(Faint, "…")
		if last < len(drawn) {
			shown = append(shown, more)
		}
		if first > 0 {
			shown = slices.Insert(shown, 0, more)
		}
		text := strings.Join(shown, t.Paint(Faint, t.Bullet))
		if last-first < len(drawn) {
			text += place
		}
		return text
	}
	for Width(line()) > width && last-first > 1 {
		if last > chosen+1 {
			last--
		} else {
			first++
		}
	}
	if Width(line()) > width {
		place = ""
	}
	if text := line(); last-first > 1 || Width(text) <= width {
		return text
	}
	return drawn[chosen]
}

// Beside is the body's width from which a preview stands beside a list: a
// terminal of 110 columns.
const Beside = 108

// Split draws a list with a preview beside it, or the list alone where there is
// no room for both. Both draw as many lines.
func Split(width int, left, right func(width int) string) string {
	if width < Beside {
		return left(width)
	}
	side := min(max(width*2/5, 46), 64)
	return SideBySide(left(width-side-1), right(side))
}

// SideBySide draws two blocks of as many lines, a column between them.
func SideBySide(left, right string) string {
	lines, rows := strings.Split(left, "\n"), strings.Split(right, "\n")
	for i := range lines {
		if i < len(rows) {
			lines[i] += " " + rows[i]
		}
	}
	return strings.Join(lines, "\n")
}
