package screens

import (
	"reflect"
	"time"

	tea "charm.land/bubbletea/v2"
)

// The terminal library looks for something to draw by a timer, 60 times a
// second, also where nothing changes; that was nine tenths of an idle counter's
// processor time. So the timer is slowed down to a second, and runs at twice
// the usual speed for a moment after each change: on average a frame waits no
// longer than before.
const (
	drawEvery = time.Second / 120
	restEvery = time.Second
	// restAfter is how long after a change the timer rests again.
	restAfter = 200 * time.Millisecond
	// firstEvery is the pace until the first rest, a moment after the counter opened.
	firstEvery = time.Millisecond
)

// pace is how often the terminal library draws.
type pace struct {
	program *tea.Program // nil where none draws
	changed time.Time
	resting bool
}

// rest asks to slow the timer down; it is sent some time after a tick.
type rest struct{}

// draw has what changed drawn soon.
func (p *pace) draw() {
	p.changed = time.Now()
	if p.resting {
		p.resting = false
		drawTimer(p.program).Reset(drawEvery)
	}
}

// first has the first thing that is ready to be seen drawn at once: it comes in
// the middle of the timer's turn.
func (p *pace) first() {
	if timer := drawTimer(p.program); timer != nil {
		timer.Reset(firstEvery)
	}
}

// rest slows the timer where nothing changed for a while.
func (p *pace) rest() {
	if p.resting || p.program == nil || time.Since(p.changed) < restAfter {
		return
	}
	if timer := drawTimer(p.program); timer != nil {
		p.resting = true
		timer.Reset(restEvery)
	}
}

// drawTimer is the timer by which a running program draws; nil where the library
// keeps it elsewhere than the version that this was written for. It then runs on
// as it does. Only Update and View may ask: they come after it is made.
func drawTimer(p *tea.Program) *time.Ticker {
	field := reflect.ValueOf(p).Elem().FieldByName("ticker")
	if !field.IsValid() || field.Type() != reflect.TypeFor[*time.Ticker]() {
		return nil
	}
	return (*time.Ticker)(field.UnsafePointer())
}
