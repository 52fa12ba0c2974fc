// Package box is the screen of the voucher tree: boxes, packages, reels and
// codes as they were last seen, with what waits here laid over them. It reads
// only the rows in sight and a screenful around them; looking up, activating
// and voiding are the desk's.
package box

import (
	tea "charm.land/bubbletea/v2"

	"counterfoil/api"
	"counterfoil/offline"
	"counterfoil/screens/frame"
	"counterfoil/ui"
)

type screen struct {
	env  *frame.Env
	list ui.List[*row]
	outline
	height  int // rows that can be seen
	begun   bool
	gen     int    // of the rows held; what was read for older ones is dropped
	awaited bool   // rows are being read
	again   bool   // and must be read once more
	stood   string // where the cursor was before a filter that may leave no row
	problem error

	statuses []string // ever seen, in the order of a code's life
	pending  offline.Pending
	counting bool
	recount  bool

	load   *load // the look-up on its way
	search search
	job    job
}

type (
	// page brings more rows at an end of the list.
	page struct {
		gen  int
		want ui.Want
		rows []*row
		err  error
	}
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
func New(env *frame.Env) frame.Screen {
	s := &screen{env: env, height: 16, outline: outline{to: 1, byHand: map[string]bool{}}}
	s.list.Key = func(r *row) string { return r.node.ID }
	s.list.SetHeight(s.height)
	return s
}

func (s *screen) TakesScans() bool { return true }
func (s *screen) Typing() bool     { return s.search.typing }
func (s *screen) Busy() bool {
	return s.load != nil || s.search.running || s.job.moving || s.job.asking
}

// Pointing implements frame.Pointing.
func (s *screen) Pointing() bool { return true }

func (s *screen) Bindings() []ui.Binding {
	if s.search.typing {
		return []ui.Binding{
			{Keys: []string{"enter"}, Words: "box.find"},
			{Keys: []string{"esc"}, Words: "ui.cancel"},
		}
	}
	at, ok := s.list.At()
	activate := ui.Binding{Keys: []string{"enter"}, Words: "counter.activate", Reason: s.notActivate(at)}
	void := ui.Binding{Keys: []string{"f4"}, Words: "counter.void", Reason: s.notVoid(at)}
	open := ui.Binding{Keys: []string{"right", "left", "+", "-"}, Show: "→←", Words: "box.open"}
	again := ui.Binding{Keys: []string{"r"}, Words: "box.again"}
	odd := ui.Binding{Keys: []string{"d"}, Words: "box.odd"}
	find := ui.Binding{Keys: []string{"/"}, Show: "/", Words: "box.find"}
	copied := ui.Binding{Keys: []string{"y"}, Words: "box.copy", Reason: s.notCopy(at), Minor: true}
	if !ok {
		for _, b := range []*ui.Binding{&open, &again, &odd, &copied, &find} {
			b.Reason = "reason.nothing_here"
		}
	}
	if s.load != nil {
		again = ui.Binding{Keys: []string{"esc"}, Words: "box.stop"}
	}
	all := []ui.Binding{activate, void, open, find}
	if s.search.total() > 0 {
		all[3] = ui.Binding{Keys: []string{"n", "N"}, Show: "n/N", Words: "box.step"}
		all = append(all, find)
	}
	return append(all,
		ui.Binding{Keys: []string{"f"}, Words: "box.filter"}, odd, again,
		ui.Binding{Keys: []string{"1", "2", "3", "4"}, Show: "1–4", Words: "box.levels"}, copied,
		ui.Binding{Keys: []string{"up", "down"}, Show: "↑↓ PgUp PgDn", Words: "keys.scroll", Minor: true},
		ui.Binding{Keys: []string{"home", "end"}, Show: "Home End", Words: "box.ends", Minor: true},
		ui.Binding{Keys: []string{"esc"}, Words: "keys.back", Minor: true})
}

func (s *screen) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case frame.Shown:
		return s.shown(msg)
	case frame.Changed:
		if s.begun {
			return tea.Batch(s.reread(), s.count())
		}
	case frame.Sized:
		s.height = max(msg.Height-chrome, 1)
		s.list.SetHeight(s.height)
		return s.more()
	case frame.SignedOut:
		s.stop()
		s.search = search{}
	case frame.Scanned:
		return s.scan(msg.Text)
	case frame.Pasted:
		return s.paste(msg.Lines[0])
	case frame.Pointed:
		return s.point(msg)
	case frame.Key:
		return s.key(msg)
	case frame.Answered:
		return s.answered(msg)
	case page:
		return s.takePage(msg)
	case pane:
		return s.takePane(msg)
	case overlay:
		return s.takeOverlay(msg)
	}
	return s.worked(msg)
}

