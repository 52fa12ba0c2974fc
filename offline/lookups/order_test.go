package lookups_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"counterfoil/api"
)

func TestAFreshLookUpAges(t *testing.T) {
	t.Parallel()
	l := openTill(t)
	l.show(reel)
	l.wrong.Store(int64(50 * time.Second))
	l.wantFresh(reel, true)
	l.show(other)
	l.wrong.Store(int64(70 * time.Second))
	l.wantFresh(reel, false)
	l.wantFresh(other, true)
	l.wrong.Store(int64(3 * time.Hour))
	l.wantFresh(other, false)
}

func TestAnAttemptEndsTheFreshnessOfWhatItMayHaveChanged(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		sent api.ID
		left []api.ID // fresh afterwards
	}{
		{reel, []api.ID{other}},
		{other, []api.ID{reel}},
		{code, nil}, // a reel may hold it, whichever it is
		{box, nil},
	} {
		t.Run(string(c.sent), func(t *testing.T) {
			l := openTill(t)
			all := []api.ID{reel, other, code}
			for _, id := range all {
				l.show(id)
			}
			l.Sent(c.sent)
			left := map[api.ID]bool{}
			for _, id := range c.left {
				left[id] = true
			}
			for _, id := range all {
				l.wantFresh(id, left[id])
			}
		})
	}
}

// overtaken has an attempt on id go out, and be confirmed, between an answer
// and what comes of it.
func (l *till) overtaken(id api.ID) {
	l.answered = func(api.Answer) {
		l.answered = nil
		l.Sent(id)
		l.Confirm(id, "00")
	}
}

func TestWhatWasShownAndOvertakenIsNotFresh(t *testing.T) {
	t.Parallel()
	l := openTill(t)
	l.overtaken(reel)
	l.show(reel)
	l.wantFresh(reel, false)
	l.show(reel)
	l.wantFresh(reel, true)
}

func TestAnOvertakenAnswerDoesNotHideAConfirmedStatus(t *testing.T) {
	t.Parallel()
	for name, ask := range map[string]func(*till, api.ID){
		"looked": (*till).look,
		"shown":  (*till).show,
	} {
		for size, codes := range map[string]int{"small": 10, "large": 500} {
			t.Run(name+" "+size, func(t *testing.T) {
				l := openTill(t)
				made, all := l.codes(1, 1, codes)
				for _, id := range []api.ID{made, all[0]} {
					l.overtaken(all[0])
					ask(l, id)
					if n, _ := l.node(all[0]); n.Status != "00" {
						t.Errorf("after the look-up of a %s the code reads %s", id.Level(), n.Status)
					}
				}
			})
		}
	}
}

func TestAStatusConfirmedBehindAnAnswerStandsOnTopOfIt(t *testing.T) {
	t.Parallel()
	l := openTill(t)
	l.show(box)
	for _, id := range []api.ID{code, reel} {
		l.look(id)
		l.Sent(id)
		l.Confirm(id, "00")
		if n, _ := l.node(code); n.Status != "00" {
			t.Errorf("the code reads %s behind the status of its %s", n.Status, id.Level())
		}
	}
}

// A drain with several permits looks up, activates and confirms each code, while
// somebody looks at the codes and at the box that holds them.
func TestNoAnswerLandsOnTopOfAStatusHoweverTheyMeet(t *testing.T) {
	t.Parallel()
	l := openTill(t)
	made, codes := l.codes(2, 4, 400)
	var all sync.WaitGroup
	const workers = 4
	for worker := range workers {
		all.Go(func() {
			for i := worker; i < len(codes); i += workers {
				l.activates(codes[i])
			}
		})
	}
	all.Go(func() {
		for i := range 10 {
			l.Show(context.Background(), codes[i], nil)
			l.Look(context.Background(), made)
		}
	})
	all.Wait()
	l.end()
	for _, c := range codes {
		n, ok, err := l.catalog.Get(context.Background(), c)
		l.must(err)
		if !ok || n.Status != "00" {
			t.Fatalf("%s is confirmed active and reads %s", c, n.Status)
		}
	}
}

func TestAnAttemptOfLongAgoStillCountsForALookUpThatTookLonger(t *testing.T) {
	t.Parallel()
	l := openTill(t)
	l.answered = func(api.Answer) {
		l.answered = nil
		for n := range 5000 { // more than can be remembered one by one
			l.Sent(api.ID(fmt.Sprintf("R112102F-%07d-0000", n)))
		}
	}
	l.show(reel)
	l.wantFresh(reel, false)
	l.show(reel)
	l.wantFresh(reel, true)
}
