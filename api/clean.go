package api

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxMarks is how many combining marks a character keeps: scripts that a till
// shows need no more, and a flood of them paints over other lines.
const maxMarks = 2

// Clean removes what could disturb a screen from platform text: control
// characters, escape sequences, bidirectional marks and other invisible
// format characters, variation selectors, private and unassigned characters,
// invalid UTF-8, and combining marks beyond two; runs of white space become
// one space; at most limit runes.
func Clean(text string, limit int) string {
	if limit <= 0 {
		return ""
	}
	var out strings.Builder
	out.Grow(min(len(text), limit*utf8.UTFMax))
	kept, marks, pending := 0, maxMarks, false
	endless := false
	for i := 0; i < len(text); {
		if n := sequence(text[i:], &endless); n > 0 {
			i += n
			continue
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		i += size
		switch {
		case r > ' ' && r <= '~': // most of them, without the tables
			marks = 0
		case unicode.IsSpace(r) || unicode.Is(unicode.Z, r):
			pending = kept > 0
			continue
		case !Shown(r):
			continue
		case unicode.Is(unicode.M, r):
			// A mark at the start or after a space has no character to stand on.
			if marks++; marks > maxMarks || pending {
				continue
			}
		default:
			marks = 0
		}
		if pending {
			if kept+1 >= limit {
				break
			}
			out.WriteByte(' ')
			kept++
			pending = false
		}
		out.WriteRune(r)
		if kept++; kept == limit {
			break
		}
	}
	return out.String()
}

// CleanLines is Clean for text of any length that is laid out already: line
// ends, tabs and runs of spaces stay. A sequence ends with its line at the
// latest, so that no text hides the lines behind it.
func CleanLines(text string) string {
	var out strings.Builder
	out.Grow(len(text))
	for line := range strings.Lines(text) {
		marks, endless := 0, false
		for i := 0; i < len(line); {
			if n := sequence(line[i:], &endless); n > 0 {
				i += n
				continue
			}
			r, size := utf8.DecodeRuneInString(line[i:])
			i += size
			if unicode.Is(unicode.M, r) {
				marks++
			} else {
				marks = 0
			}
			if marks <= maxMarks && (r == '\n' || r == '\t' || Shown(r)) {
				out.WriteRune(r)
			}
		}
	}
	return out.String()
}

// Shown reports characters that draw something. What Go's tables do not know
// has no known width and is dropped.
func Shown(r rune) bool {
	switch {
	case r >= ' ' && r <= '~', r >= '\u4e00' && r <= '\u9fff': // most of them, without the tables
		return true
	case r == utf8.RuneError, !unicode.IsGraphic(r),
		unicode.Is(unicode.Variation_Selector, r),
		unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r),
		r == '\u2800': // Braille blank: wide nothing
		return false
	}
	return true
}

// sequence is the length of the terminal control sequence at the front of s, 0
// where there is none. Sequences that are not ended lose their introduction
// only, so that a stray ESC does not swallow a name. endless remembers that no
// end is to be found any more, which keeps the work linear.
func sequence(s string, endless *bool) int {
	if s[0] >= ' ' && s[0] < 0x7f {
		return 0
	}
	r, n := utf8.DecodeRuneInString(s)
	if r == 0x1b {
		switch {
		case len(s) < 2 || s[1] >= 0x80:
			return n
		case s[1] < 0x40 || s[1] > 0x5f:
			return escape(s)
		}
		r = rune(s[1]) + 0x40 // ESC [ is the 7-bit form of U+009B, and so on
		n++
	}
	switch r {
	case 0x9b: // CSI: parameters, intermediates, one final
		i := n
		for i < len(s) && s[i] >= 0x20 && s[i] <= 0x3f {
			i++
		}
		if i < len(s) && s[i] >= 0x40 && s[i] <= 0x7e {
			i++
		}
		return i
	case 0x90, 0x98, 0x9d, 0x9e, 0x9f: // DCS, SOS, OSC, PM, APC: up to ST or BEL
		if *endless {
			return n
		}
		end := stringEnd(s[n:])
		*endless = end == 0
		return n + end
	}
	if r >= 0x80 && r < 0xa0 && r != 0x85 { // U+0085 ends a line: white space
		return n
	}
	return 0
}

// escape is the length of ESC, intermediates and one final: character sets and
// single controls.
func escape(s string) int {
	i := 1
	for i < len(s) && s[i] >= 0x20 && s[i] <= 0x2f {
		i++
	}
	if i < len(s) && s[i] >= 0x30 && s[i] <= 0x7e {
		i++
	}
	return i
}

// stringEnd is the length up to and with the end of a control string, 0 where it never ends.
func stringEnd(s string) int {
	for i, r := range s {
		switch {
		case r == '\a':
			return i + 1
		case r == 0x9c:
			return i + 2
		case r == 0x1b && strings.HasPrefix(s[i:], "\x1b\\"):
			return i + 2
		}
	}
	return 0
}
