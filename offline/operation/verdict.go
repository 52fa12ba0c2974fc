package operation

import "counterfoil/api"

// testimony is what one answer of activeResultQuery says of one attempt.
type testimony int

const (
	saidNobody  testimony = iota // no answer at all: ask again
	saidUnclear                  // an answer that tells nothing
	saidSuccess
	saidAbsent // "no such transaction"
)

// testimony reads the answer to a query from what was kept of it.
func (r Rules) testimony(ev Evidence) testimony {
	switch a := answered(ev.Outcome, ev.Code); {
	case a.Success():
		return saidSuccess
	case a.Outcome != api.Answered:
		return saidNobody
	case named(r.ActivationAbsentCodes, a.Code):
		return saidAbsent
	}
	return saidUnclear
}

// queries reads what was said of an activation's attempts, in the order it was
// asked. The platform has no query about a void.
func (r Rules) queries(k Kind, evidence []Evidence) []testimony {
	var said []testimony
	for _, ev := range evidence {
		if ev.Asked == AskedQuery && k == Activate {
			said = append(said, r.testimony(ev))
		}
	}
	return said
}

func count(said []testimony, what testimony) int {
	n := 0
	for _, s := range said {
		if s == what {
			n++
		}
	}
	return n
}

// witnesses are what one round of asking brought.
type witnesses struct {
	pending int         // attempts that may have had effect
	queries []testimony // one for each of them
	moved   change      // of the codes, since before the first of these attempts
	// waited: settle_time passed since the end of the last attempt.
	waited bool
	// absent: absent_after passed since then, and the trace numbers carry today's date still.
	absent bool
	// overdue: attention_after passed.
	overdue bool
	// earlier counts attempts that the platform itself answered with success.
	earlier int
	// form: the last attempt was answered "wrong date, time stamp or form": it was not taken.
	form bool
	// confirmed: signed records carry the attempt's own trace number (voids).
	confirmed bool
	// explained: another operation of ours, done before, had already brought
	// the codes to that status.
	explained bool
}

// verdict is what the witnesses prove.
type verdict struct {
	state State // Done, Attention, Queued (a further attempt may be made) or Unknown (ask again)
	why   string
	word  string // Evidence.Verdict
	// proven: no attempt that was asked about had effect, or ever will.
	proven bool
	// formed: the last attempt, whose form the platform did not take, had none.
	formed bool
}

var (
	askAgain     = verdict{state: Unknown, word: verdictUnclear}
	provenDone   = verdict{state: Done, word: verdictDone}
	contradicted = verdict{state: Unknown, word: verdictContradiction}
)

func needsPerson(why, word string) verdict { return verdict{state: Attention, why: why, word: word} }

// decide draws the conclusion from the witnesses (docs/rules.md, "Asking about an unknown outcome").
func (r Rules) decide(k Kind, w witnesses) verdict {
	if k == Void && r.VoidLeaves == "" && !w.confirmed {
		return needsPerson(WhyVoidUnclear, verdictUnclear)
	}
	successes := w.earlier + count(w.queries, saidSuccess)
	silent := count(w.queries, saidNobody) > 0
	allAbsent := len(w.queries) > 0 && count(w.queries, saidAbsent) == len(w.queries)
	switch {
	case successes > 1:
		return needsPerson(WhyTwoSuccesses, verdictContradiction)
	case w.moved == changeSome:
		return needsPerson(WhyPartial, verdictContradiction)
	case w.moved == changeAll && silent && !w.overdue:
		return askAgain // the second witness has not been heard yet
	case w.moved == changeAll && (successes == 1 || w.confirmed):
		return provenDone
	case w.moved == changeAll && allAbsent, w.moved == changeNone && (successes == 1 || w.confirmed):
		// One witness may lag behind the other: only time tells that they disagree.
		if w.overdue {
			return needsPerson(WhyContradiction, verdictContradiction)
		}
		return contradicted
	case w.moved == changeAll && !r.StatusAloneDone:
		return needsPerson(WhyByStatusAsk, verdictUnclear)
	case w.moved == changeAll && w.explained:
		// The status tells nothing of this one: its pre-state came from an outdated look-up.
		return needsPerson(WhyAlreadyThere, verdictContradiction)
	case w.moved == changeAll:
		return verdict{state: Done, why: WhyByStatus, word: verdictDone}
	case w.moved == changeNone && w.absent && allAbsent:
		return verdict{state: Queued, word: verdictNoEffect, proven: true}
	case w.moved == changeNone && r.StatusForwardOnly && w.waited:
		return verdict{state: Queued, word: verdictNoEffect}
	case w.moved == changeNone && w.form:
		// The platform said of this very request that it did not take it.
		if w.pending == 1 {
			return verdict{state: Queued, word: verdictNoEffect, formed: true}
		}
		return verdict{state: Unknown, word: verdictUnclear, formed: true}
	}
	return askAgain
}
