package main

import (
	"strings"
	"testing"

	"counterfoil/api"
	"counterfoil/api/sandbox"
	"counterfoil/offline/journal"
)

// held is an operation on one reel with its one attempt.
func held(op string, kind journal.Kind, state journal.State, trace string) journal.Operation {
	return journal.Operation{Op: op, Kind: kind, ID: reel, State: state, Attempts: []journal.Attempt{{Trace: trace}}}
}

func effect(action, trace string) sandbox.Effect {
	return sandbox.Effect{Action: action, Trace: trace, ID: reel, Codes: 2}
}

func TestTheAuditFindsWhatWasLostOrDoubled(t *testing.T) {
	t.Parallel()
	activated, voided := effect(api.ActionReelActivate, "1"), effect(api.ActionReelVoid, "2")
	done := held("a", journal.Activate, journal.Done, "1")
	for name, c := range map[string]struct {
		wanted        []thing
		told, held    []journal.Operation
		effects       []sandbox.Effect
		lost, doubled int
		unknown       int
	}{
		"all is well": {
			wanted: []thing{{journal.Activate, reel}, {journal.Void, reel}}, told: []journal.Operation{done},
			held:    []journal.Operation{done, held("b", journal.Void, journal.Done, "2")},
			effects: []sandbox.Effect{activated, voided},
		},
		"the platform applied one request twice":         {held: []journal.Operation{done}, effects: []sandbox.Effect{activated, activated}},
		"a void took its waiting activation back":        {wanted: []thing{{journal.Void, reel}}, held: []journal.Operation{held("a", journal.Activate, journal.Withdrawn, "")}},
		"refused and without an effect":                  {held: []journal.Operation{held("a", journal.Activate, journal.Refused, "1")}},
		"acknowledged and gone":                          {told: []journal.Operation{done}, lost: 1},
		"told as done and refused afterwards":            {told: []journal.Operation{done}, held: []journal.Operation{held("a", journal.Activate, journal.Refused, "1")}, lost: 1},
		"asked for and never taken":                      {wanted: []thing{{journal.Activate, reel}}, lost: 1},
		"done without an effect":                         {held: []journal.Operation{done}, lost: 1},
		"refused with an effect":                         {held: []journal.Operation{held("a", journal.Activate, journal.Refused, "1")}, effects: []sandbox.Effect{activated}, lost: 1},
		"an effect by a trace number that was not sent":  {held: []journal.Operation{held("a", journal.Activate, journal.Done, "9")}, effects: []sandbox.Effect{activated}, lost: 1},
		"two attempts with an effect each":               {held: []journal.Operation{{Op: "a", Kind: journal.Activate, ID: reel, State: journal.Done, Attempts: []journal.Attempt{{Trace: "1"}, {Trace: "3"}}}}, effects: []sandbox.Effect{activated, effect(api.ActionReelActivate, "3")}, doubled: 1},
		"one effect and two operations that claim it":    {held: []journal.Operation{done, held("c", journal.Activate, journal.Done, "4")}, effects: []sandbox.Effect{activated}, doubled: 1},
		"unknown with an effect: open, but nothing lost": {held: []journal.Operation{held("a", journal.Activate, journal.Unknown, "1")}, effects: []sandbox.Effect{activated}, unknown: 1},
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
