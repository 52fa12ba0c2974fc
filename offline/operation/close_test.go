package operation

import (
	"testing"
	"time"

	"counterfoil/api"
)

func inFlight(r Rules, o Operation) result {
	next, change := r.InFlight(o, ended, "restart")
	return result{next: next, change: change, at: ended}
}

func doubtful(why string) act {
	return func(_ Rules, o Operation) result {
		next, change := Doubtful(o, why)
		return result{next: next, change: change}
	}
}

func withdraw(_ Rules, o Operation) result {
	next, change, ok := Withdraw(o, "lin", "lin", ended)
	return result{next: next, change: change, stays: !ok, at: ended}
}

// settleAs is a manager's decision, so long after the attempts ended.
func settleAs(as string, since time.Duration) act {
	at := ended.Add(since)
	return func(r Rules, o Operation) result {
		next, change := r.Settle(o, Settlement{As: as, By: "wang", Reason: "counted", At: at, SinceEnd: since, Platform: at})
		return result{next: next, change: change, at: at}
	}
}

// recheck is the look-up after absent_after; ours where another operation explains what changed.
func recheck(look Evidence, ours bool) act {
	return func(r Rules, o Operation) result {
		next, change := r.Rechecked(o, []Evidence{look}, ours)
		return result{next: next, change: change, added: 1}
	}
}

// sampled is a look-up of a code of a range.
func sampled(masked string, c counts) Evidence {
	ev := shows(c)
	ev.Message = masked
	return ev
}

func closeRows() []row {
	settled := to(Settled, EventSettled)
	mayStill := settled.because(WhyMayTakeEffect)
	return []row{
		{"what was on its way when the program ended is unknown", rules(), activation(Sending, onItsWay()), inFlight, to(Unknown, EventFoundInFlight).in(settleTime)},
		{"what was on its way leaves the proof about earlier attempts", rules(), activation(Sending, proven(), onItsWay()), inFlight,
			to(Unknown, EventFoundInFlight).in(settleTime).proves(0)},
		{"a damaged journal gives a queued operation to a person", rules(), activation(Queued), doubtful(WhySalvaged), to(Attention, EventDoubtful).because(WhySalvaged)},
		{"what no counter wrote as queued is for a person", rules(), activation(Queued), doubtful(WhyAdded), to(Attention, EventDoubtful).because(WhyAdded)},
		{"what no counter wrote as on its way is for a person", rules(), activation(Sending, onItsWay()), doubtful(WhyAdded), to(Attention, EventDoubtful).because(WhyAdded)},
		{"what no counter wrote as unknown is for a person", rules(), activation(Unknown, unanswered()), doubtful(WhyAdded), to(Attention, EventDoubtful).because(WhyAdded)},

		{"what was never sent is withdrawn", rules(), activation(Queued), withdraw, to(Withdrawn, EventWithdrawn)},
		{"what was tried and never written is withdrawn", rules(), activation(Queued, notSent(), notSent()), withdraw, to(Withdrawn, EventWithdrawn).proves(0, 1)},
		{"what was written once is not withdrawn", rules(), activation(Queued, notSent(), unanswered()), withdraw, remains()},
		{"what was written is not withdrawn though it is proven to have had no effect", rules(), activation(Queued, proven()), withdraw, remains()},
		{"what may be on its way is not withdrawn", rules(), activation(Queued, onItsWay()), withdraw, remains()},
		{"what is in attention is not withdrawn", rules(), activation(Attention), withdraw, remains()},
		{"what is unknown is not withdrawn", rules(), activation(Unknown, notSent()), withdraw, remains()},

		{"a queued operation is settled", rules(), activation(Queued), settleAs(SettledNoEffect, 0), settled},
		{"an operation in attention is settled as done", rules(), activation(Attention, unanswered()).because(WhyContradiction), settleAs(SettledDone, 0), settled},
		{"settled as done is not looked up again", rules(), activation(Unknown, unanswered()), settleAs(SettledDone, settleTime), settled},
		{"settled as no-effect before absent_after may take effect yet", rules(), activation(Unknown, unanswered()), settleAs(SettledNoEffect, settleTime),
			mayStill.in(settleTime + absent)},
		{"settled as no-effect at absent_after may take effect yet", rules(), activation(Unknown, unanswered()), settleAs(SettledNoEffect, absent),
			mayStill.in(absent + absent)},
		{"settled as no-effect past absent_after is final", rules(), activation(Unknown, unanswered()), settleAs(SettledNoEffect, absent+1), settled},
		{"settled as no-effect past absent_after may take effect yet where the number is of another day", rules(),
			activation(Unknown, unanswered().yesterday()), settleAs(SettledNoEffect, absent+1), mayStill.in(absent + 1 + absent)},
		{"settled as no-effect is final where no attempt may have had effect", rules(), activation(Attention, proven(), notSent()),
			settleAs(SettledNoEffect, settleTime), settled.proves(0, 1)},
	}
}

