package send

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
)

func (p *permits) freeNow() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.free
}

func TestPermitsGoInTheOrderOfComingAndThoseInHasteFirst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPermits(2)
		for range 2 {
			if !p.take(t.Context(), false) {
				t.Fatal("none, and two are free")
			}
		}
		if p.try() {
			t.Fatal("a third of two")
		}
		var got []string
		for _, who := range []struct {
			name  string
			haste bool
		}{{"first", false}, {"second", false}, {"hasty", true}, {"hastier", true}, {"third", false}} {
			go func() {
				if p.take(t.Context(), who.haste) {
					got = append(got, who.name)
				}
			}()
			synctest.Wait() // it is in line before the next comes
		}
		for range 5 {
			p.give()
			synctest.Wait()
		}
		if want := []string{"hasty", "hastier", "first", "second", "third"}; !slices.Equal(got, want) {
			t.Errorf("in the order %v, want %v", got, want)
		}
		p.give()
		p.give()
		if p.freeNow() != 2 || !p.try() || p.freeNow() != 1 {
			t.Errorf("%d free", p.freeNow())
		}
	})
}

func TestWhoStopsWaitingLeavesTheLine(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPermits(1)
		p.try()
		ctx, cancel := context.WithCancel(t.Context())
		took := make(chan bool, 2)
		go func() { took <- p.take(ctx, true) }()
		synctest.Wait()
		go func() { took <- p.take(t.Context(), false) }()
		synctest.Wait()
		cancel()
		if <-took {
			t.Error("taken by who had stopped waiting")
		}
		p.give()
		if !<-took {
			t.Error("the next in line got none")
		}
		if p.give(); p.freeNow() != 1 {
			t.Errorf("%d of one permit", p.freeNow())
		}
	})
}

func TestAPermitHandedToWhoStopsAtThatMomentGoesOn(t *testing.T) {
	t.Parallel()
	for range 200 { // whichever of the two is seen first
		p := newPermits(1)
		p.try()
		ctx, cancel := context.WithCancel(context.Background())
		took := make(chan bool)
		go func() { took <- p.take(ctx, false) }()
		go cancel()
		p.give()
		if <-took {
			p.give()
		}
		if p.freeNow() != 1 {
			t.Fatalf("%d of one permit", p.freeNow())
		}
	}
}

func TestWhoHasStoppedTakesNothing(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, p := range []*permits{nil, newPermits(1)} {
		if p.take(ctx, false) || (lane{permits: p}).call(ctx, func() { t.Error("called") }) {
			t.Error("taken after the end")
		}
	}
	var boundless *permits
	if !boundless.take(context.Background(), false) {
		t.Error("what is not bounded waits")
	}
	boundless.give()
}
