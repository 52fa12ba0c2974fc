package reconcile

import (
	"testing"

	"counterfoil/api"
	"counterfoil/offline/operation"
)

const used = "02" // a status that is not ours to give

func act(kind operation.Kind, state operation.State) operation.Operation {
	return operation.Operation{Kind: kind, State: state}
}

// judged is the class of a code that some operations were on, the oldest first.
func judged(status string, ops ...operation.Operation) Class {
	r := &run{Options: &Options{VoidLeaves: api.StatusVoid}}
	class, _ := r.class(lastOf(ops), status)
	return class
}

func TestActivatedUsedThenVoidedIsNoDifference(t *testing.T) {
	t.Parallel()
	active := act(operation.Activate, operation.Done)
	for name, ops := range map[string][]operation.Operation{
		"the void was done":      {active, act(operation.Void, operation.Done)},
		"the void was refused":   {active, act(operation.Void, operation.Refused)},
		"the void was withdrawn": {active, act(operation.Void, operation.Withdrawn)},
	} {
		for _, status := range []string{used, api.StatusVoid} {
			if status == api.StatusVoid && ops[1].State != operation.Done {
				continue // somebody else's void
			}
			if class := judged(status, ops...); class != "" && class != Information {
				t.Errorf("%s, status %s: %q", name, status, class)
			}
		}
	}
}

func TestEachDisagreementHasItsClass(t *testing.T) {
	t.Parallel()
	settled := act(operation.Activate, operation.Settled)
	settled.SettledAs = operation.SettledNoEffect
	settledDone := settled
	settledDone.SettledAs = operation.SettledDone
	byStatus := act(operation.Activate, operation.Done)
	byStatus.Why = operation.WhyByStatus
	before := act(operation.Activate, operation.Refused)
	before.Attempts = []operation.Attempt{{Before: &operation.Seen{Counts: map[string]int{api.StatusActive: 1}}}}
	for _, one := range []struct {
		op     operation.Operation
		status string
		want   Class
	}{
		{act(operation.Activate, operation.Done), api.StatusActive, ""},
		{act(operation.Activate, operation.Done), api.StatusInactive, Short},
		{act(operation.Activate, operation.Done), api.StatusVoid, Short},
		{act(operation.Activate, operation.Done), api.StatusFrozen, ""},
		{act(operation.Activate, operation.Done), used, Information},
		{byStatus, api.StatusActive, Information},
		{settledDone, api.StatusInactive, Short},
		{act(operation.Void, operation.Done), api.StatusActive, VoidMissing},
		{act(operation.Void, operation.Done), api.StatusVoid, ""},
		{act(operation.Activate, operation.Refused), api.StatusActive, Over},
		{act(operation.Activate, operation.Withdrawn), api.StatusActive, Over},
		{act(operation.Void, operation.Refused), api.StatusVoid, Over},
		{before, api.StatusActive, ""},
		{settled, api.StatusActive, SettledWrong},
		{settled, api.StatusInactive, ""},
	} {
		if class := judged(one.status, one.op); class != one.want {
			t.Errorf("%s %s %s, status %s: %q, want %q", one.op.Kind, one.op.State, one.op.Why, one.status, class, one.want)
		}
	}
}

func TestOnlyWhereACodeChangedIsTheRestPartial(t *testing.T) {
	t.Parallel()
	activated, voided := act(operation.Activate, operation.Done), act(operation.Void, operation.Done)
	for name, one := range map[string]struct {
		op       operation.Operation
		statuses []string
		want     Class
	}{
		"one of three is active":                 {activated, []string{api.StatusActive, api.StatusInactive, api.StatusInactive}, Partial},
		"one of two was used":                    {activated, []string{used, api.StatusInactive}, Partial},
		"none is active, and one is void":        {activated, []string{api.StatusVoid, api.StatusInactive}, Short},
		"one of two is void":                     {voided, []string{api.StatusVoid, api.StatusActive}, Partial},
		"none is void, and one was never active": {voided, []string{api.StatusInactive, api.StatusActive}, VoidMissing},
	} {
		const id = "R156A001-0000491-0505"
		one.op.ID = id
		s, names := seen{codes: map[string]code{}}, []string{}
		for i, status := range one.statuses {
			names = append(names, string(rune('a'+i)))
			s.codes[names[i]] = code{status, []string{id}}
		}
		r := &run{Options: &Options{VoidLeaves: api.StatusVoid}}
		found := r.compare(id, names, s, map[string][]operation.Operation{id: {one.op}})
		for _, d := range found {
			if d.Class != Information && d.Class != one.want {
				t.Errorf("%s: %q, want %q", name, d.Class, one.want)
			}
		}
		if len(found) == 0 {
			t.Errorf("%s: no difference", name)
		}
	}
}
