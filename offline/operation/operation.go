package operation

import (
	"slices"
	"time"

	"counterfoil/api"
)

// Kind is what an operation asks of the platform.
type Kind string

// The kinds of operations.
const (
	Activate Kind = "activate"
	Void     Kind = "void"
	Range    Kind = "range"
)

// State is where an operation stands (docs/rules.md, "States").
type State string

// The states, in the order of an operation's life.
const (
	Queued    State = "queued"
	Sending   State = "sending"
	Unknown   State = "unknown"
	Done      State = "done"
	Refused   State = "refused"
	Attention State = "attention"
	Withdrawn State = "withdrawn"
	Settled   State = "settled"
)

// Open reports a state that still asks for something: from the program or from a person.
func (s State) Open() bool {
	return s == Queued || s == Sending || s == Unknown || s == Attention
}

// States lists every state, in the order they are shown.
func States() []State {
	return []State{Queued, Sending, Unknown, Attention, Done, Refused, Withdrawn, Settled}
}

// Entered is how an id came into the counter.
type Entered string

// The ways in. A command line's ids are typed; "" in operations from before it was kept.
const (
	Scanned  Entered = "scan"
	Typed    Entered = "typed"
	Pasted   Entered = "paste"
	FromFile Entered = "file"
	FromTree Entered = "tree"
)

// Operation is one thing a cashier asked of the platform for one id: the unit
// that is journaled, queued, replayed, reviewed and reported. Its JSON is
// public interface.
type Operation struct {
	Op         string  `json:"op"` // ULID
	Kind       Kind    `json:"kind"`
	ID         string  `json:"id"`
	Level      string  `json:"level"`
	State      State   `json:"state"`
	AmountFen  int64   `json:"amount_fen"`
	Offline    bool    `json:"offline"`
	Entered    Entered `json:"entered,omitempty"`
	Operator   string  `json:"operator"`
	ApprovedBy string  `json:"approved_by"`
	// ApprovedFor says what ApprovedBy approved: "over_limit", "void_inactive", "range". A
	// manager's own void has "void_inactive" and no ApprovedBy. Empty where nobody did,
	// and in operations from before it was kept.
	ApprovedFor []string   `json:"approved_for,omitempty"`
	Counter     string     `json:"counter"`
	AcceptedAt  time.Time  `json:"accepted_at"`
	FinishedAt  *time.Time `json:"finished_at,omitempty"`
	Attempts    []Attempt  `json:"attempts"`
	OrderNo     string     `json:"order_no"`
	Evidence    []Evidence `json:"evidence"`
	Seq         int64      `json:"seq"`  // the last event's number
	Hash        string     `json:"hash"` // the last event's hash

	// Day is the business day it was accepted on, yyyy-MM-dd.
	Day string `json:"day"`
	// Why names the reason for the state where the state alone does not say it:
	// "by_status", "already_there", "mixed", "contradiction", "partial", "two_successes", …
	Why string `json:"why,omitempty"`
	// Reason is the manager's text of a settlement; SettledAs is "done" or "no-effect".
	Reason    string `json:"reason,omitempty"`
	SettledAs string `json:"settled_as,omitempty"`
	// SettledBy settled or withdrew it, or approved that for SettleAskedBy. That is ""
	// where it was nobody else, and in operations from before it was kept.
	SettledBy     string `json:"settled_by,omitempty"`
	SettleAskedBy string `json:"settle_asked_by,omitempty"`
	// WaitsFor is the operation that must close before this one is sent, "" for none.
	WaitsFor string `json:"waits_for,omitempty"`
	// NextAt is when the program looks at it again by itself; nil for at once or never.
	NextAt *time.Time `json:"next_at,omitempty"`
	// Asked counts the rounds of asking since it became unknown.
	Asked int `json:"asked,omitempty"`
	// Name is what the platform called the thing when it was accepted.
	Name string `json:"name,omitempty"`
	// Range holds the parameters of a Range operation, nil for others.
	Range *RangeOrder `json:"range,omitempty"`
}

// Attempt is one sending of an operation, with a trace number of its own.
type Attempt struct {
	Trace  string    `json:"trace"`   // of a range the order number, which all its sendings share
	SentAt time.Time `json:"sent_at"` // committed before the first byte
	// EndedAt is when the call returned; nil while it is on its way or where the program died in between.
	EndedAt *time.Time `json:"ended_at,omitempty"`
	// Outcome is api.Outcome's word: "not_sent", "answered", "unanswered"; "" while on its way.
	Outcome string `json:"outcome"`
	// Cause is api.Reason's word where the outcome is not "answered", and CauseUnsigned
	// where a range's answer was taken without a signature.
	Cause   string `json:"cause,omitempty"`
	Code    string `json:"code"`
	Message string `json:"message"`
	OrderNo string `json:"order_no,omitempty"`
	// NoEffect is set once it is proven that the attempt changed nothing and never will.
	NoEffect bool `json:"no_effect,omitempty"`
	// Before is the look-up that the attempt was sent on: the pre-state that later evidence is held against.
	Before *Seen `json:"before,omitempty"`
	// SkewMs is the platform's clock less ours, in milliseconds, as known at sending.
	SkewMs int64 `json:"skew_ms"`
}

