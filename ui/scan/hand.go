package scan

import "time"

// hand looks at the digits that came last, to tell the Enter that a person
// presses right after an amount from the one that ends a scan. After anything
// that could come from a scanner, even a slow one, it is in doubt until a pause
// longer than any in a scan.
type hand struct {
	keys  int
	point bool
	last  rune
	doubt bool
}

const (
	// surelyCode is the number of digits that may be a code from a slow
	// scanner. An amount of that length has a point, and a code has none.
	surelyCode = 6
	// longestAmount is the most characters of an amount.
	longestAmount = 10
)

// took notes characters that came as one key, gap after the key before.
func (h *hand) took(chars []rune, gap, burst time.Duration) {
	if gap >= stall {
		*h = hand{}
	} else if gap <= burst && !h.doubleZero(chars) {
		h.doubt = true
	}
	for _, c := range chars {
		h.doubt = h.doubt || len(chars) > 1 || (c < '0' || c > '9') && (c != '.' || h.point)
		h.keys, h.point, h.last = h.keys+1, h.point || c == '.', c
	}
}

// doubleZero reports a zero after a zero: cash keyboards have a key that sends
// two or three at once.
func (h *hand) doubleZero(chars []rune) bool {
	return len(chars) == 1 && chars[0] == '0' && h.last == '0'
}

// ends reports that an Enter, gap after the last digit, was pressed by the
// person who typed the digits.
func (h *hand) ends(gap, burst time.Duration, shortest int) bool {
	if h.doubt || h.keys == 0 || gap <= burst {
		return false
	}
	return h.keys < min(shortest, surelyCode) || h.point && h.keys <= longestAmount
}

// follow notes one key, and marks an Enter that is by hand. After an Enter, and
// after every key but characters, the hand is in doubt until a pause.
func (r *Reader) follow(key *Input, chars []rune, kind charKind, gap time.Duration) {
	switch kind {
	case printable:
		r.hand.took(chars, gap, r.set.BurstGap)
		return
	case terminator:
		key.ByHand = r.hand.ends(gap, r.set.BurstGap, r.set.MinLength)
	}
	r.hand = hand{doubt: true}
}
