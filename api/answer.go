package api

import "time"

// Outcome says what is certain about one call, judged from what was really
// written on the connection and read from it (docs/rules.md, "What an attempt
// can come back with").
type Outcome string

const (
	// NotSent: no byte of the request was written. A further attempt is safe.
	NotSent Outcome = "not_sent"
	// Answered: an answer with the right signature, action and trace number.
	// Code holds the platform's word; whether it means yes is Success.
	Answered Outcome = "answered"
	// Unanswered: anything else. The call may have had effect.
	Unanswered Outcome = "unanswered"
)

// Reason says why a call was not Answered, for people and for the link's state.
type Reason string

// The reasons. ReasonNone stands beside Answered.
const (
	ReasonNone        Reason = ""
	ReasonUnreachable Reason = "unreachable"    // refused, no route
	ReasonDNS         Reason = "dns"            // the platform's name is not resolved
	ReasonProxy       Reason = "proxy"          // the proxy in between cannot be reached, or refuses (407)
	ReasonTLS         Reason = "tls"            // handshake or certificate
	ReasonCancelled   Reason = "cancelled"      // the caller gave up
	ReasonTimeout     Reason = "timeout"        // written, no whole answer in time
	ReasonLost        Reason = "lost"           // connection lost after writing began
	ReasonHTTP        Reason = "http_status"    // a status other than 200
	ReasonNotJSON     Reason = "not_json"       // HTML, garbage, cut off
	ReasonCoding      Reason = "coding"         // packed (gzip and the like), which was not asked for
	ReasonSignature   Reason = "bad_signature"  // signature missing or wrong
	ReasonOther       Reason = "other_answer"   // another action, trace number or id
	ReasonTooLarge    Reason = "too_large"      // over the size limit
	ReasonSink        Reason = "sink"           // the receiver of a look-up's rows failed
	ReasonSetting     Reason = "not_configured" // no address or key for this call
)

// Answer is what came back from one call.
type Answer struct {
	Outcome Outcome
	Reason  Reason
	// Code is returnCode (B2B: statusCode) as the platform spells it, "" unless Answered.
	Code string
	// Message is returnDesc, cleaned for showing (Clean), at most 200 characters.
	Message string
	TraceNo string
	OrderNo string
	// ServerTime is the platform's clock as its envelope says, to the second; zero when not Answered.
	ServerTime time.Time
	// Skew is the platform's clock less ours at the middle of the call; valid when ServerTime is set.
	Skew time.Duration
	// TraceDiffers is set where the answer carried another trace number and the
	// setting answer_trace = "warn" let it pass, or a PaaS answer did not carry the uuid asked with.
	TraceDiffers bool
	// Unsigned is set where a PaaS or B2B answer carried no signature, which
	// those envelopes allow, or where no key is set to check it with.
	Unsigned bool
	// Nodes counts the nodes handed to a look-up's sink.
	Nodes int64
	// Skipped counts the subtrees of a look-up whose id cannot be used and the
	// codes that have none. Where it is not zero, the nodes are not all that the answer held.
	Skipped int64
	// Err is the technical cause for the log; nil when Answered.
	Err error
}

// Success reports an answer whose code matches ^[A-Z]?00$ (platform.md §6.1).
func (a Answer) Success() bool {
	if a.Outcome != Answered {
		return false
	}
	switch len(a.Code) {
	case 2:
		return a.Code == "00"
	case 3:
		return a.Code[0] >= 'A' && a.Code[0] <= 'Z' && a.Code[1:] == "00"
	}
	return false
}
