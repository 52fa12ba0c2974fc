package operation

import (
	"testing"
	"time"

	"counterfoil/api"
)

func accept(_ Rules, o Operation) result {
	next, change := Accepted(o)
	return result{next: next, change: change}
}

func begin(_ Rules, o Operation) result {
	a := onItsWay()
	a.Trace = trace(len(o.Attempts))
	next, change := Begun(o, a)
	return result{next: next, change: change}
}

// prelook is the look-up before sending.
func prelook(c counts) act {
	return func(r Rules, o Operation) result {
		next, change, send := r.Prelooked(o, *seen(c))
		return result{next: next, change: change, stays: send, added: 1}
	}
}

func unknownID(_ Rules, o Operation) result {
	next, change := UnknownID(o, says("A32"), ended)
	return result{next: next, change: change, added: 1, at: ended}
}

func notLookedUp(answered bool) act {
	return func(_ Rules, o Operation) result {
		next, change := NotLookedUp(o, answered)
		return result{next: next, change: change}
	}
}

func putOff(_ Rules, o Operation) result {
	return result{next: PutOff(o, ended.Add(time.Minute))}
}

func acceptRows() []row {
	return []row{
		{"what a cashier asks for is queued", rules(), activation(""), accept, to(Queued, EventAccepted)},
		{"an attempt that begins is on its way", rules(), activation(Queued), begin, to(Sending, EventSending)},
		{"a further attempt leaves the proof about the first", rules(), activation(Queued, proven()), begin, to(Sending, EventSending).proves(0)},
		{"a further attempt clears the reason to wait", rules(), activation(Queued, notSent()).because(WhyNoLookup), begin, to(Sending, EventSending).proves(0)},

		{"an id that the platform does not know is refused", rules(), activation(Queued), unknownID,
			to(Refused, EventLookedUp).because(WhyUnknownID).concluding("refused")},
		{"what nobody could look up waits, and is tried again soon", rules(), activation(Queued), notLookedUp(false),
			to(Queued, "").because(WhyNoLookup).retries(RetryUnanswered, time.Second, 0)},
		{"what the platform would not look up now waits longer", rules(), activation(Queued), notLookedUp(true),
			to(Queued, "").because(WhyNoLookup).retries(RetryUndecided, time.Second, 0)},
		{"close to midnight a queued operation waits for the next day", rules(), activation(Queued), putOff,
			to(Queued, "").because(WhyMidnight).in(time.Minute)},
		{"close to midnight a question waits, and its reason stays", rules(), activation(Unknown, answeredWith("31")).because(WhyForm), putOff,
			to(Unknown, "").because(WhyForm).in(time.Minute)},
	}
}