// worked takes the answers of work that was asked for.
func (s *screen) worked(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case looked:
		return s.looked(msg)
	case matched:
		return s.matched(msg)
	case stepped:
		return s.stepped(msg)
	case oddOne:
		return s.oddOne(msg)
	case asked:
		return s.asked(msg)
	case accepted:
		return s.accepted(msg)
	case waited:
		return s.waited(msg)
	case frame.Approval:
		return s.askManager(msg)
	case approved:
		return s.approved(msg)
	}
	return nil
}

// shown opens the tree at the place that was in hand.
func (s *screen) shown(msg frame.Shown) tea.Cmd {
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

func (s *screen) cursorID() string {
	if at, ok := s.list.At(); ok {
		return at.node.ID
	}
	return ""
}

// reread reads the rows around the cursor anew, once for all reasons of a moment.
func (s *screen) reread() tea.Cmd {
	if s.awaited {
		s.again = true
		return nil
	}
	return s.read(s.cursorID(), false)
}

// jump shows an id, whatever was folded above it.
func (s *screen) jump(id string) tea.Cmd { return s.read(id, true) }

// read reads a screenful around an id, from the beginning where id is "".
func (s *screen) read(id string, jump bool) tea.Cmd {
	return s.readBy(jump, func(r *reader) (pane, error) { return around(r, id, jump, s.height) })
}

// readEnd reads the last rows, or the first.
func (s *screen) readEnd(last bool) tea.Cmd {
	height := s.height
	return s.readBy(true, func(r *reader) (pane, error) {
		if !last {
			return around(r, "", true, height)
		}
		rows, err := r.last(3 * height)
		return upside(pane{rows: rows, endUp: len(rows) < 3*height, endEnd: true}), err
	})
}

func (s *screen) readBy(jump bool, work func(*reader) (pane, error)) tea.Cmd {
	s.gen++
	s.awaited, s.again = true, false
	r, gen := &reader{ctx: s.env.Context, desk: s.env.Desk, outline: s.copied()}, s.gen
	return frame.Reply(frame.Box, func() tea.Msg {
		p, err := work(r)
		p.gen, p.jump, p.byHand, p.err = gen, jump, r.byHand, err
		return p
	})
}

// upside turns rows that were read from the end, with the cursor on the last.
func upside(p pane) pane {
	for i, k := 0, len(p.rows)-1; i < k; i, k = i+1, k-1 {
		p.rows[i], p.rows[k] = p.rows[k], p.rows[i]
	}
	p.cursor = len(p.rows) - 1
	return p
}

func around(r *reader, id string, reveal bool, height int) (pane, error) {
	var at *row
	var err error
	if id != "" {
		if at, err = r.place(id); err != nil {
			return pane{}, err
		}
	}
	if at == nil {
		rows, err := r.down(nil, nil, 0, 0, 3*height)
		return pane{rows: rows, endUp: true, endEnd: len(rows) < 3*height}, err
	}
	if reveal {
		r.reveal(at)
	} else {
		at = r.visible(at)
	}
	rows, err := r.before(at, height)
	if err != nil {
		return pane{}, err
	}
	p := upside(pane{rows: rows, endUp: len(rows) < height})
	if r.shows(&at.node) {
		p.rows = append(p.rows, at)
	}
	p.cursor++
	more, err := r.after(at, 2*height)
	p.rows, p.endEnd = append(p.rows, more...), len(more) < 2*height
	return p, err
}

func (s *screen) takePane(msg pane) tea.Cmd {
	if msg.gen != s.gen {
		return nil
	}
	s.awaited, s.problem = false, nil
	switch {
	case msg.err != nil:
		s.problem = msg.err
		s.list.Fail()
		return nil
	case msg.gone:
		return s.reread()
	case msg.jump:
		s.byHand = msg.byHand
	default:
		s.keepCursor(&msg)
	}
	at := max(min(msg.cursor, len(msg.rows)-1), 0)
	s.list.Put(msg.rows, at, s.lineFor(msg.rows, at), msg.endUp, msg.endEnd)
	if s.again {
		return s.reread()
	}
	return s.more()
}

// lineFor says on which line a row is to stand: where it stood, else with some
// of its neighbours on both sides.
func (s *screen) lineFor(rows []*row, at int) int {
	seen, cursor := s.list.Rows()
	if at < len(rows) {
		for i, r := range seen {
			if r.node.ID == rows[at].node.ID {
				return i
			}
		}
	}
	if len(seen) == 0 {
		return 0
	}
	return max(min(cursor, s.height*2/3), s.height/3)
}

// keepCursor leaves the cursor where keys may have moved it while the rows were read.
func (s *screen) keepCursor(p *pane) {
	id := s.cursorID()
	for i, r := range p.rows {
		if r.node.ID == id {
			p.cursor = i
		}
	}
}

// more reads on where the list comes near an end of what is held.
func (s *screen) more() tea.Cmd {
	if s.awaited || !s.begun {
		return nil
	}
	want, ok := s.list.Next()
	if !ok {
		return nil
	}
	want.Limit = 2 * s.height
	r, gen := &reader{ctx: s.env.Context, desk: s.env.Desk, outline: s.copied()}, s.gen
	return frame.Reply(frame.Box, func() tea.Msg {
		p := page{gen: gen, want: want}
		var at *row
		switch at, p.err = r.place(want.After + want.Before); {
		case p.err != nil:
		case at == nil && want.After+want.Before == "":
			p.rows, p.err = r.down(nil, nil, 0, 0, want.Limit)
		case at == nil: // gone: the rows are read anew with the news of it
		case want.After != "":
			p.rows, p.err = r.after(at, want.Limit)
		default:
			p.rows, p.err = r.before(at, want.Limit)
			p.rows = upside(pane{rows: p.rows}).rows
		}
		return p
	})
}

func (s *screen) takePage(msg page) tea.Cmd {
	switch {
	case msg.gen != s.gen:
		return nil // the list was put anew and awaits nothing
	case msg.err != nil:
		s.problem = msg.err
		s.list.Fail()
		return nil
	}
	s.list.Add(msg.want, msg.rows)
	return s.more()
}

// count lays what waits over the tree anew.
func (s *screen) count() tea.Cmd {
	if s.counting {
		s.recount = true
		return nil
	}
	s.counting, s.recount = true, false
	env := s.env
	return frame.Reply(frame.Box, func() tea.Msg {
		var o overlay
		if o.pending, o.err = env.Desk.Pending(env.Context); o.err == nil {
			o.statuses, o.err = env.Desk.Statuses(env.Context)
		}
		return o
	})
}

func (s *screen) takeOverlay(msg overlay) tea.Cmd {
	s.counting = false
	if msg.err == nil {
		s.pending, s.statuses = msg.pending, ordered(msg.statuses)
	}
	if s.recount {
		return s.count()
	}
	return nil
}
