package operation

import (
	"time"

	"counterfoil/api"
)

// Change says what a transition was, for the chain, and when the operation is
// to be looked at next.
type Change struct {
	// Event is "" where nothing new was learned that need be stored.
	Event Event
	Retry Retry
}

// Retry is how the pause before the next look at an operation is found. Where
// it is RetryFixed the transition itself set Operation.NextAt.
type Retry struct {
	Kind RetryKind
	// First is the shortest pause.
	First time.Duration
	// Most bounds the pause, 0 for not.
	Most time.Duration
}

// RetryKind names why there is a pause, which decides how it grows.
type RetryKind int

// The kinds of pauses.
const (
	RetryFixed      RetryKind = iota
	RetryUnanswered           // nobody answered: growing, short while the platform answers others
	RetryUndecided            // the answers decide nothing yet: growing, only time will tell
	RetryAttempt              // before a further attempt: none before the second and the third, then growing
	RetryOrder                // before a range's order is sent again: growing up to a minute
)

// firstRetry is the shortest pause after something went wrong before or at sending.
const firstRetry = time.Second

// move is the one place that assigns a state.
func (o *Operation) move(s State, why string) { o.State, o.Why, o.NextAt = s, why, nil }

// finish closes an operation.
func (o *Operation) finish(s State, why string, at time.Time) {
	o.move(s, why)
	o.FinishedAt, o.WaitsFor = &at, ""
}

// settledBy keeps who closed it by hand and, where that is somebody else, who asked for it.
func (o *Operation) settledBy(by, askedBy string) {
	if o.SettledBy, o.SettleAskedBy = by, askedBy; askedBy == by {
		o.SettleAskedBy = ""
	}
}

func (o *Operation) nextAt(at time.Time) { o.NextAt = &at }

// Accepted begins the life of an operation.
func Accepted(o Operation) (Operation, Change) {
	o.move(Queued, "")
	return o, Change{Event: EventAccepted}
}

// Begun adds an attempt that is about to be sent. It must be committed before
// the first byte leaves (docs/rules.md, rule 1).
func Begun(o Operation, a Attempt) (Operation, Change) {
	o = o.Clone()
	o.move(Sending, "")
	o.WaitsFor = ""
	o.Attempts = append(o.Attempts, a)
	return o, Change{Event: EventSending}
}

// Prelooked judges a queued operation by the look-up it would be sent on; send
// is true where it may go out unchanged. Where a person must look, or an
// earlier attempt may be the cause of what is seen, nothing is sent.
func (r Rules) Prelooked(o Operation, seen Seen) (_ Operation, _ Change, send bool) {
	why := r.HeldFor(o.Kind, seen)
	if why == WhyNeverActive && o.approves(ApprovedVoidInactive) {
		why = ""
	}
	if why == "" && len(o.Attempts) == 0 && r.Batch.Passed(seen.Codes(), 0) != (Passed{}) && !o.approves(ApprovedOverLimit) {
		why = WhyOverLimit // nobody had looked when it was accepted
	}
	if why == "" {
		return o, Change{}, true
	}
	o = o.Clone()
	o.Evidence = append(o.Evidence, Evidence{At: seen.At, Asked: AskedLookup, Outcome: string(api.Answered), Seen: &seen, Verdict: why})
	if why == WhyAlreadyThere && len(o.Unproven()) > 0 {
		o.move(Unknown, "") // our own earlier attempt may have done it: asking finds out
	} else {
		o.move(Attention, why)
	}
	return o, Change{Event: EventLookedUp}, false
}

// UnknownID closes an operation whose id the platform does not know: the
// look-up before sending is the platform's word, and nothing was sent.
func UnknownID(o Operation, a api.Answer, at time.Time) (Operation, Change) {
	o = o.Clone()
	o.Evidence = append(o.Evidence, Evidence{
		At: at, Asked: AskedLookup, Outcome: string(a.Outcome), Code: a.Code, Message: a.Message, Verdict: verdictRefused,
	})
	o.finish(Refused, WhyUnknownID, at)
	return o, Change{Event: EventLookedUp}
}

// NotLookedUp keeps an operation queued that could not be looked up.
func NotLookedUp(o Operation, answered bool) (Operation, Change) {
	o.Why = WhyNoLookup
	return o, Change{Retry: RetryAfter(answered, firstRetry)}
}

