package operation

import (
	"testing"
	"time"

	"counterfoil/api"
)

// answer is what the attempt on its way comes back with, and what was asked because of it.
func answer(a api.Answer, asked ...Evidence) act { return answerBeside(false, a, asked...) }

// answerBeside is an answer where another operation of ours brought the codes where they are.
func answerBeside(explained bool, a api.Answer, asked ...Evidence) act {
	return func(r Rules, o Operation) result {
		noted, read := r.Received(o, a, ended, ended)
		next, change := r.Concluded(noted, read, asked, explained, ended)
		return result{next: next, change: change, asks: noted.Asks(read), added: len(asked), at: ended}
	}
}

func answerRows() []row {
	sending := activation(Sending, onItsWay())
	refused := to(Refused, EventAnswered).proves(0).in(absent).afterAsking()
	return []row{
		{"an attempt of which no byte was written is queued again", rules(), sending, answer(unreachable()),
			to(Queued, EventNotSent).proves(0).retries(RetryUnanswered, time.Second, 0)},
		{"an attempt without an answer is unknown until settle_time is over", rules(), sending, answer(timedOut()),
			to(Unknown, EventUnknown).in(settleTime)},
		{"a success is done", rules(), sending, answer(says("00")), to(Done, EventAnswered).ordered("order-00")},
		{"a success with the action's letter is done", rules(), sending, answer(says("A00")), to(Done, EventAnswered).ordered("order-A00")},
		{"a void's success is done", rules(), voiding(Sending, onItsWay()), answer(says("B00")), to(Done, EventAnswered).ordered("order-B00")},
		{"a form that was not taken is asked about at once", rules(), sending, answer(says("A31")),
			to(Unknown, EventUnknown).because(WhyForm).in(0)},
		{"an unclear code is unknown until settle_time is over", rules(), sending, answer(says("96")), to(Unknown, EventUnknown).in(settleTime)},
		{"a trace number that was used before is unknown until settle_time is over", rules(), sending, answer(says("A94")), to(Unknown, EventUnknown).in(settleTime)},
		{"a refusal of a number whose date was wrong is no word on the voucher", rules(), activation(Sending, onItsWay().yesterday()), answer(says("A32")),
			to(Unknown, EventUnknown).because(WhyForm).in(0).proves(0)},
		{"a refusal is looked up, and once more after absent_after", rules(), sending, answer(says("A32"), shows(inactive)), refused},
		{"a refusal stands where the look-up fails", rules(), sending, answer(says("A32"), noLook()), refused},
		{"a refusal stands where another till activated the code", rules(), sending, answer(says("A32"), shows(active)), refused},
		{"a refused void stands", rules(), voiding(Sending, onItsWay()), answer(says("B32"), shows(active)), refused},
		{"a refusal stands where the earlier attempts are proven to have changed nothing", rules(),
			activation(Sending, proven(), notSent(), onItsWay()), answer(says("A32"), shows(active)), refused.proves(0, 1, 2)},
	}
}

