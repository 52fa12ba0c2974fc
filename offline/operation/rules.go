package operation

import (
	"slices"
	"time"

	"counterfoil/api"
)

// Rules are what is assumed of the platform when its answers are judged. The
// fields carry the names of their settings in [platform].
type Rules struct {
	// SettleTime passes between the end of an attempt and the first question about it.
	SettleTime time.Duration
	// AttentionAfter is how long an outcome may stay unknown before a manager is told.
	AttentionAfter time.Duration
	// AbsentAfter is how long a request may still arrive after its attempt ended.
	AbsentAfter time.Duration
	// VoidLeaves is a voided code's status, "" for not known (platform.md §2.3).
	VoidLeaves string
	// StatusForwardOnly: statuses move 03, 00, 05 only and an active code is
	// refused, so that a repeat can do no harm.
	StatusForwardOnly bool
	// StatusAloneDone: a changed status without a clear answer to the query is done.
	StatusAloneDone bool
	// TraceCodes mean "wrong date, time stamp or form".
	TraceCodes []string
	// ActivationAbsentCodes are activeResultQuery's "no such transaction".
	ActivationAbsentCodes []string
	// DuplicateTraceCodes mean "this trace number was used before".
	DuplicateTraceCodes []string
	// UnclearCodes are signed answers that are not final ("system busy").
	UnclearCodes []string
	Bulk
}

// Bulk is what the shop says of many codes at once (configuration: [bulk]).
type Bulk struct {
	// Batch bounds what one person may change.
	Batch BatchLimits
	// Codes say how numbers tell their serials.
	Codes CodeForms
}

// Target is the status an operation wants its codes to have, "" where that is not known.
func (r Rules) Target(k Kind) string {
	switch k {
	case Activate:
		return api.StatusActive
	case Void:
		return r.VoidLeaves
	}
	return "" // of a range no code is known
}

// target is Target; of a void that leaves nobody knows what, the status in sight
// that a void may leave (platform.md §2.3).
func (r Rules) target(k Kind, now *Seen) string {
	target := r.Target(k)
	switch {
	case target != "":
	case now != nil && now.Counts[api.StatusInactive] > 0 && now.Counts[api.StatusVoid] == 0:
		target = api.StatusInactive
	default:
		target = api.StatusVoid
	}
	return target
}

// Meaning is what a signed answer means (docs/rules.md, "What an attempt can come back with").
type Meaning int

// The meanings of an answer.
const (
	MeansSuccess Meaning = iota
	MeansForm            // wrong date, time stamp or form: not a refusal of the voucher
	MeansUnclear
	MeansRefusal
)

// Meaning reads the code of a signed answer.
func (r Rules) Meaning(a api.Answer) Meaning {
	switch {
	case a.Success():
		return MeansSuccess
	case named(r.TraceCodes, a.Code):
		return MeansForm
	case named(r.UnclearCodes, a.Code), named(r.DuplicateTraceCodes, a.Code):
		return MeansUnclear
	}
	return MeansRefusal
}

// Final reports an answer to a question that the platform will not take back by itself.
func (r Rules) Final(a api.Answer) bool {
	return a.Outcome == api.Answered && r.Meaning(a) == MeansRefusal
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

// Overdue reports an operation whose outcome has been open for longer than
// AttentionAfter, by the platform's clock.
func (r Rules) Overdue(o *Operation, platform time.Time) bool {
	for _, i := range o.Unproven() {
		a := o.Attempts[i]
		if a.EndedAt != nil && platform.Sub(a.ended()) > r.AttentionAfter {
			return true
		}
	}
	return false
}

// NeedsManager reports an operation that waits for a person: in attention, or overdue.
func (r Rules) NeedsManager(o *Operation, platform time.Time) bool {
	return o.State == Attention || o.State == Unknown && r.Overdue(o, platform)
}

// pastAbsent reports that no attempt can still arrive, and that each was asked
// about on the day in its number: the platform may not look back further. An
// order number of a range has no day.
func (r Rules) pastAbsent(o *Operation, sinceEnd time.Duration, platform time.Time) bool {
	if sinceEnd <= r.AbsentAfter {
		return false
	}
	for _, i := range o.Unproven() {
		if o.Kind != Range && !IsOf(o.Attempts[i].Trace, platform) {
			return false
		}
	}
	return true
}

// IsOf reports whether a trace number carries that date, yyyyMMdd in front (docs/rules.md, rule 3).
func IsOf(trace string, platform time.Time) bool {
	return len(trace) > 8 && trace[:8] == platform.Format("20060102")
}
