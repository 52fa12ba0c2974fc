package api

// Action names of the platform (platform.md §2).
const (
	ActionActivate      = "activeVoucher"
	ActionActivateQuery = "activeResultQuery"
	ActionVoid          = "delVoucher"
	ActionLookup        = "queryVerifyInfo"
	ActionReelActivate  = "reelActiveVoucher"
	ActionReelVoid      = "reelDelVoucher"
	ActionRange         = "activeByPartNo"
	ActionRecords       = "_queryCodeDetailList"
)

// BusinessTypeBoxes asks for the newer logic that knows boxes (platform.md §2.4).
const BusinessTypeBoxes = 12

// ActivateRequest activates one id (platform.md §2.1, §2.5).
type ActivateRequest struct {
	TraceNo string // 23 digits, minted at sending
	ID      ID
	// TotalAmount is sent as it stands; whether it counts fen or yuan is a setting of the caller.
	TotalAmount string
	// Reel sends reelActiveVoucher instead of activeVoucher.
	Reel bool
}

// VoidRequest voids one id (platform.md §2.3, §2.6).
type VoidRequest struct {
	TraceNo string
	ID      ID
	Reel    bool // reelDelVoucher instead of delVoucher
}

// QueryRequest asks what became of an activation (platform.md §2.2).
type QueryRequest struct {
	TraceNo         string
	OriginalTraceNo string
	// ID is what the activation was of: nodes in the answer must include it. "" for not known.
	ID ID
}

// LookupRequest asks for a node and what it holds (platform.md §2.4).
type LookupRequest struct {
	TraceNo string
	ID      ID
	// Action overrides queryVerifyInfo; "" keeps it. See the setting lookup_action.
	Action string
}

// RangeRequest activates a serial range (platform.md §2.7). Prices are whole fen.
type RangeRequest struct {
	OrderID    string // partnerOrderId, at most 28 characters; a repeat asks for the order's progress
	Type       int    // 1 physical card, 2 physical voucher
	BIN        string // card: first 6 digits; voucher: first 4
	From, To   string // 7 digits, inclusive
	Count      int
	SellingFen int64
	CostFen    int64  // at most SellingFen
	ValidFrom  string // "yyyy-MM-dd HH:mm:ss" or ""
	ValidTo    string
	B2B        // who orders: another one's order of that number is another order; zero for that of the settings
}
