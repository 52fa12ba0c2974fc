package offline

import (
	"slices"
	"time"

	"counterfoil/api"
)

// Statuses of a code (platform.md §5).
const (
	statusActive   = "00"
	statusInactive = "03"
	statusFrozen   = "04"
	statusVoid     = "05"
	// statusUnread counts what an answer held under an id that cannot be one.
	statusUnread = "?"
)

// target is the status an operation wants its codes to have, "" where that is not known.
func (r Rules) target(k Kind) string {
	if k == Activate {
		return statusActive
	}
	return r.VoidLeaves
}

// pre is what a look-up before sending says of an operation.
type pre int

const (
	preSend pre = iota
	preAlreadyThere
	preMixed
	preNeverActive
	preEmpty
)

// judgeBefore holds an operation against the look-up it would be sent on
// (docs/rules.md, "Before sending").
func (r Rules) judgeBefore(k Kind, seen Seen) pre {
	if len(seen.Counts) == 0 {
		return preEmpty
	}
	if len(seen.Counts) > 1 {
		return preMixed
	}
	var status string
	for s := range seen.Counts {
		status = s
	}
	switch {
	case status == r.target(k), k == Void && status == statusVoid:
		return preAlreadyThere
	case k == Void && status == statusInactive:
		return preNeverActive
	}
	return preSend
}

// change says how an id's codes stand now against before.
type change int

const (
	changeUnseen change = iota // no look-up, or nothing to hold it against
	changeNone
	changeSome
	changeAll
)

// compare tells whether the codes moved to the target since before.
func compare(before, now *Seen, target string) change {
	if before == nil || now == nil || target == "" || len(now.Counts) == 0 || len(before.Counts) == 0 {
		return changeUnseen
	}
	total, there := 0, now.Counts[target]
	for _, n := range now.Counts {
		total += n
	}
	switch was := before.Counts[target]; {
	case there == total && was < there:
		return changeAll
	case there > was:
		return changeSome
	}
	return changeNone
}

// said is what a query says of one attempt.
type said int

const (
	saidSilence said = iota // no answer at all: ask again
	saidNothing             // an answer that is not clear
	saidSuccess
	saidAbsent // "no such transaction"
)

// witnesses are what was learned in one round of asking.
type witnesses struct {
	queries []said // one for each attempt that may have had effect, in their order
	before  *Seen  // on what the first of them was sent
	now     *Seen  // nil where no look-up was to be had
	// settled: settle_time passed since the end of the last attempt.
	settled bool
	// absent: absent_after passed since then, and the trace numbers carry today's date still.
	absent bool
	// overdue: attention_after passed.
	overdue bool
	// earlier counts attempts that the platform itself answered with success.
	earlier int
	// form: the last attempt was answered "wrong date, time stamp or form": it was not taken.
	form bool
	// confirmed: the records carry the attempt's own trace number (voids).
	confirmed bool
}

// verdict is what the witnesses prove.
type verdict struct {
	state State  // Done, Attention, Queued (a further attempt may be made) or Unknown (ask again)
	why   string // Operation.Why
	word  string // Evidence.Verdict
	// proven: no attempt that was asked about had effect, or ever will.
	proven bool
	// formed: the last attempt, whose form the platform did not take, had none.
	formed bool
}

var askAgain = verdict{state: Unknown, word: "unclear"}

func needsPerson(why, word string) verdict { return verdict{state: Attention, why: why, word: word} }

