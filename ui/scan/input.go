// Package scan tells what a keyboard wedge sends, a scanner that types, from
// what a hand types. It knows neither vouchers nor screens: it takes key presses
// and pastes, and gives back keys, whole scans and cleaned pastes.
package scan

import (
	"cmp"
	"time"

	tea "charm.land/bubbletea/v2"
)

// Quiet is how long nothing must have come in before an Enter counts as a
// person's: some scanners send two terminators.
const Quiet = 150 * time.Millisecond

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
}

func (s Settings) withDefaults() Settings {
	s.BurstGap = cmp.Or(max(s.BurstGap, 0), 30*time.Millisecond)
	s.MinLength = cmp.Or(max(s.MinLength, 0), 6)
	s.SameScan = cmp.Or(max(s.SameScan, 0), 2*time.Second)
	return s
}

// Kind says what a Reader made of what came in.
type Kind int

// The kinds of input.
const (
	Key      Kind = iota // a person's key
	Complete             // one whole scan
	Pasted               // text pasted by the terminal, cleaned
)

// Input is a key, a scan or a paste.
type Input struct {
	Kind Kind
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
