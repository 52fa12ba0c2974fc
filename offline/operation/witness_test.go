package operation

import (
	"testing"
	"time"

	"counterfoil/api"
)

// askSilenceRows are rounds in which somebody did not answer, and the pauses behind a round.
func askSilenceRows() []row {
	one := activation(Unknown, unanswered())
	two := activation(Unknown, unanswered(), unanswered())
	silence := []Evidence{noWord(0), noLook()}
	other := func(i int, change func(*Evidence)) act {
		fresh := []Evidence{noWord(0), noLook()}
		change(&fresh[i])
		return ask(settleTime, fresh...)
	}
	unheardAgain := unheard()
	unheardAgain.event = ""
	bounded := func(first, left time.Duration) want {
		return undecided(0).retries(RetryUndecided, first, left)
	}
	return []row{
		{"nobody answered for the first time: kept", rules(), one, ask(settleTime, silence...), unheard()},
		{"nobody answered, as in the last round: not kept again", rules(), one.knowing(silence...), ask(settleTime, silence...), unheardAgain.unkept()},
		{"nobody answered, as in the last round and another before: not kept again", rules(), one.knowing(said(0, "25"), noLook()).knowing(silence...),
			ask(settleTime, silence...), unheardAgain.unkept()},
		{"nobody answered, after a round that said something: kept", rules(), one.knowing(said(0, "25"), noLook()), ask(settleTime, silence...), unheard()},
		{"nobody answered, after one witness only: kept", rules(), one.knowing(noLook()), ask(settleTime, silence...), unheard()},
		{"another witness is silent: kept", rules(), one.knowing(noLook(), noLook()), ask(settleTime, silence...), unheard()},
		{"one query of two answered, as in the last round: kept", rules(), two.knowing(said(0, "96"), noWord(1), noLook()),
			ask(settleTime, said(0, "96"), noWord(1), noLook()), unheard()},
		{"records are silent, and not a look-up: kept", rules(), voiding(Unknown, unanswered()).knowing(noLook(), noLook()),
			ask(settleTime, noRecords(), noLook()), unheard()},
		{"silence for another cause: kept", rules(), one.knowing(silence...), other(1, func(ev *Evidence) { ev.Cause = string(api.ReasonLost) }), unheard()},
		{"silence about another attempt: kept", rules(), one.knowing(silence...), other(0, func(ev *Evidence) { ev.Trace = trace(7) }), unheard()},
		{"silence of another kind: kept", rules(), one.knowing(silence...), other(1, func(ev *Evidence) { ev.Outcome = string(api.NotSent) }), unheard()},
		{"an answer is kept though it says the same again", rules(), one.knowing(said(0, "96"), shows(inactive)), ask(settleTime, said(0, "96"), shows(inactive)),
			undecided(absent - settleTime)},
		{"a look-up is kept though it shows the same again", rules(), one.knowing(noWord(0), shows(inactive)), ask(settleTime, noWord(0), shows(inactive)), unheard()},
		{"a query's answer is kept though it says the same again", rules(), one.knowing(said(0, "96"), noLook()), ask(settleTime, said(0, "96"), noLook()), unheard()},

		{"success without a look-up: asked again", rules(), one, ask(settleTime, said(0, "00"), noLook()), unheard()},
		{"success and a look-up that was refused: asked again, later", rules(), one, ask(settleTime, said(0, "00"), refusedLook()), undecided(absent - settleTime)},
		{"success and a look-up that shows no code: asked again, later", rules(), one, ask(settleTime, said(0, "00"), shows(counts{})), undecided(absent - settleTime)},
		{"unclear and unchanged: asked again when absent_after is over", rules(), one, ask(settleTime, said(0, "96"), shows(inactive)), undecided(absent - settleTime)},
		{"one silent query of two: asked again soon", rules(), two, ask(settleTime, noWord(0), said(1, "25"), shows(inactive)), unheard()},
		{"no bound on the pause where no code means absent", rules(noAbsentCode), one, ask(settleTime, said(0, "96"), shows(inactive)), bounded(2*time.Second, 0)},
		{"a short settle_time makes the first pause short", rules(settleTimeOf(time.Second)), one, ask(settleTime, said(0, "96"), shows(inactive)),
			bounded(time.Second, absent-settleTime+100*time.Millisecond)},
		{"no settle_time leaves a pause all the same", rules(settleTimeOf(0)), one, ask(settleTime, said(0, "96"), shows(inactive)),
			bounded(50*time.Millisecond, absent-settleTime+100*time.Millisecond)},
	}
}

