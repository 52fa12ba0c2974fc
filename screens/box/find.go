package box

import (
	"context"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"

	"counterfoil/api"
	"counterfoil/offline"
	"counterfoil/screens/frame"
	"counterfoil/ui"
)

// Matches are kept by id up to keptMatches; of those behind, every markEvery-th
// marks the way, so that stepping through a million takes little memory.
const (
	keptMatches = 4096
	markEvery   = 256
)

// matches is what a search has found so far, filled while it runs.
type matches struct {
	mu    sync.Mutex
	kept  []string
	marks []string // of matches keptMatches-1, keptMatches-1+markEvery, …
	n     int
	news  chan struct{} // holds one signal
	ended bool
	err   error
}

func (m *matches) add(id string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.n < keptMatches {
		m.kept = append(m.kept, id)
	}
	if over := m.n - keptMatches + 1; over >= 0 && over%markEvery == 0 {
		m.marks = append(m.marks, id)
	}
	m.n++
	if m.n == 1 {
		m.tell()
	}
}

func (m *matches) end(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.ended, m.err = true, err
	m.tell()
}

func (m *matches) tell() {
	select {
	case m.news <- struct{}{}:
	default:
	}
}

func (m *matches) count() (n int, ended bool, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.n, m.ended, m.err
}

// way says how to get to the i-th match: its id, or how many matches behind another it is.
func (m *matches) way(i int) (id, mark string, behind int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if i < len(m.kept) {
		return m.kept[i], "", 0
	}
	over := i - keptMatches + 1
	return "", m.marks[over/markEvery], over % markEvery
}

// frameTime is what a frame needs to be drawn: a search over a million codes
// takes both cores of a small till, and must let the key's own frame go first.
const frameTime = 4 * time.Millisecond

func rest(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// search is one text looked for under a root, and where among the matches one stands.
type search struct {
	typing  bool
	field   ui.Field
	text    string
	spec    offline.Search
	found   *matches
	running bool
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
	matched struct{ found *matches }
	stepped struct {
		found *matches
		at    int
		id    string
		err   error
	}
	oddOne struct {
		node offline.Node
		ok   bool
		err  error
	}
)

func (s *screen) stopSearch() {
	if s.search.cancel != nil {
		s.search.cancel()
	}
	s.search = search{field: ui.Field{Max: api.MaxIDLength}}
}

func (s *screen) startTyping() {
	s.stopSearch()
	s.search.typing = true
}

func (s *screen) searchKey(k frame.Key) tea.Cmd {
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
func (s *screen) find() tea.Cmd {
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
	found := &matches{news: make(chan struct{}, 1)}
	s.search.spec = offline.Search{Text: s.search.text, Status: s.status, Under: under}
	s.search.found, s.search.cancel, s.search.running, s.search.at = found, cancel, true, -1
	desk, spec := s.env.Desk, s.search.spec
	return tea.Batch(s.hear(found), func() tea.Msg {
		defer cancel()
		if n, ok, err := desk.Node(ctx, api.ID(spec.Text)); err == nil && ok && n.ID == spec.Text && spec.Status == "" {
			// A whole id need not be looked for: nothing else holds it.
			found.add(n.ID)
			found.end(nil)
			return nil
		}
		rest(ctx, frameTime)
		_, err := desk.Find(ctx, spec, func(m offline.Match) error {
			found.add(m.ID)
			if n, _, _ := found.count(); n == 1 {
				rest(ctx, 4*frameTime) // until the first is shown
			}
			return nil
		})
		found.end(err)
		return nil
	})
}

// hear waits for the search's next news: the first match, or its end.
func (s *screen) hear(found *matches) tea.Cmd {
	return frame.Reply(frame.Box, func() tea.Msg {
		<-found.news
		return matched{found}
	})
}

func (s *screen) matched(msg matched) tea.Cmd {
	if msg.found != s.search.found {
		return nil
	}
	n, ended, err := msg.found.count()
	var cmds []tea.Cmd
	if n > 0 && s.search.at < 0 {
		cmds = append(cmds, s.step(1))
	}
	s.search.running = !ended
	switch {
	case !ended:
		cmds = append(cmds, s.hear(msg.found))
	case err != nil:
		cmds = append(cmds, notice(s.env.Problem(err), ui.Bad))
	}
	return tea.Batch(cmds...)
}

// step goes to another match, from the last on to the first.
func (s *screen) step(by int) tea.Cmd {
	n := s.search.total()
	if n == 0 {
		return nil
	}
	s.search.at = (s.search.at + by + n) % n
	id, mark, behind := s.search.found.way(s.search.at)
	if behind == 0 && id == "" {
		id = mark
	}
	if id != "" {
		return s.jump(id)
	}
	env, found, at, spec := s.env, s.search.found, s.search.at, s.search.spec
	spec.After, spec.Limit = mark, behind
	return frame.Reply(frame.Box, func() tea.Msg {
		to := stepped{found: found, at: at}
		_, to.err = env.Desk.Find(env.Context, spec, func(m offline.Match) error {
			to.id = m.ID
			return nil
		})
		return to
	})
}

func (s *screen) stepped(msg stepped) tea.Cmd {
	switch {
	case msg.found != s.search.found, msg.at != s.search.at:
		return nil
	case msg.err != nil:
		return notice(s.env.Problem(msg.err), ui.Bad)
	}
	return s.jump(msg.id)
}

// different looks for the next node that is not like its neighbours.
func (s *screen) different() tea.Cmd {
	id := s.cursorID()
	if id == "" {
		return nil
	}
	env := s.env
	return frame.Reply(frame.Box, func() tea.Msg {
		n, ok, err := env.Desk.Odd(env.Context, api.ID(id))
		return oddOne{n, ok, err}
	})
}

func (s *screen) oddOne(msg oddOne) tea.Cmd {
	switch {
	case msg.err != nil:
		return notice(s.env.Problem(msg.err), ui.Bad)
	case !msg.ok:
		return notice(s.env.T("box.alike"), ui.Accent)
	}
	if s.status != "" && msg.node.Counts[s.status] == 0 {
		s.status = "" // it would not be shown
	}
	return s.jump(msg.node.ID)
}
