package operation

import (
	"time"

	"counterfoil/api"
)

func nothingToAsk(_ Rules, o Operation) result {
	next, change, ok := NothingToAsk(o)
	return result{next: next, change: change, stays: !ok}
}

// ask is one round of asking, so long after the attempts ended.
func ask(since time.Duration, evidence ...Evidence) act {
	return askRound(Round{SinceEnd: since, Evidence: evidence})
}

// askBeside is a round where another operation of ours brought the codes where they are.
func askBeside(since time.Duration, evidence ...Evidence) act {
	return askRound(Round{SinceEnd: since, Evidence: evidence, Explained: true})
}

func askRound(round Round) act {
	round.At = ended.Add(round.SinceEnd)
	round.Platform = round.At
	return func(r Rules, o Operation) result {
		next, change := r.Asked(o, round)
		return result{next: next, change: change, added: len(round.Evidence), at: round.At}
	}
}

// leads is where a round of asking leads.
func leads(s State, why string, e Event, verdict string) want {
	w := to(s, e).because(why).concluding(verdict)
	w.asked = 1
	return w
}

func person(why, verdict string) want { return leads(Attention, why, EventAsked, verdict) }

// undecided is a round in which both witnesses answered; left is until absent_after is over.
func undecided(left time.Duration) want {
	return leads(Unknown, "", EventAsked, "unclear").retries(RetryUndecided, 2*time.Second, left+100*time.Millisecond)
}

// unheard is a round in which a witness stayed silent.
func unheard() want {
	return leads(Unknown, "", EventAsked, "unclear").retries(RetryUnanswered, 2*time.Second, 0)
}

// repeats is a proof that a further attempt may be made.
func repeats(noEffect ...int) want {
	return leads(Queued, "", EventNoEffect, "no_effect").retries(RetryAttempt, 0, 0).proves(noEffect...)
}

