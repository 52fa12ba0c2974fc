package operation

// Event names what happened to an operation in the chain.
type Event string

// The events of an operation.
const (
	EventAccepted      Event = "accepted"
	EventSending       Event = "sending"
	EventNotSent       Event = "not_sent"
	EventAnswered      Event = "answered"
	EventUnknown       Event = "unknown"
	EventAsked         Event = "asked"
	EventNoEffect      Event = "no_effect"
	EventLookedUp      Event = "looked_up"
	EventRechecked     Event = "rechecked"
	EventWithdrawn     Event = "withdrawn"
	EventSettled       Event = "settled"
	EventFoundInFlight Event = "found_in_flight"
	EventDoubtful      Event = "doubtful"
)

// Operation.Why: the reason for a state where the state alone does not say it.
// Faces show the sentence of the message id "why.<word>".
const (
	WhyByStatus      = "by_status"       // done: the status changed, the query said nothing clear
	WhyAlreadyThere  = "already_there"   // attention: it was so before anything was sent
	WhyMixed         = "mixed"           // attention: its codes differ
	WhyNoCodes       = "no_codes"        // attention: the look-up showed no code at all
	WhyOverLimit     = "over_limit"      // attention: it holds more codes than a batch may have, and nobody else approved that
	WhyNeverActive   = "never_active"    // attention: a void of what was never active
	WhyPartial       = "partial"         // attention: some codes changed, some did not
	WhyContradiction = "contradiction"   // attention: the two witnesses disagree
	WhyTwoSuccesses  = "two_successes"   // attention: two attempts report success
	WhyVoidUnclear   = "void_unclear"    // attention: void_leaves is not set, nothing can tell
	WhyLateChange    = "late_change"     // attention: refused, and changed all the same later
	WhyByStatusAsk   = "by_status_ask"   // attention: status_alone = "attention"
	WhyUnknownID     = "unknown_id"      // refused: the look-up said so, nothing was sent
	WhyMayTakeEffect = "may_take_effect" // settled as no-effect before absent_after
	WhyForm          = "form"            // unknown: the platform did not take date or form
	WhyMidnight      = "midnight"        // queued: no number is minted this close to midnight
	WhySalvaged      = "salvaged"        // attention: the journal was damaged, it may have been sent
	WhyAdded         = "added"           // attention: its last event was added by no counter
	WhyNoLookup      = "no_lookup"       // queued: no look-up was to be had
	WhyInProgress    = "in_progress"     // unknown: the platform is at work on the range
	WhyNoneChanged   = "none_changed"    // refused: the range failed, and codes of it that were looked up did not change
	WhyOrderFailed   = "order_failed"    // attention: the platform says that the range failed
	WhyOrderRefused  = "order_refused"   // attention: a repeat of the order was refused, the first sending may have had effect
)

// Whys lists every reason, for the test that each has its sentence.
func Whys() []string {
	return []string{WhyByStatus, WhyAlreadyThere, WhyMixed, WhyNoCodes, WhyOverLimit, WhyNeverActive, WhyPartial, WhyContradiction,
		WhyTwoSuccesses, WhyVoidUnclear, WhyLateChange, WhyByStatusAsk, WhyUnknownID, WhyMayTakeEffect,
		WhyForm, WhyMidnight, WhySalvaged, WhyAdded, WhyNoLookup, WhyInProgress, WhyNoneChanged, WhyOrderFailed, WhyOrderRefused}
}

// The witnesses of Evidence.Asked.
const (
	AskedQuery   = "activeResultQuery"
	AskedLookup  = "lookup"
	AskedRecords = "records"
	AskedRepeat  = "repeat" // a range's order, sent again
)

// CauseUnsigned marks an answer that was taken without a signature (Attempt.Cause).
const CauseUnsigned = "unsigned"

// What was concluded from a piece of evidence (Evidence.Verdict).
const (
	verdictDone          = "done"
	verdictRefused       = "refused"
	verdictNoEffect      = "no_effect"
	verdictUnclear       = "unclear"
	verdictContradiction = "contradiction"
)
