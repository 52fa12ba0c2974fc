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
	// manager says whether what needs a manager is shown, or only that.
	manager audience
}

type audience int

const (
	all audience = iota
	withoutManager
	onlyManager
)

func filters() []filter {
	return []filter{
		{words: "queue.open", states: []offline.State{offline.Queued, offline.Sending, offline.Unknown, offline.Attention}},
		{words: "queue.waiting", states: []offline.State{offline.Queued, offline.Sending}},
		{words: "queue.unknown", states: []offline.State{offline.Unknown}, manager: withoutManager},
		{words: "queue.attention", states: []offline.State{offline.Unknown, offline.Attention}, manager: onlyManager},
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
	reading int  // the latest reading; what an earlier one brings is dropped
	awaited bool // it is on its way
	again   bool // and must be done once more
	problem error
	manager screen.Manager
}

type (
	// page brings the rows around a place.
	page struct {
		reading int
		jump    bool // the cursor goes to that place
		ops     []offline.Operation
		cursor  int
		endUp   bool
		endDown bool
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
	return s
}

// Renewed implements screen.Lasting.
func (s *queue) Renewed(env *screen.Env) screen.Screen {
	next := New(env).(*queue)
	next.filter = s.filter
	return next
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
	if st := s.env.Status; st.Waiting+st.Unknown+st.Attention == 0 {
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
	keys := []ui.Binding{open, now, withdraw, settle,
		{Keys: []string{"tab", "right"}, Show: "⇥", Words: "queue.filter"},
		{Keys: []string{"esc"}, Words: "keys.back"}}
	if s.detail != nil {
		return append(keys[1:4:4], ui.Binding{Keys: []string{"up", "down"}, Show: "↑↓", Words: "keys.scroll"}, keys[5])
	}
	return keys
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
		s.list.SetHeight(msg.Height - headRows)
		return s.more()
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
	case screen.Key:
		return s.key(msg)
	case screen.Answered:
		return s.answered(msg)
	}
	return nil
}

// refresh reads the rows around the cursor once more; several reasons at the same
// time make one reading.
func (s *queue) refresh() tea.Cmd {
	if s.awaited {
		s.again = true
		return nil
	}
	op, _ := s.list.At()
	return s.read(op.Op, false, false)
}

// read reads the rows around an operation, the first where op is "", or the last.
func (s *queue) read(op string, last, jump bool) tea.Cmd {
	s.reading++
	s.awaited, s.again = true, false
	r := reader{s.env, filters()[s.filter]}
	up, down := s.list.Around()
	reading := s.reading
	return screen.Reply(screen.Queue, func() tea.Msg {
		p := r.around(op, last, up, down)
		p.reading, p.jump = reading, jump
		return p
	})
}

func (s *queue) take(msg page) tea.Cmd {
	if msg.reading != s.reading {
		return nil
	}
	s.awaited, s.problem = false, msg.err
	if msg.err != nil {
		return nil
	}
	s.loaded = true
	s.list.Put(msg.ops, msg.cursor, !msg.jump, msg.endUp, msg.endDown)
	if s.again {
		return s.refresh()
	}
	return s.more()
}

// more reads on where the list comes near an end of what is held.
func (s *queue) more() tea.Cmd {
	if !s.loaded || s.awaited || !s.list.Short() {
		return nil
	}
	return s.refresh()
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
	s.loaded = false
	return s.read("", false, true)
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
		return s.read("", key == "end", true)
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
