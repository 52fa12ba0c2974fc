package main

import (
	"strconv"
	"testing"
	"time"
)

// closeKills is how many kills the numbers of the closes must stand.
const closeKills = 100

func TestKillsInTheMiddleOfACloseLeaveNoGapAndNoDoubleNumber(t *testing.T) {
	t.Parallel()
	c, p := counterWithPlatform(t)
	ids, err := p.stock(60)
	if err != nil {
		t.Fatal(err)
	}
	dice := seeded(t)
	struck, whole := 0, 100*time.Millisecond
	for n := 0; struck < closeKills; n++ {
		if n%4 == 0 && n/4 < len(ids) { // something new to close
			if l, err := c.live(t.Context(), fate{}, "activate", "--amount", "30.00", "--offline", ids[n/4]); err != nil || l.exit != exitQueuedHere {
				t.Fatal(l.exit, l.said, err)
			}
		}
		open := strconv.Itoa(min(n/4+1, len(ids)))
		l, err := c.live(t.Context(), fate{killAfter: time.Millisecond + time.Duration(dice.Int64N(int64(whole)))}, "close", "--open", open)
		switch {
		case err != nil:
			t.Fatal(err)
		case l.struck:
			struck++
			whole += whole / 32
		case l.exit != 0:
			t.Fatalf("exit %d: %s", l.exit, l.said)
		default:
			whole = l.lasted
		}
	}
	closes, findings, err := c.daysAudit(t.Context())
	if err != nil || len(findings) > 0 || closes < 2 {
		t.Errorf("%d closes, %q, %v", closes, findings, err)
	}
	if l, err := c.live(t.Context(), fate{}, "verify"); err != nil || l.exit != 0 {
		t.Errorf("verify: exit %d: %s, %v", l.exit, l.said, err)
	}
}

// exitQueuedHere is the program's exit code for what waits.
const exitQueuedHere = 4
