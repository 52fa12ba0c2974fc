package ui

import (
	"strings"

	"charm.land/lipgloss/v2"
)

// Dim takes the colours off what lies behind a dialog, and the cursor.
func (t *Theme) Dim(screen string) string {
	screen = strings.ReplaceAll(screen, t.Paint(Accent, t.Cursor), " ")
	lines := strings.Split(Bare(screen), "\n")
	for i := range lines {
		lines[i] = t.Paint(Faint, lines[i])
	}
	return strings.Join(lines, "\n")
}

// Overlay lays a block over the middle of a screen of width columns.
func Overlay(screen, block string, width int) string {
	height := strings.Count(screen, "\n") + 1
	top := lipgloss.NewLayer(block)
	top.X(max((width-top.Width())/2, 0)).Y(max((height-top.Height())/2, 0))
	canvas := lipgloss.NewCanvas(width, height).Compose(lipgloss.NewCompositor(lipgloss.NewLayer(screen), top))
	return Block(canvas.Render(), width, height)
}
