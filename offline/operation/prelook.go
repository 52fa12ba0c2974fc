package operation

import "counterfoil/api"

// Prelook is what the look-up before sending says of an operation
// (docs/rules.md, "Before sending").
type Prelook int

// The findings of a look-up before sending.
const (
	MaySend      Prelook = iota
	AlreadyThere         // the codes already have the status that the operation wants
	Mixed                // the codes have different statuses
	NeverActive          // a void of what was never active
	NoCodes              // the look-up showed no code at all
)

// Prelook judges a look-up for an operation of that kind.
func (r Rules) Prelook(k Kind, seen Seen) Prelook {
	switch len(seen.Counts) {
	case 0:
		return NoCodes
	case 1:
	default:
		return Mixed
	}
	var status string
	for s := range seen.Counts {
		status = s
	}
	switch {
	case status == r.Target(k), k == Void && status == api.StatusVoid:
		return AlreadyThere
	case k == Void && status == api.StatusInactive:
		return NeverActive
	}
	return MaySend
}

// heldFor is why each outcome of a look-up needs a person.
var heldFor = map[Prelook]string{NeverActive: WhyNeverActive, AlreadyThere: WhyAlreadyThere, Mixed: WhyMixed, NoCodes: WhyNoCodes}

// HeldFor is why an operation of that kind is not sent on a look-up without a
// person, "" where it may be.
func (r Rules) HeldFor(k Kind, seen Seen) string { return heldFor[r.Prelook(k, seen)] }

// change says how many of an id's codes got the wanted status since an earlier
// look-up.
type change int

const (
	changeUnseen change = iota // no look-up, or nothing to compare it with
	changeNone
	changeSome
	changeAll
)

// compare tells whether the codes moved to the target since before.
func compare(before, now *Seen, target string) change {
	if before == nil || now == nil || target == "" || len(now.Counts) == 0 || len(before.Counts) == 0 {
		return changeUnseen
	}
	there := now.Counts[target]
	switch was := before.Counts[target]; {
	case int64(there) == now.Codes() && was < there:
		return changeAll
	case there > was:
		return changeSome
	}
	return changeNone
}
