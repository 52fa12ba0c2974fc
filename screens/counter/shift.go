package counter

import (
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"counterfoil/offline"
	"counterfoil/screens/screen"
)

// shiftRows is how many of the shift's operations are held.
const shiftRows = 60

// snapshot is what the desk says now of what the counter shows.
type snapshot struct {
	shift  []offline.Operation
	sum    offline.Summary
	ops    map[string]offline.Operation
	n      int // the line whose card was read
	card   offline.Card
	carded bool
	until  map[string]time.Time // of each operation held, how long it may be handed over
	err    error
}

// read asks the desk for everything that the counter shows. While one reading
// is on its way another is only remembered.
func (s *counter) read() tea.Cmd {
	if s.reading {
		s.again = true
		return nil
	}
	s.reading, s.again = true, false
	var held []string
	for _, l := range s.lines {
		if l.op != nil && (l.op.State.Open() || l == s.current() || !l.until.IsZero()) {
			held = append(held, l.op.Op)
		}
	}
	env, who := s.env, s.env.Session
	var current line
	if l := s.current(); l != nil && !l.looking {
		current = line{n: l.n, id: l.id}
	}
	return screen.Reply(screen.Counter, func() tea.Msg { return readNow(env, who, held, current) })
}

func readNow(env *screen.Env, who offline.Session, held []string, current line) snapshot {
	ctx, desk := env.Context, env.Desk
	var snap snapshot
	day, err := desk.Operations(ctx, offline.Query{Day: desk.Day(), Limit: 4 * shiftRows, Whole: true})
	if err != nil {
		return snapshot{err: err}
	}
	snap.ops = map[string]offline.Operation{}
	for i := range day {
		op := &day[i]
		env.Tell(op)
		if op.Operator == who.Name && len(snap.shift) < shiftRows {
			snap.shift = append(snap.shift, *op)
		}
		if slices.Contains(held, op.Op) {
			snap.ops[op.Op] = *op
		}
	}
	for _, id := range held {
		if _, ok := snap.ops[id]; ok {
			continue
		}
		if op, err := desk.Operation(ctx, id); err == nil {
			env.Tell(&op)
			snap.ops[id] = op
		}
	}
	snap.until = map[string]time.Time{}
	for id, op := range snap.ops {
		snap.until[id] = desk.HandOverUntil(ctx, op)
	}
	if snap.sum, err = desk.Shift(ctx, who); err != nil {
		return snapshot{err: err}
	}
	if current.n > 0 {
		snap.n = current.n
		if card, err := desk.Card(ctx, current.id); err == nil {
			snap.card, snap.carded = named(ctx, env, card), true
		}
	}
	return snap
}

func (s *counter) shown(msg snapshot) tea.Cmd {
	defer s.compare()
	s.reading = false
	if msg.err == nil {
		s.shift, s.sum = msg.shift, msg.sum
		for _, l := range s.lines {
			if l.op == nil {
				continue
			}
			if op, ok := msg.ops[l.op.Op]; ok && op.Seq >= l.op.Seq {
				l.op, l.until = &op, msg.until[op.Op]
			}
		}
		if l := s.find(msg.n); l != nil && msg.carded && !l.looking && !l.denied {
			msg.card.Fresh = l.card.Fresh // the platform was asked on this scan; what came since is newer still
			l.card = msg.card
			l.known = !l.card.Node.SeenAt.IsZero()
			if l.unsent() {
				l.prefill()
			}
		}
	}
	if s.again {
		return s.read()
	}
	return nil
}
