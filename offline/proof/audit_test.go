package main

import (
	"strings"
	"testing"

	"counterfoil/api"
	"counterfoil/api/sandbox"
	"counterfoil/offline/operation"
)

// held is an operation on one reel with its one attempt.
func held(op string, kind operation.Kind, state operation.State, trace string) operation.Operation {
	return operation.Operation{Op: op, Kind: kind, ID: reel, State: state, Attempts: []operation.Attempt{{Trace: trace}}}
}

func effect(action, trace string) sandbox.Effect {
	return sandbox.Effect{Action: action, Trace: trace, ID: reel, Codes: 2}
}

func TestTheAuditFindsWhatWasLostOrDoubled(t *testing.T) {
	t.Parallel()
	activated, voided := effect(api.ActionReelActivate, "1"), effect(api.ActionReelVoid, "2")
	done := held("a", operation.Activate, operation.Done, "1")
	for name, c := range map[string]struct {
		wanted        []thing
		told, held    []operation.Operation
		effects       []sandbox.Effect
		lost, doubled int
		unknown       int
	}{
		"all is well": {
			wanted: []thing{{operation.Activate, reel}, {operation.Void, reel}}, told: []operation.Operation{done},
			held:    []operation.Operation{done, held("b", operation.Void, operation.Done, "2")},
			effects: []sandbox.Effect{activated, voided},
		},
		"the platform applied one request twice":         {held: []operation.Operation{done}, effects: []sandbox.Effect{activated, activated}},
		"a void took its waiting activation back":        {wanted: []thing{{operation.Void, reel}}, held: []operation.Operation{held("a", operation.Activate, operation.Withdrawn, "")}},
		"refused and without an effect":                  {held: []operation.Operation{held("a", operation.Activate, operation.Refused, "1")}},
		"acknowledged and gone":                          {told: []operation.Operation{done}, lost: 1},
		"told as done and refused afterwards":            {told: []operation.Operation{done}, held: []operation.Operation{held("a", operation.Activate, operation.Refused, "1")}, lost: 1},
		"asked for and never taken":                      {wanted: []thing{{operation.Activate, reel}}, lost: 1},
		"done without an effect":                         {held: []operation.Operation{done}, lost: 1},
		"refused with an effect":                         {held: []operation.Operation{held("a", operation.Activate, operation.Refused, "1")}, effects: []sandbox.Effect{activated}, lost: 1},
		"an effect by a trace number that was not sent":  {held: []operation.Operation{held("a", operation.Activate, operation.Done, "9")}, effects: []sandbox.Effect{activated}, lost: 1},
		"two attempts with an effect each":               {held: []operation.Operation{{Op: "a", Kind: operation.Activate, ID: reel, State: operation.Done, Attempts: []operation.Attempt{{Trace: "1"}, {Trace: "3"}}}}, effects: []sandbox.Effect{activated, effect(api.ActionReelActivate, "3")}, doubled: 1},
		"one effect and two operations that claim it":    {held: []operation.Operation{done, held("c", operation.Activate, operation.Done, "4")}, effects: []sandbox.Effect{activated}, doubled: 1},
		"unknown with an effect: open, but nothing lost": {held: []operation.Operation{held("a", operation.Activate, operation.Unknown, "1")}, effects: []sandbox.Effect{activated}, unknown: 1},
	} {
		t.Run(name, func(t *testing.T) {
			r, findings := audit(c.wanted, c.told, c.held, c.effects)
			if r.lost != c.lost || r.doubled != c.doubled || r.unknown != c.unknown {
				t.Errorf("lost %d, doubled %d, unknown %d; want %d, %d, %d\n%s",
					r.lost, r.doubled, r.unknown, c.lost, c.doubled, c.unknown, strings.Join(findings, "\n"))
			}
		})
	}
}

func TestARowFailsWhereItMust(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		row  row
		fail bool
	}{
		"clean":                    {row{operations: 9, cuts: 3, unknown: 2}, false},
		"lost":                     {row{lost: 1}, true},
		"doubled":                  {row{doubled: 1}, true},
		"a control that lost":      {row{control: true, lost: 5, hits: 2}, false},
		"a control that kept all ": {row{control: true, cuts: 50}, true},
	} {
		if why := c.row.failed(); (why != "") != c.fail {
			t.Errorf("%s: failed says %q", name, why)
		}
	}
}

func TestAKilledProgramsLastHalfLineIsNoAcknowledgement(t *testing.T) {
	t.Parallel()
	whole := `{"op":"01A","kind":"activate","id":"` + reel + `","state":"done"}` + "\n"
	got := wholeLines([]byte(whole + `{"op":"01B","kind":"activate","id":"X"}`))
	if len(got) != 1 || got[0].Op != "01A" {
		t.Fatalf("read %v", got)
	}
}
