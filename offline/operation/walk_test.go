package operation

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"counterfoil/api"

	"pgregory.net/rapid"
)

// walk leads one operation through a random life: any answer, any evidence, and
// settings that change in between as they may between two runs.
type walk struct {
	*rapid.T
	op    Operation
	rules Rules
	now   time.Time
	// end is when the last attempt ended.
	end  time.Time
	sent int
}

// taken is one step of a walk, with what the step was based on.
type taken struct {
	before Operation
	change Change
	rules  Rules
	round  *Round
	repeat *Evidence // of a range's order
	answer *api.Answer
	asked  []Evidence
}

func TestNoLifeOfAnOperationBreaksTheRules(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := &walk{T: t, now: ended, end: ended}
		kind := rapid.SampledFrom([]Kind{Activate, Void, Range}).Draw(t, "kind")
		first := operationIn(kind, "")
		if kind == Range {
			first = ranging("")
		}
		w.op, _ = Accepted(first)
		w.rules = w.settings()
		for range rapid.IntRange(1, 14).Draw(t, "steps") {
			before := w.op
			written := everything(t, before)
			s := w.step()
			if everything(t, before) != written {
				t.Fatal("the operation that was handed in changed")
			}
			s.before = before
			w.hold(s)
			w.now = w.now.Add(rapid.SampledFrom([]time.Duration{0, settleTime - 1, settleTime, absent, absent + 1, attention, 24 * time.Hour}).Draw(t, "pause"))
			if rapid.IntRange(0, 9).Draw(t, "other settings") == 0 {
				w.rules = w.settings()
			}
		}
	})
}

func (w *walk) settings() Rules {
	r := rules()
	r.StatusForwardOnly, r.StatusAloneDone = w.maybe("forward only"), w.maybe("status alone")
	r.VoidLeaves = rapid.SampledFrom([]string{api.StatusVoid, ""}).Draw(w.T, "void leaves")
	if w.maybe("no absent code") {
		r.ActivationAbsentCodes = nil
	}
	return r
}

func (w *walk) maybe(what string) bool { return rapid.Bool().Draw(w.T, what) }

// step takes one that the state allows, as the desk would.
func (w *walk) step() taken {
	s := taken{rules: w.rules}
	choose := func(steps ...func(*taken)) { rapid.SampledFrom(steps).Draw(w.T, "step")(&s) }
	switch w.op.State {
	case Queued:
		choose(w.send, w.send, w.send, w.send, w.send, w.send, w.withdraw, w.settle, w.putOff, w.doubt)
	case Sending:
		choose(w.answered, w.answered, w.answered, w.answered, w.found)
	case Unknown:
		choose(w.ask, w.ask, w.ask, w.ask, w.ask, w.ask, w.settle, w.withdraw)
	case Attention:
		choose(w.settle, w.withdraw)
	case Refused, Settled:
		if w.op.Kind == Range {
			choose(w.withdraw)
		}
		choose(w.recheck)
	default:
		choose(w.withdraw)
	}
	return s
}

func (w *walk) send(s *taken) {
	if w.op.Kind == Range {
		w.op, s.change = Begun(w.op, Attempt{Trace: w.op.Range.OrderID, SentAt: w.now})
		return
	}
	look := seen(w.counts())
	next, change, send := w.rules.Prelooked(w.op, *look)
	if send {
		w.sent++
		a := Attempt{Trace: w.now.Format("20060102") + trace(w.sent)[8:], SentAt: w.now, Before: look}
		next, change = Begun(next, a)
	}
	w.op, s.change = next, change
}

func (w *walk) answered(s *taken) {
	a := w.answer()
	s.answer, w.end = &a, w.now
	noted, read := w.rules.Received(w.op, a, w.now, w.now)
	if noted.Asks(read) {
		s.asked = w.queries(&noted)
		if read == ReadRefusal {
			s.asked = append(s.asked, w.look())
		}
	}
	w.op, s.change = w.rules.Concluded(noted, read, s.asked, w.maybe("explained"), w.now)
}

