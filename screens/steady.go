package screens

import (
	"slices"
	"strings"

	"counterfoil/ui"
)

// steady keeps rows of wide characters whole. A terminal is sent only what differs,
// and the terminal library moves there from the row above by what stands in between:
// where that begins with the second half of a wide character, what it sends is a
// column off. So a row that changes right behind one begins with a blank that
// differs too, in nothing that can be seen: from a row's first column no such move
// is made.
type steady struct {
	rows  []string // as they were drawn last
	turns []int
}

// blanks look alike.
var blanks = [...]string{" ", "\x1b[1m \x1b[m", "\x1b[2m \x1b[m"}

// drawn is a screen with its rows' first blanks in their turns.
func (s *steady) drawn(screen string) string {
	rows := strings.Split(screen, "\n")
	if len(rows) != len(s.rows) {
		s.rows, s.turns = make([]string, len(rows)), make([]int, len(rows))
	}
	was := s.rows
	s.rows = slices.Clone(rows)
	for i, row := range rows {
		if row != was[i] && behindWide(was[i], row) {
			s.turns[i] = (s.turns[i] + 1) % len(blanks)
		}
		if rest, ok := strings.CutPrefix(row, " "); ok {
			rows[i] = blanks[s.turns[i]] + rest
		}
	}
	return strings.Join(rows, "\n")
}

// written is up to how many columns the library writes again rather than move: no
// sequence that moves is longer.
const written = 5

// behindWide reports a wide character among the last columns before the first in
// which two rows differ.
func behindWide(was, now string) bool {
	same := 0
	for same < min(len(was), len(now)) && was[same] == now[same] {
		same++
	}
	text := []rune(strings.ToValidUTF8(ui.Bare(now[:same]), ""))
	for left := written; left > 0 && len(text) > 0; text = text[:len(text)-1] {
		width := ui.Width(string(text[len(text)-1:]))
		if width > 1 {
			return true
		}
		left -= width
	}
	return false
}
