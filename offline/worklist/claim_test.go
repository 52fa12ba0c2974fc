package worklist_test

import (
	"testing"
	"time"

	"counterfoil/api"
	"counterfoil/offline/operation"
	"counterfoil/offline/worklist"
)

func TestOneAtATimeHasAnOperation(t *testing.T) {
	t.Parallel()
	l := newTill(t)
	if item, busy := l.Claim("none"); item != nil || busy {
		t.Fatalf("claimed %v, busy %v", item, busy)
	}
	item := l.accept(api.LevelCode, "1", nil)
	op := item.Operation().Op
	if got, busy := l.Claim(op); got != nil || !busy {
		t.Fatal("claimed while it is being accepted")
	}
	l.wantTaken(l.TakeQueued(nil), "")
	if at, open := l.Standing(op); !open || !at.Busy {
		t.Fatalf("stands %+v", at)
	}
	l.Release(item)
	if at, _ := l.Standing(op); at.Busy {
		t.Fatal("busy after it was given back")
	}
	l.claim(op)
	l.wantTaken(l.TakeQueued(nil), "")
}

func TestTheOldestThatMayGoOutIsTaken(t *testing.T) {
	t.Parallel()
	l := newTill(t)
	paused, first, held, second := l.code("1"), l.code("2"), l.code("2"), l.code("3")
	l.set(paused, operation.Queued, nextAt(noon.Add(time.Minute)))
	l.set(l.code("4"), operation.Attention)
	if due := l.Due(10); due.Sendable != 2 || due.In != time.Minute {
		t.Errorf("due %+v", due)
	}
	if due := l.Due(1); due.Sendable != 1 {
		t.Errorf("more than asked for: %+v", due)
	}
	but := func(op *operation.Operation) bool { return op.Op != first }
	l.wantTaken(l.TakeQueued(but), second)
	item := l.wantTaken(l.TakeQueued(nil), first)
	l.wantTaken(l.TakeQueued(nil), "")
	if !l.Blocked(l.claim(held)) || l.Blocked(item) {
		t.Error("the second on the same id is not held up, or the first is")
	}
	l.clock.forward(time.Minute)
	l.wantTaken(l.TakeQueued(nil), paused)
}

func TestAQuestionWaitsForSettleTimeWhateverIsAskedFor(t *testing.T) {
	t.Parallel()
	l := newTill(t)
	if item, in := l.TakeQuestion(nil); item != nil || in != 0 {
		t.Fatalf("asks about %v in %v, and nothing is open", item, in)
	}
	op := l.unknown("1")
	for _, drop := range []func(){func() {}, func() { l.DropPauses(false) }, func() { l.DropPauses(true) }} {
		drop()
		item, in := l.TakeQuestion(nil)
		l.wantTaken(item, "")
		if in != settleTime {
			t.Fatalf("asked in %v, settle_time is %v", in, settleTime)
		}
	}
	if at, _ := l.Standing(op); at.Due {
		t.Error("it counts as due")
	}
	if due := l.Due(1); due.Questions != 0 || due.In != settleTime {
		t.Errorf("due %+v", due)
	}
	l.clock.forward(settleTime)
	if due := l.Due(1); due.Questions != 1 {
		t.Errorf("due %+v", due)
	}
	item, in := l.TakeQuestion(func(*operation.Operation) bool { return false })
	if item != nil || in != 0 {
		t.Fatalf("took %v in %v of what may not be asked", item, in)
	}
	item, _ = l.TakeQuestion(func(o *operation.Operation) bool { return o.Op == op })
	l.wantTaken(item, op)
	if due := l.Due(1); due.Questions != 0 {
		t.Errorf("what somebody asks about is due: %+v", due)
	}
}

// unknown has a code's attempt end without an answer just now.
func (l *till) unknown(id string) string {
	l.t.Helper()
	op := l.code(id)
	item := l.claim(op)
	item.Ended(l.clock.now)
	change(item, operation.Unknown, nextAt(l.clock.now.Add(settleTime)))
	l.Release(item)
	return op
}

func TestTheNextQuestionIsToldOfAllThatWait(t *testing.T) {
	t.Parallel()
	l := newTill(t)
	ops := []string{l.unknown("1"), l.unknown("2"), l.unknown("3")}
	l.set(l.code("4"), operation.Refused, nextAt(noon.Add(time.Hour)))
	l.clock.forward(settleTime)
	for _, scale := range []time.Duration{time.Minute, time.Second} {
		for i, in := range []int{3, 2, 4} {
			l.set(ops[i], operation.Unknown, nextAt(l.clock.now.Add(time.Duration(in)*scale)))
		}
		if item, in := l.TakeQuestion(nil); item != nil || in != 2*scale {
			t.Errorf("%v in %v", item, in)
		}
		if due := l.Due(1); due.In != min(2*scale, time.Minute) {
			t.Errorf("looks again in %v, a minute is the longest", due.In)
		}
	}
}

