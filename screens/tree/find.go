package tree

import (
	"context"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"

	"counterfoil/api"
	"counterfoil/offline"
	"counterfoil/screens/screen"
	"counterfoil/ui"
)

// Matches are kept by id up to keptMatches; of those behind, every markEvery-th
// marks the way, so that stepping through a million takes little memory.
const (
	keptMatches = 4096
	markEvery   = 256
)

// oneFrame is how long a frame may wait to be drawn.
const oneFrame = time.Second / 60

// matches is what a search has found so far, filled while it runs.
type matches struct {
	spec  offline.Search // settled once the first is found, or none
	mu    sync.Mutex
	ids   []string // the first keptMatches, then those that mark the way
	n     int
	ended bool
	err   error
}

// take returns what takes the matches of a search that goes on behind so many others.
func (m *matches) take(before int64) func(offline.Match) error {
	return func(found offline.Match) error {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.n = int(before + found.N)
		m.ids = append(m.ids, found.ID)
		return nil
	}
}

// end notes how many there are in all.
func (m *matches) end(n int64, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.n = max(m.n, int(n))
	m.ended, m.err = true, err
}

func (m *matches) count() (n int, ended bool, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.n, m.ended, m.err
}

// route says how to get to the i-th match: the id of it or of an earlier one, and
// how many matches behind that it is.
func (m *matches) route(i int) (id string, behind int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	last := min(i, keptMatches-1)
	return m.ids[last+(i-last)/markEvery], (i - last) % markEvery
}

// search is one text looked for while it is typed, and where among the matches one stands.
type search struct {
	typing  bool
	field   ui.Field
	text    string
	origin  origin
	found   *matches
	running bool
	onward  func() tea.Msg // finds the rest, once the first match is shown
	at      int
	cancel  context.CancelFunc
}

// origin is where one stood when a search began.
type origin struct {
	outline
	id, root string
}

func (f *search) total() int {
	if f.found == nil {
		return 0
	}
	n, _, _ := f.found.count()
	return n
}

type (
	// matched says that the first match was found, or that the search has ended.
	matched struct{ found *matches }
	outlier struct {
		node offline.Node
		ok   bool
		err  error
	}
)

func (s *tree) stopSearch() {
	if s.search.cancel != nil {
		s.search.cancel()
	}
	s.search = search{field: ui.Field{Max: api.MaxIDLength}}
}

func (s *tree) startTyping() {
	s.stopSearch()
	s.search.typing = true
	o := &s.search.origin
	o.outline, o.id = s.copied(), s.cursorID()
	if at, ok := s.list.At(); ok {
		for at.up != nil {
			at = at.up
		}
		if at.node.Level != api.LevelCode {
			o.root = at.node.ID
		}
	}
}

// backToOrigin shows what was in sight before the search.
func (s *tree) backToOrigin() tea.Cmd {
	o := s.search.origin
	s.outline = o.copied()
	return s.read(o.id, false)
}

func (s *tree) searchKey(k screen.Key) tea.Cmd {
	switch k.Key.Keystroke() {
	case "esc":
		back := s.backToOrigin()
		s.stopSearch()
		return back
	case "enter":
		if s.search.typing = false; s.search.text == "" {
			s.stopSearch()
		}
	case "up":
		return s.step(-1)
	case "down":
		return s.step(1)
	default:
		s.search.field.Key(k.Key)
		return s.find()
	}
	return nil
}

// find looks for what stands in the field: under the root that the cursor was in,
// and everywhere where nothing is found there. What was looked for before is dropped.
func (s *tree) find() tea.Cmd {
	f := &s.search
	text := f.field.Text()
	if text == f.text {
		return nil
	}
	if f.cancel != nil {
		f.cancel()
	}
	ctx, cancel := context.WithCancel(s.env.Context)
	found, desk := &matches{spec: offline.Search{Text: text, Status: s.status, Under: f.origin.root}}, s.env.Desk
	f.text, f.found, f.cancel, f.running, f.at = text, found, cancel, text != "", -1
	if text == "" {
		f.found, f.onward = nil, nil
		return s.backToOrigin()
	}
	f.onward = func() tea.Msg {
		rest := found.spec
		rest.After, _ = found.route(0)
		rest.Whole, rest.Every = keptMatches-1, markEvery
		n, err := desk.Find(ctx, rest, found.take(1))
		found.end(n+1, err)
		return matched{found}
	}
	return screen.Reply(screen.Tree, func() tea.Msg {
		found.first(ctx, desk)
		return matched{found}
	})
}

