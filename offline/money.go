package offline

import (
	"cmp"
	"strings"

	"counterfoil/api"
	"counterfoil/offline/money"
)

// maxFen bounds an amount.
const maxFen = money.Max

// Yuan writes fen as yuan with two places, "30.00".
func Yuan(fen int64) string { return money.Yuan(fen) }

// ParseYuan reads an amount as money.Parse does. Error: ErrBadAmount.
func ParseYuan(text string) (int64, error) {
	fen, ok := money.Parse(text)
	if !ok {
		return 0, &Error{Kind: ErrBadAmount, Args: map[string]any{"Amount": strings.TrimSpace(text)}}
	}
	return fen, nil
}

// pricedCodes is up to how many codes a reel's worth is offered as the amount;
// for more, and for packages and boxes, a person says it.
const pricedCodes = 1000

// amount is what is offered for an activation of a node.
func (d *Desk) amount(n Node) (fen int64, ok bool) {
	fen, ok = d.Worth(n)
	return fen, ok && (n.Level == api.LevelCode || n.Level == api.LevelReel && n.Codes <= pricedCodes)
}

// Worth sums, in fen, the face values of the codes that an activation of a node
// would change, or of all its codes where none is left to activate. ok is false
// where one is not known, or zero, which the platform sends for not set.
func (d *Desk) Worth(n Node) (fen int64, ok bool) {
	all, ok := d.sum(n, func(string) bool { return true })
	fen, _ = d.sum(n, func(status string) bool { return status == api.StatusInactive })
	return cmp.Or(fen, all), ok
}

// voidWorth sums the codes that a void would change, 0 where that is not known.
func (d *Desk) voidWorth(n Node) int64 {
	fen, _ := d.sum(n, func(status string) bool { return status != api.StatusVoid })
	return fen
}

func (d *Desk) sum(n Node, of func(status string) bool) (fen int64, ok bool) {
	return n.Sum(func(face string) (int64, bool) { return d.FaceValue(Node{FaceValue: face}) }, maxFen, of)
}

// FaceValue is what one code is worth, in fen, by the unit that the settings
// give; ok is false where that is not known.
func (d *Desk) FaceValue(n Node) (fen int64, ok bool) {
	return money.Face(n.FaceValue, d.s.Calls.FaceValueInFen)
}
