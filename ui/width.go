package ui

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// Width is the number of columns that text takes; characters of ambiguous
// width count as narrow, everywhere.
func Width(text string) int {
	if width, ok := plainWidth(text); ok {
		return width
	}
	return ansi.StringWidth(text)
}

// plainWidth is the width of what a screen is made of but for what others typed:
// ASCII, colours, lines, signs and Chinese. It takes a tenth of the time; ok is
// false for a text with anything else in it.
func plainWidth(text string) (width int, ok bool) {
	for i := 0; i < len(text); {
		switch c := text[i]; {
		case ' ' <= c && c <= '~':
			width, i = width+1, i+1
		case c == '\x1b' && i+1 < len(text) && text[i+1] == '[':
			for i += 2; i < len(text) && '0' <= text[i] && text[i] <= ';'; i++ {
			}
			if i == len(text) || text[i] != 'm' {
				return 0, false
			}
			i++
		default:
			r, n := utf8.DecodeRuneInString(text[i:])
			switch {
			case '─' <= r && r <= '◼':
				width++
			case '一' <= r && r <= '龥':
				width += 2
			default:
				sign := signWidth(r)
				if sign == 0 {
					return 0, false
				}
				width += sign
			}
			i += n
		}
	}
	return width, true
}

// signWidth is the width of a sign that our own sentences and screens have, 0 for any other.
func signWidth(r rune) int {
	switch r {
	case '·', '…', '¥', '–', '›', '−', '⏎', '⇥', '↑', '↓', '⊘', '✔', '✖':
		return 1
	case '，', '。', '、', '：', '；', '？', '（', '）':
		return 2
	}
	return 0
}

// Cut shortens text to at most width columns, with an ellipsis where it was
// longer. A wide character that does not fit whole is left out.
func Cut(text string, width int) string {
	if width <= 0 {
		return ""
	}
	if Width(text) <= width {
		return text
	}
	return ansi.Truncate(text, width, "…")
}

// CutMiddle shortens text by its middle: the ends of an id are what people compare.
func CutMiddle(text string, width int) string {
	if Width(text) <= width {
		return text
	}
	if width < 5 {
		return Cut(text, width)
	}
	head := (width - 1) * 3 / 5
	tail := width - 1 - head
	return ansi.Truncate(text, head, "") + "…" + ansi.TruncateLeft(text, Width(text)-tail, "")
}

// Fit cuts or pads text on the right to exactly width columns.
func Fit(text string, width int) string {
	columns := Width(text)
	if columns > width {
		text = Cut(text, width)
		columns = Width(text)
	}
	return text + blank(width-columns)
}

// FitLeft cuts or pads text on the left to exactly width columns, for numbers.
func FitLeft(text string, width int) string {
	text = Cut(text, width)
	return blank(width-Width(text)) + text
}

func blank(width int) string { return strings.Repeat(" ", max(width, 0)) }

// FitMiddle cuts text by its middle or pads it on the right to exactly width columns.
func FitMiddle(text string, width int) string { return Fit(CutMiddle(text, width), width) }

// Spread puts left and right at the two ends of width columns; left gives way.
func Spread(left, right string, width int) string {
	right = Cut(right, width)
	room := width - Width(right)
	if right != "" && room > 0 {
		return Fit(left, room-1) + " " + right
	}
	return Fit(left, room) + right
}

// Wrap breaks text into lines of at most width columns: between words, and beside
// any wide character but in front of a mark that closes or behind one that opens.
func Wrap(text string, width int) []string {
	if width <= 0 {
		return nil
	}
	if _, n := utf8.DecodeRuneInString(text); strings.HasPrefix(text[n:], " ") { // a sign stays with its words
		text = text[:n] + nbsp + text[n+1:]
	}
	text = date.ReplaceAllString(keptTogether.Replace(text), "$1"+noBreak+"$2"+noBreak+"$3")
	wrapped := ansi.Wrap(breakable(text), width, mayBreak)
	return strings.Split(strings.NewReplacer(nbsp, " ", mayBreak, "", noBreak, "-").Replace(wrapped), "\n")
}

const (
	nbsp     = "\u00a0"
	mayBreak = "\u200b" // draws nothing
	noBreak  = "\u2011" // a hyphen
)

// date is what no line breaks.
var date = regexp.MustCompile(`\b(\d{4})-(\d\d)-(\d\d)\b`)

// breakable marks where a line may break between characters that no space parts.
func breakable(text string) string {
	var out strings.Builder
	last := ' '
	for _, r := range text {
		wide := ansi.StringWidth(string(r)) == 2 || ansi.StringWidth(string(last)) == 2
		if wide && !unicode.IsSpace(last) && !unicode.IsSpace(r) && !unicode.In(last, unicode.Ps, unicode.Pi) &&
			!unicode.In(r, unicode.Pe, unicode.Pf, unicode.Po, unicode.Pd, unicode.Mn) {
			out.WriteString(mayBreak)
		}
		out.WriteRune(r)
		last = r
	}
	return out.String()
}

// keptTogether are the spaces at which no line breaks: between ¥ and its amount.
var keptTogether = strings.NewReplacer("¥ ", "¥"+nbsp, "CNY ", "CNY"+nbsp)

// Center puts text in the middle of width columns.
func Center(text string, width int) string {
	text = Cut(text, width)
	return Fit(blank((width-Width(text))/2)+text, width)
}

// Block makes content exactly width columns by height lines.
func Block(content string, width, height int) string {
	lines := strings.Split(content, "\n")
	out := make([]string, height)
	for i := range out {
		if i < len(lines) {
			out[i] = Fit(lines[i], width)
		} else {
			out[i] = blank(width)
		}
	}
	return strings.Join(out, "\n")
}

// Capital is text as it begins a heading, whatever word it begins with.
func Capital(text string) string {
	first, n := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[n:]
}

// Sentences puts sentences one behind the other; a full-width mark needs no space.
func Sentences(parts ...string) string {
	return strings.ReplaceAll(strings.Join(parts, " "), "。 ", "。")
}

// Window is the part of lines that is seen from top on, and which of how many
// they are, "" where all are seen.
func Window(lines []string, top, room int) (seen []string, part string) {
	top = max(min(top, len(lines)-room), 0)
	seen = lines[top:min(top+max(room, 0), len(lines))]
	if len(seen) < len(lines) {
		part = Grouped(int64(top+1)) + "–" + Grouped(int64(top+len(seen))) + " / " + Grouped(int64(len(lines)))
	}
	return seen, part
}

// Bare is text without colours.
func Bare(text string) string { return ansi.Strip(text) }

// Grouped writes a number with its thousands set apart.
func Grouped(n int64) string { return Apart(strconv.FormatInt(n, 10)) }

// Apart sets the thousands of a decimal number apart.
func Apart(number string) string {
	whole, rest, _ := strings.Cut(number, ".")
	first := len(whole) - len(strings.TrimPrefix(whole, "-"))
	for at := len(whole) - 3; at > first; at -= 3 {
		whole = whole[:at] + "," + whole[at:]
	}
	return whole + number[len(number)-len(rest)-min(len(rest), 1):]
}
