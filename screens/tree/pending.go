package tree

import (
	"strings"

	"counterfoil/offline"
	"counterfoil/ui"
)

// openKinds are the kinds of open operations that are counted apart: how each looks and is called.
var openKinds = [...]struct {
	tone ui.Tone
	word string
	of   func(offline.OpenCount) int
}{
	{ui.Queued, "status_line.waiting", func(c offline.OpenCount) int { return c.Waiting }},
	{ui.Unknown, "status_line.unknown", func(c offline.OpenCount) int { return c.Unknown }},
	{ui.Manager, "status_line.attention", func(c offline.OpenCount) int { return c.Attention }},
}

// open is how one kind shows at a row: by the number of operations on the node or
// below it. One on what holds the node concerns it too, and shows without a number.
func (s *tree) open(r *row, kind int) (number string, shows bool) {
	of := openKinds[kind].of
	if n := of(s.pending.Below[r.node.ID]); n > 0 {
		return ui.Grouped(int64(n)), true
	}
	for up := r.up; up != nil; up = up.up {
		if of(s.pending.On[up.node.ID]) > 0 {
			return "", true
		}
	}
	return "", false
}

// openMarks draws a row's open operations, below those of the other rows.
func (s *tree) openMarks(r *row, c columns) string {
	t := s.env.Theme
	var text strings.Builder
	for i, kind := range openKinds {
		if c.open[i] == 0 {
			continue
		}
		symbol := "  " + t.Mark(kind.tone) + " "
		if number, shows := s.open(r, i); shows {
			text.WriteString(t.Paint(kind.tone, symbol+ui.FitLeft(number, c.open[i])))
		} else {
			text.WriteString(strings.Repeat(" ", ui.Width(symbol)+c.open[i]))
		}
	}
	return text.String()
}

// openWords says how many operations are open at a node or below it.
func (s *tree) openWords(id string) (parts []string) {
	for _, kind := range openKinds {
		if n := kind.of(s.pending.Below[id]); n > 0 {
			parts = append(parts, s.env.Theme.Paint(kind.tone, s.env.Theme.Mark(kind.tone)+" "+s.env.T(kind.word, map[string]any{"Count": n})))
		}
	}
	return parts
}
