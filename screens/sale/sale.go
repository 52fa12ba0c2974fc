// Package sale is the one way to activate or void from a screen: the desk is
// asked to accept, the person confirms an outage's sentence, a manager approves
// what a cashier may not, and the outcome is waited for. It is no screen itself
// and decides nothing about vouchers: the desk says what stands in the way.
package sale

import (
	"cmp"
	"errors"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"counterfoil/api"
	"counterfoil/offline"
	"counterfoil/screens/screen"
	"counterfoil/ui"
)

// Sale is one thing to activate or void, and what became of it.
type Sale struct {
	offline.Request // who asks and who approves is filled in by the Flow
	Op              *offline.Operation
	Name            string // of what is sold, "" where that is not known
	Counted
	FaceFen int64 // what the codes are worth that it changes, 0 where that is not known
	SentAt  time.Time
	Moving  bool      // given to the desk, its first answer awaited
	Until   time.Time // how long the desk lets it be handed over; zero for not
	Problem error     // the last error; its sentence is made when drawn
	twice   int64     // the amount that was typed a second time
}

// Counted is how many codes a sale is about, by what was seen last.
type Counted struct {
	Codes   int64          // how many the id holds, 1 of a code, 0 where that is not known
	Changes int64          // how many of them it changes
	counts  map[string]int // them by status
}

// Describe says what is asked for, by what the desk knows of it.
func (s *Sale) Describe(kind offline.Kind, card offline.Card) {
	s.Kind, s.AmountFen = kind, 0
	s.Name, s.FaceFen = card.Node.Name, card.AmountFen
	s.Counted = Counted{Codes: card.Node.Codes, counts: card.Node.Counts}
	if s.ID.Level() == api.LevelCode {
		s.Codes = 1
	}
	changes := int64(s.counts[api.StatusInactive])
	if kind == offline.Void {
		s.FaceFen = card.VoidFen
		changes = s.Codes - int64(s.counts[api.StatusVoid])
	}
	s.Changes = cmp.Or(changes, s.Codes)
}

// Mixed says that the codes are not all alike, and that the manager therefore decides;
// "" where that is not so.
func (s *Sale) Mixed(env *screen.Env) string {
	if len(s.counts) == 0 || env.Desk.HeldFor(s.Kind, offline.Node{Counts: s.counts}) != offline.WhyMixed {
		return ""
	}
	return env.T("sale.mixed_"+string(s.Kind), map[string]any{"Codes": env.CodesOf(s.Changes, s.Codes)})
}

// Counts reports a sale that was begun as that kind, and had effect or may have.
func (s *Sale) Counts(kind offline.Kind) bool {
	return s.Op != nil && s.Op.Kind == kind && s.Op.State != offline.Refused && s.Op.State != offline.Withdrawn
}

// Progress is what a message did to a sale.
type Progress int

// What a message may do to a sale.
const (
	None     Progress = iota // nothing that its screen must act on
	Taken                    // the desk accepted it; its outcome will follow
	NotTaken                 // the desk does not accept it: Problem says why
	Left                     // the person left a question about it
	Ended                    // Op is what became of it, or Problem why that is not to be had
)

// Flow sells one thing after the other. A screen holds one and hands it every
// message that it does not know, and the answers to dialogs that it did not open.
type Flow struct {
	// Prepare is asked just before the desk is; false drops the sale. nil drops none.
	Prepare func(*Sale) bool

	env     *screen.Env
	from    screen.ID
	inHand  []*Sale         // not accepted yet; the desk is asked for the first
	request offline.Request // of the first, as it stood when its turn came: nothing typed since changes it
	offline bool            // the person confirmed that nothing is active yet, for all in hand
	over    []*Sale         // would pass a limit of their batch: a second person is asked for all of them at the end
	many    bool            // no more than may be at the same time are on their way
	moving  int             // accepted, and not known yet
	manager screen.Manager
}

type (
	accepted struct {
		sale    *Sale
		request offline.Request
		op      offline.Operation
		err     error
	}
	outcome struct {
		sale  *Sale
		op    offline.Operation
		until time.Time
		err   error
	}
	approved struct{ err error } // what waited above a limit of its batch
)

const (
	tagOffline = "sale.offline"
	tagAmount  = "sale.amount"
)

// New returns the flow of a screen.
func New(env *screen.Env, from screen.ID) Flow {
	return Flow{env: env, from: from, manager: screen.Manager{Env: env, From: from}}
}