func (w *walk) found(s *taken) {
	w.end = w.now
	w.op, s.change = w.rules.InFlight(w.op, w.now, "restart")
}

func (w *walk) ask(s *taken) {
	if next, change, ok := NothingToAsk(w.op); ok {
		w.op, s.change = next, change
		return
	}
	if w.op.Kind == Range {
		ev := rapid.SampledFrom([]Evidence{noRepeat(), repeat("80"), repeat("80"), repeat("81"), repeat("97"), repeat("96"), repeat("100")}).Draw(w.T, "repeat")
		s.repeat = &ev
		w.op, s.change = w.rules.Asked(w.op, Round{Evidence: []Evidence{ev}, At: w.now, Platform: w.now})
		return
	}
	round := Round{Evidence: w.queries(&w.op), SinceEnd: w.now.Sub(w.end), At: w.now, Platform: w.now, Explained: w.maybe("explained")}
	if w.op.Kind == Void && w.maybe("records") {
		round.Evidence = append(round.Evidence, records(w.maybe("ours")))
	}
	round.Evidence = append(round.Evidence, w.look())
	s.round = &round
	w.op, s.change = w.rules.Asked(w.op, round)
}

func (w *walk) withdraw(s *taken) { w.op, s.change, _ = Withdraw(w.op, "lin", "lin", w.now) }

func (w *walk) settle(s *taken) {
	as := rapid.SampledFrom([]string{SettledDone, SettledNoEffect}).Draw(w.T, "as")
	w.op, s.change = w.rules.Settle(w.op, Settlement{As: as, By: "wang", Reason: "counted", At: w.now, SinceEnd: w.now.Sub(w.end), Platform: w.now})
}

func (w *walk) putOff(*taken)  { w.op = PutOff(w.op, w.now.Add(time.Minute)) }
func (w *walk) doubt(s *taken) { w.op, s.change = Doubtful(w.op, WhySalvaged) }

func (w *walk) recheck(s *taken) {
	w.op, s.change = w.rules.Rechecked(w.op, []Evidence{w.look()}, w.maybe("ours"))
}

func (w *walk) answer() api.Answer {
	if w.op.Kind == Range {
		return rapid.SampledFrom([]api.Answer{unreachable(), timedOut(), says("80"), says("81"), says("97"), says("96"), says("100"), says("00")}).Draw(w.T, "answer")
	}
	return rapid.SampledFrom([]api.Answer{
		unreachable(), timedOut(), timedOut(), timedOut(), says("00"), says("31"), says("31"), says("96"), says("32"),
	}).Draw(w.T, "answer")
}

// counts are what a look-up shows: half the time that nothing happened, since
// only that leads on to further attempts.
func (w *walk) counts() counts {
	if w.maybe("unchanged") {
		return map[Kind]counts{Activate: inactive, Void: active}[w.op.Kind]
	}
	return rapid.SampledFrom([]counts{
		inactive, active, voided, {api.StatusInactive: 3}, {api.StatusActive: 3}, {api.StatusActive: 1, api.StatusInactive: 2}, {api.StatusVoid: 3}, {},
	}).Draw(w.T, "counts")
}

func (w *walk) look() Evidence {
	return rapid.SampledFrom([]Evidence{noLook(), refusedLook(), shows(w.counts()), shows(w.counts()), shows(w.counts())}).Draw(w.T, "look")
}

// queries asks about every attempt that may have had effect; a void too, though
// the desk would not: its answers must not count.
func (w *walk) queries(o *Operation) []Evidence {
	var asked []Evidence
	for _, i := range o.Unproven() {
		ev := rapid.SampledFrom([]Evidence{noWord(0), said(0, "00"), said(0, "25"), said(0, "25"), said(0, "96")}).Draw(w.T, "query")
		ev.Trace = o.Attempts[i].Trace
		asked = append(asked, ev)
	}
	return asked
}

