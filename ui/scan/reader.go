package scan

import (
	"slices"
	"strings"
	"time"
	"unicode"

	tea "charm.land/bubbletea/v2"
)

type heldKey struct {
	msg  tea.KeyPressMsg
	char rune
	at   time.Time
	// quiet, begins: the key came after a pause. more: it is another character of
	// the key before.
	quiet, begins, more bool
	seq                 int
}

// Reader tells scans from keys. With a prefix set, a scan is what comes between
// the prefix and a terminator; without (speed mode), characters in quick
// succession are a scan. It is a pure state machine: time comes in with every
// call. Keys it cannot judge yet are held until Deadline.
type Reader struct {
	set Settings
	run
	hand       hand
	typedUntil time.Time
	tailUntil  time.Time // terminators and control characters before this belong to the scan that ended
	sameText   string
	sameAt     time.Time
}

// run is what came in and is not judged yet: the beginning of a scan, or a few
// keys.
type run struct {
	held    []heldKey
	keys    int // characters, held or not
	worst   time.Duration
	first   time.Time
	last    time.Time // the newest held key
	open    bool      // prefix mode: the prefix was seen
	follows bool      // came right behind a scan: nobody types that soon
	phrase  bool      // has a character that no scan holds
	typing  bool      // came soon after a typed key
	paused  int       // speed mode: characters held before the one pause near the start; 0 for none
	matched int       // prefix mode: runes of the prefix held
}

// NewReader returns a reader for these settings; zero settings mean the defaults.
func NewReader(s Settings) *Reader { return &Reader{set: s.withDefaults()} }

// Settings are the settings in force.
func (r *Reader) Settings() Settings { return r.set }

// Open reports that a scan is coming in.
func (r *Reader) Open() bool { return r.open || r.speed() && len(r.held) >= sure }

func (r *Reader) speed() bool { return r.set.Prefix == "" }

func (r *Reader) holds() bool { return len(r.held) > 0 || r.open }

// Deadline is when Tick must be called next; ok is false while nothing is held
// and the last key is Quiet ago.
func (r *Reader) Deadline() (at time.Time, ok bool) {
	if r.hand.waiting {
		at = r.hand.last.Add(Quiet)
	}
	if r.holds() {
		if held := r.last.Add(r.patience()); at.IsZero() || held.Before(at) {
			at = held
		}
	}
	return at, !at.IsZero()
}

// Tick lets time pass.
func (r *Reader) Tick(now time.Time) []Input {
	var out []Input
	if r.holds() && now.After(r.last.Add(r.patience())) {
		out = r.expire(now)
	}
	if r.hand.waiting && now.After(r.hand.last.Add(Quiet)) {
		r.hand.waiting = false
		if !r.holds() && r.hand.code(r.set) {
			out = append(out, r.slow("silence", now))
		}
	}
	return out
}

// expire judges what is held by itself: nothing follows any more.
func (r *Reader) expire(now time.Time) []Input {
	if r.likelyScan() {
		return r.end("silence", now)
	}
	r.typedUntil = now.Add(typingFor)
	return r.release()
}

// likelyScan reports that the held characters are a scan although no terminator
// came.
func (r *Reader) likelyScan() bool {
	if r.open {
		return len(r.held) >= r.set.MinLength
	}
	return r.speed() && r.burst()
}

// A key held down repeats every 30 ms or so. Many equal characters much closer
// together come from a scanner.
const (
	manyAlike   = 15
	alikeWithin = 10 * time.Millisecond // on the mean
)

// burst reports held keys that only a scanner sends. One character again and
// again, no faster than a keyboard repeats, is a key held down.
func (r *Reader) burst() bool {
	if len(r.held) < r.set.MinLength || r.phrase {
		return false
	}
	differ := slices.ContainsFunc(r.held, func(k heldKey) bool { return k.char != r.held[0].char })
	return differ || r.keys >= manyAlike && r.mean() < alikeWithin
}

// mean is the mean pause between two characters of what came in.
func (r *Reader) mean() time.Duration {
	if r.keys < 2 {
		return 0
	}
	return r.last.Sub(r.first) / time.Duration(r.keys-1)
}

// Key takes one key press.
func (r *Reader) Key(msg tea.KeyPressMsg, now time.Time) []Input {
	out := r.Tick(now)
	chars, kind := charsOf(msg)
	if kind == terminator && r.hand.unseen {
		r.tailUntil = time.Time{} // a person's perhaps, who then hears that it does not count
	}
	key := r.hand.press(msg.Code, kind, now)
	key.Key = msg
	if kind == special || kind == terminator {
		r.typedUntil = time.Time{} // whatever was typed is at its end
	}
	switch kind {
	case special:
		if r.Open() {
			return out // noise inside a scan, or a hand on the keyboard: neither may act
		}
		return append(append(out, r.release()...), key)
	case terminator:
		return append(out, r.terminate(key, terminatorName(msg), now)...)
	case control:
		if r.prefixed(chars) {
			break // a scan right behind another: its prefix is no noise of the one that ended
		}
		if len(r.held) == 0 && !r.open && now.Before(r.tailUntil) {
			r.tailUntil = now.Add(Quiet)
			return out
		}
		if r.speed() && len(r.held) == 0 {
			if chars[0] == GS {
				r.hand.took(heldKey{char: GS, at: now})
			}
			return append(out, key)
		}
	}
	for i, c := range chars {
		k := heldKey{msg, c, now, key.Quiet && i == 0, key.Begins, i > 0, key.seq}
		r.hand.took(k)
		out = append(out, r.char(k)...)
	}
	return out
}