func prelookRows() []row {
	mixed := counts{api.StatusInactive: 2, api.StatusActive: 1}
	limited := rules(func(r *Rules) { r.Batch.Count = 3 })
	frozen := counts{api.StatusFrozen: 1}
	looked := func(why string) want { return to(Attention, EventLookedUp).because(why).concluding(why) }
	return []row{
		{"an inactive code may be activated", rules(), activation(Queued), prelook(inactive), remains()},
		{"an inactive reel may be activated", rules(), activation(Queued), prelook(counts{api.StatusInactive: 50}), remains()},
		{"a frozen code is for the platform to refuse", rules(), activation(Queued), prelook(frozen), remains()},
		{"a voided code is for the platform to refuse", rules(), activation(Queued), prelook(voided), remains()},
		{"an active code is not activated again", rules(), activation(Queued), prelook(active), looked(WhyAlreadyThere)},
		{"codes of several statuses need a person", rules(), activation(Queued), prelook(mixed), looked(WhyMixed)},
		{"an id that shows no code needs a person", rules(), activation(Queued), prelook(counts{}), looked(WhyNoCodes)},
		{"an active code that our own attempt may have activated is asked about", rules(), activation(Queued, unanswered()), prelook(active),
			to(Unknown, EventLookedUp).concluding(WhyAlreadyThere)},
		{"what could not be looked up for a while is asked about for no other reason", rules(), activation(Queued, unanswered()).because(WhyNoLookup), prelook(active),
			to(Unknown, EventLookedUp).concluding(WhyAlreadyThere)},
		{"an active code that no attempt of ours can have activated needs a person", rules(), activation(Queued, proven(), notSent()), prelook(active),
			looked(WhyAlreadyThere).proves(0, 1)},
		{"mixed codes need a person whatever was sent before", rules(), activation(Queued, unanswered()), prelook(mixed), looked(WhyMixed)},

		{"an active code may be voided", rules(), voiding(Queued), prelook(active), remains()},
		{"a voided code is not voided again", rules(), voiding(Queued), prelook(voided), looked(WhyAlreadyThere)},
		{"a voided code is known where void_leaves is not", rules(leavesUnknown), voiding(Queued), prelook(voided), looked(WhyAlreadyThere)},
		{"a code in the status that void_leaves names is not voided again", rules(func(r *Rules) { r.VoidLeaves = "07" }),
			voiding(Queued), prelook(counts{"07": 1}), looked(WhyAlreadyThere)},
		{"a void of what was never active needs a manager", rules(), voiding(Queued), prelook(inactive), looked(WhyNeverActive)},
		{"a manager may void what was never active", rules(), voiding(Queued).approved(ApprovedVoidInactive), prelook(inactive), remains()},
		{"a manager who approved going over a limit did not approve voiding what was never active", rules(),
			voiding(Queued).approved(ApprovedOverLimit), prelook(inactive), looked(WhyNeverActive)},
		{"as many codes as a limit allows may change", limited, activation(Queued), prelook(counts{api.StatusInactive: 3}), remains()},
		{"more codes than a limit allows need a second person", limited, activation(Queued), prelook(counts{api.StatusInactive: 4}), looked(WhyOverLimit)},
		{"more codes than a limit allows are not voided by one person", limited, voiding(Queued), prelook(counts{api.StatusActive: 4}), looked(WhyOverLimit)},
		{"a second person may stand behind more codes", limited, activation(Queued).approved(ApprovedOverLimit), prelook(counts{api.StatusInactive: 4}), remains()},
		{"an approval of something else is none of more codes", limited, voiding(Queued).approved(ApprovedVoidInactive),
			prelook(counts{api.StatusInactive: 4}), looked(WhyOverLimit)},
		{"what was sent before a limit was lowered goes on", limited, activation(Queued, proven()), prelook(counts{api.StatusInactive: 4}), remains().proves(0)},
		{"an approval from before approvals had reasons stands for the void", rules(), voiding(Queued).approved(), prelook(inactive), remains()},
	}
}

func TestWhatThePrelookFoundIsKeptAsEvidence(t *testing.T) {
	t.Parallel()
	before := *seen(active)
	next, _, _ := rules().Prelooked(activation(Queued), before)
	ev := next.Evidence[0]
	if ev.Asked != AskedLookup || ev.Outcome != string(api.Answered) || !ev.At.Equal(before.At) || ev.Seen == nil || ev.Seen.Counts[api.StatusActive] != 1 {
		t.Errorf("kept %+v", ev)
	}
	next, _ = UnknownID(activation(Queued), says("A32"), ended)
	if ev := next.Evidence[0]; ev.Asked != AskedLookup || ev.Code != "A32" || ev.Message != "message A32" || ev.Outcome != string(api.Answered) || !ev.At.Equal(ended) {
		t.Errorf("kept %+v", ev)
	}
}

func TestAnAttemptBeginsBehindTheEarlierOnes(t *testing.T) {
	t.Parallel()
	a := onItsWay()
	a.Trace = "20260314000001000000077"
	next, _ := Begun(activation(Queued, proven()), a)
	if len(next.Attempts) != 2 || next.Attempts[1].Trace != a.Trace || next.Attempts[0].Trace != trace(0) {
		t.Errorf("attempts %+v", next.Attempts)
	}
}
