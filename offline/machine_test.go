package offline_test

import (
	"context"
	"flag"
	"testing"
	"time"

	"pgregory.net/rapid"

	"counterfoil/api"
	"counterfoil/api/sandbox"
	"counterfoil/offline"
	"counterfoil/offline/offlinetest"
)

// Few walks by default, as many as one likes with -rapid.checks.
func init() { _ = flag.Set("rapid.checks", "3") }

// Random acceptances, lost answers, askings, crashes, restarts, clock jumps
// people's decisions and closes: after each step the rules of the life of an
// operation hold against what the platform really applied, and every report
// against the events.
func TestTheRulesHoldWhateverHappens(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		m := &machine{}
		m.shop = openShop(t, func(s *offlinetest.Shop) {
			s.Settings.Rules.StatusForwardOnly = rapid.Bool().Draw(rt, "status_forward_only")
			s.Settings.Rules.ActivationAbsentCodes = []string{"R01"}
			s.Settings.Rules.SettleTime = time.Millisecond
			s.Settings.Rules.AbsentAfter = 10 * time.Minute
		})
		id, err := m.Sandbox.Generate(1, 2, 6)
		m.Must(err)
		m.ids = m.tree(id)
		defer m.Close()
		rt.Repeat(map[string]func(*rapid.T){
			"activate": func(rt *rapid.T) { m.take(rt, offline.Activate) },
			"void":     func(rt *rapid.T) { m.take(rt, offline.Void) },
			"break":    m.breakPlatform,
			"mend":     func(*rapid.T) { m.Faults() },
			"replay":   func(*rapid.T) { m.Must(m.Desk.Replay(context.Background(), nil)) },
			"restart":  func(*rapid.T) { m.Reopen() },
			"crash":    func(*rapid.T) { m.crash() },
			"time goes": func(rt *rapid.T) {
				m.Clock.Forward(time.Duration(rapid.IntRange(1, 15).Draw(rt, "minutes")) * time.Minute)
			},
			"set clock": m.setClock,
			"withdraw":  m.withdraw,
			"close":     func(*rapid.T) { m.closed() },
			"":          m.check,
		})
	})
}

type machine struct {
	*shop
	ids []api.ID
}

// tree lists every id of a generated box.
func (m *machine) tree(box string) []api.ID {
	ctx := context.Background()
	_, err := m.Desk.Lookup(ctx, api.ID(box), nil)
	m.Must(err)
	all := []api.ID{api.ID(box)}
	for i := 0; i < len(all); i++ {
		children, err := m.Desk.Children(ctx, offline.Page{Parent: string(all[i]), Limit: 100})
		m.Must(err)
		for _, c := range children {
			all = append(all, api.ID(c.ID))
		}
	}
	return all
}

func (m *machine) take(rt *rapid.T, kind offline.Kind) {
	id := rapid.SampledFrom(m.ids).Draw(rt, "id")
	if rapid.Bool().Draw(rt, "looked up first") {
		_, _ = m.Desk.Lookup(context.Background(), id, nil)
	}
	op, err := m.tryAccept(kind, id, func(r *offline.Request) {
		r.Offline = rapid.Bool().Draw(rt, "offline")
		m.approved(r)
	})
	switch offline.KindOf(err) {
	case "":
		if rapid.Bool().Draw(rt, "sent at once") {
			m.sent(op)
		}
	case offline.ErrOpenHere, offline.ErrAlreadyActive, offline.ErrAlreadyVoid, offline.ErrNotConfirmed:
	default:
		rt.Fatalf("accept: %v", err)
	}
}

func (m *machine) breakPlatform(rt *rapid.T) {
	do := rapid.SampledFrom([]string{
		"drop_answer", "drop_request", "status:503", "html", "garbage", "bad_sign", "other_answer", "refuse:A05",
	}).Draw(rt, "do")
	action := rapid.SampledFrom([]string{
		"*", api.ActionActivate, api.ActionReelActivate, api.ActionVoid, api.ActionReelVoid, api.ActionActivateQuery,
	}).Draw(rt, "action")
	m.Faults(sandbox.Fault{Action: action, Do: do, Times: rapid.IntRange(1, 6).Draw(rt, "times")})
}

// setClock sets the counter's clock between two runs of the program.
func (m *machine) setClock(rt *rapid.T) {
	m.Must(m.Desk.Stop())
	m.SetWrong(time.Duration(rapid.IntRange(-180, 180).Draw(rt, "minutes off")) * time.Minute)
	m.Reopen()
}

func (m *machine) withdraw(rt *rapid.T) {
	ops, err := m.Desk.Operations(context.Background(), offline.Query{States: []offline.State{offline.Queued}})
	m.Must(err)
	if len(ops) == 0 {
		return
	}
	_, err = m.Desk.Withdraw(context.Background(), m.Cashier, rapid.SampledFrom(ops).Draw(rt, "op").Op)
	if k := offline.KindOf(err); k != "" && k != offline.ErrCannotWithdraw {
		rt.Fatalf("withdraw: %v", err)
	}
}

// crash goes on with a copy of the folder as it is on disk, as after kill -9.
func (m *machine) crash() {
	m.asAKillLeaves()
	m.Reopen()
}

// check holds the journal against the platform's own account.
func (m *machine) check(rt *rapid.T) {
	ops, err := m.Desk.Operations(context.Background(), offline.Query{Whole: true, OldestFirst: true})
	m.Must(err)
	applied := map[string]int{}
	for _, e := range m.Sandbox.Effects() {
		applied[e.Trace]++
	}
	traces := map[string]bool{}
	for _, op := range ops {
		effects := 0
		for _, a := range op.Attempts {
			if traces[a.Trace] {
				rt.Fatalf("trace %s used twice", a.Trace)
			}
			traces[a.Trace] = true
			if len(a.Trace) != 23 {
				rt.Fatalf("trace %s has %d digits", a.Trace, len(a.Trace))
			}
			effects += applied[a.Trace]
			if a.NoEffect && applied[a.Trace] > 0 {
				rt.Fatalf("%s: attempt %s is called without effect and had one", op.Op, a.Trace)
			}
		}
		switch {
		case effects > 1:
			rt.Fatalf("%s %s %s took effect %d times", op.Op, op.Kind, op.ID, effects)
		case op.State == offline.Done && effects != 1:
			rt.Fatalf("%s %s %s is done with %d effects: %+v", op.Op, op.Kind, op.ID, effects, op)
		case (op.State == offline.Refused || op.State == offline.Withdrawn) && effects != 0:
			rt.Fatalf("%s %s %s is %s and took effect", op.Op, op.Kind, op.ID, op.State)
		}
	}
	for trace := range applied {
		if !traces[trace] {
			rt.Fatalf("an effect of %s, which no journaled attempt carries", trace)
		}
	}
	if _, err := m.Desk.Verify(context.Background(), nil); err != nil {
		rt.Fatalf("verify: %v", err)
	}
	m.wantBalanced()
}