// Seen is what a look-up showed of an id: how many of its codes had which status.
type Seen struct {
	At     time.Time      `json:"at"`
	Counts map[string]int `json:"counts"`
	Code   string         `json:"code,omitempty"` // the answer's code where it was a refusal
}

// Codes is how many codes were seen.
func (s Seen) Codes() (n int64) {
	for _, of := range s.Counts {
		n += int64(of)
	}
	return n
}

// Evidence is one thing learned about an operation after its attempt.
type Evidence struct {
	At time.Time `json:"at"`
	// Asked is the witness: "activeResultQuery", "lookup", "records" or "repeat".
	Asked   string `json:"asked"`
	Trace   string `json:"trace,omitempty"` // the attempt asked about
	Outcome string `json:"outcome"`         // api.Outcome's word
	Cause   string `json:"cause,omitempty"`
	Code    string `json:"code,omitempty"`
	Message string `json:"message,omitempty"` // the platform's; of a range's look-up the code, masked
	Seen    *Seen  `json:"seen,omitempty"`
	// Unsigned marks an answer without a signature, where the interface leaves it out: it proves nothing.
	Unsigned bool `json:"unsigned,omitempty"`
	// Verdict is what was concluded from it: "done", "no_effect", "contradiction", "unclear", …
	Verdict string `json:"verdict,omitempty"`
}

// Clone returns a copy whose attempts, evidence and range may change by themselves.
func (o Operation) Clone() Operation {
	if o.Range != nil {
		r := *o.Range
		o.Range = &r
	}
	o.Attempts = slices.Clone(o.Attempts)
	o.Evidence = slices.Clone(o.Evidence)
	return o
}

// Unproven lists the attempts that may have had effect, by their index.
func (o *Operation) Unproven() []int {
	var found []int
	for i, a := range o.Attempts {
		// The success of the other actions is none of a range.
		if !a.NoEffect && !a.NotSent() && (o.Kind == Range || !a.succeeded()) {
			found = append(found, i)
		}
	}
	return found
}

// EverWritten reports whether any byte of the operation may have left.
func (o *Operation) EverWritten() bool {
	return slices.ContainsFunc(o.Attempts, func(a Attempt) bool { return !a.NotSent() })
}

// MayHaveEffect reports a closed operation that had effect, or may have yet.
func (o *Operation) MayHaveEffect() bool {
	return o.State == Done || o.State == Settled && (o.SettledAs != SettledNoEffect || o.Why == WhyMayTakeEffect)
}

// LastEnd is when the last attempt ended, by the platform's clock as it was
// known then: the counter's own may have been set since. Before any attempt it
// is when the operation was accepted.
func (o *Operation) LastEnd() time.Time {
	for _, a := range slices.Backward(o.Attempts) {
		if a.EndedAt != nil {
			return a.ended()
		}
	}
	return o.AcceptedAt
}

// approves reports that a manager stands behind what an approval can be for.
func (o *Operation) approves(what string) bool {
	if len(o.ApprovedFor) == 0 { // accepted before approvals had reasons
		return o.ApprovedBy != ""
	}
	return slices.Contains(o.ApprovedFor, what)
}

// What an approval can be for (Operation.ApprovedFor). Faces show the words of
// the message id "manager.<word>".
const (
	ApprovedOverLimit    = "over_limit"
	ApprovedVoidInactive = "void_inactive" // a void of what was never active
	ApprovedRange        = "range"
)

// What a manager may settle an operation as (Operation.SettledAs).
const (
	SettledDone     = "done"
	SettledNoEffect = "no-effect"
)

// NotSent reports an attempt of which no byte ever left: its trace number is discarded.
func (a Attempt) NotSent() bool { return a.Outcome == string(api.NotSent) }

// succeeded reports an attempt that the platform answered with success.
func (a Attempt) succeeded() bool { return answered(a.Outcome, a.Code).Success() }

// ended is when the attempt ended by the platform's clock.
func (a Attempt) ended() time.Time {
	return a.EndedAt.Add(time.Duration(a.SkewMs) * time.Millisecond)
}

// answered is a stored answer in the client's words.
func answered(outcome, code string) api.Answer {
	return api.Answer{Outcome: api.Outcome(outcome), Code: code}
}