// RetryAfter is the pause after a look-up that showed nothing. Where the
// platform answered ("not now"), asking sooner is of no use.
func RetryAfter(answered bool, first time.Duration) Retry {
	if answered {
		return Retry{Kind: RetryUndecided, First: first}
	}
	return Retry{Kind: RetryUnanswered, First: first}
}

// PutOff has an operation wait until minting is possible again after midnight.
func PutOff(o Operation, until time.Time) Operation {
	if o.State == Queued {
		o.Why = WhyMidnight
	}
	o.nextAt(until)
	return o
}

// InFlight is an operation whose attempt was on its way when the program ended
// or the journal failed: it may have had effect (docs/rules.md, rule 1).
func (r Rules) InFlight(o Operation, at time.Time, cause string) (Operation, Change) {
	o = o.Clone()
	o.move(Unknown, o.Why)
	if o.nextAt(at.Add(r.SettleTime)); o.Kind == Range {
		o.nextAt(at.Add(firstPoll))
	}
	if n := len(o.Attempts); n > 0 {
		last := &o.Attempts[n-1]
		last.EndedAt, last.Outcome, last.Cause = &at, string(api.Unanswered), cause
	}
	return o, Change{Event: EventFoundInFlight}
}

// Doubtful gives an operation to a person. A queued one's attempt may be among what
// a damaged journal lost, and with it the trace number to ask about (WhySalvaged);
// what no counter wrote of an open one may be somebody's wish (WhyAdded).
func Doubtful(o Operation, why string) (Operation, Change) {
	o.move(Attention, why)
	return o, Change{Event: EventDoubtful}
}

// Withdraw takes back an operation of which no byte ever left; ok is false for
// any other. by is who may do so, askedBy who asked for it.
func Withdraw(o Operation, by, askedBy string, at time.Time) (_ Operation, _ Change, ok bool) {
	if o.State != Queued || o.EverWritten() {
		return o, Change{}, false
	}
	o.settledBy(by, askedBy)
	o.finish(Withdrawn, "", at)
	return o, Change{Event: EventWithdrawn}, true
}

// Settlement is a manager's decision on an open operation.
type Settlement struct {
	As      string // SettledDone or SettledNoEffect
	By      string
	AskedBy string // the same, or for whom the manager approved it
	Reason  string
	At      time.Time
	// SinceEnd is how long ago the last attempt ended; Platform is the platform's time.
	SinceEnd time.Duration
	Platform time.Time
}

// Settle closes an operation by hand; it undoes nothing. Settled as no-effect
// while an attempt may still arrive, it is recorded that it may take effect
// yet, and looked up again after absent_after. A range cannot be looked up, and
// is not asked about either: a repeat of its order could activate it.
func (r Rules) Settle(o Operation, s Settlement) (Operation, Change) {
	mayStill := s.As == SettledNoEffect && len(o.Unproven()) > 0 && !r.pastAbsent(&o, s.SinceEnd, s.Platform)
	o.settledBy(s.By, s.AskedBy)
	o.SettledAs, o.Reason = s.As, s.Reason
	o.finish(Settled, "", s.At)
	if mayStill {
		o.Why = WhyMayTakeEffect
		if o.Kind != Range {
			o.nextAt(s.At.Add(r.AbsentAfter))
		}
	}
	return o, Change{Event: EventSettled}
}

// Rechecked adds one more look-up of a closed operation, of a range those of codes
// of it, made after absent_after: what changed after all, and not by another
// operation of ours, needs a person.
func (r Rules) Rechecked(o Operation, looked []Evidence, ours bool) (Operation, Change) {
	o = o.Clone()
	o.NextAt = nil
	for _, look := range looked {
		if moved := r.movedLate(&o, look); !ours && (moved == changeSome || moved == changeAll) {
			look.Verdict = verdictContradiction
			o.move(Attention, WhyLateChange)
			o.FinishedAt = nil
		}
		o.Evidence = append(o.Evidence, look)
	}
	return o, Change{Event: EventRechecked}
}

// movedLate holds a look-up of a closed operation against what was seen before it.
func (r Rules) movedLate(o *Operation, look Evidence) change {
	switch {
	case o.Kind == Range:
		return compare(o.Sample(look.Message), look.Seen, api.StatusActive)
	case len(o.Attempts) > 0:
		return compare(o.Attempts[0].Before, look.Seen, r.Target(o.Kind))
	}
	return changeUnseen
}
