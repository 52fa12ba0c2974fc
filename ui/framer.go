package ui

import (
	"strings"
	"time"
	"unicode"

	tea "charm.land/bubbletea/v2"
)

// Quiet is how long nothing must have come in before an Enter counts as a
// person's: some scanners send two terminators.
const Quiet = 150 * time.Millisecond

// MaxScan bounds one scan, in characters; what is beyond is counted, not kept.
const MaxScan = 4096

// ScannerSettings say how a scanner is told from a person (configuration: [scanner]).
type ScannerSettings struct {
	Prefix    string        // sent before every scan; "" for speed mode
	BurstGap  time.Duration // speed mode: keys closer than this are a scan; 0 for 30 ms
	MinLength int           // fewest characters of a scan in speed mode; 0 for 6
	SameScan  time.Duration // the same text within this is one scan; 0 for 2 s
	// Apart tells, of two texts with a short pause between them, that the first
	// was typed and the second is a scan by itself; nil where nothing tells.
	Apart func(first, second string) bool
}

func (s ScannerSettings) withDefaults() ScannerSettings {
	if s.BurstGap <= 0 {
		s.BurstGap = 30 * time.Millisecond
	}
	if s.MinLength <= 0 {
		s.MinLength = 6
	}
	if s.SameScan <= 0 {
		s.SameScan = 2 * time.Second
	}
	return s
}

// InputKind says what the framer made of what came in.
type InputKind int

// The kinds of input.
const (
	InputKey   InputKind = iota // a person's key
	InputScan                   // one whole scan
	InputPaste                  // text pasted by the terminal, cleaned
)

// Input is a key, a scan or a paste.
type Input struct {
	Kind InputKind
	Key  tea.KeyPressMsg
	// Quiet is set on a key that came after a pause: only such an Enter may confirm or activate.
	Quiet bool
	// ByHand is set on an Enter that came right behind a few digits at a hand's
	// pace: where an amount is typed it counts as well as a quiet one.
	ByHand bool
	At     time.Time
	Scan   Scan
	Lines  []string // of a paste: not empty, trimmed, without control characters
}

// Scan is one whole scan and how it came in.
type Scan struct {
	Text  string // cleaned: AIM identifier and control characters but GS gone, case kept
	Raw   string // every character as it came, without prefix and terminator
	AIM   string // "]Q3", "" for none
	Ended string // "enter", "tab", "lf", "silence", "paste"
	Keys  int    // characters that came, also those over MaxScan
	Mean  time.Duration
	Worst time.Duration // the longest pause between two characters
	// Repeat is set where the same text was scanned within SameScan.
	Repeat bool
}

type heldKey struct {
	msg  tea.KeyPressMsg
	char rune
	at   time.Time
	// quiet and more belong to the key: it came after a pause; it is another character of the key before it.
	quiet, more bool
}

// Framer tells scans from keys. It is a pure state machine: time comes in with
// every call. Keys it cannot judge yet are held until Deadline.
type Framer struct {
	set ScannerSettings

	held    []heldKey
	keys    int // of the open scan, held or not
	worst   time.Duration
	first   time.Time
	last    time.Time // the newest held key
	open    bool      // prefix mode: the prefix was seen
	follows bool      // what is held came right behind a scan: nobody types that soon
	phrase  bool      // what is held has a character that no scan holds
	typing  bool      // what is held came soon after a typed key
	paused  int       // speed mode: characters held before the one pause near the start; 0 for none
	matched int       // prefix mode: runes of the prefix held

	lastInput  time.Time
	typedUntil time.Time
	hand       hand
	tailUntil  time.Time // terminators and control characters before this belong to the scan that ended
	sameText   string
	sameAt     time.Time
}

// NewFramer returns a framer for these settings; zero settings mean the defaults.
func NewFramer(s ScannerSettings) *Framer { return &Framer{set: s.withDefaults()} }

// Settings are the settings in force.
func (f *Framer) Settings() ScannerSettings { return f.set }

// Open reports that a scan is coming in.
func (f *Framer) Open() bool { return f.open || f.speed() && len(f.held) >= sure }

