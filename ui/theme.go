package ui

import (
	"strings"

	"charm.land/bubbles/v2/spinner"
	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/colorprofile"
)

// Symbols are the marks that carry a meaning without colour.
type Symbols struct {
	Good, Void, Bad, Wait, Unknown, Person    string // the fields', as Mark gives them
	On, Off, Half                             string // a code's status: active, not active, frozen; Off means nothing else
	Chosen, Unchosen, Disabled                string
	Offline, Back, Sending                    string
	Prompt, Cursor, Bullet, Path, Enter, Dash string
	Tab                                       string
	Spinner                                   []string
}

// Theme is how meanings look. It is made once and again when the terminal's
// background or colours become known; drawing only reads it.
type Theme struct {
	Symbols
	ASCII bool // as ThemeOptions have it

	tones  [tones]lipgloss.Style
	solid  [tones]lipgloss.Style // the tone as background
	frame  lipgloss.Style
	title  lipgloss.Style
	picked lipgloss.Style
	border borders
	heavy  borders // of a field
}

type borders struct {
	h, v, tl, tr, bl, br string
}

// ThemeOptions choose among the looks.
type ThemeOptions struct {
	Light   bool                 // the terminal's background is light
	ASCII   bool                 // draw borders and symbols with ASCII only
	Colours colorprofile.Profile // what the terminal can show; not known is as good as all
}

// NewTheme makes a theme.
func NewTheme(o ThemeOptions) *Theme {
	t := &Theme{ASCII: o.ASCII}
	if o.Colours == colorprofile.Unknown {
		o.Colours = colorprofile.TrueColor
	}
	t.paint(o.Light, o.Colours)
	if o.ASCII {
		t.border = borders{"-", "|", "+", "+", "+", "+"}
		t.heavy = borders{"=", "#", "#", "#", "#", "#"}
		t.Symbols = Symbols{Good: "[ok]", Void: "[x]", Bad: "[/]", Wait: "[~]", Unknown: "[?]", Person: "[!]",
			On: "*", Off: "o", Half: "+", Offline: "v",
			Chosen: "(*)", Unchosen: "( )", Disabled: "-", Back: "[<]", Sending: "->",
			Prompt: ">", Cursor: "_", Bullet: "-", Path: ">", Enter: "Enter", Dash: "-", Tab: "Tab",
			Spinner: spinner.Line.Frames}
		return t
	}
	t.border = borders{"─", "│", "╭", "╮", "╰", "╯"}
	t.heavy = borders{"━", "┃", "┏", "┓", "┗", "┛"}
	t.Symbols = Symbols{Good: "✔", Void: "✖", Bad: "⊘", Wait: "◷", Unknown: "?", Person: "!",
		On: "●", Off: "○", Half: "◐", Offline: "▼",
		Chosen: "■", Unchosen: "□", Disabled: "–", Back: "↩", Sending: "→",
		Prompt: "▸", Cursor: "▏", Bullet: "·", Path: "›", Enter: "⏎", Dash: "–", Tab: "⇥",
		Spinner: spinner.MiniDot.Frames}
	return t
}

// Mark is the symbol of a field's tone, "" for another.
func (t *Theme) Mark(tone Tone) string {
	return map[Tone]string{Good: t.Good, Void: t.Void, Bad: t.Bad, Queued: t.Wait, Unknown: t.Unknown, Manager: t.Person}[tone]
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

// Lit draws text with the part lit that was looked for, in whatever case.
func (t *Theme) Lit(text, part string) string {
	from, to := Found(text, part)
	if to == 0 {
		return text
	}
	return text[:from] + t.Solid(Accent, text[from:to]) + text[to:]
}

// PickedLit is Lit under a list's cursor.
func (t *Theme) PickedLit(text, part string) string {
	from, to := Found(text, part)
	if to == 0 {
		return t.Picked(text)
	}
	return t.Picked(text[:from]) + t.Solid(Accent, text[from:to]) + t.Picked(text[to:])
}

// Found is where in a text a part of it stands, in whatever case; 0, 0 for nowhere.
func Found(text, part string) (from, to int) {
	if at := strings.Index(strings.ToLower(text), strings.ToLower(part)); part != "" && at >= 0 && at+len(part) <= len(text) {
		return at, at + len(part)
	}
	return 0, 0
}

// Picked draws the line that a list's cursor is on. Colours inside it are
// taken off, since their ends would end the background too.
func (t *Theme) Picked(line string) string { return t.picked.Render(Bare(line)) }

// Title draws a heading.
func (t *Theme) Title(text string) string { return t.title.Render(text) }

// Bar draws the full-width training bar.
func (t *Theme) Bar(text string, width int) string { return t.Solid(Accent, Center(text, width)) }

// Rule draws a horizontal line.
func (t *Theme) Rule(width int) string {
	return t.frame.Render(strings.Repeat(t.border.h, max(width, 0)))
}

// Panel draws a frame of exactly width by height around lines, with a title in
// its upper edge. A tone other than Plain colours the frame.
func (t *Theme) Panel(title string, lines []string, width, height int, tone Tone) string {
	return t.Box(title, "", lines, width, height, tone)
}

// Box is a Panel with a foot at the right end of its lower edge.
func (t *Theme) Box(title, foot string, lines []string, width, height int, tone Tone) string {
	if width < 4 || height < 2 {
		return Block("", width, height)
	}
	edge, b := t.frame, t.border
	if tone != Plain {
		edge = t.tones[tone]
	}
	inner := width - 4
	side := edge.Render(b.v)
	rows := make([]string, 0, height)
	rows = append(rows, t.edge(edge, b.tl, title, b.tr, width, false))
	for i := range height - 2 {
		line := ""
		if i < len(lines) {
			line = lines[i]
		}
		rows = append(rows, side+" "+Fit(line, inner)+" "+side)
	}
	rows = append(rows, t.edge(edge, b.bl, foot, b.br, width, true))
	return strings.Join(rows, "\n")
}

// edge is an upper or lower edge with text in it, at its left end or its right.
func (t *Theme) edge(style lipgloss.Style, from, text, to string, width int, right bool) string {
	if text == "" {
		return style.Render(from + strings.Repeat(t.border.h, width-2) + to)
	}
	text = Cut(text, width-6)
	long := strings.Repeat(t.border.h, max(width-5-Width(text), 0))
	if right {
		return style.Render(from+long) + " " + text + " " + style.Render(t.border.h+to)
	}
	return style.Render(from+t.border.h) + " " + text + " " + style.Render(long+to)
}

// Spin is the spinner's picture after a time.
func (t *Theme) Spin(frame int) string { return t.Spinner[frame%len(t.Spinner)] }