// first finds the first match. A whole id need not be looked for: nothing else holds it.
func (m *matches) first(ctx context.Context, desk *offline.Desk) {
	if n, ok, err := desk.Node(ctx, api.ID(m.spec.Text)); err == nil && ok && n.ID == m.spec.Text && m.spec.Status == "" {
		_ = m.take(0)(offline.Match{N: 1, ID: n.ID})
		m.end(1, nil)
		return
	}
	first := m.spec
	first.Limit = 1
	n, err := desk.Find(ctx, first, m.take(0))
	if n == 0 && err == nil && first.Under != "" {
		first.Under, m.spec.Under = "", ""
		n, err = desk.Find(ctx, first, m.take(0))
	}
	if n == 0 || err != nil {
		m.end(n, err)
	}
}

// findOn counts what follows the first match, beginning a frame after that was
// read: a run through a million codes must not take the processor from the
// frame that was asked for.
func (s *tree) findOn() tea.Cmd {
	f := &s.search
	if f.onward == nil || f.at < 0 {
		return nil
	}
	onward := screen.Reply(screen.Tree, f.onward)
	f.onward = nil
	if _, ended, _ := f.found.count(); ended {
		return nil
	}
	return tea.Tick(oneFrame, func(time.Time) tea.Msg { return onward() })
}

func (s *tree) matched(msg matched) tea.Cmd {
	if msg.found != s.search.found {
		return nil
	}
	n, ended, err := msg.found.count()
	s.search.running = !ended
	switch {
	case err != nil:
		return screen.Say(s.env.Problem(err), ui.Bad)
	case n > 0 && s.search.at < 0:
		return s.goTo(0)
	}
	return nil
}

// step goes to another match, from the last on to the first.
func (s *tree) step(by int) tea.Cmd {
	n := s.search.total()
	if n == 0 || s.search.at < 0 {
		return nil // none was shown yet
	}
	return s.goTo((s.search.at + by + n) % n)
}

// goTo shows the i-th match.
func (s *tree) goTo(i int) tea.Cmd {
	s.search.at = i
	id, behind := s.search.found.route(i)
	if behind == 0 {
		return s.jump(id)
	}
	spec := s.search.found.spec
	spec.After, spec.Limit = id, behind
	return s.readBy(true, func(r *reader) (pane, error) {
		_, err := r.desk.Find(r.ctx, spec, func(m offline.Match) error {
			id = m.ID
			return nil
		})
		if err != nil {
			return pane{}, err
		}
		return r.around(id, true)
	})
}

// nextOutlier looks for the next node that is not like its neighbours.
func (s *tree) nextOutlier() tea.Cmd {
	id := s.cursorID()
	if id == "" {
		return nil
	}
	env := s.env
	return screen.Reply(screen.Tree, func() tea.Msg {
		n, ok, err := env.Desk.Outlier(env.Context, api.ID(id))
		return outlier{n, ok, err}
	})
}

func (s *tree) outlier(msg outlier) tea.Cmd {
	switch {
	case msg.err != nil:
		return screen.Say(s.env.Problem(msg.err), ui.Bad)
	case !msg.ok:
		return screen.Say(s.env.T("tree.alike"), ui.Accent)
	}
	if s.status != "" && msg.node.Counts[s.status] == 0 {
		s.status = "" // it would not be shown
	}
	return s.jump(msg.node.ID)
}

// line is what is looked for and how it stands, "" for nothing.
func (f *search) line(e *screen.Env) string {
	t := e.Theme
	label := t.Paint(ui.Strong, e.T("tree.find_label")) + " " + t.Paint(ui.Accent, t.Prompt) + " "
	switch {
	case f.typing:
		return label + f.field.View(t, max(ui.Width(f.field.Text())+1, 12), true) + " " + f.count(e)
	case f.text != "":
		return label + f.text + "  " + f.count(e)
	}
	return ""
}

// count is which of the matches is shown, of how many so far.
func (f *search) count(e *screen.Env) (text string) {
	t, n := e.Theme, f.total()
	switch {
	case f.text == "":
	case n > 0:
		text = t.Paint(ui.Strong, e.T("tree.match", map[string]any{"N": ui.Grouped(int64(f.at + 1)), "Of": ui.Grouped(int64(n))}))
	case !f.running:
		text = t.Paint(ui.Queued, e.T("tree.no_match"))
	}
	if f.running {
		text += " " + t.Paint(ui.Accent, t.Spin(e.Beat))
	}
	return text
}
