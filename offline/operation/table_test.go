package operation

import (
	"encoding/json"
	"reflect"
	"slices"
	"testing"
	"time"
)

// row is one case of the table: from an operation, by an act, to an outcome.
type row struct {
	name  string
	rules Rules
	from  Operation
	act   act
	want  want
}

// act is something that happens to an operation.
type act func(Rules, Operation) result

// result is what an act led to.
type result struct {
	next   Operation
	change Change
	// stays: the transition reported that it does not apply.
	stays bool
	// asks: the answer was not conclusive before something was asked.
	asks bool
	// added counts the evidence that was handed in.
	added int
	// at is the counter's clock when it happened.
	at time.Time
}

// want is the outcome that a row names. What it does not name must be as before.
type want struct {
	state    State
	event    Event
	why      string
	retry    Retry
	nextAt   *time.Time
	noEffect []int  // the attempts that are proven to have changed nothing
	verdict  string // of the evidence that came last
	order    string
	forgets  bool // the evidence is not kept
	stays    bool
	asks     bool
	asked    int // rounds of asking, beyond those before
	polled   int // repeats of a range's order, likewise
}

func to(s State, e Event) want { return want{state: s, event: e} }
func remains() want            { return want{stays: true} }

func (w want) because(why string) want {
	w.why = why
	return w
}

// retries names the pause; most is 0 for one without a bound.
func (w want) retries(kind RetryKind, first, most time.Duration) want {
	w.retry = Retry{Kind: kind, First: first, Most: most}
	return w
}

func (w want) in(d time.Duration) want {
	at := ended.Add(d)
	w.nextAt = &at
	return w
}

func (w want) proves(attempts ...int) want {
	w.noEffect = attempts
	return w
}

func (w want) concluding(verdict string) want {
	w.verdict = verdict
	return w
}

func (w want) ordered(no string) want {
	w.order = no
	return w
}

func (w want) unkept() want {
	w.forgets = true
	return w
}

func (w want) afterAsking() want {
	w.asks = true
	return w
}

// table is every row.
func table() []row {
	return slices.Concat(acceptRows(), prelookRows(), answerRows(), earlierRows(), askActivationRows(), askRepeatRows(),
		askSilenceRows(), askVoidRows(), closeRows(), recheckRows(), orderRows())
}

func TestEveryTransitionLeadsWhereTheTableSays(t *testing.T) {
	t.Parallel()
	names := map[string]bool{}
	for _, row := range table() {
		if names[row.name] {
			t.Errorf("two rows are named %q", row.name)
		}
		names[row.name] = true
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			before := everything(t, row.from)
			got := row.act(row.rules, row.from)
			if after := everything(t, row.from); after != before {
				t.Errorf("the operation that was handed in changed:\n%s\n%s", before, after)
			}
			row.want.check(t, row.from, got)
		})
	}
}

// everything writes an operation with what lies behind the end of its slices.
func everything(t interface{ Fatal(...any) }, o Operation) string {
	b, err := json.Marshal([]any{o, o.Attempts[:cap(o.Attempts)], o.Evidence[:cap(o.Evidence)]})
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func (w want) check(t *testing.T, from Operation, got result) {
	t.Helper()
	next := got.next
	if got.stays != w.stays || got.asks != w.asks {
		t.Errorf("stays = %v, asks = %v; want %v, %v", got.stays, got.asks, w.stays, w.asks)
	}
	if w.stays {
		if !reflect.DeepEqual(next, from) || got.change != (Change{}) {
			t.Errorf("%+v, %+v; want it as it was", next, got.change)
		}
		return
	}
	if next.State != w.state || next.Why != w.why || got.change != (Change{Event: w.event, Retry: w.retry}) {
		t.Errorf("%s %q, %+v; want %s %q, %+v", next.State, next.Why, got.change, w.state, w.why, Change{Event: w.event, Retry: w.retry})
	}
	if w.event == "" && next.State != from.State {
		t.Errorf("moved from %s to %s without an event", from.State, next.State)
	}
	if w.retry == (Retry{}) && !reflect.DeepEqual(next.NextAt, w.nextAt) {
		t.Errorf("next at %v, want %v", next.NextAt, w.nextAt)
	}
	w.checkAttempts(t, from, got)
	w.checkEvidence(t, from, got)
	w.checkRest(t, from, got)
}

func (w want) checkAttempts(t *testing.T, from Operation, got result) {
	t.Helper()
	if len(got.next.Attempts) < len(from.Attempts) {
		t.Fatalf("%d attempts of %d are left", len(got.next.Attempts), len(from.Attempts))
	}
	var noEffect []int
	for i, a := range got.next.Attempts {
		if a.NoEffect {
			noEffect = append(noEffect, i)
		}
	}
	if !slices.Equal(noEffect, w.noEffect) {
		t.Errorf("attempts %v had no effect, want %v", noEffect, w.noEffect)
	}
}

func (w want) checkEvidence(t *testing.T, from Operation, got result) {
	t.Helper()
	added := got.added
	if w.forgets {
		added = 0
	}
	kept := got.next.Evidence
	if len(kept) != len(from.Evidence)+added || !reflect.DeepEqual(kept[:len(from.Evidence)], from.Evidence) {
		t.Fatalf("evidence %+v; want %d more than %+v", kept, added, from.Evidence)
	}
	if added > 0 && kept[len(kept)-1].Verdict != w.verdict {
		t.Errorf("concluded %q, want %q", kept[len(kept)-1].Verdict, w.verdict)
	}
}

// checkRest holds what follows from the state, and that nothing else changed.
func (w want) checkRest(t *testing.T, from Operation, got result) {
	t.Helper()
	next := got.next
	switch {
	case next.State.Open() && next.FinishedAt != nil:
		t.Errorf("%s, and finished at %v", next.State, next.FinishedAt)
	case !next.State.Open() && next.FinishedAt == nil:
		t.Errorf("%s, and not finished", next.State)
	case !next.State.Open() && from.State.Open() && !next.FinishedAt.Equal(got.at):
		t.Errorf("finished at %v, want %v", next.FinishedAt, got.at)
	case !from.State.Open() && !next.State.Open() && !reflect.DeepEqual(next.FinishedAt, from.FinishedAt):
		t.Errorf("finished at %v, was %v", next.FinishedAt, from.FinishedAt)
	}
	waits := from.WaitsFor
	if next.State == Sending || !next.State.Open() {
		waits = ""
	}
	if next.WaitsFor != waits || next.OrderNo != w.order || next.Asked != from.Asked+w.asked {
		t.Errorf("waits for %q, order %q, asked %d; want %q, %q, %d",
			next.WaitsFor, next.OrderNo, next.Asked, waits, w.order, from.Asked+w.asked)
	}
	next.State, next.Why, next.NextAt, next.FinishedAt, next.WaitsFor = from.State, from.Why, from.NextAt, from.FinishedAt, from.WaitsFor
	next.Attempts, next.Evidence, next.OrderNo, next.Asked = from.Attempts, from.Evidence, from.OrderNo, from.Asked
	if from.Range != nil && next.Range.Polls != from.Range.Polls+w.polled {
		t.Errorf("sent again %d times, was %d; want %d more", next.Range.Polls, from.Range.Polls, w.polled)
	}
	next.Range = from.Range
	next.SettledAs, next.SettledBy, next.SettleAskedBy, next.Reason = from.SettledAs, from.SettledBy, from.SettleAskedBy, from.Reason
	if !reflect.DeepEqual(next, from) {
		t.Errorf("something else changed:\n%+v\n%+v", next, from)
	}
}
