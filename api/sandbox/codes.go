package sandbox

import "counterfoil/api"

// The return codes of the POSP and PaaS envelopes. All but success are the
// sandbox's own choice. Those with two digits answer any action as they are;
// the others get the action's letter in front: A for activations, R for the
// activation query, V for voids, H for look-ups.
const (
	CodeTrace       = "02" // the trace number or the time stamp: missing, too long, not today's
	CodeForm        = "12" // any other field is missing, of the wrong type or not allowed
	CodeDuplicate   = "32" // the trace number was used before
	CodeSignature   = "97" // the signature does not fit
	codeFault       = "96" // PaaS only: the sandbox cannot write its own state
	suffixSuccess   = "00"
	suffixUnknown   = "10" // no such id; R01 below is the query's own
	suffixForbidden = "91" // the state of a code forbids it
	suffixInProcess = "80" // no final answer yet, see the fault in_process

	CodeNoTransaction = "R01" // the query: no activation with that trace number
	CodeWasRefused    = "R02" // the query: there was one and it was refused
)

// The statusCode values of the range action. 100 is the platform's; 80 and 81
// are inferred (platform.md §2.7); 97 is the sandbox's own.
const (
	RangeDone       = 100
	RangeInProgress = 80
	RangeFailed     = 81
	RangeSignature  = 97
)

// The types of a code's records. 1 and 2 are the platform's, the others the sandbox's own.
const (
	RecordMade      = "1"
	RecordRedeemed  = "2"
	RecordActivated = "11"
	RecordVoided    = "12"
)

var letters = map[string]string{
	api.ActionActivate:      "A",
	api.ActionReelActivate:  "A",
	api.ActionActivateQuery: "R",
	api.ActionVoid:          "V",
	api.ActionReelVoid:      "V",
	api.ActionLookup:        "H",
}

var statusTexts = map[string]string{
	api.StatusActive:   "未使用",
	api.StatusInactive: "未激活",
	api.StatusFrozen:   "已冻结",
	api.StatusVoid:     "已作废",
}

// The words a refusal comes with, as a platform in China would have them.
const (
	textSuccess   = "SUCCESS"
	textForm      = "报文格式错误"
	textDuplicate = "流水号重复，请查询原交易"
	textSignature = "签名错误"
	textUnknown   = "券不存在"
	textForbidden = "券状态不允许此操作"
	textExpired   = "券已过有效期"
	textInProcess = "交易处理中，请稍后查询"
	textNoTrade   = "原交易不存在"
	textRefused   = "交易被拒绝"
)

// ClientCodes is what a counter's settings trace_codes,
// activation_absent_codes, duplicate_trace_codes and unclear_codes say where
// this sandbox is its platform.
func ClientCodes() (trace, absent, duplicate, unclear []string) {
	for _, letter := range []string{"A", "V", "R", "H"} {
		unclear = append(unclear, letter+suffixInProcess)
	}
	return []string{CodeTrace}, []string{CodeNoTransaction}, []string{CodeDuplicate}, unclear
}

func activates(action string) bool {
	return action == api.ActionActivate || action == api.ActionReelActivate
}

func voids(action string) bool { return action == api.ActionVoid || action == api.ActionReelVoid }

// takesList: the B2B variants take several ids separated by commas (platform.md §2.5).
func takesList(action string) bool {
	return action == api.ActionReelActivate || action == api.ActionReelVoid
}

func changes(action string) bool {
	return activates(action) || voids(action) || action == api.ActionRange
}
