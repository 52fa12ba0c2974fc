package offline

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"counterfoil/api"
	"counterfoil/offline/operation"
	"counterfoil/offline/operators"
	"counterfoil/offline/worklist"
)

// RangeRequest asks the desk to activate a serial range.
type RangeRequest struct {
	Order    RangeOrder // without its order number, which is minted with the operation
	Operator Session
	// Approver is a manager behind the operator's request, as Request.Approver: for a
	// cashier's range, and the second manager for one above a limit; zero for none.
	Approver Session
	// Offline says that the operator confirmed "not active yet".
	Offline bool
}

// PreviewRange says what a range would be and what speaks against it; it changes
// nothing. Error: ErrNeedsManager.
func (d *Desk) PreviewRange(ctx context.Context, r RangeRequest) (RangePreview, error) {
	if _, err := d.people.May(ctx, r.Operator, operators.Range); err != nil && r.Approver.Role != Manager {
		return RangePreview{}, publicError(err)
	}
	earlier, err := d.ranges(ctx)
	if err != nil {
		return RangePreview{}, err
	}
	return d.s.Rules.PreviewRange(&r.Order, earlier, d.clock.Platform().In(d.s.Zone)), nil
}

// ReadSerials says what a scan tells of a range, as operation.CodeForms has it.
func (d *Desk) ReadSerials(text string, kind int) (RangeOrder, bool) {
	return d.s.Rules.Codes.ReadSerials(text, kind)
}

// samples are a few codes of a range, as far as the catalog knows any that is allows.
func (d *Desk) samples(ctx context.Context, r *RangeOrder, is func(api.ID) bool) []api.ID {
	found, err := d.s.Rules.Codes.Samples(r, func(take func(string)) error {
		_, err := d.data.catalog().Find(ctx, Search{Text: r.BIN}, func(m Match) error {
			if is == nil || is(api.ID(m.ID)) {
				take(m.ID)
			}
			return nil
		})
		return err
	})
	if err != nil {
		d.s.Log.Warn("codes of a range are not found", "err", err)
	}
	return found
}

// ranges reads every range of this counter, oldest first.
func (d *Desk) ranges(ctx context.Context) ([]Operation, error) {
	return d.Operations(ctx, Query{Kind: Range, OldestFirst: true})
}

// AcceptRange commits a range with its order number, and has it sent. Where the
// platform is out of reach it is refused, unless the settings let ranges wait.
//
// Errors: ErrNeedsManager, ErrRangeWrong, ErrNotConfigured, ErrOverLimit (a second
// manager must approve), ErrRangeOverlap, ErrRangeOffline, ErrNotConfirmed, ErrDiskFull.
func (d *Desk) AcceptRange(ctx context.Context, r RangeRequest) (Operation, error) {
	leave, err := d.enter()
	if err != nil {
		return Operation{}, err
	}
	defer leave()
	who, err := d.rangeSeller(ctx, &r)
	if err != nil {
		return Operation{}, publicError(err)
	}
	p, err := d.PreviewRange(ctx, r)
	if err != nil {
		return Operation{}, err
	}
	second := who.Role == Manager && r.Approver != (Session{})
	switch {
	case len(p.Wrong) > 0:
		return Operation{}, &Error{Kind: ErrRangeWrong}
	case !d.client.HasB2B():
		return Operation{}, &Error{Kind: ErrNotConfigured, Args: map[string]any{"Setting": "platform.b2b_url"}}
	case p.Limit != "" && !second:
		return Operation{}, overLimit(p.Passed)
	}
	op := Operation{
		Kind: Range, ID: r.Order.ID(), Level: string(api.LevelRange), AmountFen: p.SellingFen, Entered: operation.Typed,
		Operator: who.Name, ApprovedBy: cmp.Or(r.Approver.Name, who.Approver),
		Counter: d.s.CounterName, AcceptedAt: d.clock.Now(), Day: d.Day(), Range: &r.Order,
	}
	switch {
	case p.Limit != "":
		op.ApprovedFor = []string{operation.ApprovedOverLimit}
	case op.ApprovedBy != "":
		op.ApprovedFor = []string{operation.ApprovedRange}
	}
	if op.Offline, err = d.rangeWaits(ctx, r.Offline); err != nil {
		return Operation{}, err
	}
	return d.commitRange(ctx, op, r.Approver)
}

// rangeSeller reads again who asks, and holds the approver to this one request.
func (d *Desk) rangeSeller(ctx context.Context, r *RangeRequest) (Session, error) {
	who, err := d.people.May(ctx, r.Operator, operators.Range)
	needs := (*operators.NeedsManagerError)(nil)
	if r.Approver == (Session{}) || err != nil && !errors.As(err, &needs) {
		return who, err
	}
	if who, err = d.people.May(ctx, r.Operator, operators.Sell); err == nil {
		r.Approver, err = d.people.Approves(ctx, r.Approver, who, fmt.Sprintf("%q %+v", Range, r.Order))
	}
	return who, err
}

// rangeWaits reports that a range must wait for its gateway, which is another
// server than the link's, and refuses one that may not.
func (d *Desk) rangeWaits(ctx context.Context, confirmed bool) (bool, error) {
	switch {
	case d.client.ReachB2B(ctx) == nil:
		return false, nil
	case !d.s.RangesWait:
		return true, &Error{Kind: ErrRangeOffline}
	case !confirmed:
		return true, &Error{Kind: ErrNotConfirmed}
	case d.journal().Full() || d.journal().Low():
		return true, &Error{Kind: ErrDiskFull}
	}
	return true, nil
}

// commitRange puts a range on the list, where no overlapping one can pass it, and
// has it sent. One that closed since the preview has its row by the time that it
// is off the list, so the journal is asked again after that.
func (d *Desk) commitRange(ctx context.Context, op Operation, approver Session) (Operation, error) {
	op.Range.OrderID, op.Range.B2B = d.ids.Next(op.AcceptedAt), d.client.B2B()
	op, change := operation.Accepted(op)
	item := worklist.New(op, nil)
	err := d.list.Accept(item, func(v worklist.View) error {
		return d.noOverlap(op.Range, v.AtLevel(api.LevelRange))
	}, func() string { return d.ids.Next(op.AcceptedAt) })
	if err != nil {
		return Operation{}, err
	}
	earlier, err := d.ranges(ctx)
	if err == nil {
		err = d.noOverlap(op.Range, earlier)
	}
	if err == nil {
		err = d.useApproval(approver)
	}
	if err != nil {
		d.list.Drop(item)
		return Operation{}, err
	}
	return d.commitAcceptance(item, change.Event, false)
}

// noOverlap refuses a range that shares a serial with one that is open or had effect.
func (d *Desk) noOverlap(o *RangeOrder, others []Operation) error {
	over := d.s.Rules.Overlapping(o, others, d.clock.Platform())
	if len(over) == 0 {
		return nil
	}
	return &Error{Kind: ErrRangeOverlap, Args: map[string]any{"ID": o.ID(), "Op": over[0]}}
}