func TestWhatThePlatformDidNotTakeIsAskedAboutAtOnce(t *testing.T) {
	t.Parallel()
	l := newTill(t)
	op := l.unknown("1")
	l.set(op, operation.Unknown, nextAt(noon), func(o *operation.Operation) { o.Why = operation.WhyForm })
	item, _ := l.TakeQuestion(nil)
	l.wantTaken(item, op)
}

func TestARangeIsAskedAboutAtItsOwnPauses(t *testing.T) {
	t.Parallel()
	l := newTill(t)
	op := l.unknown("7020:0000041-0000045")
	l.set(op, operation.Unknown, nextAt(noon), func(o *operation.Operation) { o.Kind = operation.Range })
	item, _ := l.TakeQuestion(nil)
	l.wantTaken(item, op)
}

func TestPausesAreDroppedWhereNobodyAnswered(t *testing.T) {
	t.Parallel()
	later := noon.Add(time.Hour)
	for name, unheardOnly := range map[string]bool{"the link is back": true, "a person asks for it": false} {
		l := newTill(t)
		queued, unheard, undecided, needsPerson, busy := l.code("1"), l.unknown("2"), l.unknown("3"), l.code("4"), l.code("5")
		pause := func(op string, to operation.State, silent bool) *worklist.Item {
			item := l.claim(op)
			if n := item.Tried(silent); n != 0 {
				t.Errorf("%d fruitless looks before the first", n)
			}
			change(item, to, nextAt(later))
			return item
		}
		tried := pause(unheard, operation.Unknown, true)
		l.Release(pause(queued, operation.Queued, true), tried, pause(undecided, operation.Unknown, false), pause(needsPerson, operation.Attention, true))
		worked := pause(busy, operation.Queued, true)
		l.clock.forward(settleTime)
		l.DropPauses(unheardOnly)
		for op, want := range map[string]bool{queued: true, unheard: true, undecided: !unheardOnly, needsPerson: false, busy: false} {
			if at, _ := l.Standing(op); at.Due != want {
				t.Errorf("%s: %s is due: %v", name, at.Operation.ID, at.Due)
			}
		}
		want := 1
		if unheardOnly {
			want = 0 // the pauses begin anew
		}
		if n := tried.Tried(true); n != want {
			t.Errorf("%s: %d fruitless looks are remembered, want %d", name, n, want)
		}
		if n := worked.Tried(true); n != 1 {
			t.Errorf("%s: what is being worked on was touched", name)
		}
	}
}

func TestFruitlessLooksAreCountedAnewAfterAnAttempt(t *testing.T) {
	t.Parallel()
	l := newTill(t)
	item := l.accept(api.LevelCode, "1", nil)
	item.Tried(true)
	item.SetTries(5)
	if n := item.Tried(false); n != 5 {
		t.Errorf("%d looks before this one, want 5", n)
	}
	item.Tried(true)
	item.Ended(noon)
	change(item, operation.Unknown, nextAt(noon.Add(time.Hour)))
	l.Release(item)
	l.clock.forward(settleTime)
	l.DropPauses(true)
	if due := l.Due(1); due.Questions != 0 {
		t.Error("a pause from after an attempt that came back counts as one where nobody answered")
	}
	if n := item.Tried(false); n != 0 {
		t.Errorf("%d looks after an attempt", n)
	}
}

func TestHowAnOperationStandsIsACopy(t *testing.T) {
	t.Parallel()
	l := newTill(t)
	if _, open := l.Standing("none"); open {
		t.Fatal("what nobody accepted is open")
	}
	op := l.code("1")
	at, _ := l.Standing(op)
	at.Operation.State = operation.Done
	at.Operation.Attempts = append(at.Operation.Attempts, operation.Attempt{})
	if again, open := l.Standing(op); !open || again.Operation.State != operation.Queued || len(again.Operation.Attempts) > 0 {
		t.Errorf("stands %+v", again)
	}
}

