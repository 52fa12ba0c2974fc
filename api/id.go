package api

import (
	"errors"
	"strings"
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

// ParseID trims text and returns it as an ID, or ErrNotAnID. The recognisers
// are inferred from every id seen (platform.md §1): X box, B package, R reel,
// a digit a code.
func ParseID(text string) (ID, error) {
	text = strings.TrimSpace(text)
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
	case c >= '0' && c <= '9':
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
