package ui

import "strings"

// Part is one of several counts that make a whole, and how it looks: Good for
// active, Plain for not active, Queued for frozen, Void for void.
type Part struct {
	Tone Tone
	N    int64
}

// Proportion draws counts as a bar of exactly width columns. Whatever is not
// zero has at least one column, so that 49 of 50 never look like all.
func (t *Theme) Proportion(width int, parts ...Part) string {
	var whole, ahead int64
	left := 0 // parts that are still to be drawn
	for _, p := range parts {
		if whole += max(p.N, 0); p.N > 0 {
			left++
		}
	}
	var bar strings.Builder
	used := 0
	for _, p := range parts {
		if p.N <= 0 || used >= width {
			continue
		}
		left--
		ahead += p.N
		end := int((ahead*int64(width)*2 + whole) / (2 * whole)) // rounded
		end = min(max(end, used+1), max(width-left, used+1))
		bar.WriteString(t.Paint(p.Tone, strings.Repeat(t.brick(p.Tone), end-used)))
		used = end
	}
	return bar.String() + blank(width-used)
}

// bricks are what the parts of a bar are made of, in characters and in ASCII;
// without colour they say which part is which.
var bricks = map[Tone][2]string{Good: {"█", "#"}, Void: {"╳", "x"}, Queued: {"▒", "+"}, Plain: {"░", "."}}

func (t *Theme) brick(tone Tone) string {
	form, ok := bricks[tone]
	if !ok {
		form = bricks[Plain]
	}
	if t.ASCII {
		return form[1]
	}
	return form[0]
}
