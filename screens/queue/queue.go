// Package queue is the screen of what waits, is unknown or needs a person, and
// of what this day brought. It shows the evidence of each operation; sending,
// withdrawing and settling are the desk's.
package queue

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"counterfoil/offline"
	"counterfoil/screens/screen"
	"counterfoil/ui"
)

// filter is one way to look at the operations.
type filter struct {
	words  string // message id
	states []offline.State
	today  bool // of this business day, the newest first; otherwise of any day, the oldest first
	// person shows only what needs a manager.
	person bool
}

func filters() []filter {
	return []filter{
		{words: "queue.open", states: []offline.State{offline.Queued, offline.Sending, offline.Unknown, offline.Attention}},
		{words: "queue.waiting", states: []offline.State{offline.Queued, offline.Sending}},
		{words: "queue.unknown", states: []offline.State{offline.Unknown}},
		{words: "queue.attention", states: []offline.State{offline.Unknown, offline.Attention}, person: true},
		{words: "queue.closed", states: []offline.State{offline.Done, offline.Refused, offline.Withdrawn, offline.Settled}, today: true},
	}
}

type queue struct {
	env     *screen.Env
	filter  int
	list    ui.List[offline.Operation]
	detail  *offline.Operation
	scroll  int
	size    screen.Sized
	loaded  bool
	reading bool
	again   bool
	problem error
	asked   act
	manager screen.Manager
}

type (
	page struct {
		filter  int
		want    ui.Want
		refresh bool
		ops     []offline.Operation
		err     error
	}
	one struct {
		op  offline.Operation
		err error
	}
	acted struct {
		act
		op  offline.Operation
		err error
	}
)

// New returns the queue.
func New(env *screen.Env) screen.Screen {
	s := &queue{env: env, manager: screen.Manager{Env: env, From: screen.Queue}}
	s.list.Key = func(op offline.Operation) string { return op.Op }
	s.list.SetHeight(12)
	return s
}

func (s *queue) TakesScans() bool { return false }
func (s *queue) Typing() bool     { return false }
func (s *queue) Busy() bool       { return false }

// chosen is the operation that the keys act on.
func (s *queue) chosen() (offline.Operation, bool) {
	if s.detail != nil {
		return *s.detail, true
	}
	return s.list.At()
}

func (s *queue) Bindings() []ui.Binding {
	op, ok := s.chosen()
	open := ui.Binding{Keys: []string{"enter"}, Words: "queue.show"}
	now := ui.Binding{Keys: []string{"n"}, Words: "queue.try_now"}
	withdraw := ui.Binding{Keys: []string{"w"}, Words: "queue.withdraw"}
	settle := ui.Binding{Keys: []string{"s"}, Words: "queue.settle"}
	if st := s.env.Status; st.Waiting+st.Unknown == 0 {
		now.Reason = "reason.nothing_waits"
	}
	switch {
	case !ok:
		open.Reason, withdraw.Reason, settle.Reason = "reason.nothing_here", "reason.nothing_here", "reason.nothing_here"
	case op.State != offline.Queued || written(op):
		withdraw.Reason = "reason.may_be_sent"
	}
	if ok && !op.State.Open() {
		withdraw.Reason, settle.Reason = "reason.closed", "reason.closed"
	}
	all := []ui.Binding{open, now, withdraw, settle,
		{Keys: []string{"tab", "right"}, Show: "⇥", Words: "queue.filter"},
		{Keys: []string{"esc"}, Words: "keys.back"}}
	if s.detail != nil {
		return append(all[1:4:4], ui.Binding{Keys: []string{"up", "down"}, Show: "↑↓", Words: "keys.scroll"}, all[5])
	}
	return all
}

// written reports an attempt that may have reached the platform.
func written(op offline.Operation) bool {
	return slices.ContainsFunc(op.Attempts, func(a offline.Attempt) bool { return a.Outcome != "not_sent" })
}

func (s *queue) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case screen.Shown, screen.Changed:
		return tea.Batch(s.refresh(), s.readDetail())
	case screen.Sized:
		s.size = msg
	case screen.SignedOut:
		s.detail = nil
	case page:
		return s.take(msg)
	case one:
		if msg.err == nil && s.detail != nil && s.detail.Op == msg.op.Op {
			s.detail = &msg.op
		}
	case acted:
		return s.acted(msg)
	case screen.ManagersFound:
		return s.manager.Open(msg)
	case screen.Approved:
		return s.do(s.asked, msg.Manager)
	case screen.Key:
		return s.key(msg)
	case screen.Answered:
		return s.answered(msg)
	}
	return nil
}

// refresh reads the rows held once more.
func (s *queue) refresh() tea.Cmd {
	if s.reading {
		s.again = true
		return nil
	}
	s.reading, s.again = true, false
	return s.read(s.list.Window(), true)
}

func (s *queue) read(want ui.Want, refresh bool) tea.Cmd {
	env, at := s.env, s.filter
	return screen.Reply(screen.Queue, func() tea.Msg {
		ops, err := query(env, filters()[at], want)
		return page{at, want, refresh, ops, err}
	})
}

func (s *queue) take(msg page) tea.Cmd {
	if msg.refresh {
		s.reading = false
	}
	s.problem = nil
	switch {
	case msg.err != nil:
		s.problem = msg.err
		s.list.Fail()
	case msg.filter != s.filter:
	case msg.refresh:
		s.loaded = true
		s.list.Refresh(msg.want, msg.ops)
	default:
		s.list.Add(msg.want, msg.ops)
	}
	if s.again {
		return s.refresh()
	}
	return s.more()
}

func (s *queue) more() tea.Cmd {
	if want, ok := s.list.Next(); ok {
		return s.read(want, false)
	}
	return nil
}

func (s *queue) toEnd() tea.Cmd {
	if want, ok := s.list.End(); ok {
		return s.read(want, false)
	}
	return s.more()
}

func (s *queue) readDetail() tea.Cmd {
	if s.detail == nil {
		return nil
	}
	env, op := s.env, s.detail.Op
	return screen.Reply(screen.Queue, func() tea.Msg {
		got, err := env.Desk.Operation(env.Context, op)
		env.Explain(&got)
		return one{got, err}
	})
}

func (s *queue) setFilter(by int) tea.Cmd {
	n := len(filters())
	s.filter = (s.filter + by + n) % n
	s.list.Reset()
	s.loaded, s.reading = false, false
	return s.refresh()
}

func (s *queue) key(k screen.Key) tea.Cmd {
	rows := map[string]int{"up": -1, "down": 1, "pgup": -10, "pgdown": 10}
	switch key := k.Key.Keystroke(); key {
	case "up", "down", "pgup", "pgdown":
		if s.detail != nil {
			s.scroll = min(max(s.scroll+rows[key], 0), s.lowest())
			return nil
		}
		s.list.Move(rows[key])
		return s.more()
	case "home", "end":
		if s.detail != nil {
			s.scroll = map[string]int{"home": 0, "end": s.lowest()}[key]
			return nil
		}
		if key == "end" {
			return s.toEnd()
		}
		s.list.Home()
		return s.more()
	case "tab", "right", "left", "shift+tab":
		if s.detail == nil {
			return s.setFilter(map[string]int{"tab": 1, "right": 1, "left": -1, "shift+tab": -1}[key])
		}
	case "enter":
		if op, ok := s.list.At(); ok && s.detail == nil {
			s.detail, s.scroll = &op, 0
		}
	case "esc":
		if s.detail == nil {
			return screen.Send(screen.Go{Screen: screen.Counter})
		}
		s.detail = nil
	default:
		return s.press(k.Key)
	}
	return nil
}
