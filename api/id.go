package api

import (
	"errors"
	"strings"
	"unicode"
)

// Level is a rung of the voucher tree: a box holds packages, a package reels,
// a reel codes (platform.md §1).
type Level string

// The levels. LevelRange is not a rung: it marks an activation of a serial range.
const (
	LevelBox     Level = "box"
	LevelPackage Level = "package"
	LevelReel    Level = "reel"
	LevelCode    Level = "code"
	LevelRange   Level = "range"
)

// Rank is a level's distance from the root of the tree: 1 for a box to 4 for a
// code, 0 for what is no rung of it.
func (l Level) Rank() int {
	switch l {
	case LevelBox:
		return 1
	case LevelPackage:
		return 2
	case LevelReel:
		return 3
	case LevelCode:
		return 4
	}
	return 0
}

// MaxIDLength is the longest id accepted, in bytes. The platform's pages say
// 22 and its real codes have 28 (platform.md §6.16); 64 leaves room for both.
const MaxIDLength = 64

// ErrNotAnID is what ParseID returns for text that cannot be a voucher id.
var ErrNotAnID = errors.New("not a voucher id")

// ID names one box, package, reel or code, exactly as printed: upper and lower
// case are kept, since two codes may differ in case alone (platform.md §6.9).
type ID string

// quotes are the pairs that may stand around an id; a spreadsheet writes ="…" for
// digits that are text.
var quotes = [][2]string{{`="`, `"`}, {`"`, `"`}, {"'", "'"}, {"“", "”"}, {"‘", "’"}, {"「", "」"}}

// CleanScan takes from a text what is around an id or draws nothing: spaces,
// control and formatting characters, quotes, the separator that ends a GS1 field, and a
// symbology identifier in front ("]Q3"), which it returns, "" for none. A
// separator between two fields stays: what holds one is no id.
func CleanScan(text string) (aim, rest string) {
	const separator = '\x1d'
	text = strings.Map(func(r rune) rune {
		if r != separator && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == unicode.ReplacementChar) {
			return -1
		}
		return r
	}, text)
	const blanks = " \u00a0\u3000\x1d"
	text = strings.Trim(text, blanks)
	for _, q := range quotes {
		if len(text) > len(q[0]) && strings.HasPrefix(text, q[0]) && strings.HasSuffix(text, q[1]) {
			text = strings.Trim(text[len(q[0]):len(text)-len(q[1])], blanks)
			break
		}
	}
	letter := func(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
	if len(text) > 3 && text[0] == ']' && letter(text[1]) && (letter(text[2]) || text[2] >= '0' && text[2] <= '9') {
		return text[:3], strings.TrimLeft(text[3:], " \x1d")
	}
	return "", text
}

// CleanID is what CleanScan leaves of a text.
func CleanID(text string) string {
	_, id := CleanScan(text)
	return id
}

// ParseID cleans text (CleanID) and returns it as an ID, or ErrNotAnID. The
// recognisers are inferred from every id seen (platform.md §1): X box, B
// package, R reel, a digit a code.
func ParseID(text string) (ID, error) {
	text = CleanID(text)
	if len(text) < 6 || len(text) > MaxIDLength {
		return "", ErrNotAnID
	}
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c >= '0' && c <= '9', c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z':
		case (c == '-' || c == '=') && i > 0:
		default:
			return "", ErrNotAnID
		}
	}
	if ID(text).Level() == "" {
		return "", ErrNotAnID
	}
	return ID(text), nil
}

// layouts undo what a held Shift, and a French keyboard, make of the digits and
// the dash that a scanner sends.
var layouts = []*strings.Replacer{
	strings.NewReplacer(),
	strings.NewReplacer("!", "1", "@", "2", "#", "3", "$", "4", "%", "5", "^", "6", "&", "7", "*", "8", "(", "9", ")", "0", "_", "-", "+", "="),
	strings.NewReplacer("&", "1", "é", "2", `"`, "3", "'", "4", "(", "5", "-", "6", "è", "7", "_", "8", "ç", "9", "à", "0", ")", "-"),
}

// Meant is the id that a text would be without Caps Lock, a held Shift or another
// keyboard layout, "" for none. It is a guess for a person to read, never to act on.
func Meant(text string) ID {
	if _, err := ParseID(text); err == nil {
		return ""
	}
	for _, layout := range layouts {
		plain := layout.Replace(text)
		for _, guess := range []string{plain, SwapCase(plain)} {
			if id, err := ParseID(guess); err == nil {
				return id
			}
		}
	}
	return ""
}

// SwapCase is the text as Caps Lock turns it.
func SwapCase(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		case r >= 'A' && r <= 'Z':
			return r - 'A' + 'a'
		}
		return r
	}, text)
}

// Level says what the id names, or "" when its first character tells nothing.
func (id ID) Level() Level {
	if id == "" {
		return ""
	}
	switch c := id[0]; {
	case c == 'X':
		return LevelBox
	case c == 'B':
		return LevelPackage
	case c == 'R':
		return LevelReel
	case c >= '0' && c <= '9' && !strings.Contains(string(id), ":"): // BIN:FROM-TO names serials
		return LevelCode
	}
	return ""
}

// Masked returns the id fit for logs and for eyes that need not know it. Only
// codes are masked: of a two-part code the secret half keeps its first
// character (none where it has no other), of a bare one the middle goes.
func (id ID) Masked() string {
	if id.Level() != LevelCode {
		return string(id)
	}
	if i := strings.IndexAny(string(id), "-="); i > 0 && i+1 < len(id) {
		return string(id[:min(i+2, len(id)-1)]) + "…"
	}
	if len(id) <= 10 {
		return string(id[:2]) + "…"
	}
	return string(id[:6]) + "…" + string(id[len(id)-4:])
}

// TailLength is how many characters of an id a person types to confirm.
const TailLength = 4

// Tail is the last characters of the visible part of the number: what a person
// types to confirm what cannot be undone. The secret half of a two-part code is
// not in it.
func (id ID) Tail() string {
	seen := string(id)
	if i := strings.IndexAny(seen, "-="); id.Level() == LevelCode && i > 0 {
		seen = seen[:i]
	}
	return seen[max(len(seen)-TailLength, 0):]
}
