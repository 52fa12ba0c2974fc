package scan

import (
	"time"

	tea "charm.land/bubbletea/v2"
)

// Wedge is a Reader with the timer that wakes it at its deadline. A busy
// machine, or one that stood still, wakes it late, when keys may be waiting to
// be read that came in time. Such a delay is not a pause of the scanner and
// does not count.
type Wedge struct {
	*Reader
	now  func() time.Time
	seq  int
	due  time.Time // zero while no timer runs
	at   time.Time // the deadline it runs for
	late int       // times in a row it woke late, with nothing coming in between
	// alone is a key that acts only where nothing else comes; nil for none.
	alone *Input
}

// Tick is the timer's message; it goes to Wake. The zero Tick is of no timer and
// only asks what is due.
type Tick struct {
	seq int
	due time.Time
}

const (
	// punctual is how late a timer may wake and still prove that nothing came
	// in.
	punctual = 2 * time.Millisecond
	// lateMost is how many times in a row a late timer is set again.
	lateMost = 5
	// longSleep is a delay after which nobody waits for a scan's end any more.
	longSleep = 5 * time.Second
)

// NewWedge returns a wedge for these settings, by the clock now.
func NewWedge(s Settings, now func() time.Time) *Wedge {
	return &Wedge{Reader: NewReader(s), now: now}
}

// Press takes a key press; the command brings the next Tick.
func (w *Wedge) Press(msg tea.KeyPressMsg) ([]Input, tea.Cmd) {
	now := w.now()
	w.late = 0
	if over := time.Since(w.due); !w.due.IsZero() && over > 0 && over < longSleep {
		w.oversleep(now, time.Millisecond) // no pause is proved where the timer did not see it
	}
	inputs := w.pass(now)
	w.alone = nil
	inputs = append(inputs, w.Key(msg, now)...)
	return inputs, w.wait()
}

// Wake takes the timer's message. Where the timer was late, the reader waits
// once more.
func (w *Wedge) Wake(tick Tick) ([]Input, tea.Cmd) {
	if tick != (Tick{}) && tick.seq != w.seq {
		return nil, nil // a later timer has taken its place
	}
	now := w.now()
	over := time.Since(tick.due)
	most := 1 // where nothing is held, keys that were waiting come at once
	if w.holds() {
		most = lateMost
	}
	if !tick.due.IsZero() && over > punctual && over < longSleep && w.late < most {
		w.late++
		w.oversleep(now, w.set.BurstGap)
	}
	inputs := w.pass(now)
	if at, ok := w.Deadline(); ok && tick == (Tick{}) && at.Equal(w.at) {
		return inputs, nil // its timer runs
	}
	return inputs, w.wait()
}

// pass lets time pass.
func (w *Wedge) pass(now time.Time) []Input {
	inputs := w.Tick(now)
	if w.alone != nil && !w.hand.waiting {
		inputs = append(inputs, *w.alone)
		w.alone = nil
	}
	return inputs
}

// Alone reports a key with no other within Quiet before or after it. Where that
// is not known yet, Wake brings the key once more, if nothing else comes.
func (w *Wedge) Alone(in Input) bool {
	switch {
	case in.Alone:
		return true
	case !in.Quiet || in.seq != w.hand.keys:
		return false
	case !w.hand.waiting:
		return true
	}
	in.Alone = true
	w.alone = &in
	return false
}

// wait starts the timer for what is held.
func (w *Wedge) wait() tea.Cmd {
	w.due = time.Time{}
	at, ok := w.Deadline()
	if !ok {
		return nil
	}
	w.seq++
	w.at = at
	pause := max(at.Sub(w.now())+time.Millisecond, time.Millisecond)
	tick := Tick{w.seq, time.Now().Add(pause)}
	w.due = tick.due
	return tea.Tick(pause, func(time.Time) tea.Msg { return tick })
}

// oversleep keeps the reader from counting the time since its deadline as a
// pause, and has it wait for more.
func (w *Wedge) oversleep(now time.Time, more time.Duration) {
	if at, ok := w.Deadline(); ok && now.After(at) {
		w.Overslept(now.Sub(at) + more)
	}
}
