// Package tree is the screen of the voucher tree: boxes, packages, reels and
// codes as they were last seen, with what waits here laid over them. It reads
// only the rows in sight and a screenful around them; looking up, activating
// and voiding are the desk's.
package tree

import (
	tea "charm.land/bubbletea/v2"

	"counterfoil/api"
	"counterfoil/offline"
	"counterfoil/screens/sale"
	"counterfoil/screens/screen"
	"counterfoil/ui"
)

type tree struct {
	env *screen.Env
	rows
	outline
	overlaid
	aside  aside
	size   screen.Sized
	begun  bool  // it was in front
	load   *load // the look-up on its way
	search search
	selling
}

// rows are those around the cursor.
type rows struct {
	list    ui.List[*row]
	gen     int    // of the latest reading; what an earlier one brings is dropped
	awaited bool   // rows are being read
	stale   bool   // and must be read once more
	problem error  // of the last reading
	stood   string // where the cursor was before a filter that may leave no row
}

// overlaid is what is laid over the rows.
type overlaid struct {
	statuses []string // ever seen, in the order of a code's life
	pending  offline.Pending
	counting bool
	recount  bool // something happened meanwhile: they are counted once more
}

type (
	// pane brings rows around a place, and the outline they were read by.
	pane struct {
		gen    int
		rows   []*row
		cursor int
		endUp  bool
		endEnd bool
		jump   bool
		gone   bool // nothing is known of the place: the rows stay
		byHand map[string]bool
		err    error
	}
	// overlay brings what waits, and the statuses there are.
	overlay struct {
		pending  offline.Pending
		statuses []offline.SeenStatus
		err      error
	}
)

// New returns the tree.
func New(env *screen.Env) screen.Screen {
	s := &tree{env: env, selling: selling{sale: &sale.Sale{}, sales: sale.New(env, screen.Tree)}, outline: outline{to: 1, byHand: map[string]bool{}}}
	s.list.Key = func(r *row) string { return r.node.ID }
	s.list.SetHeight(room(s.size))
	return s
}

// Renewed implements screen.Lasting.
func (s *tree) Renewed(env *screen.Env) screen.Screen {
	next := New(env).(*tree)
	next.outline, next.stood = s.outline, s.place()
	return next
}

func (s *tree) TakesScans() bool { return true }
func (s *tree) Typing() bool     { return s.search.typing }
func (s *tree) Busy() bool {
	return s.load != nil || s.search.running || s.selling.busy()
}

// InHand implements screen.Holder: the queue opens at the chosen node.
func (s *tree) InHand() (id api.ID, asked bool) { return api.ID(s.cursorID()), false }

// Head implements screen.Headed: what is looked for.
func (s *tree) Head() int { return 1 }

// Pointing implements screen.Pointing.
func (s *tree) Pointing() bool { return true }

func (s *tree) Bindings() []ui.Binding {
	if s.search.typing {
		return []ui.Binding{
			{Keys: []string{"enter"}, Words: "tree.find_done"},
			{Keys: []string{"up", "down"}, Show: "↑↓", Words: "tree.step"},
			{Keys: []string{"esc"}, Words: "ui.cancel"},
		}
	}
	at, ok := s.list.At()
	open := ui.Binding{Keys: []string{"enter", "right", "left", "+", "-"}, Words: "tree.open"}
	outlying := ui.Binding{Keys: []string{"d"}, Words: "tree.outlier"}
	find := ui.Binding{Keys: []string{"/"}, Show: "/", Words: "tree.find"}
	copied := ui.Binding{Keys: []string{"y"}, Words: "tree.copy", Reason: s.notCopy(at), Minor: true}
	if !ok {
		for _, b := range []*ui.Binding{&open, &outlying, &copied, &find} {
			b.Reason = "reason.nothing_here"
		}
	} else if at.node.Children == 0 {
		open.Reason = "reason.holds_nothing"
	}
	all := append([]ui.Binding{open}, s.acts(at)...)
	if s.search.total() > 0 {
		all = append(all, ui.Binding{Keys: []string{"n", "N"}, Show: "n/N", Words: "tree.step"})
	}
	if s.load != nil {
		all = append([]ui.Binding{{Keys: []string{"esc"}, Words: "tree.stop"}}, all...)
	}
	return append(all, find,
		ui.Binding{Keys: []string{"f"}, Words: "tree.filter"}, outlying,
		ui.Binding{Keys: []string{"1", "2", "3", "4"}, Show: "1–4", Words: "tree.levels"}, copied,
		ui.Binding{Keys: []string{"up", "down"}, Show: "↑↓ PgUp PgDn", Words: "keys.scroll", Minor: true},
		ui.Binding{Keys: []string{"home", "end"}, Show: "Home End", Words: "tree.ends", Minor: true},
		ui.Binding{Keys: []string{"esc"}, Words: "keys.back", Minor: true})
}

