package operation

import (
	"maps"
	"slices"
	"time"

	"counterfoil/api"
)

// Round is one round of asking about an operation whose outcome is not known.
type Round struct {
	// Evidence is what was asked and what came back: the queries about the
	// attempts, the records where they were asked for, the look-up last; of a range
	// the repeat of its order, then look-ups of codes of it.
	Evidence []Evidence
	// OrderNo is the reference that a successful query gave.
	OrderNo string
	// SinceEnd is how long before the round the last attempt ended: what time
	// proves counts to the moment of asking, not of the answer.
	SinceEnd time.Duration
	// At is the counter's clock and Platform the platform's, both at the end of the round.
	At, Platform time.Time
	// Explained: another operation of ours, done before, had already brought
	// the codes to that status.
	Explained bool
}

// NothingToAsk queues an operation again whose attempts are all proven to have
// changed nothing; ok is false for any other.
func NothingToAsk(o Operation) (_ Operation, _ Change, ok bool) {
	if len(o.Unproven()) > 0 {
		return o, Change{}, false
	}
	o.move(Queued, "")
	return o, Change{Event: EventNoEffect}, true
}

// Asked applies the result of a round of asking to an operation (docs/rules.md,
// "Asking about an unknown outcome").
func (r Rules) Asked(o Operation, round Round) (Operation, Change) {
	o = o.Clone()
	if o.Kind == Range {
		return r.askedOrder(o, round)
	}
	pending, stored := o.Unproven(), len(o.Evidence)
	heard, silent := round.heard()
	v := r.decide(o.Kind, r.witnesses(&o, round))
	if v.proven {
		for _, i := range pending {
			o.Attempts[i].NoEffect = true
		}
	}
	if v.formed {
		o.Attempts[pending[len(pending)-1]].NoEffect = true
		o.Why = ""
	}
	if round.OrderNo != "" {
		o.OrderNo = round.OrderNo
	}
	o.Evidence = append(o.Evidence, round.Evidence...)
	o.Evidence[len(o.Evidence)-1].Verdict = v.word
	o.Asked++
	switch v.state {
	case Done:
		if o.OrderNo == "" {
			o.OrderNo = o.lastOrder()
		}
		o.finish(Done, v.why, round.At)
	case Attention:
		o.move(Attention, v.why)
	case Queued:
		o.move(Queued, "")
		return o, Change{Event: EventNoEffect, Retry: Retry{Kind: RetryAttempt}}
	default:
		if !heard && sameSilence(o.Evidence[:stored], o.Evidence[stored:]) {
			// Nobody answered, as before: neither the evidence nor the chain need grow with it.
			o.Evidence = o.Evidence[:stored]
			return o, Change{Retry: r.askNext(&o, silent, round.SinceEnd)}
		}
		return o, Change{Event: EventAsked, Retry: r.askNext(&o, silent, round.SinceEnd)}
	}
	return o, Change{Event: EventAsked}
}

// askNext is the pause before the next round. Where an answer after
// absent_after could prove that there was no transaction, it ends then.
func (r Rules) askNext(o *Operation, silent bool, sinceEnd time.Duration) Retry {
	retry := Retry{Kind: RetryUndecided, First: min(2*time.Second, max(r.SettleTime, 50*time.Millisecond))}
	if silent {
		retry.Kind = RetryUnanswered
		return retry
	}
	left := r.AbsentAfter - sinceEnd
	if o.Kind == Activate && len(r.ActivationAbsentCodes) > 0 && left >= 0 {
		retry.Most = left + 100*time.Millisecond // it must have passed
	}
	return retry
}

func (r Rules) witnesses(o *Operation, round Round) witnesses {
	pending := o.Unproven()
	w := witnesses{
		pending: len(pending), queries: r.queries(o.Kind, round.Evidence),
		waited: round.SinceEnd >= r.SettleTime, absent: r.pastAbsent(o, round.SinceEnd, round.Platform),
		overdue: r.Overdue(o, round.Platform), explained: round.Explained,
		// Where the last attempt is proven already, its form says nothing of the earlier ones.
		form: o.Why == WhyForm && pending[len(pending)-1] == len(o.Attempts)-1,
	}
	for _, a := range o.Attempts {
		if a.succeeded() {
			w.earlier++
		}
	}
	for _, ev := range round.Evidence {
		switch ev.Asked {
		case AskedLookup:
			w.moved = compare(o.Attempts[pending[0]].Before, ev.Seen, r.target(o.Kind, ev.Seen))
		case AskedRecords:
			w.confirmed = ev.Verdict == verdictDone
		}
	}
	return w
}

// heard tells whether any witness said something, and whether any that must be heard did not answer.
func (round Round) heard() (heard, silent bool) {
	for _, ev := range round.Evidence {
		came := ev.Outcome == string(api.Answered)
		switch ev.Asked {
		case AskedQuery:
			heard, silent = heard || came, silent || !came
		case AskedLookup:
			heard, silent = heard || ev.Seen != nil, silent || !came
		}
	}
	return heard, silent
}

// sameSilence reports that fresh evidence repeats the silence of the last round.
func sameSilence(stored, fresh []Evidence) bool {
	if len(stored) < len(fresh) {
		return false
	}
	tail := stored[len(stored)-len(fresh):]
	for i, ev := range fresh {
		old := tail[i]
		if ev.Asked != old.Asked || ev.Trace != old.Trace || ev.Outcome != old.Outcome || ev.Cause != old.Cause {
			return false
		}
	}
	return true
}

func (o *Operation) lastOrder() string {
	for i := len(o.Attempts) - 1; i >= 0; i-- {
		if o.Attempts[i].OrderNo != "" {
			return o.Attempts[i].OrderNo
		}
	}
	return ""
}

// EvidenceOf keeps what a witness answered.
func EvidenceOf(asked, trace string, a api.Answer, at time.Time) Evidence {
	return Evidence{
		At: at, Asked: asked, Trace: trace, Outcome: string(a.Outcome), Cause: string(a.Reason),
		Code: a.Code, Message: a.Message, Unsigned: a.Unsigned,
	}
}

// RecordsOf keeps what a code's records say of a void. They support it only
// where they are signed, answer what was asked, and hold a success that bears
// the whole trace number of an attempt that may have had effect.
func RecordsOf(o *Operation, a api.Answer, records []api.Record, at time.Time) Evidence {
	ev := EvidenceOf(AskedRecords, "", a, at)
	if !a.Success() || a.Unsigned || a.TraceDiffers {
		return ev
	}
	for _, r := range records {
		for _, i := range o.Unproven() {
			if r.Code == o.ID && answered(string(api.Answered), r.ReturnCode).Success() && bears(r, o.Attempts[i].Trace) {
				ev.Verdict = verdictDone
			}
		}
	}
	return ev
}

func bears(r api.Record, trace string) bool {
	return r.Swift == trace || slices.Contains(slices.Collect(maps.Values(r.Extend)), trace)
}