func (f *Framer) speed() bool { return f.set.Prefix == "" }

// Deadline is when Tick must be called next; ok is false while nothing is held.
func (f *Framer) Deadline() (at time.Time, ok bool) {
	if len(f.held) == 0 && !f.open {
		return time.Time{}, false
	}
	return f.last.Add(f.patience()), true
}

// Tick lets time pass.
func (f *Framer) Tick(now time.Time) []Input {
	at, ok := f.Deadline()
	if !ok || now.Before(at) || now.Equal(at) {
		return nil
	}
	if f.likelyScan() {
		return f.end("silence", now)
	}
	f.typedUntil = now.Add(typingFor)
	return f.release()
}

// likelyScan judges what is held without a terminator having come.
func (f *Framer) likelyScan() bool {
	if f.open {
		return len(f.held) >= f.set.MinLength
	}
	return f.speed() && f.burst()
}

// A key held down repeats every 30 ms or so: many equal ones, much closer than
// that, come from no hand.
const (
	manyAlike   = 15
	alikeWithin = 10 * time.Millisecond // on the mean
)

// burst reports held keys that only a scanner sends. One character over and
// over at a hand's pace is a key held down.
func (f *Framer) burst() bool {
	if len(f.held) < f.set.MinLength || f.phrase {
		return false
	}
	differ := false
	for _, k := range f.held {
		differ = differ || k.char != f.held[0].char
	}
	return differ || f.keys >= manyAlike && f.mean() < alikeWithin
}

// mean is the pause between two characters of what came in, on the mean.
func (f *Framer) mean() time.Duration {
	if f.keys < 2 {
		return 0
	}
	return f.last.Sub(f.first) / time.Duration(f.keys-1)
}

// Key takes one key press.
func (f *Framer) Key(msg tea.KeyPressMsg, now time.Time) []Input {
	out := f.Tick(now)
	gap := stall
	if !f.lastInput.IsZero() {
		gap = now.Sub(f.lastInput)
	}
	quiet := gap >= Quiet
	f.lastInput = now
	chars, kind := charsOf(msg)
	key := Input{Kind: InputKey, Key: msg, Quiet: quiet, At: now}
	f.follow(&key, chars, kind, gap)
	if kind == special || kind == terminator {
		f.typedUntil = time.Time{} // whatever was typed is at its end
	}
	switch kind {
	case special:
		if f.Open() {
			return out // noise inside a scan, or a hand on the keyboard: neither may act
		}
		return append(append(out, f.release()...), key)
	case terminator:
		return append(out, f.terminate(key, terminatorName(msg), now)...)
	case control:
		if f.prefixed(chars) {
			break // a scan right behind another: its prefix is no noise of the one that ended
		}
		if len(f.held) == 0 && !f.open && now.Before(f.tailUntil) {
			f.tailUntil = now.Add(Quiet)
			return out
		}
		if f.speed() && len(f.held) == 0 {
			return append(out, key)
		}
	}
	for i, c := range chars {
		out = append(out, f.char(heldKey{msg, c, now, quiet && i == 0, i > 0})...)
	}
	return out
}

// prefixed reports characters that go on with the prefix.
func (f *Framer) prefixed(chars []rune) bool {
	return !f.speed() && !f.open && len(chars) > 0 && chars[0] == []rune(f.set.Prefix)[f.matched]
}

func (f *Framer) terminate(key Input, name string, now time.Time) []Input {
	switch {
	case f.open && len(f.held) > 0, f.speed() && f.burst():
		return f.end(name, now)
	case f.open: // a prefix and nothing else
		f.reset()
		f.tailUntil = now.Add(Quiet)
		return nil
	case now.Before(f.tailUntil):
		f.tailUntil = now.Add(Quiet)
		return f.release()
	}
	return append(f.release(), key)
}

