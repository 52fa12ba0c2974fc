package ui

import (
	"image/color"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
)

// Tone is a meaning that colour underlines; the word and the symbol always stand beside it.
type Tone int

// The tones. Each from Good on is also a field of its own (Theme.Solid, Shape).
const (
	Plain   Tone = iota
	Faint        // what may be overlooked
	Strong       // what is read first
	Accent       // where the person acts
	Good         // it worked: hand over
	Void         // it is void: keep it
	Bad          // it did not work, and will not
	Queued       // it waits, or: hold on
	Unknown      // nobody knows yet whether it worked
	Manager      // a manager must look
	tones
)

// field reports that a tone is drawn as a field of colour.
func (tone Tone) field() bool { return tone >= Good }

// ink is a tone's colour on a dark background and on a light one, and in a
// terminal of sixteen colours by their numbers.
type ink struct {
	dark, light     string
	dark16, light16 ansi.BasicColor
}

// The inks of tones that have one, and of frames. Text stands out from #101218
// and from white by at least 4.5 to 1, frames by 3.5; a test computes it.
var (
	inks = map[Tone]ink{
		Faint:   {"#a3a9b5", "#5c6370", 8, 8},
		Accent:  {"#7dd3c8", "#00696b", 14, 6},
		Good:    {"#7ee2a0", "#146c3c", 10, 2},
		Void:    {"#c3c8d0", "#454b54", 7, 8},
		Bad:     {"#ff9b93", "#a81e17", 9, 1},
		Queued:  {"#f2c14e", "#7a5200", 11, 3},
		Unknown: {"#c8a6ff", "#6236b8", 13, 5},
		Manager: {"#ffae70", "#8c3a00", 3, 1},
	}
	lineInk = ink{"#76818f", "#7d8590", 8, 8}
)

// fields are the text and the background of each tone's field, the same on dark
// and light, at least 5 to 1 apart.
var fields = map[Tone][2]string{
	Accent:  {"#ffffff", "#00696b"},
	Good:    {"#ffffff", "#0f7a43"},
	Void:    {"#ffffff", "#4a5058"},
	Bad:     {"#ffffff", "#b3261e"},
	Queued:  {"#1a1300", "#f2c14e"},
	Unknown: {"#ffffff", "#5b3fa8"},
	Manager: {"#ffffff", "#8c3a00"},
}

// fields16 are the fields that sixteen colours have a readable pair for; the
// others are drawn in reverse. Black is never bold there: many terminals then
// show grey.
var fields16 = map[Tone][2]ansi.BasicColor{Good: {0, 2}, Queued: {0, 3}, Bad: {15, 1}}

// cursorRow is the background of a list's cursor, by whether the terminal's is light.
var cursorRow = map[bool]string{false: "#2b3a42", true: "#dfe9f2"}

// paint fills in how every tone looks.
func (t *Theme) paint(light bool, colours colorprofile.Profile) {
	style := lipgloss.NewStyle
	written := func(i ink) lipgloss.Style {
		var c color.Color
		switch {
		case colours < colorprofile.ANSI:
			return style()
		case colours == colorprofile.ANSI && light:
			c = i.light16
		case colours == colorprofile.ANSI:
			c = i.dark16
		case light:
			c = lipgloss.Color(i.light)
		default:
			c = lipgloss.Color(i.dark)
		}
		return style().Foreground(c)
	}
	t.frame = written(lineInk)
	t.picked = style().Reverse(true)
	if colours > colorprofile.ANSI {
		text := map[bool]ansi.BasicColor{false: 15, true: 0}[light] // few bytes: a cursor moves often
		t.picked = style().Foreground(text).Background(lipgloss.Color(cursorRow[light])).Bold(!light)
	}
	for tone := range tones {
		t.tones[tone], t.solid[tone] = style(), style().Reverse(true).Bold(true)
		if i, ok := inks[tone]; ok {
			t.tones[tone] = written(i)
		}
		if colours < colorprofile.ANSI {
			t.tones[tone] = t.tones[tone].Faint(tone == Faint)
		}
		if tone.field() || tone == Strong {
			t.tones[tone] = t.tones[tone].Bold(true)
		}
		if f, ok := fields[tone]; ok && colours > colorprofile.ANSI {
			t.solid[tone] = style().Foreground(lipgloss.Color(f[0])).Background(lipgloss.Color(f[1])).Bold(true)
		}
		if f, ok := fields16[tone]; ok && colours == colorprofile.ANSI {
			t.solid[tone] = style().Foreground(f[0]).Background(f[1]).Bold(f[0] != 0)
		}
	}
	t.title = t.tones[Accent].Bold(true)
}