func askVoidRows() []row {
	one := voiding(Unknown, unanswered())
	reel := voiding(Unknown, unanswered().on(counts{api.StatusActive: 3}))
	waits := leads(Unknown, "", EventAsked, "unclear").retries(RetryUndecided, 2*time.Second, 0)
	differs := leads(Unknown, "", EventAsked, "contradiction").retries(RetryUndecided, 2*time.Second, 0)
	done := leads(Done, "", EventAsked, "done")
	mixed := counts{api.StatusActive: 1, api.StatusVoid: 2}
	ofInactive := voiding(Unknown, unanswered().on(inactive))
	long := 24 * time.Hour
	return []row{
		{"a void's status alone: done by status, where status_alone says so", rules(statusAlone), one, ask(settleTime, records(false), shows(voided)),
			leads(Done, WhyByStatus, EventAsked, "done")},
		{"a void's status alone: a person, where status_alone says so", rules(), one, ask(settleTime, records(false), shows(voided)), person(WhyByStatusAsk, "unclear")},
		{"a void's status and records with our trace number: done", rules(), one, ask(settleTime, records(true), shows(voided)), done},
		{"a void's status alone, and another operation explains it: a person", rules(statusAlone), one, askBeside(settleTime, shows(voided)),
			person(WhyAlreadyThere, "contradiction")},
		{"records with our trace number do not outweigh an unchanged status", rules(), one, ask(settleTime, records(true), shows(active)), differs},
		{"records and an unchanged status: no repeat, whatever the settings", rules(forwardOnly), one, ask(settleTime, records(true), shows(active)), differs},
		{"records and an unchanged status for long: a person", rules(), one, ask(attention+1, records(true), shows(active)), person(WhyContradiction, "contradiction")},
		{"a void in another status than void_leaves is not done", rules(statusAlone), one, ask(settleTime, shows(inactive)), waits},
		{"some codes voided: a person", rules(), reel, ask(settleTime, shows(counts{api.StatusActive: 1, api.StatusVoid: 2})), person(WhyPartial, "contradiction")},
		{"a void without a look-up is asked about again", rules(), one, ask(settleTime, records(false), noLook()), unheard()},
		{"silent records alone are no reason to ask sooner", rules(), one,
			ask(settleTime, noRecords(), shows(active)), waits},

		{"an unchanged status never proves that a void had no effect", rules(), one, ask(long, shows(active)), waits},
		{"a query that knows nothing of a void proves nothing", rules(), one, ask(long, said(0, "25"), shows(active)), waits},
		{"a query does not make a void done", rules(), one, ask(settleTime, said(0, "00"), shows(voided)), person(WhyByStatusAsk, "unclear")},
		{"a void may be repeated where statuses move forward only", rules(forwardOnly), one, ask(settleTime, shows(active)), repeats()},
		{"a void's repeat waits for settle_time too", rules(forwardOnly), one, ask(settleTime-1, shows(active)), waits},

		{"void_leaves not set: records with our trace number and a voided code: done", rules(leavesUnknown), one, ask(settleTime, records(true), shows(voided)), done},
		{"void_leaves not set: records with our trace number and a code not active any more: done", rules(leavesUnknown), one,
			ask(settleTime, records(true), shows(inactive)), done},
		{"void_leaves not set: records do not stand against a look-up", rules(leavesUnknown), one, ask(settleTime, records(true), shows(active)), differs},
		{"void_leaves not set: records, and the code is as inactive as before", rules(leavesUnknown), ofInactive, ask(settleTime, records(true), shows(inactive)), differs},
		{"void_leaves not set: records, and the code is frozen", rules(leavesUnknown), one, ask(settleTime, records(true), shows(counts{api.StatusFrozen: 1})), differs},
		{"void_leaves not set: records, and some codes are void", rules(leavesUnknown), reel, ask(settleTime, records(true), shows(mixed)),
			person(WhyPartial, "contradiction")},
		{"void_leaves not set: records without a look-up are no proof", rules(leavesUnknown), one, ask(settleTime, records(true), noLook()), unheard()},
		{"void_leaves not set: a person, whatever the status", rules(leavesUnknown, statusAlone, forwardOnly), one, ask(settleTime, records(false), shows(voided)),
			person(WhyVoidUnclear, "unclear")},
	}
}

