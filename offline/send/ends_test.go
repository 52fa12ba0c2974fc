package send_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"counterfoil/api"
	"counterfoil/api/sandbox"
	"counterfoil/offline/journal"
	"counterfoil/offline/operation"
	"counterfoil/offline/send"
)

// onTheirWay has all calls at once be attempts that the platform does not answer yet.
func (l *till) onTheirWay(ids ...api.ID) []string {
	l.t.Helper()
	l.show(ids...)
	l.front.hold(api.ActionActivate)
	ops := l.wait(operation.Activate, ids...)
	l.run()
	l.until("they are on their way", func() bool { return l.front.count(api.ActionActivate) == len(ids) })
	return ops
}

func TestWhatAStoppedSenderTookIsGivenBackAsItWas(t *testing.T) {
	t.Parallel()
	l := openTill(t, parallel(2, true))
	codes := l.codes(10)
	sent := l.onTheirWay(codes[:2]...)
	l.show(codes[2:5]...)
	committed := l.wait(operation.Activate, codes[2:5]...)
	looking := l.wait(operation.Activate, codes[5:]...)
	l.until("all are taken", func() bool {
		at, _ := l.list.Standing(looking[len(looking)-1])
		return at.Busy && l.count(operation.Sending) == 5
	})
	l.cancel()
	l.until("only what is on its way goes on", func() bool {
		for _, op := range append(committed, looking...) {
			if at, open := l.list.Standing(op); !open || at.Busy {
				return false
			}
		}
		return true
	})
	for _, op := range committed {
		if got := l.wantState(op, operation.Queued); len(got.Attempts) != 1 || got.EverWritten() {
			t.Errorf("committed and not sent: %+v", got.Attempts)
		}
	}
	for _, op := range looking {
		if got := l.wantState(op, operation.Queued); len(got.Attempts) != 0 {
			t.Errorf("attempts %+v", got.Attempts)
		}
	}
	l.front.letGo()
	l.stop(time.Minute) // the answers come within the grace
	for _, op := range sent {
		l.wantState(op, operation.Done)
	}
	l.wantEffects(codes[:2]...)
	l.Start()
	l.list.DropPauses(false)
	l.run()
	l.until("all are done", func() bool { return l.count(operation.Done) == len(codes) })
	l.wantEffects(codes...)
}

func TestAStoppedSenderBeginsNothing(t *testing.T) {
	t.Parallel()
	l := openTill(t)
	l.run()
	l.Finish(time.Minute)
	l.show(reel)
	op := l.sells(operation.Activate, reel)
	l.Wake()
	other := l.wait(operation.Activate, l.codes(1)[0])
	l.Finish(0)
	for _, op := range append(other, op) {
		if at, open := l.list.Standing(op); !open || at.Busy || at.Operation.State != operation.Queued {
			t.Errorf("stands %+v", at)
		}
	}
	l.wantEffects()
}

func TestWhatIsCutOffReadsUnknown(t *testing.T) {
	t.Parallel()
	l := openTill(t, parallel(3, true))
	codes := l.codes(3)
	ops := l.onTheirWay(codes[:2]...)
	l.show(codes[2])
	ops = append(ops, l.sells(operation.Activate, codes[2])) // what a cashier waits for
	l.until("it is on its way too", func() bool { return l.front.count(api.ActionActivate) == 3 })
	l.stop(0)
	for _, op := range ops {
		got := l.wantState(op, operation.Unknown)
		if at, open := l.list.Standing(op); !open || at.Busy || got.Attempts[0].Outcome != string(api.Unanswered) {
			t.Errorf("stands %+v", at)
		}
	}
}

func TestWhatIsOnItsWayIsGivenItsTime(t *testing.T) {
	t.Parallel()
	l := openTill(t)
	code := l.codes(1)[0]
	op := l.onTheirWay(code)[0]
	l.cancel()
	l.running.Wait()
	var finished sync.WaitGroup
	finished.Go(func() { l.Finish(time.Hour) })
	l.front.letGo()
	finished.Wait()
	l.wantState(op, operation.Done) // stored before Finish returned
}

