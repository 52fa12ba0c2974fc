package operation

import (
	"fmt"
	"time"

	"counterfoil/api"
)

// The times that the tests' rules name.
const (
	settleTime = 10 * time.Second
	absent     = 2 * time.Minute
	attention  = 5 * time.Minute
)

// ended is when the attempt that a row is about came back, on both clocks.
var ended = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)

// rules are strict ones: no repeat without proof, no status without a witness.
// The changes stand for other settings.
func rules(changes ...func(*Rules)) Rules {
	r := Rules{
		SettleTime: settleTime, AbsentAfter: absent, AttentionAfter: attention, VoidLeaves: api.StatusVoid,
		TraceCodes: []string{"31"}, ActivationAbsentCodes: []string{"25"},
		DuplicateTraceCodes: []string{"94"}, UnclearCodes: []string{"96"},
	}
	for _, change := range changes {
		change(&r)
	}
	return r
}

func forwardOnly(r *Rules)   { r.StatusForwardOnly = true }
func statusAlone(r *Rules)   { r.StatusAloneDone = true }
func leavesUnknown(r *Rules) { r.VoidLeaves = "" }
func noAbsentCode(r *Rules)  { r.ActivationAbsentCodes = nil }

func settleTimeOf(d time.Duration) func(*Rules) { return func(r *Rules) { r.SettleTime = d } }

// counts is what a look-up shows: how many codes have which status.
type counts = map[string]int

var (
	inactive = counts{api.StatusInactive: 1}
	active   = counts{api.StatusActive: 1}
	voided   = counts{api.StatusVoid: 1}
)

// operationIn builds an operation in a state, with what an earlier step left
// behind: a time to look again and something to wait for.
func operationIn(k Kind, s State, attempts ...Attempt) Operation {
	o := Operation{
		Op: "01HZX", Kind: k, ID: "6900000000000001", Level: string(api.LevelCode), State: s, AmountFen: 5000,
		Operator: "lin", Counter: "000001", AcceptedAt: ended.Add(-time.Hour), Day: "2026-03-14", Asked: 2,
	}
	before := inactive
	if k == Void {
		before = active
	}
	// Room behind the last element: what appends to a shared array is seen.
	o.Attempts, o.Evidence = make([]Attempt, 0, len(attempts)+2), make([]Evidence, 0, 4)
	for i, a := range attempts {
		if a.Trace == "" {
			a.Trace = trace(i)
		}
		if a.Before == nil {
			a.Before = seen(before)
		}
		o.Attempts = append(o.Attempts, a)
	}
	if s.Open() {
		stale := ended.Add(-time.Minute)
		o.NextAt, o.WaitsFor = &stale, "01HZW"
	} else if s != "" {
		at := ended.Add(-time.Minute)
		o.FinishedAt, o.NextAt = &at, &ended
	}
	return o
}

func activation(s State, attempts ...Attempt) Operation { return operationIn(Activate, s, attempts...) }
func voiding(s State, attempts ...Attempt) Operation    { return operationIn(Void, s, attempts...) }

// because gives an operation a reason for its state.
func (o Operation) because(why string) Operation {
	o.Why = why
	return o
}

// settledAs gives an operation a manager's decision.
func (o Operation) settledAs(as, why string) Operation {
	o.SettledAs, o.Why = as, why
	return o
}

// approved gives an operation a manager's approval.
func (o Operation) approved(what ...string) Operation {
	o.ApprovedBy, o.ApprovedFor = "wang", what
	return o
}

// numbered gives an operation the platform's reference.
func (o Operation) numbered(order string) Operation {
	o.OrderNo = order
	return o
}

// knowing gives an operation evidence of an earlier round.
func (o Operation) knowing(evidence ...Evidence) Operation {
	o.Evidence = append(append(make([]Evidence, 0, 8), o.Evidence...), evidence...)
	return o
}

// trace is the number of an attempt, minted on the day of ended.
func trace(i int) string { return fmt.Sprintf("20260314000001%09d", i+1) }

// The attempts: what each came back with.
func onItsWay() Attempt { return Attempt{SentAt: ended.Add(-time.Second)} }

func unanswered() Attempt {
	return returned(Attempt{Outcome: string(api.Unanswered), Cause: string(api.ReasonTimeout)})
}

func notSent() Attempt {
	return returned(Attempt{Outcome: string(api.NotSent), Cause: string(api.ReasonUnreachable), NoEffect: true})
}

func proven() Attempt {
	a := unanswered()
	a.NoEffect = true
	return a
}

func answeredWith(code string) Attempt {
	return returned(Attempt{Outcome: string(api.Answered), Code: code, OrderNo: "order-" + code})
}

func returned(a Attempt) Attempt {
	at := ended
	a.SentAt, a.EndedAt = ended.Add(-time.Second), &at
	return a
}

// on has an attempt sent on another look-up than the usual one.
func (a Attempt) on(c counts) Attempt {
	a.Before = seen(c)
	return a
}

// yesterday gives an attempt a number of the day before.
func (a Attempt) yesterday() Attempt {
	a.Trace = "20260313000001000000009"
	return a
}

func seen(c counts) *Seen { return &Seen{At: ended.Add(-2 * time.Second), Counts: c} }

// said is a query's answer about an attempt.
func said(i int, code string) Evidence {
	return Evidence{At: ended, Asked: AskedQuery, Trace: trace(i), Outcome: string(api.Answered), Code: code}
}

// noWord is a query about an attempt that nobody answered.
func noWord(i int) Evidence {
	return Evidence{At: ended, Asked: AskedQuery, Trace: trace(i), Outcome: string(api.Unanswered), Cause: string(api.ReasonTimeout)}
}

// shows is a look-up's answer.
func shows(c counts) Evidence {
	return Evidence{At: ended, Asked: AskedLookup, Outcome: string(api.Answered), Code: "00", Seen: seen(c)}
}

// noLook is a look-up that nobody answered; refusedLook one that the platform refused.
func noLook() Evidence {
	return Evidence{At: ended, Asked: AskedLookup, Outcome: string(api.Unanswered), Cause: string(api.ReasonTimeout)}
}

func refusedLook() Evidence {
	return Evidence{At: ended, Asked: AskedLookup, Outcome: string(api.Answered), Code: "A32"}
}

// noRecords are operation records that nobody answered for.
func noRecords() Evidence {
	return Evidence{At: ended, Asked: AskedRecords, Outcome: string(api.Unanswered), Cause: string(api.ReasonTimeout)}
}

// records is the answer of the operation records; ours where they carry our trace number.
func records(ours bool) Evidence {
	ev := Evidence{At: ended, Asked: AskedRecords, Outcome: string(api.Answered), Code: "00"}
	if ours {
		ev.Verdict = verdictDone
	}
	return ev
}

// says is a signed answer to an attempt.
func says(code string) api.Answer {
	return api.Answer{Outcome: api.Answered, Code: code, Message: "message " + code, OrderNo: "order-" + code}
}

func timedOut() api.Answer { return api.Answer{Outcome: api.Unanswered, Reason: api.ReasonTimeout} }
func unreachable() api.Answer {
	return api.Answer{Outcome: api.NotSent, Reason: api.ReasonUnreachable}
}
