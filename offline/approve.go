package offline

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"counterfoil/offline/operation"
	"counterfoil/offline/operators"
	"counterfoil/offline/worklist"
)

// manages reports whether a manager approved what stands in the request's way.
func manages(r Request, what ErrorKind) bool {
	approved := r.Approver.Role == Manager && (len(r.ApprovedFor) == 0 || slices.Contains(r.ApprovedFor, what))
	return approved || r.Operator.Role == Manager
}

// known reads again who asks and with what role, and holds the approver to one
// frozen request.
func (d *Desk) known(ctx context.Context, r *Request) (err error) {
	if r.Operator, err = d.people.May(ctx, r.Operator, operators.Sell); err == nil && r.Approver != (Session{}) {
		frozen := fmt.Sprintf("%q %q %d %q", r.Kind, r.ID, r.AmountFen, r.ApprovedFor)
		r.Approver, err = d.people.Approves(ctx, r.Approver, r.Operator, frozen)
	}
	return publicError(err)
}

// useApproval ends the approver's session, a zero one for none: an approval is of one act.
func (d *Desk) useApproval(approver Session) error {
	if approver != (Session{}) && !d.people.SignOut(approver) {
		return &Error{Kind: ErrNeedsManager, Args: map[string]any{"Act": string(operators.Approve)}}
	}
	return nil
}

func approver(r Request) string {
	switch {
	case r.Approver.Role == Manager:
		return r.Approver.Name
	case r.Operator.Role == Manager:
		return r.Operator.Name
	}
	return ""
}

// approvedFor names what the approver stands behind. A manager's own act, and
// one approved as a whole, is approved for all that can be in its way.
func approvedFor(r Request) []string {
	switch {
	case approver(r) == "":
		return nil
	case r.Operator.Role != Manager && len(r.ApprovedFor) > 0:
		words := make([]string, len(r.ApprovedFor))
		for i, kind := range r.ApprovedFor {
			if words[i] = string(kind); kind == ErrNeedsManager {
				words[i] = operation.ApprovedVoidInactive
			}
		}
		return words
	case r.Kind == Void:
		return []string{operation.ApprovedOverLimit, operation.ApprovedVoidInactive}
	}
	return []string{operation.ApprovedOverLimit}
}

// checkLimits bounds one activation, and what is accepted offline; a manager may
// approve one operation over a limit.
func (d *Desk) checkLimits(r Request, v worklist.View) error {
	if manages(r, ErrOverLimit) {
		return nil
	}
	l := d.s.Limits
	over := func(limit, most string) error {
		return &Error{Kind: ErrOverLimit, Args: map[string]any{"Limit": limit, "Max": most}}
	}
	switch {
	case l.OneMaxFen > 0 && r.AmountFen > l.OneMaxFen:
		return over("one", Yuan(l.OneMaxFen))
	case !r.Offline:
		return nil
	}
	count, total, oldest := v.Waiting()
	count, total = count+1, total+r.AmountFen
	switch {
	case l.MaxOperations > 0 && count > l.MaxOperations:
		return over("operations", strconv.Itoa(l.MaxOperations))
	case l.MaxAmountFen > 0 && r.AmountFen > l.MaxAmountFen:
		return over("amount", Yuan(l.MaxAmountFen))
	case l.MaxTotalFen > 0 && total > l.MaxTotalFen:
		return over("total", Yuan(l.MaxTotalFen))
	case l.MaxAge > 0 && !oldest.IsZero() && d.clock.Now().Sub(oldest) > l.MaxAge:
		return over("age", strconv.FormatFloat(l.MaxAge.Hours(), 'f', -1, 64))
	}
	return nil
}
