package main

import (
	"fmt"
	"slices"

	"counterfoil/api"
	"counterfoil/api/sandbox"
	"counterfoil/offline/operation"
)

// account holds one kind of operation on one id against its effects.
type account struct {
	operations []operation.Operation
	traces     map[string]bool // of the effects
}

type thing struct {
	kind operation.Kind
	id   string
}

// audit compares what the till was told, what its journal holds and what the
// platform did, and returns the counts with a sentence for each finding.
func audit(wanted []thing, told []operation.Operation, held []operation.Operation, effects []sandbox.Effect) (r row, findings []string) {
	find := func(count *int, format string, args ...any) {
		*count++
		findings = append(findings, fmt.Sprintf(format, args...))
	}
	accounts, byOp := map[thing]*account{}, map[string]operation.Operation{}
	of := func(t thing) *account {
		if accounts[t] == nil {
			accounts[t] = &account{traces: map[string]bool{}}
		}
		return accounts[t]
	}
	for _, op := range held {
		a := of(thing{op.Kind, op.ID})
		a.operations = append(a.operations, op)
		byOp[op.Op] = op
	}
	for _, e := range effects {
		// A request that the platform itself applied twice is one of ours.
		of(thing{kindOf(e), e.ID}).traces[e.Trace] = true
	}
	for _, op := range told {
		if stands, ok := byOp[op.Op]; !ok {
			find(&r.lost, "%s of %s was acknowledged as %s and is not in the journal", op.Kind, op.ID, op.State)
		} else if op.State == operation.Done && stands.State != operation.Done && stands.State != operation.Attention {
			find(&r.lost, "%s of %s was told as %s and stands as %s", op.Kind, op.ID, op.State, stands.State)
		}
	}
	for _, t := range wanted {
		if a := accounts[t]; (a == nil || len(a.operations) == 0) && !withdrawn(t, accounts) {
			find(&r.lost, "%s of %s was asked for and is not in the journal", t.kind, t.id)
		}
	}
	for t, a := range accounts {
		r.operations += len(a.operations)
		r.judge(t, a, find)
	}
	return r, findings
}

// kindOf is the kind of operation that has such an effect.
func kindOf(e sandbox.Effect) operation.Kind {
	switch e.Action {
	case api.ActionVoid, api.ActionReelVoid:
		return operation.Void
	case api.ActionRange:
		return operation.Range
	}
	return operation.Activate
}

// judge counts one account.
func (r *row) judge(t thing, a *account, find func(*int, string, ...any)) {
	done, open := 0, 0
	for _, op := range a.operations {
		switch {
		case op.State == operation.Done:
			done++
		case op.State.Open():
			open++
		}
	}
	for _, op := range a.operations {
		if op.State.Open() {
			var none int
			find(&none, "%s of %s is left %s (%s) after %d attempts, %d answers to questions", t.kind, t.id, op.State, op.Why, len(op.Attempts), len(op.Evidence))
		}
	}
	r.unknown += open
	if len(a.traces) > 1 {
		find(&r.doubled, "%s of %s had %d effects", t.kind, t.id, len(a.traces))
	}
	if done > 0 && len(a.traces) == 0 {
		find(&r.lost, "%s of %s is done in the journal and the platform did nothing", t.kind, t.id)
	}
	if done+open == 0 && len(a.traces) > 0 {
		find(&r.lost, "%s of %s had an effect that the journal does not know", t.kind, t.id)
	}
	if done > 1 {
		find(&r.doubled, "%s of %s is done %d times in the journal", t.kind, t.id, done)
	}
	for trace := range a.traces {
		if !sentBy(a.operations, trace) {
			find(&r.lost, "%s of %s had an effect with the trace number %s, which the journal never sent", t.kind, t.id, trace)
		}
	}
}

// withdrawn reports a void that took back the activation it was meant for.
func withdrawn(t thing, accounts map[thing]*account) bool {
	activation := accounts[thing{operation.Activate, t.id}]
	return t.kind == operation.Void && activation != nil && slices.ContainsFunc(activation.operations,
		func(op operation.Operation) bool { return op.State == operation.Withdrawn })
}

func sentBy(operations []operation.Operation, trace string) bool {
	return slices.ContainsFunc(operations, func(op operation.Operation) bool {
		return slices.ContainsFunc(op.Attempts, func(attempt operation.Attempt) bool { return attempt.Trace == trace })
	})
}