// What a record must bear to support a void; every row takes one thing away.
func TestRecordsSupportAVoidOnlyWhereTheyNameItsAttempt(t *testing.T) {
	t.Parallel()
	const own = "20260314000001000000002" // the attempt that may have had effect
	op := voiding(Unknown, returned(Attempt{Outcome: string(api.NotSent), NoEffect: true}), unanswered())
	signed := api.Answer{Outcome: api.Answered, Code: "00"}
	record := api.Record{Code: op.ID, ReturnCode: "V00", Swift: own}
	in := func(change func(*api.Answer, *api.Record)) Evidence {
		a, r := signed, record
		change(&a, &r)
		return RecordsOf(&op, a, []api.Record{{Code: op.ID, ReturnCode: "00", Swift: "0"}, r}, ended)
	}
	for name, change := range map[string]func(*api.Answer, *api.Record){
		"as swift": func(*api.Answer, *api.Record) {},
		"beside other": func(_ *api.Answer, r *api.Record) {
			r.Swift, r.Extend = "0", map[string]string{"oms": "1", "posSerialNo": own}
		},
	} {
		if ev := in(change); ev.Verdict != verdictDone || ev.Asked != AskedRecords {
			t.Errorf("%s: %+v", name, ev)
		}
	}
	for name, change := range map[string]func(*api.Answer, *api.Record){
		"an unsigned answer":              func(a *api.Answer, _ *api.Record) { a.Unsigned = true },
		"another uuid":                    func(a *api.Answer, _ *api.Record) { a.TraceDiffers = true },
		"an answer that failed":           func(a *api.Answer, _ *api.Record) { a.Code = "99" },
		"no answer":                       func(a *api.Answer, _ *api.Record) { a.Outcome = api.Unanswered },
		"a record of a failure":           func(_ *api.Answer, r *api.Record) { r.ReturnCode = "99" },
		"a record without an end":         func(_ *api.Answer, r *api.Record) { r.ReturnCode = "" },
		"a record of another code":        func(_ *api.Answer, r *api.Record) { r.Code = "6900000000000002" },
		"a record of no code":             func(_ *api.Answer, r *api.Record) { r.Code = "" },
		"the number in a longer one":      func(_ *api.Answer, r *api.Record) { r.Swift = own + "0" },
		"the number in a longer text":     func(_ *api.Answer, r *api.Record) { r.Extend, r.Swift = map[string]string{"oms": "no " + own}, "" },
		"a part of the number":            func(_ *api.Answer, r *api.Record) { r.Swift = own[:22] },
		"the number of what was not sent": func(_ *api.Answer, r *api.Record) { r.Swift = trace(0) },
		"nothing":                         func(_ *api.Answer, r *api.Record) { r.Swift = "" },
	} {
		if ev := in(change); ev.Verdict != "" {
			t.Errorf("%s: %+v", name, ev)
		}
	}
	if ev := in(func(a *api.Answer, _ *api.Record) { a.Unsigned = true }); !ev.Unsigned {
		t.Errorf("that it was unsigned is not kept: %+v", ev)
	}
}
