package send_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"counterfoil/api"
	"counterfoil/api/sandbox"
	"counterfoil/offline/journal"
	"counterfoil/offline/operation"
	"counterfoil/offline/send"
)

// parallel sets how many calls go at once, forward what a repeat can do.
func parallel(n int, forward bool) func(*send.Options) {
	return func(o *send.Options) { o.Calls.Parallel, o.Rules.StatusForwardOnly = n, forward }
}

func TestNothingIsSentBeforeItsClaimIsCommitted(t *testing.T) {
	t.Parallel()
	l := openTill(t)
	codes := l.codes(20)
	var sent atomic.Int64
	l.front.onCall(func(action, body string) {
		if action != api.ActionActivate {
			return
		}
		sent.Add(1)
		ops, err := l.journal.Operations(context.Background(), journal.Query{States: []operation.State{operation.Sending}, Whole: true})
		if err != nil {
			t.Error(err)
		}
		for _, op := range ops {
			if last := op.Attempts[len(op.Attempts)-1]; strings.Contains(body, last.Trace) && strings.Contains(body, op.ID) {
				return
			}
		}
		t.Errorf("on its way and not among %d committed attempts: %s", len(ops), body)
	})
	l.wait(operation.Activate, codes[:15]...)
	l.run()
	l.show(codes[15:]...)
	for _, id := range codes[15:] { // what a cashier waits for
		l.sells(operation.Activate, id)
	}
	l.until("all are done", func() bool { return l.count(operation.Done) == len(codes) })
	if sent.Load() != int64(len(codes)) {
		t.Errorf("%d sent", sent.Load())
	}
	l.wantEffects(codes...)
}

func TestADrainKeepsToItsCallsAtOnceProbesAndQuestionsAmongThem(t *testing.T) {
	t.Parallel()
	l := openTill(t, parallel(3, true))
	codes := l.codes(60)
	l.faults(sandbox.Fault{Action: api.ActionActivate, Probability: 0.2, Do: "drop_answer"},
		sandbox.Fault{Action: api.ActionActivate, Probability: 0.2, Do: "refuse:A05"})
	probes, end := context.WithCancel(context.Background())
	defer end()
	l.running.Go(func() {
		for probes.Err() == nil {
			if release, ok := l.PermitProbe(); ok {
				l.link.Probe(probes)
				release()
			}
		}
	})
	l.wait(operation.Activate, codes...)
	l.front.hold(api.ActionActivate)
	l.run()
	l.until("all places are taken", func() bool { return l.front.count(api.ActionActivate) == 3 })
	l.front.letGo()
	l.until("all are closed", func() bool { return l.count(operation.Done)+l.count(operation.Refused) == len(codes) })
	end()
	if most := l.front.atOnce(); most != 3 {
		t.Errorf("%d calls at once, parallel is 3", most)
	}
}

func TestNoMoreIsCommittedAheadThanACrashMayLeaveToBeAskedAbout(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		forward bool
		most    int64
		codes   int
	}{"a repeat does no harm": {true, 64, 80}, "each must be asked about": {false, 2, 20}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := openTill(t, parallel(2, c.forward))
			codes := l.codes(c.codes)
			l.show(codes...) // so that nothing but the bound on open attempts holds them up
			l.front.hold(api.ActionActivate)
			l.wait(operation.Activate, codes...)
			l.run()
			l.until("as many attempts are open as may be", func() bool { return int64(l.count(operation.Sending)) >= c.most })
			l.until("two calls are on their way", func() bool { return l.front.count(api.ActionActivate) == 2 })
			var most atomic.Int64
			l.front.onCall(func(string, string) { most.Store(max(most.Load(), int64(l.count(operation.Sending)))) })
			l.front.letGo()
			l.until("all are done", func() bool { return l.count(operation.Done) == len(codes) })
			if most.Load() != c.most {
				t.Errorf("%d attempts were committed and not answered, at most %d may be", most.Load(), c.most)
			}
			l.wantEffects(codes...)
		})
	}
}

func TestAProbeTakesAPlaceAmongTheCalls(t *testing.T) {
	t.Parallel()
	l := openTill(t, parallel(2, true))
	var releases []func()
	for range 2 {
		release, ok := l.PermitProbe()
		if !ok {
			t.Fatal("no place though nothing is on its way")
		}
		releases = append(releases, release)
	}
	if _, ok := l.PermitProbe(); ok {
		t.Error("a third call beside two")
	}
	for range 3 {
		l.link.Note(api.Answer{Outcome: api.NotSent, Reason: api.ReasonUnreachable})
	}
	if _, ok := l.PermitProbe(); !ok {
		t.Error("nobody asks whether the platform is back")
	}
	releases[0]()
	if _, ok := l.PermitProbe(); !ok {
		t.Error("the place of a probe that ended is not free")
	}
}