// hold checks the rules over one step.
func (w *walk) hold(s taken) {
	if w.op.State.Open() != (w.op.FinishedAt == nil) {
		w.Fatalf("%s, finished at %v", w.op.State, w.op.FinishedAt)
	}
	if s.change.Event == "" && w.op.State != s.before.State {
		w.Fatalf("from %s to %s without an event", s.before.State, w.op.State)
	}
	w.holdKept(s)
	if w.op.Kind == Range {
		w.holdOrder(s)
		return
	}
	w.holdProof(s)
	if w.op.State == Withdrawn && w.op.EverWritten() {
		w.Fatalf("withdrawn, and an attempt was written: %+v", w.op.Attempts)
	}
	if w.op.State == Done && s.before.State != Done {
		w.holdDone(s)
	}
	if w.op.State == Queued && s.before.State != Queued {
		w.holdRepeat(s)
	}
	if s.round != nil && w.op.Kind == Void {
		w.holdNoQuery(s)
	}
}

// holdOrder: a range is done only on the platform's word, keeps its order and its
// fields whatever happens, is never queued again once a byte of it may have left,
// and is said to be without effect only where none left, or by the refusal of its
// first sending.
func (w *walk) holdOrder(s taken) {
	was, is := *s.before.Range, *w.op.Range
	if was.Polls, is.Polls = 0, 0; was != is {
		w.Fatalf("the order changed: %+v, was %+v", is, was)
	}
	said := func(code string) bool {
		return s.answer != nil && s.answer.Code == code || s.repeat != nil && s.repeat.Code == code
	}
	if w.op.State == Done && s.before.State != Done && !said("100") {
		w.Fatalf("done on %+v, %+v", s.answer, s.repeat)
	}
	if w.op.State == Queued && w.op.EverWritten() || w.op.State == Refused && s.before.State == Unknown || w.op.NextAt != nil && !w.op.State.Open() {
		w.Fatalf("%s with attempts %+v, next at %v", w.op.State, w.op.Attempts, w.op.NextAt)
	}
	for i, a := range w.op.Attempts {
		newly := a.NoEffect && (i >= len(s.before.Attempts) || !s.before.Attempts[i].NoEffect)
		if a.Trace != is.OrderID || newly && !a.NotSent() && (w.op.State != Refused || i != len(w.op.Attempts)-1) {
			w.Fatalf("attempt %+v of a range in %s", a, w.op.State)
		}
	}
}

// holdKept: no attempt and no evidence is ever lost or changed behind its conclusion.
func (w *walk) holdKept(s taken) {
	kept := w.op.Evidence
	if len(kept) < len(s.before.Evidence) || len(w.op.Attempts) < len(s.before.Attempts) {
		w.Fatalf("%d evidence and %d attempts left of %d and %d", len(kept), len(w.op.Attempts), len(s.before.Evidence), len(s.before.Attempts))
	}
	if !reflect.DeepEqual(kept[:len(s.before.Evidence)], s.before.Evidence) {
		w.Fatalf("evidence changed: %+v, was %+v", kept, s.before.Evidence)
	}
	for i, a := range s.before.Attempts {
		if b := w.op.Attempts[i]; b.Trace != a.Trace || !reflect.DeepEqual(b.Before, a.Before) || a.NoEffect && !b.NoEffect || a.EndedAt != nil && b.Outcome != a.Outcome {
			w.Fatalf("an attempt changed: %+v, was %+v", b, a)
		}
	}
	if s.round == nil || s.change.Event == "" {
		return
	}
	if fresh := kept[len(s.before.Evidence):]; len(fresh) != len(s.round.Evidence) {
		w.Fatalf("%d evidence kept of %d", len(fresh), len(s.round.Evidence))
	}
}