// prefixed reports characters that go on with the prefix.
func (r *Reader) prefixed(chars []rune) bool {
	return !r.speed() && !r.open && len(chars) > 0 && chars[0] == []rune(r.set.Prefix)[r.matched]
}

func (r *Reader) terminate(key Input, name string, now time.Time) []Input {
	switch {
	case r.open && len(r.held) > 0, r.speed() && r.burst():
		out := r.end(name, now)
		if i := len(out) - 1; i >= 0 && out[i].Kind == Slow {
			out[i].Key = key.Key
		}
		return out
	case r.open: // a prefix and nothing else
		r.reset()
		r.tailUntil = now.Add(Quiet)
		return nil
	case len(r.hand.run) > 0:
		in := r.slow(name, now)
		in.Key = key.Key
		return append(r.release(), in)
	case now.Before(r.tailUntil):
		r.tailUntil = now.Add(Quiet)
		return r.release()
	}
	return append(r.release(), key)
}

// char takes one character of a key.
func (r *Reader) char(k heldKey) []Input {
	if r.speed() || r.open {
		if !r.speed() && unicode.IsControl(k.char) && string(k.char) == r.set.Prefix {
			out := r.end("silence", k.at) // the terminator of the one before got lost
			r.open, r.first, r.last = true, k.at, k.at
			return out
		}
		r.hold(k)
		return nil
	}
	prefix := []rune(r.set.Prefix)
	var out []Input
	if k.char != prefix[r.matched] {
		out = r.release()
		if k.char != prefix[0] {
			return append(out, k.key())
		}
	}
	r.hold(k)
	if r.matched++; r.matched == len(prefix) {
		r.hand.forget()
		r.reset()
		r.open, r.first, r.last = true, k.at, k.at
	}
	return out
}

func (r *Reader) hold(k heldKey) {
	if r.keys == 0 {
		r.first, r.follows, r.typing = k.at, k.at.Before(r.tailUntil), k.at.Before(r.typedUntil)
	} else {
		gap := k.at.Sub(r.last)
		r.worst = max(r.worst, gap)
		if r.speed() && r.paused == 0 && gap > r.set.BurstGap && len(r.held) < r.set.MinLength {
			r.paused = len(r.held)
		}
	}
	r.last = k.at
	r.keys++
	r.phrase = r.phrase || noScan(k.char)
	if len(r.held) < MaxScan {
		r.held = append(r.held, k)
	}
}

func (r *Reader) reset() { r.run = run{} }

// release gives held characters back as the keys they were.
func (r *Reader) release() []Input {
	out := asKeys(r.held)
	r.reset()
	return out
}

// end closes the open scan.
func (r *Reader) end(how string, now time.Time) []Input {
	if len(r.held) == 0 {
		r.reset()
		return nil
	}
	typed := r.typedApart()
	if r.beheaded() {
		in := r.slow(how, now)
		in.Even = true // no hand goes on like that
		typed = append(typed, r.release()...)
		r.tailUntil = now.Add(Quiet)
		return append(typed, in)
	}
	s := Scan{Raw: textOf(r.held), Ended: how, Keys: r.keys, Mean: r.mean(), Worst: r.worst}
	r.reset()
	r.hand.forget()
	r.tailUntil = now.Add(Quiet)
	if s = r.read(s, now); s.Text == "" {
		return typed
	}
	return append(typed, Input{Kind: Complete, Scan: s, At: now})
}

// read fills in what a scan says, and whether it said so a moment ago.
func (r *Reader) read(s Scan, now time.Time) Scan {
	s.AIM, s.Text = r.set.Clean(s.Raw)
	s.Repeat = s.Text != "" && s.Text == r.sameText && now.Sub(r.sameAt) < r.set.SameScan
	if !s.Repeat {
		r.sameText, r.sameAt = s.Text, now
	}
	return s
}

// maxPaste and maxLines bound what is taken of a paste, in bytes and lines.
const (
	maxPaste = 64 << 10
	maxLines = 1000
)

// Paste takes text that the terminal says was pasted. It never acts as keys.
func (r *Reader) Paste(text string, now time.Time) []Input {
	out := r.release()
	r.hand.press(0, special, now)
	r.hand.forget()
	r.tailUntil = now.Add(Quiet)
	more := len(text) > maxPaste
	if more {
		text = text[:maxPaste]
		text = text[:max(strings.LastIndexAny(text, "\r\n\t"), 0)] // half an id is another one
	}
	var lines []string
	for line := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == '\r' || r == '\n' || r == '\t' }) {
		if _, line = r.set.Clean(strings.ToValidUTF8(line, "")); line != "" {
			if len(lines) == maxLines {
				more = true
				break
			}
			lines = append(lines, line)
		}
	}
	if len(lines) == 0 {
		return out
	}
	return append(out, Input{Kind: Pasted, Paste: Paste{lines, text, more}, At: now})
}