// decide draws the conclusion from two witnesses (docs/rules.md, "Asking about an unknown outcome").
func (r Rules) decide(k Kind, w witnesses) verdict {
	if k == Void && r.VoidLeaves == "" && w.confirmed {
		return verdict{state: Done, word: "done"}
	}
	if k == Void && r.VoidLeaves == "" {
		return needsPerson(WhyVoidUnclear, "unclear")
	}
	moved := compare(w.before, w.now, r.target(k))
	successes, absents, silent := w.earlier, 0, false
	for _, q := range w.queries {
		switch q {
		case saidSilence:
			silent = true
		case saidSuccess:
			successes++
		case saidAbsent:
			absents++
		}
	}
	allAbsent := k == Activate && len(w.queries) > 0 && absents == len(w.queries)
	switch {
	case successes > 1:
		return needsPerson(WhyTwoSuccesses, "contradiction")
	case moved == changeSome:
		return needsPerson(WhyPartial, "contradiction")
	case moved == changeAll && silent && !w.overdue:
		return askAgain // the second witness has not been heard yet
	case moved == changeAll && (successes == 1 || w.confirmed):
		return verdict{state: Done, word: "done"}
	case moved == changeAll && allAbsent, moved == changeNone && successes == 1:
		// One witness may lag behind the other: only time tells that they disagree.
		if w.overdue {
			return needsPerson(WhyContradiction, "contradiction")
		}
		return verdict{state: Unknown, word: "contradiction"}
	case moved == changeAll && r.StatusAloneDone:
		return verdict{state: Done, why: WhyByStatus, word: "done"}
	case moved == changeAll:
		return needsPerson(WhyByStatusAsk, "unclear")
	case moved == changeNone && w.absent && allAbsent:
		return verdict{state: Queued, word: "no_effect", proven: true}
	case moved == changeNone && r.StatusForwardOnly && w.settled:
		return verdict{state: Queued, word: "no_effect"}
	case moved == changeNone && w.form:
		// The platform said of this very request that it did not take it.
		if len(w.queries) <= 1 {
			return verdict{state: Queued, word: "no_effect", formed: true}
		}
		return verdict{state: Unknown, word: "unclear", formed: true}
	}
	return askAgain
}

// meaning is what an answered attempt means.
type meaning int

const (
	meansSuccess meaning = iota
	meansForm
	meansUnclear
	meansRefusal
)

// classify reads the code of a verified answer (docs/rules.md, "What an attempt can come back with").
func (r Rules) classify(a api.Answer) meaning {
	switch {
	case a.Success():
		return meansSuccess
	case named(r.TraceCodes, a.Code):
		return meansForm
	case named(r.UnclearCodes, a.Code), named(r.DuplicateTraceCodes, a.Code):
		return meansUnclear
	}
	return meansRefusal
}

// named reports a code that a setting names. A number in the setting also means
// that number behind the letter of an action, as in A32: success is written
// with and without it too (platform.md §6).
func named(codes []string, code string) bool {
	if slices.Contains(codes, code) {
		return true
	}
	letter := len(code) > 1 && code[0] >= 'A' && code[0] <= 'Z'
	return letter && slices.Contains(codes, code[1:])
}

// final reports an answer to a question that the platform will not take back by itself.
func (r Rules) final(a api.Answer) bool {
	return a.Outcome == api.Answered && r.classify(a) == meansRefusal
}

// querySaid reads the answer to activeResultQuery.
func (r Rules) querySaid(a api.Answer) said {
	switch {
	case a.Success():
		return saidSuccess
	case a.Outcome != api.Answered:
		return saidSilence
	case named(r.ActivationAbsentCodes, a.Code):
		return saidAbsent
	}
	return saidNothing
}

// unproven lists the attempts that may have had effect.
func unproven(op *Operation) []int {
	var found []int
	for i, a := range op.Attempts {
		if !a.NoEffect && a.Outcome != string(api.NotSent) && !succeeded(a) {
			found = append(found, i)
		}
	}
	return found
}

// succeeded reports an attempt that the platform answered with success.
func succeeded(a Attempt) bool {
	return api.Answer{Outcome: api.Outcome(a.Outcome), Code: a.Code}.Success()
}

// everWritten reports whether any byte of the operation may have left.
func everWritten(op *Operation) bool {
	for _, a := range op.Attempts {
		if a.Outcome != string(api.NotSent) {
			return true
		}
	}
	return false
}

// NeedsManager reports an operation that waits for a person: in attention, or
// unknown for longer than attention_after.
func (d *Desk) NeedsManager(op Operation) bool {
	return op.State == Attention || op.State == Unknown && d.overdue(&op)
}

func (d *Desk) overdue(op *Operation) bool {
	for _, i := range unproven(op) {
		a := op.Attempts[i]
		if a.EndedAt == nil {
			continue
		}
		ended := a.EndedAt.Add(time.Duration(a.SkewMs) * time.Millisecond)
		if d.clock.Platform().Sub(ended) > d.s.Rules.AttentionAfter {
			return true
		}
	}
	return false
}

// pastAbsent reports that no attempt can still arrive, and that each could be asked about on its own day.
func (d *Desk) pastAbsent(op *Operation, since time.Duration) bool {
	if since <= d.s.Rules.AbsentAfter {
		return false
	}
	for _, i := range unproven(op) {
		if !d.traces.Today(op.Attempts[i].Trace) {
			return false
		}
	}
	return true
}
