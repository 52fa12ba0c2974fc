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

// What a call can come back with.
var (
	signed  = api.Answer{Outcome: api.Answered, Code: "A00"}
	nobody  = api.Answer{Outcome: api.NotSent, Reason: api.ReasonUnreachable}
	portal  = api.Answer{Outcome: api.Unanswered, Reason: api.ReasonNotJSON}
	forged  = api.Answer{Outcome: api.Unanswered, Reason: api.ReasonSignature}
	late    = api.Answer{Outcome: api.Unanswered, Reason: api.ReasonTimeout}
	lost    = api.Answer{Outcome: api.Unanswered, Reason: api.ReasonLost}
	givenUp = api.Answer{Outcome: api.NotSent, Reason: api.ReasonCancelled}
)

// platform is what stands at the other end of a link, and hears what the link says.
type platform struct {
	*link.Link

	mu      sync.Mutex
	says    api.Answer // to signs of life
	asked   []time.Time
	heard   []api.Answer
	back    int
	changes []bool // from or to offline
	full    bool   // no probe has a place
	held    int    // places that probes have
}

func newPlatform() *platform {
	p := &platform{says: signed}
	p.Link = link.New(link.Options{Now: time.Now, Alive: p.alive, Permit: p.permit, Heard: p.hears, Back: p.isBack, Changed: p.changed})
	return p
}

func (p *platform) locked(f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f()
}

func (p *platform) alive(context.Context) (a api.Answer) {
	p.locked(func() { p.asked, a = append(p.asked, time.Now()), p.says })
	return a
}

func (p *platform) permit() (release func(), ok bool) {
	p.locked(func() {
		if ok = !p.full; ok {
			p.held++
		}
	})
	return func() { p.locked(func() { p.held-- }) }, ok
}

func (p *platform) hears(a api.Answer) { p.locked(func() { p.heard = append(p.heard, a) }) }
func (p *platform) isBack()            { p.locked(func() { p.back++ }) }
func (p *platform) changed(offline bool, _ api.Answer) {
	p.locked(func() { p.changes = append(p.changes, offline) })
}

func (p *platform) answers(a api.Answer) { p.locked(func() { p.says = a }) }

func (p *platform) questions() (n int) {
	p.locked(func() { n = len(p.asked) })
	return n
}

func (p *platform) want(t *testing.T, want link.State) {
	t.Helper()
	if got := p.State(); got != want {
		t.Fatalf("the link is %s, want %s", got, want)
	}
}

func TestNothingIsSaidOfTheLinkUntilThePlatformWasCalled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform()
		p.want(t, link.Unheard)
		p.Note(givenUp)
		p.Note(api.Answer{Outcome: api.NotSent, Reason: api.ReasonSetting})
		p.Note(api.Answer{Outcome: api.Unanswered, Reason: api.ReasonSink})
		p.want(t, link.Unheard)
		if r := p.Report(); p.EverHeard() || p.Flows() || p.Missed() != 0 || !r.NextProbe.IsZero() {
			t.Errorf("report %+v, %d missed", r, p.Missed())
		}
		p.Note(signed)
		p.want(t, link.Online)
		if len(p.heard) != 4 || p.back != 1 || !p.EverHeard() || !p.Flows() {
			t.Errorf("%d answers were handed on, back %d times", len(p.heard), p.back)
		}
	})
}

func TestAPlatformThatNeverAnswersIsNeverOnline(t *testing.T) {
	for name, c := range map[string]struct {
		answer api.Answer
		first  link.State
	}{
		"nobody there": {nobody, link.Offline},
		"a portal":     {portal, link.Offline},
		"forged":       {forged, link.Offline},
		"too slow":     {late, link.Shaky},
		"cut":          {lost, link.Shaky},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newPlatform()
				p.answers(c.answer)
				p.Note(c.answer)
				p.want(t, c.first)
				p.Note(c.answer)
				p.Note(c.answer)
				p.want(t, link.Offline)
				if p.questions() != 0 || p.Missed() != 3 || p.EverHeard() {
					t.Errorf("%d questions more, %d missed", p.questions(), p.Missed())
				}
			})
		})
	}
}

func TestAPlatformThatWasHeardIsOfflineOnlyWhenThatIsConfirmed(t *testing.T) {
	for name, c := range map[string]struct {
		calls, says api.Answer
		before      int // calls that leave it shaky
		questions   int
		within      time.Duration
	}{
		"a portal":     {portal, portal, 0, 3, 100 * time.Millisecond},
		"nobody there": {nobody, nobody, 0, 3, 100 * time.Millisecond},
		"a cut line":   {lost, lost, 2, 0, 2 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newPlatform()
				p.Note(signed)
				p.answers(c.says)
				for range c.before {
					p.Note(c.calls)
					p.want(t, link.Shaky)
				}
				if p.questions() != 0 {
					t.Fatal("it was asked before there was a doubt")
				}
				start := time.Now()
				p.Note(c.calls)
				p.want(t, link.Offline)
				if took := time.Since(start); took > c.within {
					t.Errorf("confirmed after %v", took)
				}
				if got := p.questions(); c.questions > 0 && got != c.questions || got == 0 {
					t.Errorf("confirmed by %d questions", got)
				}
				if last := p.changes[len(p.changes)-1]; !last {
					t.Error("nobody was told of it")
				}
			})
		})
	}
}

func TestOneSignedAnswerEndsTheDoubt(t *testing.T) {
	for name, bad := range map[string]api.Answer{"html": portal, "bad signature": forged, "refused": nobody} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newPlatform()
				p.Note(signed)
				if got := p.Note(bad); got.Reason != bad.Reason {
					t.Errorf("the answer came back as %+v", got)
				}
				p.want(t, link.Online)
				if p.questions() != 1 {
					t.Errorf("%d questions", p.questions())
				}
			})
		})
	}
}

func TestAnAnswerToAnotherCallEndsTheDoubtToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform()
		p.Note(signed)
		p.answers(lost)
		var inDoubt sync.WaitGroup
		inDoubt.Go(func() { p.Note(portal) })
		synctest.Wait()
		p.want(t, link.Shaky)
		p.Note(signed)
		inDoubt.Wait()
		p.want(t, link.Online)
	})
}

func TestWhoeverIsInDoubtWaitsForTheSameQuestions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform()
		p.Note(signed)
		p.answers(portal)
		var inDoubt sync.WaitGroup
		for range 8 {
			inDoubt.Go(func() {
				p.Note(portal)
				p.want(t, link.Offline)
			})
		}
		inDoubt.Wait()
		if got := p.questions(); got != 3 {
			t.Errorf("%d questions for eight calls in doubt", got)
		}
	})
}

func TestALineThatLosesHalfOfItsAnswersIsNotCut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform()
		p.Note(signed)
		for range 20 {
			p.Note(lost)
			p.Note(lost)
			p.want(t, link.Shaky)
			p.Note(signed)
			p.want(t, link.Online)
		}
		if p.back != 1 || p.Missed() != 40 {
			t.Errorf("back %d times, %d missed", p.back, p.Missed())
		}
		for _, offline := range p.changes[1:] {
			if offline {
				t.Error("a bad line was told of as offline")
			}
		}
	})
}

func TestAPlatformHeardAgainAfterASilenceIsBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform()
		p.Note(signed)
		p.Note(lost)
		passes(11 * time.Second)
		if p.Flows() {
			t.Error("signed answers flow, eleven seconds after the last")
		}
		p.Note(signed)
		if p.back != 2 {
			t.Errorf("it was told to be back %d times", p.back)
		}
	})
}

// passes lets the bubble's time go by, and whatever it sets off come to an end.
func passes(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}
