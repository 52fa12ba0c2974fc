package offline

import (
	"context"

	"counterfoil/api"
	"counterfoil/offline/operation"
)

// Summary is what became of one operator's operations of this business day.
type Summary struct {
	Active Totals // done activations, also those that were voided later
	// Void counts the done voids by the operator or of what the operator activated
	// this day, and sums what they took back of Active.
	Void    Totals
	Refused int
}

// Shift sums the operator's operations of this business day.
func (d *Desk) Shift(ctx context.Context, who Session) (Summary, error) {
	rows, err := d.journal().DayTotals(ctx, d.Day())
	if err != nil {
		return Summary{}, publicError(err)
	}
	var sum Summary
	voids := false
	for _, row := range rows {
		voids = voids || row.Kind == Void && row.State == Done
		switch {
		case row.Operator != who.Name:
		case row.State == Refused:
			sum.Refused += row.Count
		case row.State == Done && (row.Kind == Activate || row.Kind == Range):
			sum.Active.Count += row.Count
			sum.Active.Fen += row.Fen
		}
	}
	if voids {
		sum.Void, err = d.takenBack(ctx, who.Name)
	}
	return sum, err
}

// sold is an activation of a shift, and what later voids took back of it.
type sold struct {
	id, level  string
	above      map[api.Level]string
	fen, taken int64
	codes      int64 // voided one by one
}

// takenBack sums the day's voids as Summary.Void has them.
func (d *Desk) takenBack(ctx context.Context, who string) (Totals, error) {
	ops, err := d.journal().Operations(ctx, Query{Day: d.Day(), States: []State{Done}, OldestFirst: true})
	if err != nil && len(ops) == 0 {
		return Totals{}, publicError(err)
	}
	var sum Totals
	var sales []*sold
	for _, op := range ops {
		s := &sold{id: op.ID, level: op.Level, fen: op.AmountFen}
		switch {
		case op.Kind == Activate && op.Operator == who:
			sales = append(sales, s)
		case op.Kind == Void:
			s.above = d.above(ctx, api.ID(op.ID))
			fen, touched := d.takeBack(ctx, sales, s)
			sum.Fen += fen
			if touched || op.Operator == who {
				sum.Count++
			}
		}
	}
	return sum, nil
}

// takeBack is what a void took of the sales before it: all that is left of what
// it holds, and of what holds it the share of its codes.
func (d *Desk) takeBack(ctx context.Context, sales []*sold, void *sold) (fen int64, touched bool) {
	for _, s := range sales {
		taken := s.fen
		switch {
		case s.id == void.id:
		case void.above[api.Level(s.level)] == s.id:
			part, _, _ := d.Node(ctx, api.ID(void.id))
			whole, _, _ := d.Node(ctx, api.ID(s.id))
			s.codes += max(part.Codes, 1)
			taken = s.fen * min(s.codes, whole.Codes) / max(whole.Codes, 1)
		case operation.Below(api.Level(s.level), api.Level(void.level)) && d.above(ctx, api.ID(s.id))[api.Level(void.level)] == void.id:
		default:
			continue
		}
		touched = true
		fen += max(taken-s.taken, 0)
		s.taken = max(s.taken, taken)
	}
	return fen, touched
}