func askActivationRows() []row {
	one := activation(Unknown, unanswered())
	two := activation(Unknown, unanswered(), unanswered())
	after := activation(Unknown, unanswered(), answeredWith("00"))
	reel := activation(Unknown, unanswered().on(counts{api.StatusInactive: 3}))
	done := leads(Done, "", EventAsked, "done")
	byStatus := leads(Done, WhyByStatus, EventAsked, "done")
	disagree := leads(Unknown, "", EventAsked, "contradiction").retries(RetryUndecided, 2*time.Second, absent-settleTime+100*time.Millisecond)
	disagreeLong := leads(Unknown, "", EventAsked, "contradiction").retries(RetryUndecided, 2*time.Second, 0)
	mixed := counts{api.StatusActive: 1, api.StatusInactive: 2}
	return []row{
		{"query and status for it: done", rules(), one, ask(settleTime, said(0, "00"), shows(active)), done},
		{"all codes of a reel changed and the query says success: done", rules(), reel, ask(settleTime, said(0, "A00"), shows(counts{api.StatusActive: 3})), done},
		{"some codes of a reel changed: a person", rules(statusAlone, forwardOnly), reel, ask(settleTime, said(0, "00"), shows(mixed)), person(WhyPartial, "contradiction")},
		{"some codes of a reel changed: a person, though the query is silent", rules(), reel, ask(settleTime, noWord(0), shows(mixed)), person(WhyPartial, "contradiction")},
		{"the query's order number is kept", rules(), one,
			askRound(Round{SinceEnd: settleTime, OrderNo: "order-q", Evidence: []Evidence{said(0, "00"), shows(active)}}), done.ordered("order-q")},
		{"without an order number from the query an attempt's is kept", rules(), after, ask(settleTime, said(0, "25"), shows(active)), done.ordered("order-00")},
		{"of several attempts' order numbers the last is kept", rules(), activation(Unknown, unanswered(), answeredWith("96"), answeredWith("00")),
			ask(settleTime, said(0, "25"), said(1, "96"), shows(active)), done.ordered("order-00")},
		{"an attempt's order number is kept though a later one has none", rules(), activation(Unknown, answeredWith("96"), unanswered()),
			ask(settleTime, said(0, "00"), said(1, "25"), shows(active)), done.ordered("order-96")},
		{"an order number stays where a round brings none", rules(), one.numbered("order-1"), ask(settleTime, said(0, "00"), shows(active)), done.ordered("order-1")},
		{"what a void leaves does not matter to an activation", rules(leavesUnknown), one, ask(settleTime, said(0, "00"), shows(active)), done},
		{"an order number is kept before anything is decided", rules(), one,
			askRound(Round{SinceEnd: settleTime, OrderNo: "order-q", Evidence: []Evidence{said(0, "00"), shows(inactive)}}), disagree.ordered("order-q")},

		{"query success, status unchanged: asked again", rules(), one, ask(settleTime, said(0, "00"), shows(inactive)), disagree},
		{"query success, status unchanged: asked again though statuses move forward only", rules(forwardOnly), one, ask(settleTime, said(0, "00"), shows(inactive)), disagree},
		{"query success, status unchanged, at attention_after: asked again", rules(), one, ask(attention, said(0, "00"), shows(inactive)), disagreeLong},
		{"query success, status unchanged, past attention_after: a person", rules(), one, ask(attention+1, said(0, "00"), shows(inactive)),
			person(WhyContradiction, "contradiction")},
		{"absent, status changed: asked again", rules(statusAlone), one, ask(settleTime, said(0, "25"), shows(active)), disagree},
		{"absent, status changed, past attention_after: a person", rules(statusAlone), one, ask(attention+1, said(0, "25"), shows(active)),
			person(WhyContradiction, "contradiction")},

		{"the status alone: done by status, where status_alone says so", rules(statusAlone), one, ask(settleTime, said(0, "96"), shows(active)), byStatus},
		{"the status alone: a person, where status_alone says so", rules(), one, ask(settleTime, said(0, "96"), shows(active)), person(WhyByStatusAsk, "unclear")},
		{"one absent attempt of two does not speak against the status", rules(statusAlone), two, ask(settleTime, said(0, "25"), said(1, "96"), shows(active)), byStatus},
		{"the status alone, and another operation explains it: a person", rules(statusAlone), one, askBeside(settleTime, said(0, "96"), shows(active)),
			person(WhyAlreadyThere, "contradiction")},
		{"status_alone = attention comes before what explains the status", rules(), one, askBeside(settleTime, said(0, "96"), shows(active)), person(WhyByStatusAsk, "unclear")},
		{"query and status are done though another operation explains the status", rules(), one, askBeside(settleTime, said(0, "00"), shows(active)), done},

		{"the status changed and the query is silent: asked again", rules(statusAlone), one, ask(settleTime, noWord(0), shows(active)), unheard()},
		{"the query is silent past attention_after: the status alone counts", rules(statusAlone), one, ask(attention+1, noWord(0), shows(active)), byStatus},
		{"the query is silent past attention_after: a person, where status_alone says so", rules(), one, ask(attention+1, noWord(0), shows(active)),
			person(WhyByStatusAsk, "unclear")},
		{"a success waits for a silent query about another attempt", rules(), two, ask(settleTime, said(0, "00"), noWord(1), shows(active)), unheard()},
		{"a success waits for a silent query until attention_after", rules(), two, ask(attention+1, said(0, "00"), noWord(1), shows(active)), done},

		{"two queries say success: a person", rules(statusAlone), two, ask(settleTime, said(0, "00"), said(1, "00"), shows(active)), person(WhyTwoSuccesses, "contradiction")},
		{"two successes go to a person though no look-up came", rules(), two, ask(settleTime, said(0, "00"), said(1, "00"), noLook()), person(WhyTwoSuccesses, "contradiction")},
		{"an attempt answered with success and a query that says success: a person", rules(), after, ask(settleTime, said(0, "00"), shows(active)),
			person(WhyTwoSuccesses, "contradiction")},
		{"an attempt answered with success, the earlier one absent, the status changed: done", rules(), after, ask(settleTime, said(0, "25"), shows(active)),
			done.ordered("order-00")},
		{"an attempt answered with success, the earlier one absent, the status unchanged: asked again", rules(), after,
			ask(settleTime, said(0, "25"), shows(inactive)), disagree},
		{"the look-up is held against the first attempt that is asked about", rules(), activation(Unknown, proven().on(active), unanswered()),
			ask(settleTime, said(1, "00"), shows(active)), done.proves(0)},
		{"the look-up is not held against a later attempt", rules(), activation(Unknown, unanswered(), unanswered().on(active)),
			ask(settleTime, said(0, "00"), said(1, "25"), shows(active)), done},
	}
}

