package ui

import (
	"image/color"
	"strings"

	"charm.land/bubbles/v2/spinner"
	"charm.land/lipgloss/v2"
)

// Tone is a meaning that colour underlines; the word and the symbol always stand beside it.
type Tone int

// The tones.
const (
	Plain  Tone = iota
	Faint       // what may be overlooked
	Strong      // what is read first
	Accent      // where the person acts
	Good        // it worked
	Bad         // it did not, and will not
	Wait        // it is not decided yet: hold on
)

// Symbols are the marks that carry a meaning without colour.
type Symbols struct {
	Good, Bad, Wait, Unknown, Person, Back string
	On, Off, Half                          string // dots
	Prompt, Cursor, Bullet, Path, Enter    string
	Dash                                   string
	Spinner                                []string
}

// Theme is how meanings look. It is made once and again when the terminal's
// background becomes known; drawing only reads it.
type Theme struct {
	Symbols
	ASCII bool // as ThemeOptions have it

	tones  [7]lipgloss.Style
	solid  [7]lipgloss.Style // the tone as background
	bar    lipgloss.Style
	frame  lipgloss.Style
	title  lipgloss.Style
	picked lipgloss.Style
	border borders
}

type borders struct {
	h, v, tl, tr, bl, br, bar string
}

// ThemeOptions choose among the looks.
type ThemeOptions struct {
	Light    bool // the terminal's background is light
	ASCII    bool // draw borders and symbols with ASCII only
	Training bool
}

// NewTheme makes a theme. Colours are taken away by the terminal's colour
// profile where NO_COLOR is set or there are none.
func NewTheme(o ThemeOptions) *Theme {
	pick := lipgloss.LightDark(!o.Light)
	c := func(light, dark string) color.Color { return pick(lipgloss.Color(light), lipgloss.Color(dark)) }
	// Each colour stays readable where a terminal has only eight: it is the
	// nearest of them that such a terminal shows.
	good, bad, wait := c("#1a7f4b", "#87d787"), c("#b3261e", "#f28b82"), c("#7a6a00", "#e0d060")
	accent, faint, line := c("#007f7f", "#7ad3d3"), c("#6b6b6b", "#9e9e9e"), c("#87afaf", "#5f8787")
	if o.Training {
		accent, line = c("#870087", "#d787d7"), c("#af87af", "#af87af")
	}
	white, black := lipgloss.Color("#ffffff"), lipgloss.Color("#000000")
	style := lipgloss.NewStyle
	t := &Theme{ASCII: o.ASCII}
	t.tones = [7]lipgloss.Style{
		Plain: style(), Faint: style().Foreground(faint), Strong: style().Bold(true),
		Accent: style().Foreground(accent), Good: style().Foreground(good).Bold(true),
		Bad: style().Foreground(bad).Bold(true), Wait: style().Foreground(wait).Bold(true),
	}
	for tone, back := range map[Tone]string{Plain: "#5f8787", Faint: "#5f8787", Strong: "#5f8787", Accent: "#007f7f", Good: "#1a7f4b", Bad: "#b3261e"} {
		t.solid[tone] = style().Background(lipgloss.Color(back)).Foreground(white).Bold(true)
	}
	t.solid[Wait] = style().Background(lipgloss.Color("#d7d75f")).Foreground(black)
	t.bar = style().Background(lipgloss.Color("#870087")).Foreground(white).Bold(true)
	t.frame = style().Foreground(line)
	t.title = style().Foreground(accent).Bold(true)
	t.picked = style().Background(c("#dfe9f2", "#2b3a42")).Bold(true)
	if o.ASCII {
		t.border = borders{"-", "|", "+", "+", "+", "+", "#"}
		t.Symbols = Symbols{Good: "[ok]", Bad: "[x]", Wait: "[~]", Unknown: "[?]", Person: "[!]", Back: "[<]",
			On: "*", Off: "o", Half: "+", Prompt: ">", Cursor: "_", Bullet: "-", Path: ">", Enter: "Enter", Dash: "-",
			Spinner: spinner.Line.Frames}
		return t
	}
	t.border = borders{"─", "│", "╭", "╮", "╰", "╯", "▌"}
	t.Symbols = Symbols{Good: "✔", Bad: "✖", Wait: "◷", Unknown: "?", Person: "!", Back: "↩",
		On: "●", Off: "○", Half: "◐", Prompt: "▸", Cursor: "▏", Bullet: "·", Path: "›", Enter: "⏎", Dash: "–",
		Spinner: spinner.MiniDot.Frames}
	return t
}

// Paint draws text in a tone.
func (t *Theme) Paint(tone Tone, text string) string {
	if tone == Plain || text == "" {
		return text
	}
	return t.tones[tone].Render(text)
}

// Wrap breaks text into painted lines of at most width columns.
func (t *Theme) Wrap(tone Tone, text string, width int) []string {
	lines := Wrap(text, width)
	for i := range lines {
		lines[i] = t.Paint(tone, lines[i])
	}
	return lines
}

// Solid draws text on the tone as background.
func (t *Theme) Solid(tone Tone, text string) string { return t.solid[tone].Render(text) }

// Picked draws the line that a list's cursor is on. Colours inside it are
// taken off, since their ends would end the background too.
func (t *Theme) Picked(line string) string { return t.picked.Render(Bare(line)) }

// Row is a line of a list, width columns wide with the mark in front of it where
// the cursor is on it.
func (t *Theme) Row(line string, width int, chosen bool) string {
	if !chosen {
		return " " + line
	}
	return t.Paint(Accent, t.Prompt) + t.Picked(Fit(line, width-1))
}

// Title draws a heading.
func (t *Theme) Title(text string) string { return t.title.Render(text) }

// Bar draws the full-width training bar.
func (t *Theme) Bar(text string, width int) string { return t.bar.Render(Center(text, width)) }

// Rule draws a horizontal line.
func (t *Theme) Rule(width int) string {
	return t.frame.Render(strings.Repeat(t.border.h, max(width, 0)))
}

// Panel draws a frame of exactly width by height around lines, with a title in
// its upper edge. A tone other than Plain colours the frame.
func (t *Theme) Panel(title string, lines []string, width, height int, tone Tone) string {
	if width < 4 || height < 2 {
		return Block("", width, height)
	}
	edge := t.frame
	if tone != Plain {
		edge = t.tones[tone]
	}
	inner := width - 4
	top := edge.Render(t.border.tl + strings.Repeat(t.border.h, width-2) + t.border.tr)
	if title != "" {
		title = Cut(title, inner-2)
		rest := width - 5 - Width(title)
		top = edge.Render(t.border.tl+t.border.h) + " " + title + " " + edge.Render(strings.Repeat(t.border.h, max(rest, 0))+t.border.tr)
	}
	side := edge.Render(t.border.v)
	rows := make([]string, 0, height)
	rows = append(rows, top)
	for i := range height - 2 {
		line := ""
		if i < len(lines) {
			line = lines[i]
		}
		rows = append(rows, side+" "+Fit(line, inner)+" "+side)
	}
	rows = append(rows, edge.Render(t.border.bl+strings.Repeat(t.border.h, width-2)+t.border.br))
	return strings.Join(rows, "\n")
}

// Spin is the spinner's picture after a time.
func (t *Theme) Spin(frame int) string { return t.Spinner[frame%len(t.Spinner)] }