// moved tells whether every code, or any, stands where it did not before the
// first attempt that might have brought it there.
func (w *walk) moved(s taken, o Operation, evidence []Evidence) (all, shown bool) {
	target := map[Kind]string{Activate: api.StatusActive, Void: s.rules.VoidLeaves}[o.Kind]
	pending := o.Unproven()
	if len(pending) == 0 || len(evidence) == 0 || target == "" {
		return false, false
	}
	now, before := evidence[len(evidence)-1].Seen, o.Attempts[pending[0]].Before
	if now == nil || len(now.Counts) == 0 {
		return false, false
	}
	return len(now.Counts) == 1 && now.Counts[target] > before.Counts[target], true
}

// holdDone: done only on a success answer, a moved status, or records with our trace number.
func (w *walk) holdDone(s taken) {
	switch {
	case s.answer != nil && s.answer.Success():
	case s.answer != nil:
		if all, _ := w.moved(s, w.op, s.asked); !all {
			w.Fatalf("done after %+v on %+v", s.answer, s.asked)
		}
	case s.round != nil:
		ours := slices.ContainsFunc(s.round.Evidence, func(ev Evidence) bool { return ev.Asked == AskedRecords && ev.Verdict == verdictDone })
		if all, _ := w.moved(s, s.before, s.round.Evidence); !all && (!ours || s.rules.VoidLeaves != "" || w.op.Kind != Void) {
			w.Fatalf("done on %+v", s.round.Evidence)
		}
	default:
		w.Fatal("done without an answer or a question")
	}
}

// holdRepeat: queued once more only where no earlier attempt can do harm.
func (w *walk) holdRepeat(s taken) {
	open := w.op.Unproven()
	switch {
	case s.answer != nil && s.answer.Outcome == api.NotSent, len(open) == 0:
		return // it is as it was before the attempt, or all is proven
	case s.round == nil || !s.rules.StatusForwardOnly || s.round.SinceEnd < settleTime:
		w.Fatalf("may be sent again with attempts %v open: %+v", open, w.op.Attempts)
	}
	if all, shown := w.moved(s, s.before, s.round.Evidence); all || !shown {
		w.Fatalf("may be sent again on %+v", s.round.Evidence)
	}
}

// holdProof: an attempt becomes one without effect only by its own answer, by
// absence asked for late enough and on its own day, or by its form.
func (w *walk) holdProof(s taken) {
	for i, a := range w.op.Attempts {
		if i >= len(s.before.Attempts) || !a.NoEffect || s.before.Attempts[i].NoEffect {
			continue
		}
		last, unchanged := i == len(s.before.Attempts)-1, false
		if s.round != nil {
			all, shown := w.moved(s, s.before, s.round.Evidence)
			unchanged = shown && !all
		}
		switch {
		case s.answer != nil && last && (s.answer.Outcome == api.NotSent || s.answer.Code == "32"):
		case unchanged && last && s.before.Why == WhyForm && a.Code == "31":
		case unchanged && s.round.SinceEnd > absent && IsOf(a.Trace, w.now) && w.op.Kind == Activate && w.absent(s, a.Trace):
		default:
			w.Fatalf("attempt %d counts as without effect: %+v, asked %+v", i, a, s.round)
		}
	}
}

// absent tells whether the platform said of that attempt that there was no such transaction.
func (w *walk) absent(s taken, trace string) bool {
	return slices.ContainsFunc(s.round.Evidence, func(ev Evidence) bool {
		return ev.Asked == AskedQuery && ev.Trace == trace && ev.Code == "25" && len(s.rules.ActivationAbsentCodes) > 0
	})
}

// holdNoQuery: a void goes the same way whatever the queries say.
func (w *walk) holdNoQuery(s taken) {
	without := *s.round
	without.Evidence = slices.DeleteFunc(slices.Clone(s.round.Evidence), func(ev Evidence) bool { return ev.Asked == AskedQuery })
	if next, _ := s.rules.Asked(s.before, without); next.State != w.op.State || next.Why != w.op.Why {
		w.Fatalf("a void is %s %q, without queries %s %q", w.op.State, w.op.Why, next.State, next.Why)
	}
}
