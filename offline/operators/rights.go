package operators

import "slices"

// Act is something that a person may do or not; as a word, in errors too.
type Act string

// The acts.
const (
	Look          Act = "look" // look up, browse, list the queue, doctor, verify
	Replay        Act = "replay"
	Sell          Act = "sell" // activate, void, baskets
	WithdrawOwn   Act = "withdraw_own"
	OwnPIN        Act = "own_pin"
	RecordsOfCode Act = "records"
	Withdraw      Act = "withdraw" // another's
	Settle        Act = "settle"
	VoidInactive  Act = "void_inactive"
	OverLimit     Act = "over_limit"
	Review        Act = "review" // of a reel and above
	Range         Act = "range"
	Day           Act = "day" // reports, closes, what was closed
	Reconcile     Act = "reconcile"
	Export        Act = "export"
	Acknowledge   Act = "acknowledge"
	ChangePeople  Act = "operators"
	Backup        Act = "backup"
	Unmask        Act = "unmask" // see whole codes
	Approve       Act = "approve"
)

// least is who may what: the smallest role an act needs, "" for nobody signed in.
var least = map[Act]Role{
	Look: "", Replay: "",
	Sell: Cashier, WithdrawOwn: Cashier, OwnPIN: Cashier, RecordsOfCode: Cashier,
	Withdraw: Manager, Settle: Manager, VoidInactive: Manager, OverLimit: Manager, Review: Manager, Range: Manager,
	Day: Manager, Reconcile: Manager, Export: Manager, Acknowledge: Manager, ChangePeople: Manager, Backup: Manager,
	Unmask: Manager, Approve: Manager,
}

// covers is what a cashier may do on a screen that a manager opened for her.
var covers = map[Act][]Act{
	Review: {Review, RecordsOfCode, Unmask}, Range: {Range}, Day: {Day, Reconcile, Export},
}

// Covers reports that the screen for an act, once opened, is for another one too.
func (a Act) Covers(other Act) bool { return slices.Contains(covers[a], other) }

// Known reports one of the roles.
func (r Role) Known() bool { return r == Cashier || r == Manager }

// May reports whether a role, "" for nobody, may act so.
func (r Role) May(act Act) bool {
	needs, known := least[act]
	return known && (needs == "" || r == Manager || r == Cashier && needs == Cashier)
}

// NeedsManagerError says which act needs a manager.
type NeedsManagerError struct{ Act Act }

func (e *NeedsManagerError) Error() string { return "operators: a manager is needed: " + string(e.Act) }
