package main

import (
	"flag"
	"slices"
	"strconv"
	"testing"
	"time"

	"counterfoil/api"
	"counterfoil/api/sandbox"
	"counterfoil/offline/operation"
)

var closeKills = flag.Int("kills", 3, "kills that the numbers of the closes must stand")

func TestKillsInTheMiddleOfACloseLeaveNoGapAndNoDoubleNumber(t *testing.T) {
	t.Parallel()
	c, p := counterWithPlatform(t)
	ids, err := p.stock(60)
	if err != nil {
		t.Fatal(err)
	}
	dice := seeded(t)
	struck, ended, whole := 0, map[string]bool{}, time.Duration(0) // how long a close takes: the first one is not killed
	for n := 0; struck < *closeKills || len(ended) < 2; n++ {
		if n%4 == 0 && n/4 < len(ids) { // something new to close
			if l, err := c.live(t.Context(), fate{}, "activate", "--amount", "30.00", "--offline", ids[n/4]); err != nil || l.exit != exitQueuedHere {
				t.Fatal(l.exit, l.said, err)
			}
		}
		open := strconv.Itoa(min(n/4+1, len(ids)))
		f := fate{}
		if whole > 0 {
			f.killAfter = whole/2 + time.Duration(dice.Int64N(int64(whole/2))) // a program that opens its folder closes nothing yet
		}
		l, err := c.live(t.Context(), f, "close", "--open", open)
		switch {
		case err != nil:
			t.Fatal(err)
		case l.struck:
			struck++
			whole += whole / 32
		case l.exit != 0:
			t.Fatalf("exit %d: %s", l.exit, l.said)
		default:
			ended[open] = true
			whole = l.lasted * 5 / 4
		}
	}
	closes, findings, err := c.daysAudit(t.Context())
	if err != nil || len(findings) > 0 || len(closes) < 2 {
		t.Errorf("%d closes, %q, %v", len(closes), findings, err)
	}
	if l, err := c.live(t.Context(), fate{}, "verify"); err != nil || l.exit != 0 {
		t.Errorf("verify: exit %d: %s, %v", l.exit, l.said, err)
	}
}

// exitQueuedHere is the program's exit code for what waits.
const exitQueuedHere = 4

func TestTheSumOfTheClosesMustBeWhatThePlatformDid(t *testing.T) {
	t.Parallel()
	effect := func(action, id string) sandbox.Effect { return sandbox.Effect{Action: action, ID: id} }
	effects := []sandbox.Effect{effect(api.ActionReelActivate, "R1"), effect(api.ActionReelActivate, "R1"), effect(api.ActionReelActivate, "R2"), effect(api.ActionReelVoid, "R1")}
	closes := []closed{
		{Outcomes: map[string]sum{"active": {1, fen}}},
		{Outcomes: map[string]sum{"active": {1, fen}, "void": {1, 0}}, StillOpen: sum{1, fen}},
	}
	queue := []operation.Operation{{Kind: operation.Activate, ID: "R3", AmountFen: fen}}
	if wrong := sumsAudit(closes, queue, effects); len(wrong) > 0 {
		t.Errorf("%q", wrong)
	}
	for name, n := range map[string]int{
		"an effect that no close counts": len(sumsAudit(closes, queue, append(slices.Clone(effects), effect(api.ActionReelActivate, "R4"), effect(api.ActionReelActivate, "R5")))),
		"a sale that was not":            len(sumsAudit(closes, queue, effects[:2])),
		"nothing in the queue":           len(sumsAudit(closes, nil, effects)),
	} {
		if n == 0 {
			t.Errorf("%s: nothing is found", name)
		}
	}
}
