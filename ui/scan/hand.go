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
	head    []heldKey // characters before a pause that nothing has ended since; at most MaxScan
	edited  bool      // a key that no scanner sends came among them
	key     rune      // the newest one
	unseen  bool      // time passed since in which nobody looked for keys
}

// press notes a key and says of it when it came: Quiet after any other, soon
// again, or as the beginning of something.
func (h *hand) press(code rune, kind charKind, now time.Time) (in Input) {
	quiet := h.last.IsZero() || now.Sub(h.last) >= Quiet
	in = Input{Kind: Key, Quiet: quiet, Again: code == h.key && !quiet && !h.unseen, At: now, seq: h.keys + 1}
	in.Begins = h.last.IsZero() || now.Sub(h.last) >= stall
	if quiet {
		h.rest()
	}
	if kind == special {
		h.edited, h.head = true, nil
	}
	h.last, h.waiting, h.key, h.unseen = now, true, code, false
	h.keys++
	return in
}

// rest is for a pause behind the run.
func (h *hand) rest() {
	h.head = append(h.head, h.run...)
	h.head = h.head[max(len(h.head)-MaxScan, 0):]
	h.run, h.edited = nil, false
}

// took notes characters of the newest key.
func (h *hand) took(k heldKey) {
	if len(h.run) < MaxScan {
		h.run = append(h.run, k)
	}
}

// overslept is for a delay that was no pause between keys.
func (h *hand) overslept(d time.Duration) {
	h.unseen = true
	if h.last = h.last.Add(d); h.keys == 0 {
		h.last = time.Time{}
	}
	for _, keys := range [][]heldKey{h.head, h.run} {
		for i := range keys {
			keys[i].at = keys[i].at.Add(d)
		}
	}
}

// forget is for what was found to be a scan, or ended, or pasted.
func (h *hand) forget() { h.head, h.run, h.edited = nil, nil, false }

// goesOn reports that the run came behind the head within this time.
func (h *hand) goesOn(within time.Duration) bool {
	return len(h.head) > 0 && len(h.run) > 0 && h.run[0].at.Sub(h.head[len(h.head)-1].at) < within
}

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

// even reports a run at a machine's pace, which is off by three tenths at most: a
// hand seldom keeps time so well. A line and a busy computer add a jitter of their
// own. A few characters soon after others belong to what a hand types.
func (h *hand) even() bool {
	least, most, _ := h.pace()
	return !h.edited && (len(h.run) > sure || !h.goesOn(typingFor)) && most <= least*13/7+20*time.Millisecond
}

// strict is how far the pauses of a run may lie apart, for each beyond the first,
// where nothing but them tells a machine from a hand. A hand's are seldom that even.
const strict = 5 * time.Millisecond

// digits reports a run of too many digits for an amount.
func (h *hand) digits(s Settings) bool {
	n, point := 0, false
	for _, k := range h.run {
		if k.char >= '0' && k.char <= '9' {
			n++
		}
		point = point || k.char == '.'
	}
	return !h.edited && n >= s.MinLength && !point
}

// code reports a run that is no amount although no terminator came: it has too
// many digits, came faster than a hand types, or too evenly.
func (h *hand) code(s Settings) bool {
	phrase, differ := false, false
	for _, k := range h.run {
		phrase, differ = phrase || noScan(k.char), differ || k.char != h.run[0].char
	}
	least, most, mean := h.pace()
	n := len(h.run)
	return !h.edited && !phrase && (h.digits(s) ||
		n > sure && differ && mean <= s.BurstGap ||
		n >= sure && h.even() && most-least <= time.Duration(n-2)*strict)
}

// slow gives back the run as a scan whose characters went out as keys. Its
// beginning may have come before a pause, in a scan and in what a hand types.
func (r *Reader) slow(how string, now time.Time) Input {
	h := &r.hand
	_, worst, mean := h.pace()
	s := Scan{Raw: textOf(h.run), Ended: how, Keys: len(h.run), Mean: mean, Worst: worst}
	in := Input{Kind: Slow, Even: h.even() || h.digits(r.set), At: now}
	if h.goesOn(stall) || !in.Even {
		if head := textOf(h.head); !r.apart(head, s.Raw) {
			s.Raw = head + s.Raw
		}
	}
	in.Scan = r.read(s, now)
	if h.rest(); how != "silence" {
		h.forget()
	}
	return in
}