func TestACommittedAttemptGoesBeforeLookUps(t *testing.T) {
	t.Parallel()
	l := openTill(t, parallel(1, true))
	codes := l.codes(32)
	first, committed, others := codes[0], codes[1], codes[2:]
	l.show(first, committed)
	l.front.hold(api.ActionActivate)
	l.wait(operation.Activate, first)
	l.run()
	l.until("the first is on its way", func() bool { return l.front.count(api.ActionActivate) == 1 })
	ops := l.wait(operation.Activate, others...)
	l.until("their look-ups wait for the one place", func() bool {
		at, _ := l.list.Standing(ops[len(ops)-1])
		return at.Busy
	})
	l.wait(operation.Activate, committed)
	l.until("it is committed", func() bool { return l.count(operation.Sending) == 2 })
	var lookups atomic.Int64
	var before atomic.Int64
	before.Store(-1)
	l.front.onCall(func(action, body string) {
		if action == api.ActionLookup {
			lookups.Add(1)
		} else if strings.Contains(body, string(committed)) {
			before.Store(lookups.Load())
		}
	})
	l.front.letGo()
	l.until("all are done", func() bool { return l.count(operation.Done) == len(codes) })
	if n := before.Load(); n < 0 || n > int64(len(others)/2) { // it may have come to the line a moment after the first of them
		t.Errorf("%d look-ups went before what was committed", n)
	}
}

func TestALookUpThatGrewOldIsNotSentOn(t *testing.T) {
	t.Parallel()
	for name, forward := range map[string]bool{"waiting to begin its attempt": false, "waiting for its call": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := openTill(t, parallel(1, forward))
			codes := l.codes(2)
			l.show(codes...)
			l.front.hold(api.ActionActivate)
			l.wait(operation.Activate, codes[0])
			l.run()
			l.until("the first is on its way", func() bool { return l.front.count(api.ActionActivate) == 1 })
			second := l.wait(operation.Activate, codes[1])[0]
			if forward {
				l.until("the second is committed", func() bool { return l.count(operation.Sending) == 2 })
			} else {
				l.until("the second waits", func() bool { at, _ := l.list.Standing(second); return at.Busy })
			}
			l.forward(2 * time.Minute)
			set := l.options.Clock.Now().Add(-time.Second)
			looked := l.front.count(api.ActionLookup)
			l.front.letGo()
			l.until("both are done", func() bool { l.list.DropPauses(false); l.Wake(); return l.count(operation.Done) == 2 })
			if l.front.count(api.ActionLookup) == looked {
				t.Error("sent on a look-up of two minutes ago")
			}
			attempts := l.stored(second).Attempts
			if last := attempts[len(attempts)-1]; last.Before.At.Before(set) {
				t.Errorf("the attempt stands on a look-up of %v, sent at %v", last.Before.At, last.SentAt)
			}
			if forward && (len(attempts) != 2 || attempts[0].Outcome != string(api.NotSent)) || !forward && len(attempts) != 1 {
				t.Errorf("attempts %+v", attempts)
			}
			l.wantEffects(codes...)
		})
	}
}

// After a crash each attempt that was committed and not answered is asked about.
func TestOfAListNoMoreIsCommittedThanCallsMayBeMade(t *testing.T) {
	t.Parallel()
	l := openTill(t, parallel(2, false))
	codes := l.codes(20)
	l.show(codes...)
	var most atomic.Int64
	l.front.onCall(func(action, _ string) {
		if action == api.ActionActivate {
			most.Store(max(most.Load(), int64(l.count(operation.Sending))))
		}
	})
	for _, code := range codes {
		item := l.accept(operation.Activate, code)
		op := item.Operation()
		op.Entered, op.Offline = operation.FromFile, false
		item.Set(op)
		l.running.Go(func() {
			if _, sent, err := l.AcceptAndSend(item, operation.EventAccepted, true); !sent || err != nil {
				t.Errorf("sent %v, %v", sent, err)
			}
		})
	}
	l.until("all are sent", func() bool { return l.count(operation.Done) == len(codes) })
	if most.Load() > 2 {
		t.Errorf("%d attempts were open at once, two calls may be made", most.Load())
	}
	l.wantEffects(codes...)
}
