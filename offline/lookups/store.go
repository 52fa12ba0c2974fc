package lookups

import (
	"context"
	"time"

	"counterfoil/api"
	"counterfoil/offline/catalog"
)

// store is one answer's way into the catalog.
type store struct {
	l     *Lookups
	id    api.ID
	later bool // nobody waits: a small answer goes through the writer
	nodes []api.Node
	stage *catalog.Stage
	lost  bool
	begun int64 // prelookCache.begin, when the question was put
}

// heldNodes bounds the nodes of an answer that waits in memory.
const heldNodes = 64

// newStore prepares for the answer to a question that is about to be put.
// Where somebody waits for it, the stage is there before the question: it hears
// of every status that is confirmed meanwhile, and sets it on top of the answer.
func (l *Lookups) newStore(ctx context.Context, id api.ID, later bool) *store {
	s := &store{l: l, id: id, later: later, lost: l.o.ReadOnly, begun: l.prelook.begin()}
	if !s.lost && !later {
		s.open(ctx)
	}
	return s
}

func (s *store) add(ctx context.Context, n api.Node) {
	switch {
	case s.lost:
	case s.stage == nil && len(s.nodes) < heldNodes:
		if s.nodes == nil {
			s.nodes = make([]api.Node, 0, 4) // a code and what holds it
		}
		s.nodes = append(s.nodes, n)
	default:
		if s.stage == nil && !s.open(ctx) {
			return
		}
		if err := s.stage.Add(n); err != nil {
			s.lose(err)
		}
	}
}

// open begins the stage and hands it what was held in memory.
func (s *store) open(ctx context.Context) bool {
	var err error
	if s.stage, err = s.l.o.Catalog().Stage(ctx, s.id); err != nil {
		s.lose(err)
		return false
	}
	for _, n := range s.nodes {
		if err := s.stage.Add(n); err != nil {
			s.lose(err)
			return false
		}
	}
	s.nodes = nil
	return true
}

func (s *store) lose(err error) {
	s.l.o.Log.Warn("look-up not kept", "err", err)
	s.abort()
	s.lost = true
}

// abort gives up what was not committed.
func (s *store) abort() {
	if s.stage != nil {
		s.stage.Abort()
		s.stage = nil
	}
}

// commit puts a verified answer into the catalog and returns the node's
// counts; nil where it is written later or could not be.
func (s *store) commit(ctx context.Context, seen time.Time) map[string]int {
	switch {
	case s.lost:
		return nil
	case !s.later:
		// A large answer must not keep the others waiting: it takes no lock, since
		// its stage heard of what was confirmed while it came.
		s.l.Flush()
	default:
		s.l.order.Lock()
		defer s.l.order.Unlock()
		if s.l.prelook.overtaken(s.id, s.begun) {
			return nil // older than what an attempt of ours did since
		}
		if s.stage == nil {
			s.l.writer.add(catalog.News{Confirmed: catalog.Confirmed{ID: s.id, Seen: seen}, Nodes: s.nodes})
			return nil
		}
	}
	root, err := s.stage.Commit(ctx, seen)
	if err != nil {
		s.lose(err)
		return nil
	}
	return root.Counts
}
