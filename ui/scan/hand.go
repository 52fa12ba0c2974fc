package scan

import "time"

// Quiet is how long nothing else must have come in before an Enter counts as a
// person's, and on both sides of a letter that acts. The slowest scanner leaves
// less between two characters.
const Quiet = 150 * time.Millisecond

// hand judges by its timing whether a person or a machine typed the keys that
// came last. Every decision of that kind is made here: what acts, confirms or is
// taken as an amount asks it. Time comes in with every call.
type hand struct {
	last    time.Time // the newest key; zero for none yet
	keys    int       // that came so far: numbers the newest one
	waiting bool      // less than Quiet has passed since, as far as anybody noticed
	run     []heldKey // characters, each within Quiet of the key before; at most MaxScan
	edited  bool      // a key that no scanner sends came among them
	key     rune      // the newest one
}

// press notes a key. quiet says that it came Quiet after any other, again that
// it is the same one once more.
func (h *hand) press(code rune, kind charKind, now time.Time) (quiet, again bool) {
	quiet = h.last.IsZero() || now.Sub(h.last) >= Quiet
	if quiet {
		h.run, h.edited = nil, false
	}
	h.edited = h.edited || kind == special
	again = code == h.key && !quiet
	h.last, h.waiting, h.key = now, true, code
	h.keys++
	return quiet, again
}

// took notes characters of the newest key.
func (h *hand) took(k heldKey) {
	if len(h.run) < MaxScan {
		h.run = append(h.run, k)
	}
}

// overslept is for a delay that was no pause between keys.
func (h *hand) overslept(d time.Duration) {
	if h.last = h.last.Add(d); h.keys == 0 {
		h.last = time.Time{}
	}
	for i := range h.run {
		h.run[i].at = h.run[i].at.Add(d)
	}
}

// forget is for a run that was found to be a scan, or pasted.
func (h *hand) forget() { h.run, h.edited = nil, false }

// pace is the run's shortest, longest and mean pause.
func (h *hand) pace() (least, most, mean time.Duration) {
	for i, k := range h.run[min(1, len(h.run)):] {
		gap := k.at.Sub(h.run[i].at)
		if i == 0 {
			least = gap
		}
		least, most = min(least, gap), max(most, gap)
		mean += gap
	}
	return least, most, mean / time.Duration(max(len(h.run)-1, 1))
}

// even reports a run at a machine's pace: no hand keeps time so well. A line and
// a busy computer add a jitter of their own.
func (h *hand) even() bool {
	least, most, mean := h.pace()
	return !h.edited && most-least <= 25*time.Millisecond+mean/4
}

// code reports a run that is no amount although no terminator came: it has too
// many digits, or came faster than a hand types.
func (h *hand) code(s Settings) bool {
	digits, point, phrase, differ := 0, false, false, false
	for _, k := range h.run {
		if k.char >= '0' && k.char <= '9' {
			digits++
		}
		point, phrase, differ = point || k.char == '.', phrase || noScan(k.char), differ || k.char != h.run[0].char
	}
	_, _, mean := h.pace()
	return !h.edited && !phrase && (digits >= s.MinLength && !point || len(h.run) > sure && differ && mean <= s.BurstGap)
}

// slow gives back the run as a scan whose characters went out as keys.
func (r *Reader) slow(how string, now time.Time) Input {
	_, worst, mean := r.hand.pace()
	s := Scan{Raw: textOf(r.hand.run), Ended: how, Keys: len(r.hand.run), Mean: mean, Worst: worst}
	in := Input{Kind: Slow, Even: r.hand.even(), At: now, Scan: r.read(s, now)}
	r.hand.forget()
	return in
}
