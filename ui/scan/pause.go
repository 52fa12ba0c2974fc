package scan

import (
	"slices"
	"strings"
	"time"
	"unicode"
)

// A scan comes in one go, but a machine, a terminal or a line may pause in the
// middle of it. How long to wait for the next character depends on how likely
// the held ones are a scan.
const (
	// stall is how long a scan that is surely one survives without a key.
	stall = 500 * time.Millisecond
	// startStall is how long the first key after a while is held, if a code may
	// begin with it: one pause that long may come before a scan is sure. A
	// person would notice a longer one.
	startStall = 80 * time.Millisecond
	// typingFor is how long after a typed key the next key counts as typed too.
	typingFor = time.Second
	// sure is how many quick keys in a row are likely to be a scan.
	sure = 3
)

// patience is how long the held characters wait for the next one.
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

// mayBegin reports held characters that may be the beginning of a scan without
// a pause so far. Of what a person types only the first key waits for this.
func (r *Reader) mayBegin() bool {
	if r.typing || r.paused > 0 || len(r.held) == 0 {
		return false
	}
	c := r.held[0].char
	return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c == ']'
}

// Overslept shifts all times by d, during which nobody read the keys that came
// in: the pause before the next key is not the scanner's.
func (r *Reader) Overslept(d time.Duration) {
	for _, at := range []*time.Time{&r.first, &r.last, &r.tailUntil, &r.typedUntil} {
		if !at.IsZero() {
			*at = at.Add(d)
		}
	}
	r.hand.overslept(d)
}

// typedApart gives back as keys what came before a pause, where what follows is
// a scan by itself.
func (r *Reader) typedApart() []Input {
	typed, rest := r.held[:r.paused], r.held[r.paused:]
	if r.paused == 0 || !r.apart(textOf(typed), textOf(rest)) {
		return nil
	}
	r.keys, r.held, r.first = r.keys-len(typed), slices.Clone(rest), rest[0].at
	r.worst = 0
	for i, k := range rest[1:] {
		r.worst = max(r.worst, k.at.Sub(rest[i].at))
	}
	return asKeys(typed)
}

// beheaded reports that the held characters are the end of a run whose beginning
// went out as keys: by themselves they may be another id.
func (r *Reader) beheaded() bool {
	if !r.speed() {
		return false
	}
	came := r.hand.run
	if r.hand.goesOn(stall) {
		came = slices.Concat(r.hand.head, came)
	}
	n := slices.IndexFunc(came, func(k heldKey) bool { return k.seq >= r.held[0].seq })
	head := textOf(came[:max(n, 0)])
	return strings.Trim(head, string(GS)) != "" && !r.apart(head, textOf(r.held))
}

// apart reports that of two texts with a pause between them the second is a scan
// by itself.
func (r *Reader) apart(first, second string) bool {
	_, text := r.set.Clean(second)
	return r.set.Apart != nil && r.set.Apart(first, text)
}

func textOf(held []heldKey) string {
	var text strings.Builder
	for _, k := range held {
		text.WriteRune(k.char)
	}
	return text.String()
}

func (k heldKey) key() Input {
	return Input{Kind: Key, Key: k.msg, Quiet: k.quiet, Begins: k.begins, At: k.at, seq: k.seq}
}

// asKeys turns held characters back into the keys they came as.
func asKeys(held []heldKey) []Input {
	var out []Input
	for _, k := range held {
		if !k.more {
			out = append(out, k.key())
		}
	}
	return out
}