// askRepeatRows are about a further attempt.
func askRepeatRows() []row {
	one := activation(Unknown, unanswered())
	two := activation(Unknown, unanswered(), unanswered())
	old := activation(Unknown, unanswered().yesterday())
	form := activation(Unknown, answeredWith("A31")).because(WhyForm)
	formAfter := activation(Unknown, unanswered(), answeredWith("A31")).because(WhyForm)
	dated := answeredWith("A32").yesterday()
	dated.NoEffect = true
	wrongDate := activation(Unknown, unanswered(), dated).because(WhyForm)
	formed := undecided(absent).proves(1)
	voidForm := voiding(Unknown, answeredWith("B31")).because(WhyForm)
	voidFormAfter := voiding(Unknown, unanswered(), answeredWith("B31")).because(WhyForm)
	reel := activation(Unknown, unanswered().on(counts{api.StatusInactive: 3}))
	past := absent + 1
	return []row{
		{"nothing to ask: every attempt is proven to have changed nothing", rules(), activation(Unknown, proven(), notSent()).because(WhyForm), nothingToAsk,
			to(Queued, EventNoEffect).proves(0, 1)},
		{"an attempt that may have had effect is asked about", rules(), activation(Unknown, proven(), unanswered()), nothingToAsk, remains()},

		{"absent and unchanged past absent_after: no effect", rules(), one, ask(past, said(0, "25"), shows(inactive)), repeats(0)},
		{"absent and unchanged past absent_after: no effect of a reel", rules(), reel, ask(past, said(0, "A25"), shows(counts{api.StatusInactive: 3})), repeats(0)},
		{"what would explain a changed status does not matter to an unchanged one", rules(statusAlone), one, askBeside(past, said(0, "25"), shows(inactive)), repeats(0)},
		{"absent and unchanged at absent_after: it may arrive yet", rules(), one, ask(absent, said(0, "25"), shows(inactive)), undecided(0)},
		{"absent and unchanged before absent_after: it may arrive yet", rules(), one, ask(settleTime, said(0, "25"), shows(inactive)), undecided(absent - settleTime)},
		{"absent on another day than the number's proves nothing", rules(), old, ask(past, said(0, "25"), shows(inactive)),
			leads(Unknown, "", EventAsked, "unclear").retries(RetryUndecided, 2*time.Second, 0)},
		{"absent counts only where it holds for every attempt", rules(), two, ask(past, said(0, "25"), said(1, "96"), shows(inactive)),
			leads(Unknown, "", EventAsked, "unclear").retries(RetryUndecided, 2*time.Second, 0)},
		{"every attempt absent: none had effect", rules(), two, ask(past, said(0, "25"), said(1, "25"), shows(inactive)), repeats(0, 1)},
		{"absent on the day of one attempt but not of the other proves nothing", rules(), activation(Unknown, unanswered().yesterday(), unanswered()),
			ask(past, said(0, "25"), said(1, "25"), shows(inactive)), leads(Unknown, "", EventAsked, "unclear").retries(RetryUndecided, 2*time.Second, 0)},
		{"what was proven before need not be of today", rules(), activation(Unknown, proven().yesterday(), unanswered()),
			ask(past, said(1, "25"), shows(inactive)), repeats(0, 1)},
		{"absent without a look-up proves nothing", rules(), one, ask(past, said(0, "25"), refusedLook()),
			leads(Unknown, "", EventAsked, "unclear").retries(RetryUndecided, 2*time.Second, 0)},
		{"a code that is not set as absent proves nothing", rules(noAbsentCode), one, ask(past, said(0, "25"), shows(inactive)),
			leads(Unknown, "", EventAsked, "unclear").retries(RetryUndecided, 2*time.Second, 0)},

		{"statuses move forward only: a repeat waits for settle_time", rules(forwardOnly), one, ask(settleTime-1, said(0, "96"), shows(inactive)), undecided(absent - settleTime + 1)},
		{"statuses move forward only: a repeat can do no harm after settle_time", rules(forwardOnly), one, ask(settleTime, said(0, "96"), shows(inactive)), repeats()},
		{"statuses move forward only: a repeat though the query is silent", rules(forwardOnly), one, ask(settleTime, noWord(0), shows(inactive)), repeats()},
		{"statuses move forward only: no repeat without a look-up", rules(forwardOnly), one, ask(settleTime, said(0, "25"), noLook()), unheard()},
		{"statuses move forward only: absence proves more where it can", rules(forwardOnly), one, ask(past, said(0, "25"), shows(inactive)), repeats(0)},
		{"statuses may move back: no repeat however long nothing is seen", rules(), one, ask(24*time.Hour, said(0, "96"), shows(inactive)),
			leads(Unknown, "", EventAsked, "unclear").retries(RetryUndecided, 2*time.Second, 0)},

		{"a form that was not taken, and nothing changed: a new number at once", rules(), form, ask(0, said(0, "96"), shows(inactive)), repeats(0)},
		{"a form that was not taken, and the query silent: a new number at once", rules(), form, ask(0, noWord(0), shows(inactive)), repeats(0)},
		{"a form that was not taken, with an earlier attempt: that one is asked about", rules(), formAfter, ask(0, said(0, "96"), said(1, "96"), shows(inactive)), formed},
		{"a wrong date, with an earlier attempt: it proves nothing about that one", rules(), wrongDate, ask(0, said(0, "25"), shows(inactive)),
			undecided(absent).because(WhyForm).proves(1)},
		{"a form that was not taken, and no look-up: asked again", rules(), form, ask(0, said(0, "96"), noLook()), unheard().because(WhyForm)},
		{"a form that was not taken, and changed all the same: as the witnesses say", rules(), form, ask(0, said(0, "00"), shows(active)),
			leads(Done, "", EventAsked, "done").ordered("order-A31")},
		{"a void whose form was not taken: a new number at once", rules(), voidForm, ask(0, shows(active)), repeats(0)},
		{"a void whose form was not taken, with an earlier attempt: that one is asked about", rules(), voidFormAfter, ask(0, shows(active)),
			leads(Unknown, "", EventAsked, "unclear").retries(RetryUndecided, 2*time.Second, 0).proves(1)},
	}
}