// Busy reports sales that are not accepted yet.
func (f *Flow) Busy() bool { return len(f.inHand) > 0 || len(f.over) > 0 }

// Asking reports that a person is being asked about the first of them, or about
// what waits above a limit.
func (f *Flow) Asking() bool {
	return f.Busy() && !f.full() && (len(f.inHand) == 0 || !f.inHand[0].Moving)
}

// full reports that as many are on their way as may be at the same time.
func (f *Flow) full() bool { return f.many && f.moving >= f.env.Desk.Parallel() }

// Stop forgets what is not accepted yet. What is accepted lives on in the desk.
func (f *Flow) Stop() { f.inHand, f.over, f.moving = nil, nil, 0 }

// Start sells these things, one after the other, unless others are in hand.
func (f *Flow) Start(sales ...*Sale) tea.Cmd {
	if f.Busy() {
		return nil
	}
	f.inHand, f.offline, f.many = sales, false, len(sales) > 1
	return f.first()
}

// Update takes a message; sale is the one it changed.
func (f *Flow) Update(msg tea.Msg) (sale *Sale, did Progress, cmd tea.Cmd) {
	switch msg := msg.(type) {
	case accepted:
		return f.accepted(msg)
	case outcome:
		return f.outcome(msg)
	case approved:
		return f.approved(msg)
	case screen.Answered:
		return f.answered(msg)
	case screen.ManagersFound:
		if f.Busy() {
			return nil, None, f.manager.Open(msg)
		}
	}
	return nil, None, nil
}

// first begins with the first sale in hand.
func (f *Flow) first() tea.Cmd {
	for f.Prepare != nil && len(f.inHand) > 0 && !f.Prepare(f.inHand[0]) {
		f.inHand = f.inHand[1:]
	}
	switch {
	case len(f.inHand) == 0:
		return f.askAbove()
	case f.full():
		return nil // an outcome goes on
	}
	f.request = f.inHand[0].Request
	f.request.Operator = f.env.Session
	if s := f.inHand[0]; s.Differs() && s.twice != s.AmountFen {
		asked, r := *s, f.request
		return screen.Ask(f.from, tagAmount, nil, func() *ui.Dialog { return amountDialog(f.env, &asked, r) })
	}
	return f.accept()
}

// accept asks the desk to accept the first sale in hand.
func (f *Flow) accept() tea.Cmd {
	s := f.inHand[0]
	s.Problem, s.Op, s.Until = nil, nil, time.Time{}
	s.SentAt, s.Moving = f.env.Now(), true
	r := f.request
	r.Offline = f.offline
	return screen.Reply(f.from, func() tea.Msg { return ask(f.env, s, r) })
}

// ask asks the desk for exactly what the request says; only commands call it.
func ask(env *screen.Env, s *Sale, r offline.Request) tea.Msg {
	op, err := env.Desk.Accept(env.Context, r)
	return accepted{s, r, op, err}
}

// Failure implements screen.Failing.
func (m accepted) Failure() error {
	if m.request.Approver != (offline.Session{}) {
		return nil // it may be the approver whom the desk does not know any more
	}
	return m.err
}

// accepted goes on with the next sale, or asks the person about what stands in
// the way of this one.
func (f *Flow) accepted(msg accepted) (*Sale, Progress, tea.Cmd) {
	s := msg.sale
	if !f.Busy() || s != f.inHand[0] {
		return nil, None, nil // put away meanwhile
	}
	if msg.err == nil {
		s.Op = &msg.op
		f.moving++
		return s, Taken, tea.Batch(f.wait(s), f.next())
	}
	s.Moving, f.request = false, msg.request
	kind := offline.KindOf(msg.err)
	if kind == offline.ErrNotConfirmed {
		inHand := f.inHand
		return s, None, screen.Ask(f.from, tagOffline, nil, func() *ui.Dialog { return offlineDialog(f.env, inHand) })
	}
	s.Problem = msg.err
	if kind == offline.ErrOverLimit && !s.Share.Lets(s.Kind, s.ID, s.AmountFen) {
		if n := s.Share.Pieces; n > 1 && n != s.Codes {
			s.Codes, s.Changes = n, n // the desk knows more of them by now
		}
		f.over = append(f.over, s)
		return s, NotTaken, f.next()
	}
	if asksManager(msg.err) && !slices.Contains(msg.request.ApprovedFor, kind) {
		env, r, asked := f.env, msg.request, *s
		asked.Request = r
		return s, None, f.manager.Ask(func() []ui.Fact { return facts(env, &asked) }, msg.err, func(manager offline.Session) tea.Msg {
			r := r
			env.Desk.SignOut(r.Approver) // who stood behind less
			r.Approver, r.ApprovedFor = manager, append(slices.Clone(r.ApprovedFor), kind)
			return ask(env, s, r)
		})
	}
	return s, NotTaken, f.next()
}

