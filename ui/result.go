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

// View draws the result in exactly width by height.
func (r Result) View(t *Theme, width, height int) string {
	inner := width - 4
	var body []string
	word := r.Symbol + "  " + r.Word
	if r.Tone == Plain || r.Tone == Faint {
		body = append(body, Center(t.Paint(Strong, word), inner))
	} else {
		body = append(body, r.band(t, word, inner)...)
	}
	for _, l := range r.Lines {
		body = append(body, Center(l, inner))
	}
	room := height - 2
	if spare := room - len(body); spare >= 2 && len(body) > 0 {
		body = append([]string{""}, body...)
	}
	return t.Panel("", body, width, height, r.Tone)
}

// band is the word and the order on a field of colour; an order that does not
// fit beside the word goes below it.
func (r Result) band(t *Theme, word string, inner int) []string {
	rows := []string{word}
	if r.Order != "" {
		if one := word + " " + "–" + " " + r.Order; !t.ASCII && Width(one)+4 <= inner {
			rows = []string{one}
		} else if one := word + " - " + r.Order; t.ASCII && Width(one)+4 <= inner {
			rows = []string{one}
		} else {
			rows = append(Wrap(word, inner-2), Wrap(r.Order, inner-2)...)
		}
	}
	var out []string
	blank := t.Solid(r.Tone, strings.Repeat(" ", inner))
	out = append(out, blank)
	for _, row := range rows {
		out = append(out, t.Solid(r.Tone, Center(row, inner)))
	}
	return append(out, blank)
}
