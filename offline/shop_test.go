package offline_test

import (
	"context"
	"testing"
	"time"

	"counterfoil/api"
	"counterfoil/offline"
	"counterfoil/offline/offlinetest"
)

// shop is the one fixture with what these tests say of it.
type shop struct{ *offlinetest.Shop }

const (
	reel     = api.ID(offlinetest.Reel)
	reelCode = api.ID(offlinetest.ReelCode)
)

// openShop opens a shop that asks soon, and codes' records too.
func openShop(t testing.TB, change ...func(*offlinetest.Shop)) *shop {
	t.Helper()
	asks := func(s *offlinetest.Shop) {
		s.Settings.Rules.SettleTime = 30 * time.Millisecond
		s.Client.PaaS = api.PaaS{AppID: "app", Lang: "zh_CN"}
	}
	return &shop{offlinetest.Open(t, append([]func(*offlinetest.Shop){asks}, change...)...)}
}

// proofAfter has a further attempt wait for the proof that the earlier one had no effect.
func proofAfter(absent time.Duration) func(*offlinetest.Shop) {
	return func(s *offlinetest.Shop) {
		r := &s.Settings.Rules
		r.StatusForwardOnly, r.ActivationAbsentCodes, r.AbsentAfter = false, []string{"R01"}, absent
	}
}

// late is an answer that comes after an impatient shop's time for it. All others
// must come within that time on a busy machine too.
const late = "delay:1m"

func impatient(s *offlinetest.Shop) { s.Settings.Calls.AnswerTimeout = 3 * time.Second }

func (s *shop) accept(kind offline.Kind, id api.ID, more ...func(*offline.Request)) offline.Operation {
	s.TB.Helper()
	op, err := s.tryAccept(kind, id, more...)
	s.Must(err)
	return op
}

func (s *shop) tryAccept(kind offline.Kind, id api.ID, more ...func(*offline.Request)) (offline.Operation, error) {
	r := offline.Request{Kind: kind, ID: id, Operator: s.Cashier}
	if kind == offline.Activate {
		r.AmountFen = 3000
	}
	for _, f := range more {
		f(&r)
	}
	return s.Desk.Accept(context.Background(), r)
}

func waiting(r *offline.Request) { r.Offline = true }

func (s *shop) approved(r *offline.Request) {
	r.Approver = s.As(offlinetest.ManagerName, offlinetest.ManagerPIN)
}

// sent waits for an operation as the command line does.
func (s *shop) sent(op offline.Operation) offline.Operation {
	s.TB.Helper()
	got, err := s.Desk.Wait(context.Background(), op.Op)
	s.Must(err)
	return got
}

// replayed sends and asks until nothing changes, and returns the operation.
func (s *shop) replayed(op offline.Operation) offline.Operation {
	s.TB.Helper()
	s.Must(s.Desk.Replay(context.Background(), nil))
	return s.read(op)
}

func (s *shop) read(op offline.Operation) offline.Operation {
	s.TB.Helper()
	got, err := s.Desk.Operation(context.Background(), op.Op)
	s.Must(err)
	return got
}

func (s *shop) state(op string) offline.State {
	s.TB.Helper()
	return s.read(offline.Operation{Op: op}).State
}

func (s *shop) wantState(op offline.Operation, want offline.State) {
	s.TB.Helper()
	if op.State != want {
		s.TB.Fatalf("%s %s is %s (%s), want %s\nattempts %+v\nevidence %+v", op.Kind, op.ID, op.State, op.Why, want, op.Attempts, op.Evidence)
	}
}

func (s *shop) wantLink(want offline.Link) {
	s.TB.Helper()
	if link := s.Desk.Status().Link; link != want {
		s.TB.Fatalf("the link is %s, want %s", link, want)
	}
}

// known looks an id up for somebody who waits.
func (s *shop) known(id api.ID) offline.Card {
	s.TB.Helper()
	card, err := s.Desk.Lookup(context.Background(), id, nil)
	s.Must(err)
	return card
}

// codesOf generates a box and returns its codes; the catalog knows the tree.
func (s *shop) codesOf(packages, reels, codes int) []api.ID {
	s.TB.Helper()
	box, err := s.Sandbox.Generate(packages, reels, codes)
	s.Must(err)
	return s.codesIn(box)
}

// codesIn looks a box up and lists its codes, in the order of the tree.
func (s *shop) codesIn(box string) (codes []api.ID) {
	s.TB.Helper()
	_, err := s.Desk.Lookup(context.Background(), api.ID(box), func(n api.Node) error {
		if n.Level == api.LevelCode {
			codes = append(codes, api.ID(n.ID))
		}
		return nil
	})
	s.Must(err)
	return codes
}