// earlierRows are answers to an attempt behind one that may have had effect.
func earlierRows() []row {
	second := activation(Sending, unanswered(), onItsWay())
	third := activation(Sending, unanswered(), unanswered(), onItsWay())
	reel := activation(Sending, unanswered().on(counts{api.StatusInactive: 3}), onItsWay())
	void := voiding(Sending, unanswered(), onItsWay())
	done := to(Done, EventAnswered).ordered("order-00").afterAsking()
	asksSoon := func(r want) want { return r.retries(RetryUnanswered, time.Second, 0).afterAsking() }
	unsure := asksSoon(to(Unknown, EventAnswered).proves(1))
	found := to(Done, EventAnswered).proves(1).concluding("done").afterAsking()
	person := func(why string) want { return to(Attention, EventAnswered).because(why).proves(1).afterAsking() }
	refused := to(Refused, EventAnswered).proves(1).in(absent).afterAsking()
	return []row{
		{"a success is done where the platform does not know the earlier attempt", rules(), second, answer(says("00"), said(0, "25")), done},
		{"a success is done where the query about the earlier attempt is unclear", rules(), second, answer(says("00"), said(0, "96")), done},
		{"a success of an attempt and of the earlier one goes to a person", rules(), second, answer(says("00"), said(0, "00")),
			to(Attention, EventAnswered).because(WhyTwoSuccesses).concluding("contradiction").ordered("order-00").afterAsking()},
		{"a success waits for the word on the earlier attempt", rules(), second, answer(says("00"), noWord(0)),
			asksSoon(to(Unknown, EventAnswered).ordered("order-00"))},
		{"a success waits for the word on every earlier attempt", rules(), third, answer(says("00"), said(0, "25"), noWord(1)),
			asksSoon(to(Unknown, EventAnswered).ordered("order-00"))},
		{"a success waits where an earlier attempt could not be asked about", rules(), third, answer(says("00"), said(0, "25")),
			asksSoon(to(Unknown, EventAnswered).ordered("order-00"))},
		{"two successes go to a person though a third attempt is silent", rules(), third, answer(says("00"), noWord(0), said(1, "00")),
			to(Attention, EventAnswered).because(WhyTwoSuccesses).concluding("contradiction").ordered("order-00").afterAsking()},
		{"a success is asked about sooner than a second where settle_time is shorter", rules(settleTimeOf(200 * time.Millisecond)), second,
			answer(says("00"), noWord(0)),
			to(Unknown, EventAnswered).ordered("order-00").retries(RetryUnanswered, 200*time.Millisecond, 0).afterAsking()},
		{"a void's success is done whatever the earlier attempt did", rules(), void, answer(says("00")), to(Done, EventAnswered).ordered("order-00")},

		{"an attempt that was not sent leaves the earlier one unproven", rules(), second, answer(unreachable()),
			to(Queued, EventNotSent).proves(1).retries(RetryUnanswered, time.Second, 0)},
		{"a second attempt without an answer is unknown", rules(), second, answer(timedOut()), to(Unknown, EventUnknown).in(settleTime)},

		{"a refusal is done where status and query say that the earlier attempt did it", rules(), second,
			answer(says("A32"), said(0, "00"), shows(active)), found},
		{"a refusal is done where the status alone says that the earlier attempt did it", rules(), second,
			answer(says("A32"), said(0, "96"), shows(active)), found},
		{"a refusal of a reel is done where all codes changed", rules(), reel, answer(says("A32"), said(0, "25"), shows(counts{api.StatusActive: 3})), found},
		{"a refusal of a reel of which some codes changed goes to a person", rules(), reel,
			answer(says("A32"), said(0, "00"), shows(counts{api.StatusActive: 1, api.StatusInactive: 2})), person(WhyPartial)},
		{"some changed codes go to a person though the query is silent", rules(), reel,
			answer(says("A32"), noWord(0), shows(counts{api.StatusActive: 1, api.StatusInactive: 2})), person(WhyPartial)},
		{"a refusal waits for the look-up where an earlier attempt may have done it", rules(), second,
			answer(says("A32"), said(0, "25"), noLook()), unsure},
		{"a refusal waits for the query about the earlier attempt", rules(), second, answer(says("A32"), noWord(0), shows(active)), unsure},
		{"a refusal waits where an earlier attempt could not be asked about", rules(), third, answer(says("A32"), said(0, "25"), shows(active)),
			asksSoon(to(Unknown, EventAnswered).proves(2))},
		{"a refusal waits where the earlier attempt succeeded and the status does not show it", rules(), second,
			answer(says("A32"), said(0, "00"), shows(inactive)), unsure},
		{"a refusal waits where the earlier attempt succeeded and no code is shown", rules(), second,
			answer(says("A32"), said(0, "00"), shows(counts{})), unsure},
		{"a status that another operation of ours explains goes to a person", rules(), second,
			answerBeside(true, says("A32"), said(0, "25"), shows(active)), person(WhyAlreadyThere)},
		{"a success of the earlier attempt counts though another operation explains the status", rules(), second,
			answerBeside(true, says("A32"), said(0, "00"), shows(active)), found},
		{"a refusal stands where nothing changed and nothing is known of the earlier attempt", rules(), second,
			answer(says("A32"), said(0, "25"), shows(inactive)), refused},
		{"a refusal stands where another operation explains what did not change", rules(), second,
			answerBeside(true, says("A32"), said(0, "25"), shows(inactive)), refused},
		{"the look-up is held against the first attempt that may have done it", rules(),
			activation(Sending, unanswered(), unanswered().on(active), onItsWay()),
			answer(says("A32"), said(0, "25"), said(1, "25"), shows(active)), found.proves(2)},
		{"the look-up is not held against an attempt that is proven to have changed nothing", rules(),
			activation(Sending, proven().on(active), unanswered(), onItsWay()), answer(says("A32"), said(1, "25"), shows(active)), found.proves(0, 2)},
		{"a refused void is done where the earlier one left its status", rules(), void, answer(says("B32"), shows(voided)), found},
		{"a refused void stands where the status is as before", rules(), void, answer(says("B32"), shows(active)), refused},
		{"a refused void waits for the look-up", rules(), void, answer(says("B32"), noLook()), unsure},
	}
}

func TestEvidenceKeepsWhatAWitnessAnswered(t *testing.T) {
	t.Parallel()
	a := api.Answer{Outcome: api.Unanswered, Reason: api.ReasonLost, Code: "96", Message: "busy"}
	want := Evidence{At: ended, Asked: AskedQuery, Trace: trace(0), Outcome: "unanswered", Cause: "lost", Code: "96", Message: "busy"}
	if got := EvidenceOf(AskedQuery, trace(0), a, ended); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestAnAnswerIsNotedOnTheAttemptItBelongsTo(t *testing.T) {
	t.Parallel()
	at := ended.Add(time.Second)
	next, _ := rules().Received(activation(Sending, unanswered(), onItsWay()), says("A32"), at, ended)
	a := next.Attempts[1]
	if a.EndedAt == nil || !a.EndedAt.Equal(at) || a.Outcome != string(api.Answered) || a.Cause != "" ||
		a.Code != "A32" || a.Message != "message A32" || a.OrderNo != "order-A32" || a.Trace != trace(1) {
		t.Errorf("noted %+v", a)
	}
	if next.OrderNo != "" || next.State != Sending {
		t.Errorf("order %q, %s; a refusal gives no order number, and noting moves nothing", next.OrderNo, next.State)
	}
	next, _ = rules().Received(activation(Sending, onItsWay()), timedOut(), at, ended)
	if a := next.Attempts[0]; a.Outcome != string(api.Unanswered) || a.Cause != string(api.ReasonTimeout) {
		t.Errorf("noted %+v", a)
	}
}
