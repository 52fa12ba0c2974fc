// Package queue is the screen of what waits, is unknown or needs a person, and
// of what this day brought. It shows the evidence of each operation; sending,
// withdrawing and settling are the desk's.
package queue

import (
	"context"
	"slices"

	tea "charm.land/bubbletea/v2"

	"counterfoil/api"
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
	manager offline.ExportManager
}

func filters() []filter {
	return []filter{
		{words: "queue.open", states: []offline.State{offline.Queued, offline.Sending, offline.Unknown, offline.Attention}},
		{words: "queue.waiting", states: []offline.State{offline.Queued, offline.Sending}},
		{words: "queue.unknown", states: []offline.State{offline.Unknown}, manager: offline.WithoutManager},
		{words: "queue.attention", states: []offline.State{offline.Unknown, offline.Attention}, manager: offline.OnlyManager},
		{words: "queue.closed", states: []offline.State{offline.Done, offline.Refused, offline.Withdrawn, offline.Settled}, today: true},
	}
}

type queue struct {
	env     *screen.Env
	filter  int
	find    find
	list    ui.List[offline.Operation]
	closed  int                // of today, read with the rows
	detail  *offline.Operation // alone in front, whatever the list shows meanwhile
	scroll  int
	size    screen.Sized
	rows    rows
	manager screen.Manager
	export  screen.Export
}

// find is what the rows must hold.
type find struct {
	typing bool
	field  ui.Field
}

func (f *find) text() string { return f.field.Text() }

// rows is how the reading of the rows stands.
type rows struct {
	loaded  bool
	reading int  // the latest; what an earlier one brings is dropped
	awaited bool // it is on its way
	again   bool // and must be done once more
	opening bool // the operation on what is in hand is looked for
	cancel  context.CancelFunc
	problem error
}

