package counter

import (
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"counterfoil/api"
	"counterfoil/offline"
	"counterfoil/screens/screen"
)

// shiftRows is how many of the shift's operations are kept.
const shiftRows = 60

// shift is what the screen keeps of this shift's operations, the newest first.
type shift struct {
	ops     []offline.Operation
	open    []offline.Operation
	sums    sums
	reading bool
	turn    int  // the line from which on it is read next until when lines may be handed over
	stale   bool // something happened while it was read: it is read once more
}

// sums are the shift's, read apart: on a day of a hundred thousand operations
// with voids they take two seconds.
type sums struct {
	offline.Summary
	reading, stale bool      // as shift has them
	rest           time.Time // not read before: reading takes at most a tenth of the time
}

// summed brings the sums, and when they may be read again.
type summed struct {
	sum  offline.Summary
	rest time.Time
	err  error
}

// addUp reads the sums.
func (s *counter) addUp() tea.Cmd {
	if s.sums.reading {
		s.sums.stale = true
		return nil
	}
	s.sums.reading, s.sums.stale = true, false
	env, who, rest := s.env, s.env.Session, s.sums.rest
	return screen.Reply(screen.Counter, func() tea.Msg {
		select {
		case <-env.Context.Done():
			return nil
		case <-time.After(time.Until(rest)):
		}
		begun := time.Now()
		sum, err := env.Desk.Shift(env.Context, who)
		return summed{sum, time.Now().Add(9 * time.Since(begun)), err}
	})
}

func (s *counter) summed(msg summed) tea.Cmd {
	s.sums.reading, s.sums.rest = false, msg.rest
	if msg.err == nil {
		s.sums.Summary = msg.sum
	}
	if s.sums.stale {
		return s.addUp()
	}
	return nil
}

// inTurn is of how many lines one reading asks how long they may be handed over.
const inTurn = 100

// show brings an operation's state into the list: card and list never disagree.
func (s *shift) show(op offline.Operation) {
	for i := range s.ops {
		if s.ops[i].Op == op.Op {
			s.ops[i] = op
		}
	}
}

// snapshot is what the desk says now of what the counter shows.
type snapshot struct {
	shift  []offline.Operation
	open   []offline.Operation // of whomever and whenever, the oldest first
	ops    map[string]offline.Operation
	line   *line // whose card was read; nil for none
	known  seen
	carded bool
	until  map[string]time.Time // of each operation held, how long it may be handed over
	err    error
}

// read asks the desk for everything that the counter shows. While one reading
// is on its way another is only remembered.
func (s *counter) read() tea.Cmd {
	if s.reading {
		s.stale = true
		return nil
	}
	s.reading, s.stale = true, false
	var held []string
	for i, l := range s.lines {
		turn := i >= s.turn && i < s.turn+inTurn && !l.Until.IsZero()
		if l.Op != nil && !l.Moving && (turn || l.Op.State.Open() || l == s.current()) {
			held = append(held, l.Op.Op)
		}
	}
	s.turn += inTurn
	env, who, news := s.env, s.env.Session, s.asksFor()
	current := s.current()
	var id api.ID
	if current != nil && !current.looking {
		id = current.ID
	}
	return screen.Reply(screen.Counter, func() tea.Msg {
		snap := readNow(env, who, held, news, id)
		snap.line = current
		return snap
	})
}

// readNow reads what the counter shows: held are the operations of its lines, news
// those whose outcome is awaited.
func readNow(env *screen.Env, who offline.Session, held, news []string, id api.ID) snapshot {
	ctx, desk := env.Context, env.Desk
	var snap snapshot
	day, err := desk.Operations(ctx, offline.Query{Day: desk.Day(), Limit: 4 * shiftRows, Whole: true})
	if err != nil {
		return snapshot{err: err}
	}
	for i := range day {
		op := &day[i]
		env.Explain(op)
		if op.Operator == who.Name && len(snap.shift) < shiftRows {
			snap.shift = append(snap.shift, *op)
		}
	}
	snap.open, err = desk.Operations(ctx, offline.Query{
		States: []offline.State{offline.Queued, offline.Sending, offline.Unknown, offline.Attention}, OldestFirst: true, Limit: 4 * shiftRows, Whole: true})
	if err != nil {
		return snapshot{err: err}
	}
	waits := map[string]bool{}
	for i := range snap.open {
		op := &snap.open[i]
		env.Explain(op)
		waits[op.Op] = op.State != offline.Attention
	}
	for _, id := range news {
		if !waits[id] {
			held = append(held, id)
		}
	}
	snap.ops, snap.until = map[string]offline.Operation{}, map[string]time.Time{}
	for _, id := range held {
		if op, err := desk.Operation(ctx, id); err == nil {
			env.Explain(&op)
			snap.ops[id], snap.until[id] = op, desk.HandOverUntil(ctx, op)
		}
	}
	if id != "" {
		if card, err := desk.Card(ctx, id); err == nil {
			snap.known, snap.carded = readSeen(ctx, env, card), true
		}
	}
	return snap
}

func (s *counter) shown(msg snapshot) tea.Cmd {
	var cmd tea.Cmd
	s.reading = false
	if msg.err == nil {
		s.ops, s.open = msg.shift, msg.open
		s.learn(msg, s.inFront)
		for _, l := range s.lines {
			if l.Op == nil {
				continue
			}
			if op, ok := msg.ops[l.Op.Op]; ok && op.Seq >= l.Op.Seq {
				s.recompare = s.recompare || op.State != l.Op.State
				l.Op, l.Until = &op, msg.until[op.Op]
			}
			s.show(*l.Op) // the rows may be older
		}
		switch l := msg.line; {
		case !msg.carded || !slices.Contains(s.lines, l) || l.looking || l.denied:
		case msg.known.Node.SeenAt.Before(l.card.Node.SeenAt):
			// It was read before the look-up that is shown: of the voucher that one knows more.
			l.card.Pending, l.card.Last, l.card.here = msg.known.Pending, msg.known.Last, msg.known.here
		default:
			msg.known.Fresh = l.card.Fresh // the platform was asked on this scan; what came since is newer still
			s.recompare = s.recompare || len(l.card.Path) != len(msg.known.Path)
			l.card = msg.known
			l.known = !l.card.Node.SeenAt.IsZero()
			if l.unsent() {
				l.prefill()
			}
			cmd = s.adopt(l)
		}
	}
	if s.stale || s.turn < len(s.lines) && s.sent && !s.sales.Busy() {
		return s.read()
	}
	return tea.Batch(cmd, s.addUp())
}

// inFront reports an operation whose outcome a card or a basket shows.
func (s *counter) inFront(op string) bool {
	return slices.ContainsFunc(s.lines, func(l *line) bool { return l.Op != nil && l.Op.Op == op })
}

// adopt takes over the operation that a card was sent as, where its session
// ended before the desk's answer came.
func (s *counter) adopt(l *line) tea.Cmd {
	op := l.card.Last
	if l.Op != nil || !l.orphan || l.Moving || op == nil || op.Kind != l.Kind || op.AcceptedAt.Before(l.SentAt.Truncate(time.Millisecond)) {
		return nil
	}
	l.Op = op
	return s.read()
}
