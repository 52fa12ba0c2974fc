package offline

import (
	"time"

	"counterfoil/api"
	"counterfoil/offline/batch"
	"counterfoil/offline/catalog"
	"counterfoil/offline/journal"
	"counterfoil/offline/journal/chain"
	"counterfoil/offline/operation"
	"counterfoil/offline/operators"
)

// The words of the rooms below are the desk's words: faces import only this package.
type (
	Operation    = operation.Operation
	Attempt      = operation.Attempt
	Evidence     = operation.Evidence
	Seen         = operation.Seen
	Kind         = operation.Kind
	Entered      = operation.Entered
	Remark       = operation.Remark
	RangeOrder   = operation.RangeOrder
	RangePreview = operation.RangePreview
	State        = operation.State
	Operator     = operators.Operator
	Role         = operators.Role
	Act          = operators.Act     // what a role may do or not: Role.May
	Session      = operators.Session // a signed-in operator, made by SignIn; the zero Session is nobody
	Batch        = batch.Batch       // the lines of a basket, or the ids of one command: NewBatch
	Line         = batch.Line
	Share        = batch.Share // what a line takes of its batch's limits: Batch.Take
	Basket       = batch.Basket
	BasketLine   = batch.Scan
	Query        = journal.Query
	Totals       = journal.Totals
	DayTotal     = journal.DayTotal
	Head         = chain.Head
	Gap          = chain.Document
	Node         = catalog.Node
	Page         = catalog.Page
)

// The kinds, states and roles of the journal.
const (
	Activate = operation.Activate
	Void     = operation.Void
	Range    = operation.Range

	RangeCards    = operation.RangeCards
	RangeVouchers = operation.RangeVouchers

	Queued    = operation.Queued
	Sending   = operation.Sending
	Unknown   = operation.Unknown
	Done      = operation.Done
	Refused   = operation.Refused
	Attention = operation.Attention
	Withdrawn = operation.Withdrawn
	Settled   = operation.Settled

	Scanned  = operation.Scanned
	Typed    = operation.Typed
	Pasted   = operation.Pasted
	FromFile = operation.FromFile
	FromTree = operation.FromTree

	WhyMidnight = operation.WhyMidnight // queued: no number is minted this close to midnight
	WhyMixed    = operation.WhyMixed    // attention: its codes differ

	Cashier = operators.Cashier
	Manager = operators.Manager

	Look   = operators.Look
	Sell   = operators.Sell
	Unmask = operators.Unmask
	Review = operators.Review // of a reel and above
	OwnPIN = operators.OwnPIN
	Export = operators.Export
	Day    = operators.Day // reports, closes, what was closed

	RecordsOfCode = operators.RecordsOfCode
	SellRange     = operators.Range
	Approve       = operators.Approve

	ChangePeople = operators.ChangePeople

	LongestPIN = operators.LongestPIN // in digits
)

// GoodPIN reports what can be a PIN: 4 to 8 digits.
func GoodPIN(pin string) bool { return operators.GoodPIN(pin) }

// GoodCodeForm reports what can say where a type's numbers hold BIN and serial.
func GoodCodeForm(form string, kind int) bool { return operation.GoodCodeForm(form, kind) }

// Whys lists every word of Operation.Why, each of which has a sentence in every language.
func Whys() []string { return operation.Whys() }

// Status is what a face shows all the time: one latest-wins value.
type Status struct {
	Link      Link
	Since     time.Time // of this Link
	NextProbe time.Time // zero when online
	OpenCount
	Oldest time.Time // acceptance of the oldest that waits; zero for none
	// Closed counts operations closed since the link came back, Rate those of the last ten seconds per second.
	Closed int
	Rate   float64
	Skew   time.Duration // platform's clock less ours; valid when SkewAt is set
	SkewAt time.Time
	// Fault is a trouble of the counter itself (disk full, damaged database), nil for none.
	Fault *Error
	// Healed says for a while what was found when a damaged or failing data folder
	// was opened again, and after that what no manager has acknowledged; nil for nothing.
	Healed *Error
}

// Request asks the desk to accept an operation.
type Request struct {
	Kind      Kind
	ID        api.ID
	AmountFen int64 // activate only
	Entered   Entered
	Operator  Session
	// Approver is the manager who approved what the operator alone may not do; zero
	// for none. The session stands behind the first request that it comes with, for
	// a minute after its PIN, is another person's than the operator's, and ends with
	// the acceptance.
	Approver Session
	// ApprovedFor names what stood in the way when the approver was asked
	// (ErrOverLimit, ErrNeedsManager): one who approved the one has not approved
	// the other. Empty for a manager who approves the whole act.
	ApprovedFor []ErrorKind
	Share       *Share // of the batch that it is one line of; nil for a request by itself, which is a batch where its id holds codes
	// Offline says that the operator confirmed "not active yet": accept into the queue without sending.
	Offline bool
}

// Card is what a scan shows.
type Card struct {
	Node  Node
	Path  []Node // ancestors, the box first
	Fresh bool   // from the platform just now; otherwise from the catalog, seen at Node.SeenAt
	// Trouble says why the platform's answer is not shown where more is known than
	// that it cannot be reached; nil otherwise.
	Trouble error
	// Pending are the open operations that overlap this id, oldest first.
	Pending []Operation
	// Last is the newest operation on this very id, nil for none.
	Last *Operation
	// Voided is a void that is done here and that the status in Node does not show,
	// since the platform was not asked after it; nil for none. What a void leaves is
	// shown at once where void_leaves says it.
	Voided *Operation
	// AmountFen is what to offer for an activation: the Worth of a code, or of a reel of at most 1,000 codes.
	AmountFen int64
	AmountOK  bool
	// VoidFen is what the codes are worth that a void would change, 0 where that is not known.
	VoidFen int64
	// Refusal holds the platform's answer where it does not know the id.
	Refusal *api.Answer
}