type (
	// page brings the rows around a place.
	page struct {
		reading int
		jump    bool // the cursor goes to that place
		ops     []offline.Operation
		closed  int // today
		cursor  int
		endUp   bool
		endDown bool
		err     error
	}
	one struct {
		op  offline.Operation
		err error
	}
	// inHand brings the operation that concerns what was in hand elsewhere; its Op is "" for none.
	inHand struct {
		reading int
		op      offline.Operation
		today   bool
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
	s.export = screen.Export{Env: env, From: screen.Queue, Manager: &s.manager}
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
func (s *queue) Typing() bool     { return s.find.typing }
func (s *queue) Busy() bool       { return false }

// chosen is the operation that the keys act on.
func (s *queue) chosen() (offline.Operation, bool) {
	if s.detail != nil {
		return *s.detail, true
	}
	return s.list.At()
}

// InHand implements screen.Holder: the tree opens at what the chosen operation is on.
func (s *queue) InHand() (id api.ID, asked bool) {
	op, _ := s.chosen()
	return api.ID(op.ID), false
}

func (s *queue) Bindings() []ui.Binding {
	_, ok := s.chosen()
	open := ui.Binding{Keys: []string{"enter"}, Words: "queue.show"}
	if !ok {
		open.Reason = "reason.nothing_here"
	}
	back := ui.Binding{Keys: []string{"esc"}, Words: "keys.back"}
	switch {
	case s.find.typing:
		return []ui.Binding{{Keys: []string{"enter"}, Words: "tree.find_done"}, {Keys: []string{"esc"}, Words: "ui.cancel"}}
	case s.detail != nil:
		return append(s.acts(), ui.Binding{Keys: []string{"up", "down"}, Show: "↑↓", Words: "keys.scroll"}, back)
	}
	return append(append([]ui.Binding{open}, s.acts()...),
		ui.Binding{Keys: []string{"/"}, Show: "/", Words: "tree.find"}, ui.Binding{Keys: []string{"e"}, Words: "export.write"},
		ui.Binding{Keys: []string{"tab", "right"}, Show: "⇥", Words: "queue.filter"}, back)
}

// acts are the keys that do something with the chosen operation, or with all.
func (s *queue) acts() []ui.Binding {
	op, ok := s.chosen()
	now := ui.Binding{Keys: []string{"n"}, Words: "queue.try_now"}
	withdraw := ui.Binding{Keys: []string{"w"}, Words: "queue.withdraw"}
	settle := ui.Binding{Keys: []string{"s"}, Words: "queue.settle"}
	if s.env.Status.All() == 0 {
		now.Reason = "reason.nothing_waits"
	}
	switch {
	case !ok:
		withdraw.Reason, settle.Reason = "reason.nothing_here", "reason.nothing_here"
	case !op.State.Open():
		now.Reason, withdraw.Reason, settle.Reason = "reason.closed", "reason.closed", "reason.closed"
	case written(op):
		withdraw.Reason = "reason.may_be_sent"
	case op.State != offline.Queued:
		withdraw.Reason = "reason.not_waiting"
	}
	return []ui.Binding{now, withdraw, settle}
}

// written reports an attempt that may have reached the platform.
func written(op offline.Operation) bool {
	return slices.ContainsFunc(op.Attempts, func(a offline.Attempt) bool { return a.Outcome != "not_sent" })
}

func (s *queue) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case screen.Shown:
		return s.shown(msg.Place)
	case screen.Changed:
		return tea.Batch(s.refresh(), s.readDetail())
	case screen.Sized:
		s.size = msg
		s.list.SetHeight(ui.TableRoom(msg.Height - headRows))
		return s.more()
	case screen.Pasted:
		s.find.field.Paste(msg.Lines[0])
		return s.read("", false, true)
	case page:
		return s.take(msg)
	case inHand:
		return s.open(msg)
	case one:
		if msg.err == nil && s.detail != nil && s.detail.Op == msg.op.Op {
			s.detail = &msg.op
		}
	case confirm:
		return s.confirm(msg)
	case acted:
		return s.acted(msg)
	case screen.ManagersFound:
		return s.manager.Open(msg)
	case screen.Exported:
		return s.export.Exported(msg)
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
	if s.rows.awaited {
		s.rows.again = true
		return nil
	}
	op, _ := s.list.At()
	return s.read(op.Op, false, false)
}

// read reads the rows around an operation, the first where op is "", or the last.
// It ends a reading that is on its way.
func (s *queue) read(op string, last, jump bool) tea.Cmd {
	if s.rows.cancel != nil {
		s.rows.cancel()
	}
	var ctx context.Context
	ctx, s.rows.cancel = context.WithCancel(s.env.Context)
	s.rows.reading++
	s.rows.awaited, s.rows.again = true, false
	r := reader{ctx: ctx, env: s.env, filter: filters()[s.filter], text: s.find.text()}
	up, down := s.list.Around()
	reading := s.rows.reading
	return screen.Reply(screen.Queue, func() tea.Msg {
		p := r.around(op, last, up, down)
		p.reading, p.jump = reading, jump
		return p
	})
}

func (s *queue) take(msg page) tea.Cmd {
	if msg.reading != s.rows.reading {
		return nil
	}
	s.rows.awaited, s.rows.problem = false, msg.err
	if msg.err != nil {
		return nil
	}
	s.rows.loaded, s.closed = true, msg.closed
	s.list.Put(msg.ops, msg.cursor, !msg.jump, msg.endUp, msg.endDown)
	if s.rows.again {
		return s.refresh()
	}
	return s.more()
}

// more reads on where the list comes near an end of what is held.
func (s *queue) more() tea.Cmd {
	if !s.rows.loaded || s.rows.awaited || !s.list.Short() {
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
	s.rows.loaded = false
	return s.read("", false, true)
}

// look has the rows hold what stands in the field.
func (s *queue) look(change func()) tea.Cmd {
	was := s.find.text()
	if change(); s.find.text() == was {
		return nil
	}
	return s.read("", false, true)
}

func (s *queue) key(k screen.Key) tea.Cmd {
	if !s.rows.opening {
		return s.press(k)
	}
	s.rows.reading++ // what a person does comes before what was in hand
	s.rows.awaited, s.rows.opening = false, false
	return tea.Batch(s.press(k), s.refresh())
}

func (s *queue) press(k screen.Key) tea.Cmd {
	key := k.Name()
	if cmd, ok := s.move(key); ok {
		return cmd
	}
	switch {
	case s.find.typing && key == "enter":
		s.find.typing = false
	case key == "esc" && s.detail == nil && (s.find.typing || s.find.text() != ""):
		return s.look(func() { s.find = find{} })
	case s.find.typing:
		return s.look(func() { s.find.field.Key(k.Key) })
	case key == "/" && s.detail == nil:
		s.find.typing = true
	case key == "enter":
		if op, ok := s.list.At(); ok && s.detail == nil {
			s.detail, s.scroll = &op, 0
		}
	case key == "esc" && s.detail != nil:
		s.detail = nil
	case key == "esc":
		return screen.Send(screen.Go{Screen: screen.Counter})
	default:
		return s.act(k.Key)
	}
	return nil
}

// move scrolls an operation's page, or moves the cursor; ok is false for other keys.
func (s *queue) move(key string) (cmd tea.Cmd, ok bool) {
	page := ui.TableRoom(s.size.Height - headRows)
	by, rows := map[string]int{"up": -1, "down": 1, "pgup": -page, "pgdown": page}[key]
	switch {
	case rows && s.detail != nil:
		s.scroll = min(max(s.scroll+by, 0), s.lowest())
	case rows:
		s.list.Move(by)
		return s.more(), true
	case (key == "home" || key == "end") && s.detail != nil:
		s.scroll = map[string]int{"home": 0, "end": s.lowest()}[key]
	case (key == "home" || key == "end") && !s.find.typing:
		return s.read("", key == "end", true), true
	case key == "tab" || key == "shift+tab" || (key == "right" || key == "left") && !s.find.typing:
		if s.detail == nil {
			return s.setFilter(map[string]int{"tab": 1, "right": 1, "left": -1, "shift+tab": -1}[key]), true
		}
	default:
		return nil, false
	}
	return nil, true
}
