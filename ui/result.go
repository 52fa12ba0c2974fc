package ui

import "strings"

// Result is an outcome that must be read from two metres away: a word with its
// symbol on a field of colour.
type Result struct {
	Tone   Tone
	Symbol string
	Word   string
	Order  string   // what to do now
	Lines  []string // small print
}

// View draws the result in exactly width by height: the field of colour takes
// what the small print leaves.
func (r Result) View(t *Theme, width, height int) string {
	inner, room := width-4, height-2
	rows := r.words(t, inner)
	small := r.small(r.Lines, inner)
	if one := strings.Join(r.Lines, "  "+t.Bullet+"  "); (room-len(small)-len(rows))%2 != 0 && Width(one) <= inner {
		small = r.small([]string{one}, inner) // the word then stands in the middle of a larger field
	}
	small = small[:min(len(small), max(room-len(rows), 0))]
	body := make([]string, 0, room)
	for i := range room - len(small) {
		text := ""
		if at := i - (room-len(small)-len(rows))/2; at >= 0 && at < len(rows) {
			text = rows[at]
		}
		if r.Tone == Plain || r.Tone == Faint {
			body = append(body, t.Paint(Strong, Center(text, inner)))
		} else {
			body = append(body, t.Solid(r.Tone, Center(text, inner)))
		}
	}
	return t.Panel("", append(body, small...), width, height, r.Tone)
}

// small is the small print in rows.
func (r Result) small(lines []string, inner int) []string {
	var rows []string
	for _, l := range lines {
		for _, row := range Wrap(l, inner) {
			rows = append(rows, Center(row, inner))
		}
	}
	return rows
}

// Line draws the result in at most width columns. Where there is no room for
// both, the word gives way to what it asks for.
func (r Result) Line(t *Theme, width int) string {
	text := r.Symbol + " " + r.Word
	if r.Order != "" {
		if text += " " + t.Dash + " " + r.Order; Width(text) > width {
			text = r.Symbol + " " + r.Order
		}
	}
	return t.Paint(r.Tone, Cut(text, width))
}

// words are the word and the order, side by side where there is room.
func (r Result) words(t *Theme, inner int) []string {
	word := r.Symbol + "  " + r.Word
	switch {
	case r.Order == "":
		return Wrap(word, inner-2)
	case Width(word)+3+Width(r.Order)+4 <= inner:
		return []string{word + " " + t.Dash + " " + r.Order}
	}
	return append(Wrap(word, inner-2), Wrap(r.Order, inner-2)...)
}
