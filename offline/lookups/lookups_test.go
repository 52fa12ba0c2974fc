package lookups_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"counterfoil/api"
	"counterfoil/api/sandbox"
	"counterfoil/offline/lookups"
	"counterfoil/offline/platformtime"
)

func TestALookUpForTheCountersOwnEndsIsInTheCatalogSoon(t *testing.T) {
	t.Parallel()
	l := openTill(t)
	answer, seen := l.Look(context.Background(), code)
	if !answer.Success() || seen.Counts["03"] != 1 || seen.Code != answer.Code || seen.At.IsZero() {
		t.Fatalf("saw %+v by %+v", seen, answer)
	}
	if n, ok := l.node(code); !ok || n.Status != "03" || n.SeenAt.Sub(seen.At).Abs() > time.Millisecond {
		t.Errorf("the catalog holds %+v", n)
	}
	l.wantFresh(code, false)
}

func TestWhatIsShownIsInTheCatalogAndFreshWhenItReturns(t *testing.T) {
	t.Parallel()
	l := openTill(t)
	passed := 0
	answer, seen := l.Show(context.Background(), reel, func(api.Node) error { passed++; return nil })
	n, ok, err := l.catalog.Get(context.Background(), reel)
	l.must(err)
	if !answer.Success() || seen.Counts["03"] != 2 || passed < 3 || !ok || n.Counts["03"] != 2 {
		t.Fatalf("saw %+v, %d nodes; the catalog holds %+v", seen, passed, n)
	}
	if got, fresh := l.Fresh(reel); !fresh || !got.At.Equal(seen.At) || got.Counts["03"] != 2 {
		t.Errorf("remembered %+v, fresh %v", got, fresh)
	}
	l.wantFresh(code, false) // only what was asked for
}

func TestAnIDThatThePlatformDoesNotKnowIsNeitherFreshNorKept(t *testing.T) {
	t.Parallel()
	l := openTill(t)
	unknown := api.ID("R999999Z-0000001-0001")
	for _, ask := range []func() api.Answer{
		func() api.Answer { a, _ := l.Look(context.Background(), unknown); return a },
		func() api.Answer { a, _ := l.Show(context.Background(), unknown, nil); return a },
	} {
		if a := ask(); a.Outcome != api.Answered || a.Success() {
			t.Errorf("answer %+v", a)
		}
	}
	l.wantFresh(unknown, false)
	if _, ok := l.node(unknown); ok {
		t.Error("the catalog holds it")
	}
}

func TestASinkThatFailsEndsTheLookUp(t *testing.T) {
	t.Parallel()
	l := openTill(t)
	enough := errors.New("enough")
	answer, _ := l.Show(context.Background(), box, func(api.Node) error { return enough })
	if answer.Reason != api.ReasonSink || !errors.Is(answer.Err, enough) {
		t.Errorf("answer %+v", answer)
	}
	l.wantFresh(box, false)
	if _, ok := l.node(box); ok {
		t.Error("the catalog holds part of an answer")
	}
}

func TestCodesAboveWhatMemoryHoldsAreCountedByTheCatalog(t *testing.T) {
	t.Parallel()
	l := openTill(t)
	const codes = 20_050
	made, _ := l.codes(1, 3, codes)
	for name, ask := range map[string]func() int{
		"shown":  func() int { _, seen := l.Show(context.Background(), made, nil); return seen.Counts["03"] },
		"looked": func() int { _, seen := l.Look(context.Background(), made); return seen.Counts["03"] },
	} {
		if got := ask(); got != codes {
			t.Errorf("%s: %d codes counted, want %d", name, got, codes)
		}
	}
}

func TestABadLineCostsALookUpForOurselvesNoAnswer(t *testing.T) {
	t.Parallel()
	l := openTill(t)
	l.stopped.Store(true) // what was lost late is not asked for again
	l.look(other)
	l.faults(sandbox.Fault{Action: api.ActionLookup, Times: 2, Do: "drop_answer"})
	l.look(reel)
	l.faults(sandbox.Fault{Action: api.ActionLookup, Times: 1, Do: "drop_answer"})
	if a, _ := l.Show(context.Background(), reel, nil); a.Outcome != api.Unanswered {
		t.Errorf("rows that somebody saw were asked for again: %+v", a)
	}
}