func recheckRows() []row {
	refused := activation(Refused, answeredWith("A32"))
	mayStill := activation(Settled, unanswered()).because(WhyMayTakeEffect)
	reel := activation(Refused, answeredWith("A32").on(counts{api.StatusInactive: 3}))
	failed := ranging(Refused, answeredWith("81")).because(WhyNoneChanged).knowing(sampled("7020…1", inactive), sampled("7020…2", inactive), sampled("7020…3", active))
	stays := to(Refused, EventRechecked).because(WhyNoneChanged)
	late := to(Attention, EventRechecked).because(WhyLateChange).concluding("contradiction")
	return []row{
		{"refused and unchanged stays refused", rules(), refused, recheck(shows(inactive), false), to(Refused, EventRechecked)},
		{"refused and changed all the same needs a person", rules(), refused, recheck(shows(active), false), late},
		{"refused and changed by another operation of ours stays refused", rules(), refused, recheck(shows(active), true), to(Refused, EventRechecked)},
		{"refused and some codes changed needs a person", rules(), reel, recheck(shows(counts{api.StatusActive: 1, api.StatusInactive: 2}), false), late},
		{"refused and an id that is not known any more stays refused", rules(), refused, recheck(refusedLook(), false), to(Refused, EventRechecked)},
		{"refused without an attempt stays refused", rules(), activation(Refused), recheck(shows(active), false), to(Refused, EventRechecked)},
		{"the recheck is held against the first attempt", rules(), activation(Refused, unanswered(), answeredWith("A32").on(active)),
			recheck(shows(active), false), late},
		{"a refused void that changed all the same needs a person", rules(), voiding(Refused, answeredWith("B32")), recheck(shows(voided), false), late},
		{"a refused range of which no code changed stays refused", rules(), failed, recheck(sampled("7020…2", inactive), false), stays},
		{"a refused range of which a code is active all the same needs a person", rules(), failed, recheck(sampled("7020…2", active), false), late},
		{"a refused range of which a later one of ours made a code active stays refused", rules(), failed, recheck(sampled("7020…2", active), true), stays},
		{"a refused range of which a code was active before stays refused", rules(), failed, recheck(sampled("7020…3", active), false), stays},
		{"a refused range of which another code is active stays refused", rules(), failed, recheck(sampled("7020…4", active), false), stays},
		{"a refused range of which a code is void by now stays refused", rules(), failed, recheck(sampled("7020…1", voided), false), stays},
		{"settled as no-effect and unchanged stays settled", rules(), mayStill, recheck(shows(inactive), false),
			to(Settled, EventRechecked).because(WhyMayTakeEffect)},
		{"settled as no-effect and changed all the same needs a person", rules(), mayStill, recheck(shows(active), false), late},
	}
}

func TestAnAttemptFoundInFlightCountsAsUnansweredFromThen(t *testing.T) {
	t.Parallel()
	next, _ := rules().InFlight(activation(Sending, notSent(), onItsWay()), ended, "restart")
	if a := next.Attempts[1]; a.EndedAt == nil || !a.EndedAt.Equal(ended) || a.Outcome != string(api.Unanswered) || a.Cause != "restart" {
		t.Errorf("noted %+v", a)
	}
	if a := next.Attempts[0]; a.Outcome != string(api.NotSent) {
		t.Errorf("the earlier attempt became %+v", a)
	}
	only, _ := rules().InFlight(activation(Sending, onItsWay()), ended, "restart")
	if a := only.Attempts[0]; a.EndedAt == nil || a.Outcome != string(api.Unanswered) {
		t.Errorf("noted %+v", a)
	}
	if next, _ := rules().InFlight(activation(Sending), ended, ""); next.State != Unknown {
		t.Errorf("without an attempt it is %s", next.State)
	}
}

func TestAPersonsDecisionIsKeptWithTheName(t *testing.T) {
	t.Parallel()
	got := settleAs(SettledDone, time.Second)(rules(), activation(Unknown, unanswered())).next
	if got.SettledAs != SettledDone || got.SettledBy != "wang" || got.Reason != "counted" {
		t.Errorf("kept %q, %q, %q", got.SettledAs, got.SettledBy, got.Reason)
	}
	if got := withdraw(rules(), activation(Queued)).next; got.SettledBy != "lin" || got.SettledAs != "" || got.SettleAskedBy != "" {
		t.Errorf("withdrawn by %q as %q, asked by %q", got.SettledBy, got.SettledAs, got.SettleAskedBy)
	}
	behind, _ := rules().Settle(activation(Unknown, unanswered()), Settlement{As: SettledDone, By: "wang", AskedBy: "lin", At: ended})
	if behind.SettledBy != "wang" || behind.SettleAskedBy != "lin" {
		t.Errorf("settled by %q, asked by %q", behind.SettledBy, behind.SettleAskedBy)
	}
}