func TestANumberOfYesterdayIsNotSentAfterMidnight(t *testing.T) {
	t.Parallel()
	l := openTill(t, parallel(1, true), func(o *send.Options) {
		o.Calls.PrelookMaxAge, o.Rules.AttentionAfter = 48*time.Hour, 48*time.Hour
	})
	codes := l.codes(2)
	l.onTheirWay(codes[0])
	l.show(codes[1])
	op := l.wait(operation.Activate, codes[1])[0]
	l.until("it is committed", func() bool { return l.count(operation.Sending) == 2 })
	l.forward(12*time.Hour + time.Minute)
	l.front.onCall(func(action, body string) {
		if action == api.ActionActivate && strings.Contains(body, "20261122") {
			t.Errorf("a number of yesterday: %s", body)
		}
	})
	l.front.letGo()
	l.until("both are done", func() bool { l.list.DropPauses(false); l.Wake(); return l.count(operation.Done) == 2 })
	got := l.stored(op)
	if len(got.Attempts) != 2 || got.Attempts[0].Outcome != string(api.NotSent) || !strings.HasPrefix(got.Attempts[0].Trace, "20261122") {
		t.Errorf("attempts %+v", got.Attempts)
	}
	if last := got.Attempts[len(got.Attempts)-1]; !strings.HasPrefix(last.Trace, "20261123") {
		t.Errorf("sent with %s", last.Trace)
	}
	l.wantEffects(codes...)
}

func TestNothingIsMintedCloseToMidnight(t *testing.T) {
	t.Parallel()
	l := openTill(t, func(o *send.Options) { o.Calls.PrelookMaxAge = 48 * time.Hour })
	codes := l.codes(4)
	l.show(codes[0], codes[1])
	l.forward(11*time.Hour + 59*time.Minute + 45*time.Second)
	ops := l.wait(operation.Activate, codes[0], codes[2]) // with a look-up at hand and without
	for _, id := range []api.ID{codes[1], codes[3]} {
		ops = append(ops, l.sells(operation.Activate, id))
	}
	l.run()
	for _, op := range ops {
		l.until("it waits for the new day", func() bool {
			at, _ := l.list.Standing(op)
			return !at.Busy && !at.Due && at.Operation.Why == operation.WhyMidnight
		})
		if got := l.wantState(op, operation.Queued); len(got.Attempts) != 0 {
			t.Errorf("attempts %+v", got.Attempts)
		}
	}
	l.forward(50 * time.Second)
	l.Wake()
	l.until("all are done", func() bool { return l.count(operation.Done) == len(ops) })
}

func TestAnOutcomeIsStoredAsSoonAsTheDiskHasRoom(t *testing.T) {
	t.Parallel()
	l := openTill(t)
	code := l.codes(1)[0]
	op := l.onTheirWay(code)[0]
	fill(t, l.journal)
	l.front.letGo()
	l.until("it is told", func() bool { return errors.Is(l.Fault(), journal.ErrDiskFull) })
	l.wantState(op, operation.Sending)
	if at, open := l.list.Standing(op); !open || !at.Busy || at.Operation.State != operation.Sending {
		t.Errorf("shown before it is stored: %+v", at)
	}
	item := l.accept(operation.Activate, reel)
	if _, err := l.CommitOnce(item, item.Operation(), operation.EventAccepted); !errors.Is(err, journal.ErrDiskFull) {
		t.Errorf("a person's act: %v", err)
	}
	l.list.Drop(item)
	l.must(l.journal.Write(context.Background(), func(tx *journal.Tx) error { return tx.Conn().Script(`PRAGMA max_page_count=1000000`) }))
	l.until("it is stored", func() bool { return l.count(operation.Done) == 1 })
	l.until("all is well", func() bool { return l.Fault() == nil })
	l.wantEffects(code)
}

// fill leaves the database no room for anything.
func fill(t *testing.T, j *journal.Journal) {
	t.Helper()
	err := j.Write(context.Background(), func(tx *journal.Tx) error { return tx.Conn().Script(`PRAGMA max_page_count=1`) })
	for _, size := range []int{2000, 10} {
		for err = nil; err == nil; {
			err = j.Write(context.Background(), func(tx *journal.Tx) error {
				return tx.Append("filling", strings.Repeat("x", size))
			})
		}
	}
	if !errors.Is(err, journal.ErrDiskFull) {
		t.Fatal(err)
	}
}

