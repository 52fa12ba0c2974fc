// Package scan tells what a keyboard wedge sends, a scanner that types, from
// what a hand types. It knows neither vouchers nor screens: it takes key presses
// and pastes, and gives back keys, whole scans and cleaned pastes.
package scan

import (
	"cmp"
	"time"

	tea "charm.land/bubbletea/v2"
)

// MaxScan bounds one scan, in characters; what is beyond is counted, not kept.
const MaxScan = 4096

// Settings say how a scanner is told from a person (configuration: [scanner]).
type Settings struct {
	Prefix    string        // sent before every scan; "" for speed mode
	BurstGap  time.Duration // speed mode: keys closer than this are a scan; 0 for 30 ms
	MinLength int           // fewest characters of a scan in speed mode; 0 for 6
	SameScan  time.Duration // the same text within this is one scan; 0 for 2 s
	// Apart tells, of two texts with a short pause between them, that the first
	// was typed and the second is a scan by itself; nil where nothing tells.
	Apart func(first, second string) bool
	// Clean takes from what came what is not meant, and the AIM identifier off its
	// front; nil where nothing is taken.
	Clean func(raw string) (aim, text string)
}

func (s Settings) withDefaults() Settings {
	s.BurstGap = cmp.Or(max(s.BurstGap, 0), 30*time.Millisecond)
	s.MinLength = cmp.Or(max(s.MinLength, 0), 6)
	s.SameScan = cmp.Or(max(s.SameScan, 0), 2*time.Second)
	if s.Clean == nil {
		s.Clean = func(raw string) (string, string) { return "", raw }
	}
	return s
}

// Kind says what a Reader made of what came in.
type Kind int

// The kinds of input.
const (
	Key      Kind = iota // a person's key
	Complete             // one whole scan
	Pasted               // text pasted by the terminal, cleaned
	// Slow is what came as keys, and is a scan by its end or its length: a
	// terminator came within Quiet of the last character and counts for nothing,
	// there are too many digits for an amount, or no hand keeps such a pace.
	Slow
)

// Input is a key, a scan or a paste.
type Input struct {
	Kind  Kind
	Key   tea.KeyPressMsg // of Slow, the terminator; zero where it ended by silence
	Quiet bool            // a key Quiet after any other: only such an Enter may confirm or activate
	Again bool            // the same key as before, seen within Quiet: held down, or a scanner that sends two terminators
	Alone bool            // a key that Wedge.Alone held back, and nothing else came within Quiet
	// Even is set on Slow where the characters came at a machine's pace.
	Even bool
	// Begins is set on a key that nothing went before for as long as a scan may pause.
	Begins bool
	At     time.Time
	Scan   Scan
	Paste  Paste
	seq    int // numbers keys
}

// Paste is pasted text.
type Paste struct {
	Lines []string // not empty, trimmed, without control characters
	Text  string   // as it came, cut where it is more than is taken
	More  bool     // there was more than is taken
}

// Silent reports a Slow that no terminator ended.
func (in Input) Silent() bool { return in.Kind == Slow && in.Scan.Ended == "silence" }

// Machine reports a Slow that no hand typed and ended. A few keys prove nothing,
// and a long PIN typed in one go has no end yet.
func (in Input) Machine() bool {
	return in.Kind == Slow && in.Even && !in.Silent() && in.Scan.Keys > sure
}

// Scan is one whole scan and how it came in.
type Scan struct {
	Text  string // cleaned, without AIM identifier, case kept
	Raw   string // every character as it came, without prefix and terminator
	AIM   string // "]Q3", "" for none
	Ended string // "enter", "tab", "lf", "silence", "paste"
	Keys  int    // characters that came, also those over MaxScan
	Mean  time.Duration
	Worst time.Duration // the longest pause between two characters
	// Repeat is set where the same text was scanned within SameScan.
	Repeat bool
}