// asksManager reports an error that a manager's approval takes out of the way. That
// an approval does not count is told: the same question would end so again.
func asksManager(err error) bool {
	kind := offline.KindOf(err)
	var failed *offline.Error
	return kind == offline.ErrOverLimit || kind == offline.ErrNeedsManager && errors.As(err, &failed) && failed.Args["Act"] != string(offline.Approve)
}

// next goes on to the next sale. An approval was for the one before only.
func (f *Flow) next() tea.Cmd {
	f.env.Desk.SignOut(f.request.Approver)
	f.inHand = f.inHand[1:]
	return f.first()
}

func (f *Flow) wait(s *Sale) tea.Cmd {
	env, op := f.env, s.Op.Op
	return screen.Reply(f.from, func() tea.Msg {
		got, err := env.Desk.Wait(env.Context, op)
		if err != nil {
			return outcome{sale: s, op: offline.Operation{Op: op}, err: err}
		}
		until := env.Desk.HandOverUntil(env.Context, got)
		env.Explain(&got)
		return outcome{s, got, until, nil}
	})
}

// askAbove asks for a second person who stands behind all that would pass a limit of
// its batch: exactly these lines, once.
func (f *Flow) askAbove() tea.Cmd {
	if len(f.over) == 0 {
		return nil
	}
	env, over := f.env, f.over
	shares := make([]*offline.Share, len(over))
	for i, s := range over {
		shares[i] = s.Share
	}
	return f.manager.Ask(func() []ui.Fact { return facts(env, over...) }, over[0].Problem, func(manager offline.Session) tea.Msg {
		return approved{env.Desk.ApproveBatch(env.Context, env.Session, manager, shares)}
	})
}

// approved goes on with what waited for the approval.
func (f *Flow) approved(msg approved) (*Sale, Progress, tea.Cmd) {
	over := f.over
	f.over = nil
	if len(over) == 0 {
		return nil, None, nil // put away meanwhile
	}
	if msg.err != nil {
		over[0].Problem = msg.err
		return over[0], NotTaken, nil
	}
	f.inHand = over
	return over[0], None, f.first()
}

func (f *Flow) outcome(msg outcome) (*Sale, Progress, tea.Cmd) {
	s := msg.sale
	full := f.full()
	f.moving = max(f.moving-1, 0)
	var cmd tea.Cmd
	if full && len(f.inHand) > 0 {
		cmd = f.first()
	}
	if s.Op == nil || s.Op.Op != msg.op.Op {
		return nil, None, cmd // a later operation took its place
	}
	s.Moving, s.Problem = false, msg.err
	if msg.err == nil {
		s.Op, s.Until = &msg.op, msg.until
	}
	return s, Ended, cmd
}

// answered takes the answers to the flow's own dialogs. Without the
// confirmation in an outage nothing in hand is sent; without a manager only
// that one sale is left out.
func (f *Flow) answered(msg screen.Answered) (*Sale, Progress, tea.Cmd) {
	if !f.Busy() || msg.Tag != tagOffline && msg.Tag != tagAmount && msg.Tag != screen.TagManager {
		return nil, None, nil
	}
	if len(f.inHand) == 0 {
		above := f.over[0]
		if msg.Yes {
			return above, None, f.manager.SignIn(msg)
		}
		f.over = nil
		return above, Left, nil
	}
	s := f.inHand[0]
	switch {
	case !msg.Yes && msg.Tag == tagOffline:
		f.inHand = nil
		return s, Left, nil
	case !msg.Yes:
		return s, Left, f.next()
	case msg.Tag == screen.TagManager:
		return s, None, f.manager.SignIn(msg)
	case msg.Tag == tagAmount:
		s.twice = f.request.AmountFen
	}
	f.offline = f.offline || msg.Tag == tagOffline
	return s, None, f.accept()
}