func TestARefusalOfAWrongDateIsAskedAgain(t *testing.T) {
	t.Parallel()
	l := openTill(t)
	l.wrong.Store(int64(-26 * time.Hour))
	answers := 0
	l.answered = func(api.Answer) { answers++ }
	l.look(reel)
	if answers != 2 {
		t.Errorf("%d answers", answers)
	}
	l.wrong.Store(0) // back again, and the platform's time is wrong once more
	l.show(reel)
	if answers != 4 {
		t.Errorf("%d answers", answers)
	}
}

func TestCloseToMidnightNothingIsAsked(t *testing.T) {
	t.Parallel()
	l := openTill(t)
	l.wrong.Store(int64(12*time.Hour - 10*time.Second))
	l.answered = func(a api.Answer) { t.Errorf("a call was made: %+v", a) }
	for _, ask := range []func() api.Answer{
		func() api.Answer { a, _ := l.Look(context.Background(), reel); return a },
		func() api.Answer { a, _ := l.Show(context.Background(), reel, nil); return a },
	} {
		if a := ask(); a.Outcome != api.NotSent || !errors.Is(a.Err, platformtime.ErrMidnight) {
			t.Errorf("answer %+v", a)
		}
	}
}

func TestAnAnswerStandsWhereTheCatalogCannotKeepIt(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*till){
		"closed": func(l *till) { l.must(l.catalog.Close()) },
		"beside": func(*till) {},
	} {
		t.Run(name, func(t *testing.T) {
			l := openTill(t, func(o *lookups.Options) { o.ReadOnly = name == "beside" })
			spoil(l)
			for _, id := range []api.ID{reel, code} {
				answer, seen := l.Show(context.Background(), id, nil)
				again, same := l.Look(context.Background(), id)
				if !answer.Success() || !again.Success() || seen.Counts["03"] == 0 || same.Counts["03"] != seen.Counts["03"] {
					t.Errorf("%s: %+v, then %+v", id, seen, same)
				}
				l.wantFresh(id, true)
			}
			if name == "beside" {
				if _, ok := l.node(reel); ok {
					t.Error("the catalog was written beside an open counter")
				}
			}
		})
	}
}

func TestClosingWritesWhatWaits(t *testing.T) {
	t.Parallel()
	l := openTill(t)
	_, codes := l.codes(1, 1, 40)
	for _, c := range codes {
		l.Confirm(c, "00")
	}
	l.end()
	for _, c := range codes {
		n, ok, err := l.catalog.Get(context.Background(), c)
		l.must(err)
		if !ok || n.Status != "00" {
			t.Errorf("the catalog holds %+v", n)
		}
	}
	if l.changed.Load() == 0 {
		t.Error("no face was told")
	}
}

func TestADownloadStandsStillWhileACardIsWaitedFor(t *testing.T) {
	t.Parallel()
	l := openTill(t)
	large, err := l.sandbox.Generate(1, 3, 60_000)
	l.must(err)
	l.faults(sandbox.Fault{Action: api.ActionLookup, Skip: 1, Times: 1, Do: "delay:200ms"})
	arrived, passed, asked, answered := 0, -1, make(chan struct{}), make(chan struct{})
	answer, _ := l.Show(context.Background(), api.ID(large), func(api.Node) error {
		switch arrived++; arrived {
		case 10_000:
			go func() {
				close(asked)
				l.Show(context.Background(), reel, nil)
				close(answered)
			}()
			<-asked
		}
		select {
		case <-answered:
			if passed < 0 {
				passed = arrived
			}
		default:
		}
		return nil
	})
	<-answered
	if !answer.Success() || passed < 0 || passed > 40_000 {
		t.Errorf("the card came after %d of 60,000 codes had passed", passed)
	}
}
