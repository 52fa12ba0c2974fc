package offline_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"counterfoil/api"
	"counterfoil/api/sandbox"
	"counterfoil/offline"
	"counterfoil/offline/offlinetest"
)

// badLine loses half of all answers, most of them after the platform acted on the request.
func badLine() []sandbox.Fault {
	return []sandbox.Fault{
		{Probability: 0.3, Do: "drop_answer"}, {Probability: 0.14, Do: "drop_request"},
		{Probability: 0.08, Do: "status:503"}, {Probability: 0.09, Do: "html"},
	}
}

// front stands before the sandbox, takes a little time over each call, and counts.
type front struct {
	http.Handler
	mu        sync.Mutex
	now, most int
	calls     map[string]int
}

// behind puts a front before the shop's platform, under an address of its own.
func (s *shop) behind() *front {
	s.TB.Helper()
	f := &front{Handler: s.Sandbox.Handler(), calls: map[string]int{}}
	server := httptest.NewServer(f)
	s.TB.Cleanup(server.Close)
	s.Must(s.Desk.Stop())
	s.URL = server.URL
	s.Reopen()
	return f
}

func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.count(r.URL.Path, 1)
	<-time.After(time.Millisecond)
	f.count(r.URL.Path, -1) // before the caller can know of an answer, or of a cut
	f.Handler.ServeHTTP(w, r)
}

func (f *front) count(path string, by int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.now += by
	f.most = max(f.most, f.now)
	if by > 0 {
		f.calls[path]++
	}
}

func (f *front) atOnce() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.most
}

func TestOnePageOfSomebodyElsesDoesNotCutALineThatWorks(t *testing.T) {
	t.Parallel()
	for _, do := range []string{"html", "garbage", "bad_sign"} {
		t.Run(do, func(t *testing.T) {
			t.Parallel()
			s := openShop(t)
			s.known(reel)
			s.Faults(sandbox.Fault{Action: api.ActionReelActivate, Times: 1, Do: do})
			s.wantState(s.sent(s.accept(offline.Activate, reel)), offline.Unknown)
			s.wantLink(offline.Online)
		})
	}
}

func TestAFewLostAnswersInARowDoNotCutALineThatWorks(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.known(reel)
	s.Faults(sandbox.Fault{Action: "*", Times: 3, Do: "drop_answer"})
	for range 3 {
		s.known(reel) // from the catalog, where its answer is lost
	}
	s.wantLink(offline.Online)
}

func TestAPortalInTheMiddleOfADrainGetsNoMoreThanWhatWasOnItsWay(t *testing.T) {
	t.Parallel()
	s := openShop(t, func(s *offlinetest.Shop) { s.Settings.Limits = offline.Limits{} })
	codes := s.codesOf(2, 10, 400)
	f := s.behind()
	for _, c := range codes {
		s.accept(offline.Activate, c, waiting)
	}
	s.Desk.Start()
	s.Eventually("some are sent", func() bool { return s.Desk.Status().Waiting < len(codes)-20 })
	s.Faults(sandbox.Fault{Action: "*", Do: "html"})
	s.Eventually("the portal is told", func() bool { return s.Desk.Status().Link == offline.Offline })
	s.Eventually("nothing is on its way", func() bool {
		sending, err := s.Desk.Operations(context.Background(), offline.Query{States: []offline.State{offline.Sending}})
		return err == nil && len(sending) == 0
	})
	// An answer of before the portal that is read late lets each permit be used once more.
	if n := s.Desk.Status().Unknown; n > 2*s.Settings.Calls.Parallel {
		t.Errorf("%d operations went into the portal with %d permits", n, s.Settings.Calls.Parallel)
	}
	if f.atOnce() > s.Settings.Calls.Parallel {
		t.Errorf("%d calls at once with %d permits", f.atOnce(), s.Settings.Calls.Parallel)
	}
}

func TestAnOpenCounterDrainsOverABadLineAndKeepsToItsPermits(t *testing.T) {
	t.Parallel()
	s := openShop(t, proofAfter(400*time.Millisecond), func(s *offlinetest.Shop) { s.Settings.Limits = offline.Limits{} })
	codes := s.codesOf(1, 4, 80)
	f := s.behind()
	for _, c := range codes {
		s.accept(offline.Activate, c, waiting)
	}
	s.Faults(badLine()...)
	s.Desk.Start()
	s.Eventually("everything is done", s.allDone(len(codes)))
	counts := map[string]int{}
	for _, e := range s.Sandbox.Effects() {
		counts[e.ID]++
	}
	for _, c := range codes {
		if counts[string(c)] != 1 {
			t.Errorf("%s: %d effects", c.Masked(), counts[string(c)])
		}
	}
	if f.atOnce() > s.Settings.Calls.Parallel {
		t.Errorf("%d calls at once with %d permits", f.atOnce(), s.Settings.Calls.Parallel)
	}
}

// ended forgives a replay that its time cut short.
func ended(err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return nil
	}
	return err
}

// silenced activates the reel, loses the answer, asks in vain, and stops the clock
// within the pause that follows.
func (s *shop) silenced() offline.Operation {
	s.TB.Helper()
	op := s.lost()
	s.Faults(sandbox.Fault{Action: api.ActionActivateQuery, Skip: 1, Do: "drop_request"})
	s.Desk.Probe(context.Background())
	for {
		s.Must(ended(s.Desk.Replay(within(s.TB, 200*time.Millisecond), nil)))
		run := s.Clock.Stop()
		op = s.read(op)
		s.wantState(op, offline.Unknown)
		if op.Asked > 0 && op.NextAt.After(s.Now()) {
			return op
		}
		run()
	}
}

func TestAQuestionNobodyAnsweredIsAskedWhenThePlatformIsBack(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.known(reel)
	op := s.silenced()
	s.Down()
	for s.Desk.Status().Link != offline.Offline {
		s.Desk.Probe(context.Background())
	}
	s.Faults()
	s.Up()
	s.Desk.Start()
	s.Eventually("it is asked about", func() bool { return s.state(op.Op) == offline.Done })
}

func TestAnOperationIsAskedAboutWhenTimeDecidesIt(t *testing.T) {
	t.Parallel()
	s := openShop(t, proofAfter(10*time.Minute))
	s.known(reel)
	s.Faults(sandbox.Fault{Action: api.ActionReelActivate, Times: 1, Do: "drop_request"})
	op := s.sent(s.accept(offline.Activate, reel))
	s.Desk.Probe(context.Background())
	for range 12 { // the platform answers each time, and nothing can be concluded yet
		op = s.replayed(op)
	}
	s.Clock.Forward(9 * time.Minute)
	op = s.replayed(op)
	s.wantState(op, offline.Unknown)
	if late := op.NextAt.Sub(op.Attempts[0].EndedAt.Add(s.Settings.Rules.AbsentAfter)); late > 5*time.Second {
		t.Fatalf("asked again %v after its absence proves something", late)
	}
}
