package tree

import (
	"context"
	"errors"
	"sync/atomic"

	tea "charm.land/bubbletea/v2"

	"counterfoil/api"
	"counterfoil/offline"
	"counterfoil/screens/screen"
	"counterfoil/ui"
)

// load is a look-up on its way.
type load struct {
	id       api.ID
	received atomic.Int64 // codes
	total    atomic.Int64 // codes it held when it was seen last; 0 where that is not known
	cancel   context.CancelFunc
}

// looked brings a look-up's end; what it showed stands in the catalog.
type looked struct {
	load *load
	jump bool // go to it, wherever the cursor is
	card offline.Card
	err  error
}

func (s *tree) stop() {
	if s.load != nil {
		s.load.cancel()
		s.load = nil
	}
}

// lookUp asks the platform for a node and all below it. The tree stays as it
// is meanwhile, and can be used.
func (s *tree) lookUp(id api.ID, jump bool) tea.Cmd {
	ctx, cancel := context.WithCancel(s.env.Context)
	l := &load{id: id, cancel: cancel}
	s.load = l
	desk := s.env.Desk
	ask := screen.Reply(screen.Tree, func() tea.Msg {
		defer cancel()
		if n, ok, err := desk.Node(ctx, id); err == nil && ok && !n.Partial {
			l.total.Store(n.Codes)
		}
		card, err := desk.Lookup(ctx, id, func(n api.Node) error {
			if n.Level == api.LevelCode {
				l.received.Add(1)
			}
			return nil
		})
		return looked{l, jump, card, err}
	})
	if jump {
		// What is known of it here shows at once.
		return tea.Batch(s.jump(string(id)), ask)
	}
	return ask
}

func (s *tree) looked(msg looked) tea.Cmd {
	if msg.load != s.load {
		return nil // stopped, or another took its place
	}
	s.load = nil
	var say tea.Cmd
	switch {
	case errors.Is(msg.err, context.Canceled):
		return screen.Say(s.env.T("tree.stopped"), ui.Queued)
	case msg.err != nil:
		return screen.Say(s.env.Problem(msg.err), ui.Bad)
	case !msg.card.Fresh:
		say = screen.Say(s.env.T("tree.as_seen"), ui.Queued)
	}
	if msg.jump {
		return tea.Batch(s.jump(string(msg.load.id)), s.count(), say)
	}
	return tea.Batch(s.reread(), s.count(), say)
}

// progress says how much was received, of how much where that is known.
func (l *load) progress(e *screen.Env) string {
	n, of := l.received.Load(), l.total.Load()
	if of == 0 || n > of {
		return e.Theme.Paint(ui.Accent, e.T("tree.received", map[string]any{"N": ui.Grouped(n)}))
	}
	text := e.T("tree.received_of", map[string]any{"N": ui.Grouped(n), "Of": ui.Grouped(of)})
	return e.Theme.Proportion(bar, ui.Part{Tone: ui.Good, N: n}, ui.Part{Tone: ui.Faint, N: of - n}) + " " + e.Theme.Paint(ui.Accent, text)
}
