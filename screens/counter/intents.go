package counter

import (
	"context"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"counterfoil/api"
	"counterfoil/offline"
	"counterfoil/screens/screen"
	"counterfoil/ui"
)

type (
	// looked brings a look-up's card; local is set on what was known here before the platform answered.
	looked struct {
		n     int
		card  offline.Card
		err   error
		local bool
	}
	accepted struct {
		job
		op  offline.Operation
		err error
	}
	waited struct {
		n     int
		op    offline.Operation
		until time.Time // how long it may be handed over
		err   error
	}
)

// look shows at once what is known here, and asks the platform.
func (s *counter) look(l *line) tea.Cmd {
	env, n, id := s.env, l.n, l.id
	ctx := env.Context
	if !s.basket {
		ctx, s.cancel = context.WithCancel(ctx)
	}
	return tea.Batch(
		screen.Reply(screen.Counter, func() tea.Msg {
			card, err := env.Desk.Card(ctx, id)
			return looked{n, named(ctx, env, card), err, true}
		}),
		screen.Reply(screen.Counter, func() tea.Msg {
			card, err := env.Desk.Lookup(ctx, id, nil)
			return looked{n, named(ctx, env, card), err, false}
		}),
	)
}

// named gives a reel the name of its codes: only codes have one.
func named(ctx context.Context, env *screen.Env, card offline.Card) offline.Card {
	if card.Node.Name == "" && card.Node.Level == api.LevelReel && card.Node.Children > 0 {
		if first, err := env.Desk.Children(ctx, offline.Page{Parent: card.Node.ID, Limit: 1}); err == nil && len(first) > 0 {
			card.Node.Name = first[0].Name
		}
	}
	return card
}

func (s *counter) looked(msg looked) tea.Cmd {
	defer s.compare()
	l := s.find(msg.n)
	switch {
	case l == nil, msg.local && (!l.looking || msg.err != nil):
		return nil
	case msg.local:
		l.card, l.known = msg.card, !msg.card.Node.SeenAt.IsZero()
	case offline.KindOf(msg.err) == offline.ErrUnknownID:
		l.looking, l.denied, l.card, l.problem = false, true, msg.card, msg.err
		return nil
	case msg.err != nil:
		l.looking, l.problem = false, msg.err
		return nil
	default:
		l.looking, l.card, l.known = false, msg.card, true
	}
	l.prefill()
	return nil
}

// start begins to accept lines, one after the other.
func (s *counter) start(jobs ...job) tea.Cmd {
	s.sending, s.offline = jobs, false
	s.approver, s.reasons = offline.Session{}, nil
	return s.next()
}

// next asks the desk to accept the first line in hand.
func (s *counter) next() tea.Cmd {
	for len(s.sending) > 0 && s.dropped(s.sending[0]) {
		s.sending = s.sending[1:]
	}
	s.busyJob = len(s.sending) > 0
	if !s.busyJob {
		return s.takeHeld()
	}
	j := s.sending[0]
	l := s.find(j.n)
	env, r := s.env, l.request(s.env, j.kind)
	r.Offline, r.Approver, r.ApprovedFor = s.offline, s.approver, s.reasons
	l.problem, l.op, l.until = nil, nil, time.Time{}
	l.sentAt, l.moving = env.Now(), true
	return screen.Reply(screen.Counter, func() tea.Msg {
		op, err := env.Desk.Accept(env.Context, r)
		return accepted{j, op, err}
	})
}

// dropped reports a job whose line has gone, or proved to overlap another meanwhile.
func (s *counter) dropped(j job) bool {
	l := s.find(j.n)
	return l == nil || j.kind == offline.Activate && l.with != ""
}

// takeHeld takes what was scanned while work was in hand.
func (s *counter) takeHeld() tea.Cmd {
	held := s.held
	s.held = nil
	cmds := make([]tea.Cmd, 0, len(held))
	for _, text := range held {
		cmds = append(cmds, s.take(text))
	}
	return tea.Batch(cmds...)
}

// accepted goes on with the next line, or asks what stands in the way of this one.
func (s *counter) accepted(msg accepted) tea.Cmd {
	l := s.find(msg.n)
	if l == nil {
		return s.drop()
	}
	kind := offline.KindOf(msg.err)
	switch {
	case msg.err == nil:
		op := msg.op
		l.op = &op
		return tea.Batch(s.wait(l), s.drop(), s.read())
	case kind == offline.ErrNotConfirmed:
		l.moving = false
		return s.askOffline(l, msg.kind)
	case (kind == offline.ErrOverLimit || kind == offline.ErrNeedsManager) && !slices.Contains(s.reasons, kind):
		l.moving, l.problem = false, msg.err
		return s.needManager(msg.err)
	}
	l.moving, l.problem = false, msg.err
	return s.drop()
}

// drop ends the first job in hand. What was approved was that one only.
func (s *counter) drop() tea.Cmd {
	if len(s.sending) > 0 {
		s.sending = s.sending[1:]
	}
	s.approver, s.reasons = offline.Session{}, nil
	return s.next()
}

func (s *counter) wait(l *line) tea.Cmd {
	env, n, op := s.env, l.n, l.op.Op
	return screen.Reply(screen.Counter, func() tea.Msg {
		got, err := env.Desk.Wait(env.Context, op)
		if err != nil {
			return waited{n: n, err: err}
		}
		until := env.Desk.HandOverUntil(env.Context, got)
		env.Tell(&got)
		return waited{n, got, until, nil}
	})
}

func (s *counter) waited(msg waited) tea.Cmd {
	defer s.compare()
	if l := s.find(msg.n); l != nil {
		l.moving = false
		if msg.err == nil {
			l.op, l.until = &msg.op, msg.until
			for i := range s.shift {
				if s.shift[i].Op == msg.op.Op {
					s.shift[i] = msg.op // card and list never disagree
				}
			}
		} else {
			l.problem = msg.err
		}
	}
	return s.read()
}

func (s *counter) notSendAll() string {
	switch {
	case len(s.lines) == 0:
		return "reason.scan"
	case s.busyJob:
		return "reason.open"
	case s.finished():
		return "reason.finished"
	}
	return ""
}

// sendAll sends every line that can be; a line that still lacks something a
// person can give stops it, so that nothing is overlooked.
func (s *counter) sendAll() tea.Cmd {
	var jobs []job
	for i, l := range s.lines {
		if !l.unsent() {
			continue
		}
		switch reason := l.notActivate(); reason {
		case "":
			jobs = append(jobs, job{l.n, offline.Activate})
		case "reason.amount", "reason.looking":
			s.cursor = i
			return screen.Say(s.env.T(reason), ui.Wait)
		}
	}
	return s.start(jobs...)
}

func (s *counter) toggleBasket() tea.Cmd {
	if s.basket && !s.finished() && len(s.lines) > 1 || s.busyJob {
		return screen.Say(s.env.T("notice.basket_full"), ui.Wait)
	}
	s.basket = !s.basket
	if s.basket && !s.finished() {
		return nil // the card in hand is the basket's first line
	}
	if len(s.lines) > 1 || s.basket {
		s.clear()
	}
	return nil
}
