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

// search is one text looked for under a root, and where among the matches one stands.
type search struct {
	typing  bool
	field   ui.Field
	text    string
	spec    offline.Search
	found   *matches
	running bool
	onward  func() tea.Msg // finds the rest, once the first match is shown
	at      int
	cancel  context.CancelFunc
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
}

func (s *tree) searchKey(k screen.Key) tea.Cmd {
	switch k.Key.Keystroke() {
	case "esc":
		s.stopSearch()
	case "enter":
		s.search.typing = false
		if s.search.text = s.search.field.Text(); s.search.text != "" {
			return s.find()
		}
	default:
		s.search.field.Key(k.Key)
	}
	return nil
}

// find looks under the root that the cursor is in.
func (s *tree) find() tea.Cmd {
	under := ""
	if at, ok := s.list.At(); ok {
		for at.up != nil {
			at = at.up
		}
		if at.node.Level != api.LevelCode {
			under = at.node.ID
		}
	}
	ctx, cancel := context.WithCancel(s.env.Context)
	found := &matches{}
	spec, desk := offline.Search{Text: s.search.text, Status: s.status, Under: under}, s.env.Desk
	f := &s.search
	f.spec, f.found, f.cancel, f.running, f.at = spec, found, cancel, true, -1
	f.onward = func() tea.Msg {
		rest := spec
		rest.After, _ = found.route(0)
		rest.Whole, rest.Every = keptMatches-1, markEvery
		n, err := desk.Find(ctx, rest, found.take(1))
		found.end(n+1, err)
		return matched{found}
	}
	return screen.Reply(screen.Tree, func() tea.Msg {
		if n, ok, err := desk.Node(ctx, api.ID(spec.Text)); err == nil && ok && n.ID == spec.Text && spec.Status == "" {
			// A whole id need not be looked for: nothing else holds it.
			_ = found.take(0)(offline.Match{N: 1, ID: n.ID})
			found.end(1, nil)
			return matched{found}
		}
		first := spec
		first.Limit = 1
		if n, err := desk.Find(ctx, first, found.take(0)); n == 0 || err != nil {
			found.end(n, err)
		}
		return matched{found}
	})
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
		return s.step(1)
	}
	return nil
}

// step goes to another match, from the last on to the first.
func (s *tree) step(by int) tea.Cmd {
	n := s.search.total()
	if n == 0 {
		return nil
	}
	s.search.at = (s.search.at + by + n) % n
	id, behind := s.search.found.route(s.search.at)
	if behind == 0 {
		return s.jump(id)
	}
	spec := s.search.spec
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
