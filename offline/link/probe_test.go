package link_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"counterfoil/api"
	"counterfoil/offline/link"
)

// run has the link probe until the test's bubble is done with it.
func (p *platform) run() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var work sync.WaitGroup
	work.Go(func() { p.Run(ctx) })
	synctest.Wait()
	return func() { cancel(); work.Wait() }
}

func TestALinkIsProbedAtTheStartAndNotWhileItIsOnline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform()
		p.Note(signed)
		defer p.run()()
		if p.questions() != 1 {
			t.Fatalf("%d probes at the start", p.questions())
		}
		passes(24 * time.Hour)
		if p.questions() != 1 {
			t.Errorf("%d probes of a link that is online", p.questions())
		}
		if r := p.Report(); !r.NextProbe.IsZero() {
			t.Errorf("report %+v", r)
		}
	})
}

func TestProbesOfACutLinkComeLessAndLessOften(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform()
		p.answers(nobody)
		defer p.run()()
		p.want(t, link.Offline)
		passes(time.Hour)
		var pauses []time.Duration
		for i := 1; i < len(p.asked); i++ {
			pauses = append(pauses, p.asked[i].Sub(p.asked[i-1]))
		}
		if len(pauses) < 40 || pauses[0] > 3*time.Second {
			t.Fatalf("pauses %v", pauses)
		}
		for _, pause := range pauses[8:] {
			if pause < 40*time.Second || pause > 80*time.Second {
				t.Errorf("a pause of %v", pause)
			}
		}
		p.answers(signed)
		passes(2 * time.Minute)
		p.want(t, link.Online)
		if p.back != 1 || p.held != 0 {
			t.Errorf("back %d times, %d places held", p.back, p.held)
		}
	})
}

func TestACallThatFailsIsFollowedByAProbe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform()
		defer p.run()()
		passes(time.Hour)
		p.Note(late)
		p.want(t, link.Shaky)
		passes(2 * time.Second)
		p.want(t, link.Online)
	})
}

func TestAProbeAtHandIsMadeAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform()
		p.answers(nobody)
		defer p.run()()
		passes(30 * time.Minute)
		p.answers(signed)
		p.ProbeNow()
		synctest.Wait()
		p.want(t, link.Online)
		before := p.questions()
		p.ProbeNow()
		synctest.Wait()
		if p.questions() != before {
			t.Error("a link that is online was probed")
		}
	})
}

func TestAProbeIsLeftOutWhereItHasNoPlaceAmongTheCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform()
		p.full = true
		p.answers(late)
		defer p.run()()
		passes(time.Minute)
		if p.questions() != 0 {
			t.Fatalf("%d probes without a place", p.questions())
		}
		p.locked(func() { p.full = false })
		passes(2 * time.Minute)
		if p.questions() == 0 || p.held != 0 {
			t.Errorf("%d probes, %d places held", p.questions(), p.held)
		}
	})
}

func TestAQuestionThatABadLineLostIsPutAgain(t *testing.T) {
	for name, c := range map[string]struct {
		heard bool
		first api.Answer
		times int
	}{
		"lost on a line that works":      {true, lost, 3},
		"somebody else's page":           {true, portal, 3},
		"unanswered in time":             {true, late, 1},
		"lost before anything was heard": {false, lost, 1},
		"answered":                       {true, signed, 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newPlatform()
				if c.heard {
					p.Note(signed)
				}
				times := 0
				p.Insist(context.Background(), func() api.Answer { times++; return c.first })
				if times != c.times {
					t.Errorf("put %d times, want %d", times, c.times)
				}
			})
		})
	}
}

func TestAnInsistentQuestionEndsWithItsAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform()
		p.Note(signed)
		answers := []api.Answer{lost, signed, lost}
		got := p.Insist(context.Background(), func() (a api.Answer) { a, answers = answers[0], answers[1:]; return a })
		if got.Outcome != api.Answered || len(answers) != 1 {
			t.Errorf("answer %+v, %d left", got, len(answers))
		}
	})
}

func TestTheReportShowsHowFastADrainGoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform()
		p.Note(nobody)
		p.Note(signed)
		for range 20 {
			p.NoteClosed()
			passes(time.Second)
		}
		if r := p.Report(); r.Closed != 20 || r.Rate != 1 {
			t.Errorf("closed %d, %v a second", r.Closed, r.Rate)
		}
		p.Note(lost)
		p.Note(signed)
		if r := p.Report(); r.Closed != 20 {
			t.Errorf("a bad line set the count to %d", r.Closed)
		}
		p.answers(nobody)
		p.Note(nobody)
		p.Note(signed)
		if r := p.Report(); r.Closed != 0 {
			t.Errorf("%d closed since the link came back", r.Closed)
		}
	})
}

func TestGrowingPausesDoubleUpToTheLast(t *testing.T) {
	pauses := link.Growing(100*time.Millisecond, time.Second)
	for _, ms := range []int{100, 200, 400, 800, 1000, 1000} {
		about := time.Duration(ms) * time.Millisecond
		if got := pauses.NextBackOff(); got < about*7/10 || got > about*13/10 {
			t.Errorf("a pause of %v, want about %v", got, about)
		}
	}
}

func TestAPauseEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	if !link.Pause(ctx, 0) {
		t.Error("a pause that nothing cut short counts as cut")
	}
	cancel()
	if link.Pause(ctx, time.Hour) {
		t.Error("a pause that was cut short counts as whole")
	}
}
