package stage

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"counterfoil/api"
	"counterfoil/api/sandbox"
	"counterfoil/offline"
)

// Clock is the machine's, or set back while the stories are played.
type Clock struct{ back atomic.Int64 }

// Now is the time on it.
func (c *Clock) Now() time.Time { return time.Now().Add(-time.Duration(c.back.Load())) }

// Person is one of a demonstration's people.
type Person struct {
	Name, PIN string
	Role      offline.Role
}

// People are they; everybody knows their PINs.
var People = []Person{{"mgr", "9999", offline.Manager}, {"amy", "1111", offline.Cashier}}

// Rehearse gives a new data folder its people, a manager first, and plays in it
// what happened yesterday afternoon: for each mark a voucher on which it shows. A
// manager closed that day. The clock is that of the sandbox too.
func (s *Stage) Rehearse(ctx context.Context, settings offline.Settings, client api.Settings, clock *Clock) error {
	story := afternoonBefore(time.Now().In(settings.Zone), settings.DayStartsAt)
	clock.back.Store(int64(time.Since(story)))
	defer clock.back.Store(0)
	stories, err := s.Stories(story)
	if err != nil {
		return err
	}
	settings.Now, client.Now = clock.Now, clock.Now
	c, err := api.New(client)
	if err != nil {
		return err
	}
	desk, err := offline.Open(ctx, settings, c)
	if err != nil {
		return err
	}
	p := &play{ctx: ctx, desk: desk, stories: map[string]sandbox.Story{}}
	for _, one := range stories {
		p.stories[one.Mark] = one
	}
	p.manager, p.cashier, p.err = cast(ctx, desk)
	desk.Start()
	p.shift()
	p.close()
	err = errors.Join(p.err, desk.Stop())
	s.ForgetEffects()
	return err
}

// afternoonBefore is three o'clock on the business day before that of a moment.
func afternoonBefore(now time.Time, dayStartsAt time.Duration) time.Time {
	day := now.Add(-dayStartsAt)
	return time.Date(day.Year(), day.Month(), day.Day()-1, 15, 0, 0, 0, now.Location())
}

// play is a shift that is played. What needs not wait for each other is done at
// once: a demonstration begins with it.
type play struct {
	ctx              context.Context
	desk             *offline.Desk
	stories          map[string]sandbox.Story
	manager, cashier offline.Session
	jobs             sync.WaitGroup
	mu               sync.Mutex // guards err
	err              error
}

func (p *play) failed(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.err = errors.Join(p.err, err)
}

// close closes the played day, with what is open.
func (p *play) close() {
	x, err := p.desk.ReportX(p.ctx, p.manager)
	if err == nil {
		_, err = p.desk.CloseDay(p.ctx, p.manager, offline.CloseRequest{Open: len(x.Open), Check: true})
	}
	p.failed(err)
}

// Cast gives a new data folder its people, for a demonstration without stories.
func Cast(ctx context.Context, desk *offline.Desk) error {
	manager, cashier, err := cast(ctx, desk)
	desk.SignOut(manager)
	desk.SignOut(cashier)
	return err
}

// cast gives a new data folder its people, a manager first, and signs them in.
func cast(ctx context.Context, desk *offline.Desk) (manager, cashier offline.Session, err error) {
	for _, one := range People {
		if err := desk.AddOperator(ctx, manager, one.Name, one.Role, one.PIN); err != nil {
			return manager, cashier, err
		}
		who, err := desk.SignIn(ctx, one.Name, one.PIN)
		if err != nil {
			return manager, cashier, err
		}
		if one.Role == offline.Manager {
			manager = who
		} else {
			cashier = who
		}
	}
	return manager, cashier, nil
}

// do begins operations on ids; then, which may be nil, is called with each as it ended.
func (p *play) do(kind offline.Kind, r offline.Request, then func(offline.Operation) error, ids ...string) {
	r.Kind, r.Operator = kind, p.cashier
	if r.Entered == "" {
		r.Entered = offline.Scanned
	}
	for _, id := range ids {
		p.jobs.Go(func() {
			one := r
			one.ID = api.ID(id)
			op, err := p.desk.Accept(p.ctx, one)
			if err == nil {
				op, err = p.desk.Wait(p.ctx, op.Op)
			}
			if err == nil && then != nil {
				err = then(op)
			}
			p.failed(err)
		})
	}
}

// shift is what the counter did, by the marks that it makes show.
func (p *play) shift() {
	codes := func(mark string) []string { return p.stories[mark].Codes }
	reel := func(mark string) string { return p.stories[mark].Reel }
	const fen = 3000
	activate, void := offline.Activate, offline.Void
	p.jobs.Go(func() { // seen with one use left
		p.failed(p.desk.FetchRecords(p.ctx, p.manager, api.ID(reel("over_use")), false, nil))
	})
	p.do(activate, offline.Request{AmountFen: fen}, nil, reel("before_active"), reel("quick_drain"))
	p.do(activate, offline.Request{AmountFen: 5 * fen}, nil, reel("same_till"))
	p.do(activate, offline.Request{AmountFen: fen, Entered: offline.Typed}, nil, codes("typed")...)
	p.do(activate, offline.Request{AmountFen: fen}, func(op offline.Operation) error {
		p.do(void, offline.Request{}, nil, op.ID)
		return nil
	}, codes("void_soon")...)
	p.do(void, offline.Request{}, nil, reel("after_void"), reel("void_used"))
	p.do(activate, offline.Request{AmountFen: 490_100, Offline: true}, nil, codes("under_limit")...)
	p.do(activate, offline.Request{AmountFen: fen, Offline: true}, func(op offline.Operation) error {
		_, err := p.desk.Settle(p.ctx, p.manager, op.Op, offline.SettleNoEffect, "it was active already")
		return err
	}, codes("offline_bad")...)
	for _, code := range codes("look_only") {
		p.desk.NoteLook(p.cashier, offline.Card{Fresh: true, Node: offline.Node{ID: code, Counts: map[string]int{api.StatusInactive: 1}}}, offline.Scanned)
	}
	p.jobs.Wait()
}
