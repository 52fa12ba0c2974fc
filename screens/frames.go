package screens

import (
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"counterfoil/api"
	"counterfoil/ui"
)

// frames is the timer that wakes the framer. It runs on the machine's own time:
// a busy machine, or one that was halted, wakes it late, and then the keys that
// came meanwhile stand in line behind it. Their pauses are not the scanner's.
type frames struct {
	seq  int
	due  time.Time // zero while no timer runs
	late int       // times in a row it woke late, with nothing coming in between
}

type frameTick struct {
	seq int
	due time.Time
}

const (
	// punctual is how much later than it should a timer may wake and still tell
	// that nothing came in.
	punctual = 2 * time.Millisecond
	// lateMost is how often a late timer is given another chance.
	lateMost = 5
	// longSleep ends the patience: nobody waits for a scan's end that long.
	longSleep = 5 * time.Second
)

// nextFrame wakes the framer when what it holds is due.
func (m *Model) nextFrame() tea.Cmd {
	m.frames.due = time.Time{}
	at, ok := m.framer.Deadline()
	if !ok {
		return nil
	}
	m.frames.seq++
	pause := max(at.Sub(m.o.Now())+time.Millisecond, time.Millisecond)
	tick := frameTick{m.frames.seq, time.Now().Add(pause)}
	m.frames.due = tick.due
	return tea.Tick(pause, func(time.Time) tea.Msg { return tick })
}

// awake takes the time out of the framer's reckoning by which its timer is
// overdue: had anybody looked, the timer would have come first.
func (m *Model) awake(now time.Time) time.Time {
	m.frames.late = 0
	if over := time.Since(m.frames.due); !m.frames.due.IsZero() && over > 0 && over < longSleep {
		m.oversleep(now, 0)
	}
	return now
}

func (m *Model) frameTicked(tick frameTick, now time.Time) tea.Cmd {
	if tick.seq != m.frames.seq {
		return nil
	}
	over := time.Since(tick.due)
	if !tick.due.IsZero() && over > punctual && over < longSleep && m.frames.late < lateMost {
		m.frames.late++
		m.oversleep(now, m.framer.Settings().BurstGap)
	}
	return tea.Batch(m.input(m.framer.Tick(now)), m.nextFrame())
}

// oversleep has the framer wait until now, and more.
func (m *Model) oversleep(now time.Time, more time.Duration) {
	if at, ok := m.framer.Deadline(); ok && now.After(at) {
		m.framer.Overslept(now.Sub(at) + more)
	}
}

// typedApart tells a digit typed just before a scan from the scan's first
// character: what names a reel, a package or a box has none before it.
func typedApart(first, second string) bool {
	id, err := api.ParseID(second)
	return err == nil && id.Level() != api.LevelCode && strings.Trim(first, "0123456789") == ""
}

func newFramer(set ui.ScannerSettings) *ui.Framer {
	set.Apart = typedApart
	return ui.NewFramer(set)
}
