package offline

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"counterfoil/api"
	"counterfoil/offline/batch"
	"counterfoil/offline/operation"
	"counterfoil/offline/operators"
	"counterfoil/offline/worklist"
)

// approved reports whether the request's approver stands behind what is in its way.
func approved(r Request, what ErrorKind) bool {
	return r.Approver.Role == Manager && (len(r.ApprovedFor) == 0 || slices.Contains(r.ApprovedFor, what))
}

// manages reports whether a manager approved what stands in the request's way, or asks for it.
func manages(r Request, what ErrorKind) bool {
	return approved(r, what) || r.Operator.Role == Manager || what == ErrOverLimit && r.Share.Approver() != ""
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

// approver is the manager other than the operator who stands behind the act, "" for none.
func approver(r Request) string { return cmp.Or(r.Share.Approver(), r.Approver.Name) }

// approvedFor names what a manager stands behind: the approver, or of what is judged
// again at sending the operator, who is one. What was approved as a whole is
// approved for all that can be in its way.
func approvedFor(r Request) []string {
	switch {
	case approver(r) == "" && r.Kind == Void && r.Operator.Role == Manager:
		return []string{operation.ApprovedVoidInactive}
	case approver(r) == "":
		return nil
	case r.Operator.Role != Manager && len(r.ApprovedFor) > 0:
		var words []string
		for _, kind := range r.ApprovedFor {
			word := string(kind)
			if kind == ErrNeedsManager {
				word = operation.ApprovedVoidInactive
			}
			words = append(words, word)
		}
		if r.Share.Approver() != "" && !slices.Contains(words, operation.ApprovedOverLimit) {
			words = append(words, operation.ApprovedOverLimit)
		}
		return words
	case r.Kind == Void && manages(r, ErrNeedsManager):
		return []string{operation.ApprovedOverLimit, operation.ApprovedVoidInactive}
	}
	return []string{operation.ApprovedOverLimit}
}

// checkLimits bounds one activation, and all that waits: what is accepted offline, and
// what has no fresh look-up while the link is not online or the last look-up brought
// nothing. A manager may approve one operation over a limit.
func (d *Desk) checkLimits(r Request, v worklist.View) error {
	if manages(r, ErrOverLimit) {
		return nil
	}
	count, total, age := v.Waiting()
	_, fresh := d.lookups.Fresh(r.ID)
	waits := r.Offline || !fresh && (d.link.State() != Online || d.lookups.InVain(r.ID))
	return overLimit(d.s.Limits.Passed(&Operation{AmountFen: r.AmountFen, Offline: waits}, count, total, age))
}

// overLimit is the error for a limit that would be passed, nil for none.
func overLimit(p operation.Passed) error {
	most := Yuan(p.Most)
	switch p.Limit {
	case "":
		return nil
	case "operations", "bulk_count":
		most = strconv.FormatInt(p.Most, 10)
	case "age":
		most = strconv.FormatFloat(time.Duration(p.Most).Hours(), 'f', -1, 64)
	}
	return &Error{Kind: ErrOverLimit, Args: map[string]any{"Limit": p.Limit, "Max": most}}
}

// OverLimit is the limit that a line of a batch would pass, as an error; nil for none.
func OverLimit(s *Share) error {
	if s == nil {
		return nil
	}
	return overLimit(s.Passed)
}

// NewBatch returns a batch for the lines of one basket, or the ids of one command.
func (d *Desk) NewBatch() *Batch { return batch.New(d.s.Rules.Batch) }

// count holds an id that holds codes to the limits of a batch, by how many of them are
// known by now: as a batch of itself, behind which the approver stands, where it is
// not a line of one.
func (d *Desk) count(ctx context.Context, r *Request) {
	if r.ID.Level() == api.LevelCode {
		return
	}
	n, _, err := d.data.catalog().Get(ctx, r.ID)
	if err != nil {
		d.s.Log.Warn("codes not counted", "err", err)
	}
	seen, _ := d.lookups.Fresh(r.ID)
	pieces := max(n.Codes, seen.Codes())
	if r.Share != nil {
		r.Share.Recount(pieces)
		return
	}
	r.Share = d.NewBatch().Take(Line{Kind: r.Kind, ID: r.ID, Pieces: pieces, Fen: r.AmountFen})
	if approved(*r, ErrOverLimit) {
		batch.Approve(r.Approver.Name, []*Share{r.Share})
	}
}

// Baskets are the operators' baskets, kept until they are sent or cleared.
func (d *Desk) Baskets() *batch.Baskets { return d.data.baskets }

// ReadList reads a list that a person named for a basket. Error: ErrBadList.
func (d *Desk) ReadList(path string) ([]byte, error) {
	text, err := batch.ReadList(path)
	if err != nil {
		d.s.Log.Warn("list", "err", err)
	}
	return text, publicError(err)
}

// ApproveBatch has a manager other than the operator stand behind lines that would
// pass a limit of their batch: exactly these, once. Errors: ErrNeedsManager,
// ErrSignedOut, ErrDisabled.
func (d *Desk) ApproveBatch(ctx context.Context, operator, manager Session, shares []*Share) error {
	operator, err := d.people.May(ctx, operator, operators.Sell)
	if err == nil {
		manager, err = d.people.Approves(ctx, manager, operator, batch.Frozen(shares))
	}
	if err == nil {
		err = d.useApproval(manager)
	}
	if err == nil {
		batch.Approve(manager.Name, shares)
	}
	return publicError(err)
}