// char takes one character of a key.
func (f *Framer) char(k heldKey) []Input {
	if f.speed() || f.open {
		if !f.speed() && unicode.IsControl(k.char) && string(k.char) == f.set.Prefix {
			out := f.end("silence", k.at) // the terminator of the one before got lost
			f.open, f.first, f.last = true, k.at, k.at
			return out
		}
		f.hold(k)
		return nil
	}
	prefix := []rune(f.set.Prefix)
	if k.char != prefix[f.matched] {
		out := f.release()
		if k.char != prefix[0] {
			return append(out, Input{Kind: InputKey, Key: k.msg, Quiet: k.quiet, At: k.at})
		}
		f.hold(k)
		f.matched = 1
		f.openOnPrefix(prefix, k.at)
		return out
	}
	f.hold(k)
	f.matched++
	f.openOnPrefix(prefix, k.at)
	return nil
}

func (f *Framer) openOnPrefix(prefix []rune, now time.Time) {
	if f.matched == len(prefix) {
		f.reset()
		f.open, f.first, f.last = true, now, now
	}
}

func (f *Framer) hold(k heldKey) {
	if f.keys == 0 {
		f.first, f.follows, f.typing = k.at, k.at.Before(f.tailUntil), k.at.Before(f.typedUntil)
	} else {
		gap := k.at.Sub(f.last)
		f.worst = max(f.worst, gap)
		if f.speed() && f.paused == 0 && gap > f.set.BurstGap && len(f.held) < f.set.MinLength {
			f.paused = len(f.held)
		}
	}
	f.last = k.at
	f.keys++
	f.phrase = f.phrase || noScan(k.char)
	if len(f.held) < MaxScan {
		f.held = append(f.held, k)
	}
}

func (f *Framer) reset() {
	f.held, f.keys, f.worst, f.matched, f.paused = nil, 0, 0, 0, 0
	f.open, f.follows, f.typing, f.phrase = false, false, false, false
}

// release gives held characters back as the keys they were.
func (f *Framer) release() []Input {
	out := asKeys(f.held)
	f.reset()
	return out
}

// end closes the open scan.
func (f *Framer) end(how string, now time.Time) []Input {
	if len(f.held) == 0 {
		f.reset()
		return nil
	}
	typed := f.typedApart()
	raw := make([]rune, len(f.held))
	for i, k := range f.held {
		raw[i] = k.char
	}
	s := Scan{Raw: string(raw), Ended: how, Keys: f.keys, Mean: f.mean(), Worst: f.worst}
	f.reset()
	f.tailUntil = now.Add(Quiet)
	return append(typed, f.emit(s, now)...)
}

func (f *Framer) emit(s Scan, now time.Time) []Input {
	s.AIM, s.Text = splitAIM(cleanScan(s.Raw))
	if s.Text == "" {
		return nil
	}
	s.Repeat = s.Text == f.sameText && now.Sub(f.sameAt) < f.set.SameScan
	if !s.Repeat {
		f.sameText, f.sameAt = s.Text, now
	}
	return []Input{{Kind: InputScan, Scan: s, At: now}}
}

// maxPaste and maxLines bound what is taken of a paste, in bytes and lines.
const (
	maxPaste = 64 << 10
	maxLines = 1000
)

// Paste takes text that the terminal says was pasted. It never acts as keys.
func (f *Framer) Paste(text string, now time.Time) []Input {
	out := f.release()
	f.lastInput, f.tailUntil, f.hand = now, now.Add(Quiet), hand{doubt: true}
	if len(text) > maxPaste {
		text = text[:maxPaste]
	}
	var lines []string
	for line := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == '\r' || r == '\n' || r == '\t' }) {
		if line = strings.TrimSpace(cleanScan(strings.ToValidUTF8(line, ""))); line != "" && len(lines) < maxLines {
			lines = append(lines, line)
		}
	}
	switch len(lines) {
	case 0:
		return out
	case 1:
		return append(out, Input{Kind: InputPaste, Lines: lines, At: now,
			Scan: Scan{Text: lines[0], Raw: lines[0], Ended: "paste", Keys: len([]rune(lines[0]))}})
	}
	return append(out, Input{Kind: InputPaste, Lines: lines, At: now})
}
