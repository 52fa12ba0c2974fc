package ui

import (
	"strings"
)

// Result is an outcome that must be read from two metres away: a shape, a word
// and an order on a field of colour. A tone that is no field is only framed: the
// outcome is not there yet, or is history.
type Result struct {
	Tone   Tone
	Symbol string // "" for the tone's own
	Word   string
	Order  string   // what to do now
	Lines  []string // small print
}

// View draws the result in exactly width by height. The shape gives way to the
// small print, and that to the word and the order, which are never cut.
func (r Result) View(t *Theme, width, height int) string {
	inner, room := width-4, height-2
	if inner < 1 || room < 1 {
		return Block("", width, height)
	}
	rows := r.rows(t, inner, room)
	b, style := t.border, t.tones[r.Tone]
	if r.Tone.field() {
		b, style = t.heavy, t.solid[r.Tone]
	} else if r.Tone == Plain {
		style = t.frame
	}
	out := []string{style.Render(b.tl + strings.Repeat(b.h, width-2) + b.tr)}
	top := max((room-len(rows))/2, 0)
	for i := range room {
		text := ""
		if i >= top && i-top < len(rows) {
			text = rows[i-top]
		}
		text = " " + Fit(text, inner) + " "
		if r.Tone.field() {
			out = append(out, style.Render(b.v+text+b.v))
		} else {
			out = append(out, style.Render(b.v)+text+style.Render(b.v))
		}
	}
	return strings.Join(append(out, style.Render(b.bl+strings.Repeat(b.h, width-2)+b.br)), "\n")
}

// rows are the shape with the text below it, or beside it, or the text alone.
func (r Result) rows(t *Theme, inner, room int) []string {
	words, whole := r.text(t, inner, room)
	below := t.Shape(r.Tone, inner, room-len(words))
	const gap = 3
	for _, size := range []int{12, 8} { // the columns of a shape
		beside := t.Shape(r.Tone, size, room)
		if len(beside) <= len(below) || len(beside) == 0 {
			continue
		}
		wide := Width(beside[0])
		if text, same := r.text(t, inner-wide-2*gap, room); len(text) <= room && same == whole {
			return abreast(beside, text, wide, gap, inner)
		}
	}
	rows := make([]string, 0, room)
	for _, line := range append(below, words...) {
		rows = append(rows, Center(line, inner))
	}
	return rows
}

// abreast lays text beside a shape, both in the middle of the lines.
func abreast(shape, text []string, wide, gap, inner int) []string {
	widest := 0
	for _, l := range text {
		widest = max(widest, Width(l))
	}
	left := blank((inner - wide - gap - widest) / 2)
	rows := make([]string, max(len(shape), len(text)))
	for i := range rows {
		row := blank(wide)
		if at := i - (len(rows)-len(shape))/2; at >= 0 && at < len(shape) {
			row = shape[at]
		}
		rows[i] = left + row + blank(gap)
		if at := i - (len(rows)-len(text))/2; at >= 0 && at < len(text) {
			rows[i] += text[at]
		}
	}
	return rows
}

// text is the word with the order, and as much of the small print as there is
// room for; whole reports that nothing was left out, and neither word nor order broken.
func (r Result) text(t *Theme, inner, room int) (rows []string, whole bool) {
	head := r.head(t)
	if r.Order != "" && Width(head+r.Order)+Width(" "+t.Dash+" ") <= inner {
		head += " " + t.Dash + " " + r.Order
	}
	rows = Wrap(head, inner)
	if r.Order != "" && !strings.HasSuffix(head, r.Order) {
		rows = append(rows, Wrap(r.Order, inner)...)
	}
	if !r.Tone.field() {
		for i := range rows {
			rows[i] = t.Paint(Strong, rows[i])
		}
	}
	var small []string
	for _, l := range r.Lines {
		small = append(small, Wrap(l, inner)...)
	}
	if one := strings.Join(r.Lines, "  "+t.Bullet+"  "); len(rows)+len(small) > room && Width(one) <= inner {
		small = []string{one}
	}
	fits := min(len(small), max(room-len(rows), 0))
	whole = fits == len(small) && Width(r.head(t)) <= inner && Width(r.Order) <= inner
	return append(rows, small[:fits]...), whole
}

// head is the symbol and the word.
func (r Result) head(t *Theme) string {
	if r.Symbol == "" {
		r.Symbol = t.Mark(r.Tone)
	}
	return strings.TrimSpace(r.Symbol + " " + r.Word)
}

// Line draws the result in at most width columns. Where there is no room for
// both, the word gives way to what it asks for.
func (r Result) Line(t *Theme, width int) string {
	text := r.head(t)
	if r.Order != "" {
		if text += " " + t.Dash + " " + r.Order; Width(text) > width {
			r.Word = r.Order
			text = r.head(t)
		}
	}
	return t.Paint(r.Tone, Cut(text, width))
}
