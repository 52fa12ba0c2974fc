package scan

import (
	"testing"
	"time"

	"counterfoil/api"
)

// wedge is a Wedge on a machine that can stand still.
type wedge struct {
	Wedge *Wedge
	bench
}

func newWedge() *wedge {
	w := &wedge{bench: bench{now: start}}
	w.Wedge = NewWedge(Settings{Clean: api.CleanScan}, func() time.Time { return w.now })
	return w
}

func (w *wedge) press(r rune) {
	inputs, _ := w.Wedge.Press(pressOf(r))
	w.out = append(w.out, inputs...)
}

// wake has the timer's message arrive.
func (w *wedge) wake() {
	inputs, _ := w.Wedge.Wake(Tick{w.Wedge.seq, w.Wedge.due})
	w.out = append(w.out, inputs...)
}

// halted has the machine stand still for a while, with the timer waiting behind it.
func (w *wedge) halted(d time.Duration) {
	w.now = w.now.Add(d)
	if !w.Wedge.due.IsZero() {
		w.Wedge.due = time.Now().Add(-d)
	}
}

func TestAMachineThatHaltsInsideAScanLosesNothing(t *testing.T) {
	t.Parallel()
	for n := 1; n < len(reel); n++ {
		for _, timerFirst := range []bool{false, true} {
			w := newWedge()
			for i, r := range reel + "\r" {
				if i == n {
					w.halted(2 * time.Second)
				}
				if i == n && timerFirst {
					w.wake()
				}
				w.press(r)
			}
			wantScans(t, &w.bench, reel)
			wantKeys(t, &w.bench, "")
		}
	}
}

func TestATimerThatIsAlwaysLateGivesTheKeysBackAllTheSame(t *testing.T) {
	t.Parallel()
	w := newWedge()
	w.press('5')
	for range lateMost + 1 {
		w.halted(time.Second)
		w.wake()
	}
	wantKeys(t, &w.bench, "5")
}

func TestATimerThatAnotherReplacedIsNotHeard(t *testing.T) {
	t.Parallel()
	w := newWedge()
	w.press('5')
	old := Tick{w.Wedge.seq, w.Wedge.due}
	w.press('6')
	w.now = w.now.Add(time.Second)
	if inputs, cmd := w.Wedge.Wake(old); len(inputs) > 0 || cmd != nil {
		t.Errorf("an old timer brings %v", inputs)
	}
}