func TestAnAttemptThatCannotBeCommittedIsNotSent(t *testing.T) {
	t.Parallel()
	l := openTill(t)
	codes := l.codes(2)
	l.show(codes...)
	op := l.wait(operation.Activate, codes[0])[0]
	item := l.accept(operation.Activate, codes[1])
	fill(t, l.journal)
	if _, sent, err := l.AcceptAndSend(item, operation.EventAccepted, false); sent || !errors.Is(err, journal.ErrDiskFull) || !errors.Is(l.Fault(), err) {
		t.Errorf("sent %v, %v; the trouble is %v", sent, err, l.Fault())
	}
	l.Well()
	l.run()
	l.until("it was tried, and the trouble is told until the reserve is back", func() bool { return errors.Is(l.Fault(), journal.ErrDiskFull) })
	if at, _ := l.list.Standing(op); at.Operation.State != operation.Queued || len(at.Operation.Attempts) != 0 {
		t.Errorf("stands %+v", at)
	}
	l.wantEffects()
	l.stop(time.Minute) // nothing is left that it would wait for
	l.must(l.journal.Write(context.Background(), func(tx *journal.Tx) error { return tx.Conn().Script(`PRAGMA max_page_count=1000000`) }))
	l.until("there is room again, and nothing was written since", func() bool { return l.Fault() == nil })
}

func TestWhatWaitingDoesNotCureEndsTheTryingAndIsLeftToTheReopening(t *testing.T) {
	t.Parallel()
	for name, hurt := range map[string]func(*journal.Journal) error{
		"closed":     (*journal.Journal).Close,
		"distrusted": func(j *journal.Journal) error { j.Distrust(journal.ErrStale); return nil },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := openTill(t, parallel(1, true))
			codes := l.codes(3)
			ops := l.onTheirWay(codes[0])
			l.faults(sandbox.Fault{Action: api.ActionActivate, Do: "refuse:A05"}) // which would be looked up
			l.show(codes[1])
			ops = append(ops, l.wait(operation.Activate, codes[1])...)
			l.until("the second is committed", func() bool { return l.count(operation.Sending) == 2 })
			looked := l.front.count(api.ActionLookup)
			l.must(hurt(l.journal))
			l.front.letGo()
			l.Finish(time.Minute)
			if sent := l.front.count(api.ActionActivate); name == "distrusted" && sent != 1 {
				t.Errorf("%d sent, and what comes back to the second cannot be stored", sent)
			}
			if n := l.front.count(api.ActionLookup) - looked; name == "distrusted" && n != 0 {
				t.Errorf("%d look-ups, and what they show cannot be stored", n)
			}
			for _, op := range ops {
				if at, open := l.list.Standing(op); !open || at.Busy || at.Operation.State != operation.Sending {
					t.Errorf("%s: stands %+v", name, at)
				}
			}
		})
	}
}

func TestHopelessIsWhatOnlyReadingAnewCures(t *testing.T) {
	t.Parallel()
	for _, err := range []error{journal.ErrDamaged, journal.ErrStale, journal.ErrShrunk, journal.ErrClosed, journal.ErrReadOnly} {
		if !send.Hopeless(errors.Join(errors.New("while writing"), err)) {
			t.Errorf("%v is tried again", err)
		}
	}
	for _, err := range []error{nil, journal.ErrDiskFull, errors.New("busy")} {
		if send.Hopeless(err) {
			t.Errorf("%v is given up", err)
		}
	}
}

func TestAJournalThatDisagreesWithMemoryIsTrustedNoMore(t *testing.T) {
	t.Parallel()
	l := openTill(t)
	op := l.wait(operation.Activate, reel)[0]
	item, _ := l.list.Claim(op)
	stale := item.Operation()
	stale.Seq--
	if _, err := l.CommitOnce(item, stale, operation.EventWithdrawn); !errors.Is(err, journal.ErrStale) {
		t.Fatal(err)
	}
	if l.journal.Damaged() == nil || !errors.Is(l.Fault(), journal.ErrStale) {
		t.Errorf("it goes on: fault %v", l.Fault())
	}
	l = openTill(t)
	item = l.accept(operation.Activate, reel)
	shrunk := l.queue(item, operation.EventAccepted, func(op *operation.Operation) { op.Evidence = []operation.Evidence{{Asked: operation.AskedLookup}} })
	shrunk.Evidence = nil
	if _, err := l.CommitOnce(item, shrunk, operation.EventWithdrawn); !errors.Is(err, journal.ErrShrunk) || l.journal.Damaged() == nil {
		t.Errorf("it goes on after %v", err)
	}
}
