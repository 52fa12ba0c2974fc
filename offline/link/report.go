package link

import "time"

// Report is what a face shows of the link.
type Report struct {
	State     State
	Since     time.Time // of this state
	NextProbe time.Time // zero for none
	Closed    int       // operations closed since the link came back
	Rate      float64   // of the last ten seconds, per second
}

// Report says how the link stands.
func (l *Link) Report() Report {
	l.mu.Lock()
	defer l.mu.Unlock()
	return Report{
		State: l.state, Since: l.since, NextProbe: l.probe.due,
		Closed: l.closings.total, Rate: l.closings.rate(l.o.Now()),
	}
}

// NoteClosed counts a closed operation for the progress of a drain.
func (l *Link) NoteClosed() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closings.add(l.o.Now())
}

// closings shows how fast a drain goes.
type closings struct {
	total  int
	recent []time.Time
}

// rateWindow is the span over which the speed of a drain is shown.
const rateWindow = 10 * time.Second

func (c *closings) add(now time.Time) {
	c.total++
	c.recent = append(c.recent, now)
	c.trim(now)
}

func (c *closings) rate(now time.Time) float64 {
	c.trim(now)
	return float64(len(c.recent)) / rateWindow.Seconds()
}

func (c *closings) trim(now time.Time) {
	cut := 0
	for cut < len(c.recent) && now.Sub(c.recent[cut]) > rateWindow {
		cut++
	}
	c.recent = c.recent[cut:]
}
