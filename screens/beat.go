package screens

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"counterfoil/offline"
	"counterfoil/screens/screen"
)

// news is the desk's signal that something changed.
type news struct {
	changed <-chan struct{}
	stop    func()
}

// clock is the tick by which the screens move: every second, quicker while
// something moves.
type clock struct {
	seq  int // of the beat that is awaited; others are old
	fast bool
	pace pace
}

type (
	beat       struct{ seq int }
	deskStatus struct{ offline.Status }
	probeTime  struct{ offline.Status }
)

func (m *Model) busy() bool { return m.inFront().Busy() }

// beat is what every tick brings: the time of the next probe, the next tick.
func (m *Model) beat() tea.Cmd {
	m.env.Beat++
	m.clock.fast = false
	cmd := tea.Batch(m.askProbeTime(), m.nextBeat())
	if m.canvas.dirty || !m.clock.pace.resting {
		return tea.Batch(cmd, tea.Tick(restAfter+restAfter/4, func(time.Time) tea.Msg { return rest{} }))
	}
	return cmd
}

// still reports that a tick changes nothing on the screen: the minute is the
// one that was drawn, no age of a waiting operation is shown, and the screen in
// front says so too.
func (m *Model) still() bool {
	s, ok := m.inFront().(screen.Still)
	return ok && s.Still() && m.env.Status.Waiting == 0 && m.minute() == m.canvas.minute
}

// nextBeat keeps the clock going: by the second, quicker while something moves.
func (m *Model) nextBeat() tea.Cmd {
	m.clock.seq++
	seq := m.clock.seq
	m.clock.fast = m.busy()
	pause := time.Second
	if m.clock.fast {
		pause = 100 * time.Millisecond
	}
	return tea.Tick(pause, func(time.Time) tea.Msg { return beat{seq} })
}

// watch waits for the desk's signal and reads the status once for all signals of a moment.
func (m *Model) watch() tea.Cmd {
	ctx, desk, changed := m.session.program, m.env.Desk, m.news.changed
	return func() tea.Msg {
		select {
		case <-ctx.Done():
			return nil
		case <-changed:
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(30 * time.Millisecond):
		}
		return deskStatus{desk.Status()}
	}
}

// askProbeTime reads when the next probe is due, and whether a full disk has
// space again, which change without a signal.
func (m *Model) askProbeTime() tea.Cmd {
	if m.env.Status.Link == offline.Online && m.env.Status.Fault == nil {
		return nil
	}
	desk := m.env.Desk
	return func() tea.Msg { return probeTime{desk.Status()} }
}
