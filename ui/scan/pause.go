package scan

import (
	"slices"
	"time"
	"unicode"
)

// A scan comes in one go, but a machine, a terminal or a line may pause in it.
// What decides is how likely what is held is a scan by now.
const (
	// stall is how long a scan that is surely one survives without a key.
	stall = 500 * time.Millisecond
	// startStall is the one pause that may come before that: so long is the first
	// key after a while held that a code may begin with. More would be felt by a hand.
	startStall = 80 * time.Millisecond
	// typingFor is how long after a typed key the next one is a typed one too.
	typingFor = time.Second
	// sure is how many quick keys in a row make a scan likely enough to wait for more.
	sure = 3
)

// patience is how long what is held may wait for its next character.
func (r *Reader) patience() time.Duration {
	switch {
	case r.open:
		return stall
	case r.speed() && r.phrase:
		return r.set.BurstGap
	case r.speed() && (len(r.held) >= r.set.MinLength || r.follows):
		return stall
	case r.speed() && r.mayBegin():
		return startStall
	case r.speed() && len(r.held) < sure:
		return r.set.BurstGap
	}
	return Quiet
}

// noScan reports a character that no scan holds: a space or a Chinese character
// comes from an input method, which hands over a phrase at once.
func noScan(c rune) bool { return c == ' ' || c > unicode.MaxASCII }

// mayBegin reports held characters that may be the beginning of a scan, with no
// pause in it so far. A hand that types is not made to wait: only its first key is.
func (r *Reader) mayBegin() bool {
	if r.typing || r.paused > 0 || len(r.held) == 0 {
		return false
	}
	c := r.held[0].char
	return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c == ']'
}

// Overslept takes a time out of the reckoning in which nobody looked at what
// came in: the pause before the next key is then not the scanner's.
func (r *Reader) Overslept(d time.Duration) {
	for _, at := range []*time.Time{&r.first, &r.last, &r.lastInput, &r.tailUntil, &r.typedUntil} {
		if !at.IsZero() {
			*at = at.Add(d)
		}
	}
}

// typedApart gives back as keys what stands before a pause, where what follows
// is a scan by itself.
func (r *Reader) typedApart() []Input {
	if r.paused == 0 || r.set.Apart == nil {
		return nil
	}
	runes := func(held []heldKey) string {
		text := make([]rune, len(held))
		for i, k := range held {
			text[i] = k.char
		}
		return string(text)
	}
	typed, rest := r.held[:r.paused], r.held[r.paused:]
	if _, text := splitAIM(cleanScan(runes(rest))); !r.set.Apart(runes(typed), text) {
		return nil
	}
	r.keys, r.held, r.first = r.keys-len(typed), slices.Clone(rest), rest[0].at
	r.worst = 0
	for i, k := range rest[1:] {
		r.worst = max(r.worst, k.at.Sub(rest[i].at))
	}
	return asKeys(typed)
}

// asKeys are held characters as the keys they were.
func asKeys(held []heldKey) []Input {
	var out []Input
	for _, k := range held {
		if !k.more {
			out = append(out, Input{Kind: Key, Key: k.msg, Quiet: k.quiet, At: k.at})
		}
	}
	return out
}