// acts are the keys that do something with a node; at is nil for none.
func (s *tree) acts(at *row) []ui.Binding {
	lookUp := ui.Binding{Keys: []string{"r"}, Words: "tree.look_up"}
	switch {
	case at == nil:
		lookUp.Reason = "reason.nothing_here"
	case s.load != nil:
		lookUp.Reason = "reason.looking"
	}
	return []ui.Binding{
		{Keys: []string{"a"}, Words: "counter.activate", Reason: s.notActivate(at)},
		{Keys: []string{"f4"}, Words: "counter.void", Reason: s.notVoid(at)},
		lookUp,
	}
}

// Update implements screen.Screen. Whatever chose another node has it read for the preview.
func (s *tree) Update(msg tea.Msg) tea.Cmd {
	cmd := s.update(msg)
	if look := s.look(); look != nil {
		return tea.Batch(cmd, look)
	}
	return cmd
}

func (s *tree) update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case screen.Shown:
		return s.shown(msg)
	case screen.Changed:
		s.aside.stale = true
		if s.begun {
			return tea.Batch(s.reread(), s.count())
		}
	case screen.Sized:
		s.size = msg
		s.list.SetHeight(room(msg))
		return s.more()
	case screen.Scanned:
		return s.scan(msg.Text)
	case screen.Pasted:
		return s.paste(msg.Lines[0])
	case screen.Pointed:
		return s.point(msg)
	case screen.Key:
		return s.key(msg)
	case screen.Answered:
		return s.answered(msg)
	case pane:
		return s.takePane(msg)
	case overlay:
		return s.takeOverlay(msg)
	}
	return s.worked(msg)
}

// worked takes the answers of work that was asked for.
func (s *tree) worked(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case looked:
		return s.looked(msg)
	case matched:
		return s.matched(msg)
	case outlier:
		return s.outlier(msg)
	case asked:
		return s.asked(msg)
	case happened:
		s.aside.take(msg)
		return nil
	}
	return s.sold(msg)
}

// shown opens the tree at the place that was in hand.
func (s *tree) shown(msg screen.Shown) tea.Cmd {
	s.begun = true
	cmds := []tea.Cmd{s.count()}
	if msg.Place != "" {
		if msg.Place.Level() != api.LevelCode {
			s.byHand[string(msg.Place)] = true
		}
		return tea.Batch(append(cmds, s.jump(string(msg.Place)))...)
	}
	return tea.Batch(append(cmds, s.reread())...)
}

// count reads what waits, and which statuses there are.
func (s *tree) count() tea.Cmd {
	if s.counting {
		s.recount = true
		return nil
	}
	s.counting, s.recount = true, false
	env := s.env
	return screen.Reply(screen.Tree, func() tea.Msg {
		var o overlay
		if o.pending, o.err = env.Desk.Pending(env.Context); o.err == nil {
			o.statuses, o.err = env.Desk.Statuses(env.Context)
		}
		return o
	})
}

func (s *tree) takeOverlay(msg overlay) tea.Cmd {
	s.counting = false
	if msg.err == nil {
		s.pending, s.statuses = msg.pending, ordered(msg.statuses)
	}
	if s.recount {
		return s.count()
	}
	return nil
}