func TestAClosedOperationLeavesTheList(t *testing.T) {
	t.Parallel()
	l := newTill(t)
	done, refused, open := l.code("1"), l.code("2"), l.code("3")
	items := []*worklist.Item{l.claim(done), l.claim(refused), l.claim(open)}
	change(items[0], operation.Done)
	change(items[1], operation.Refused, nextAt(noon.Add(time.Hour)))
	if closed := l.Release(items...); closed != 2 {
		t.Fatalf("%d closed", closed)
	}
	for op, want := range map[string]bool{done: false, refused: false, open: true} {
		if _, is := l.Standing(op); is != want {
			t.Errorf("%s open: %v", op, is)
		}
	}
	if item, busy := l.Claim(refused); item != nil || busy {
		t.Error("a person can claim what is only to be looked up once more")
	}
}

func TestAClosedOperationIsLookedUpOnceMoreWhenItIsDue(t *testing.T) {
	t.Parallel()
	l := newTill(t)
	op, behind := l.code("1"), l.code("1")
	l.set(op, operation.Refused, nextAt(noon.Add(time.Hour)))
	l.wantTaken(l.TakeQueued(nil), behind) // it is closed: it holds nothing up
	if item, in := l.TakeQuestion(nil); item != nil || in != time.Hour {
		t.Fatalf("%v in %v", item, in)
	}
	l.DropPauses(false) // not for these
	l.clock.forward(59*time.Minute + 30*time.Second)
	if due := l.Due(1); due.Questions != 0 || due.In != 30*time.Second {
		t.Errorf("due %+v", due)
	}
	l.clock.forward(time.Minute)
	if due := l.Due(1); due.Questions != 1 {
		t.Errorf("due %+v", due)
	}
	item, _ := l.TakeQuestion(nil)
	l.wantTaken(item, op)
	if due := l.Due(1); due.Questions != 0 {
		t.Error("what is being looked up is due")
	}
	change(item, operation.Refused, nextAt(l.clock.now.Add(time.Minute))) // no answer
	l.Release(item)
	if again, in := l.TakeQuestion(nil); again != nil || in != time.Minute {
		t.Errorf("%v in %v", again, in)
	}
	l.clock.forward(time.Minute)
	item, _ = l.TakeQuestion(nil)
	change(l.wantTaken(item, op), operation.Refused)
	if closed := l.Release(item); closed != 0 {
		t.Error("it is counted as closed a second time")
	}
	l.clock.forward(time.Hour)
	if again, in := l.TakeQuestion(nil); again != nil || in != 0 {
		t.Errorf("it is looked up for ever: %v in %v", again, in)
	}
}

func TestWhatTurnsOutChangedAfterAllIsOnTheListAgain(t *testing.T) {
	t.Parallel()
	l := newTill(t)
	op := "op0000"
	_ = l.code("2") // is dropped by Reset
	found := operation.Operation{Op: op, ID: "1", Level: "code", State: operation.Refused}
	nextAt(noon)(&found)
	l.Reset([]*worklist.Item{worklist.Found(found, above("X1", "P1", "R1"), noon)})
	if len(l.order()) != 0 {
		t.Fatal("a closed one is on the list")
	}
	other := l.code("2")
	item, _ := l.TakeQuestion(nil)
	change(l.wantTaken(item, op), operation.Attention)
	l.Release(item)
	later := l.code("1")
	if got := l.order(); len(got) != 3 || got[0] != op || got[1] != other {
		t.Errorf("stands as %v", got)
	}
	if at, _ := l.Standing(later); at.WaitsFor != op {
		t.Errorf("the next on the id waits for %q", at.WaitsFor)
	}
	item = l.claim(op)
	change(item, operation.Settled)
	if closed := l.Release(item); closed != 1 {
		t.Errorf("%d closed", closed)
	}
	if again, in := l.TakeQuestion(nil); again != nil || in != 0 {
		t.Error("it is still looked up once more")
	}
}

func TestWhatIsKeptGoesOutWhenItIsLetGo(t *testing.T) {
	t.Parallel()
	l := newTill(t)
	kept, other := l.code("1"), l.code("2")
	letGo, letGoToo := l.Keep("1"), l.Keep("1")
	l.wantTaken(l.TakeQueued(nil), other)
	letGo()
	if due := l.Due(10); due.Sendable != 0 {
		t.Errorf("due %+v", due)
	}
	l.wantTaken(l.TakeQueued(nil), "")
	letGoToo()
	if due := l.Due(10); due.Sendable != 1 {
		t.Errorf("due %+v", due)
	}
	l.wantTaken(l.TakeQueued(nil), kept)
}
