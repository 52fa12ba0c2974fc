package operation

import (
	"time"

	"counterfoil/api"
)

// Reading is what an attempt's answer says by itself.
type Reading int

// The readings of an answer.
const (
	ReadNotSent Reading = iota // certainly no byte was written
	ReadUnclear                // it may have had effect
	ReadForm                   // date, time stamp or form was not taken
	ReadSuccess
	ReadRefusal
	ReadProgress // of a range: the platform is at work on it
	ReadFailed   // of a range
)

// Received notes an answer on the attempt it belongs to, the last one, and
// reads it. A refusal of a number whose date turned out not to be the
// platform's is no word on the voucher.
func (r Rules) Received(o Operation, a api.Answer, at, platform time.Time) (Operation, Reading) {
	o = o.Clone()
	last := &o.Attempts[len(o.Attempts)-1]
	last.EndedAt, last.Outcome, last.Cause = &at, string(a.Outcome), string(a.Reason)
	last.Code, last.Message, last.OrderNo = a.Code, a.Message, a.OrderNo
	switch {
	case o.Kind == Range:
		if last.NoEffect = a.Outcome == api.NotSent; a.Unsigned {
			last.Cause = CauseUnsigned
		}
		return o, r.readOrder(a)
	case a.Outcome == api.NotSent:
		last.NoEffect = true
		return o, ReadNotSent
	case a.Outcome != api.Answered:
		return o, ReadUnclear
	}
	switch r.Meaning(a) {
	case MeansSuccess:
		o.OrderNo = a.OrderNo
		return o, ReadSuccess
	case MeansForm:
		return o, ReadForm
	case MeansRefusal:
		last.NoEffect = true
		if !IsOf(last.Trace, platform) {
			return o, ReadForm
		}
		return o, ReadRefusal
	}
	return o, ReadUnclear
}

// Asks reports that a reading concludes nothing before the attempts made
// earlier were asked about; a refusal is looked up too.
func (o *Operation) Asks(read Reading) bool {
	return o.Kind != Range && read == ReadRefusal || read == ReadSuccess && o.Kind == Activate && len(o.Unproven()) > 0
}

// Concluded applies the answer to an operation's last attempt. asked is what
// was asked because of it: queries about earlier attempts, and for a refusal
// last of all the look-up; of a range look-ups of codes of it. explained says that another operation of ours, done
// before, had already brought the codes to that status.
func (r Rules) Concluded(o Operation, read Reading, asked []Evidence, explained bool, at time.Time) (Operation, Change) {
	if o.Kind == Range {
		return r.concludedOrder(o, read, asked, at)
	}
	change := Change{Event: EventAnswered}
	switch read {
	case ReadNotSent:
		o.move(Queued, "")
		return o, Change{Event: EventNotSent, Retry: Retry{Kind: RetryUnanswered, First: firstRetry}}
	case ReadUnclear:
		o.move(Unknown, "")
		o.nextAt(at.Add(r.SettleTime))
		return o, Change{Event: EventUnknown}
	case ReadForm:
		o.move(Unknown, WhyForm)
		o.nextAt(at) // what was not taken has no effect to wait for
		return o, Change{Event: EventUnknown}
	case ReadSuccess:
		change.Retry = r.succeeded(&o, asked, at)
	case ReadRefusal:
		change.Retry = r.refused(&o, asked, explained, at)
	}
	return o, change
}

// succeeded closes an operation that the platform says is done, unless an
// earlier attempt of it may have had effect too.
func (r Rules) succeeded(o *Operation, asked []Evidence, at time.Time) Retry {
	earlier, said := len(o.Unproven()), r.queries(o.Kind, asked)
	o.Evidence = append(o.Evidence, asked...)
	switch {
	case o.Kind != Activate:
	case count(said, saidSuccess) > 0:
		o.Evidence[len(o.Evidence)-1].Verdict = verdictContradiction
		o.move(Attention, WhyTwoSuccesses)
		return Retry{}
	case count(said, saidNobody) > 0, len(said) < earlier:
		o.move(Unknown, "") // whether it took effect twice is not known yet
		return r.askSoon()
	}
	o.finish(Done, "", at)
	return Retry{}
}

// refused closes an operation that the platform refused, unless the look-up
// shows that an earlier attempt of ours did it. It is looked up once more
// after absent_after (docs/rules.md, "refusal").
func (r Rules) refused(o *Operation, asked []Evidence, explained bool, at time.Time) Retry {
	earlier, said := o.Unproven(), r.queries(o.Kind, asked)
	o.Evidence = append(o.Evidence, asked...)
	look := &o.Evidence[len(o.Evidence)-1]
	moved := changeUnseen
	if len(earlier) > 0 {
		moved = compare(o.Attempts[earlier[0]].Before, look.Seen, r.Target(o.Kind))
	}
	success := count(said, saidSuccess) > 0
	silent := o.Kind == Activate && (count(said, saidNobody) > 0 || len(said) < len(earlier))
	switch {
	case len(earlier) == 0:
	case moved == changeSome:
		o.move(Attention, WhyPartial)
		return Retry{}
	case look.Seen == nil, silent, success && moved != changeAll:
		o.move(Unknown, "") // an earlier attempt may have done it; one witness alone does not tell
		return r.askSoon()
	case moved == changeAll && !success && explained:
		o.move(Attention, WhyAlreadyThere)
		return Retry{}
	case moved == changeAll:
		look.Verdict = verdictDone
		o.finish(Done, "", at)
		return Retry{}
	}
	o.finish(Refused, "", at)
	o.nextAt(at.Add(r.AbsentAfter))
	return Retry{}
}

// askSoon is the pause before a first question that need not wait for settle_time.
func (r Rules) askSoon() Retry {
	return Retry{Kind: RetryUnanswered, First: min(firstRetry, r.SettleTime)}
}
