package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"counterfoil/api"
	"counterfoil/api/sandbox"
	"counterfoil/offline/operation"
	"counterfoil/ui/vterm"
)

// collect scans ids into a new basket, as fast as the counter takes them.
func collect(term *vterm.Terminal, ids []string) {
	term.Key("F2")
	term.WaitFor("Enter sends them all")
	term.WaitQuiet(afterScan)
	for first := range slices.Chunk(ids, 50) {
		term.Type(strings.Join(first, "\r") + "\r")
		term.WaitFor("▸ +[0-9]+ " + first[len(first)-1][:19])
	}
}

// within waits longer than one look at the screen does.
func within(t *testing.T, term *vterm.Terminal, limit time.Duration, what string, holds func() bool) {
	t.Helper()
	end, tick := time.After(limit), time.NewTicker(asked)
	defer tick.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-end:
			t.Fatalf("never %s:\n%s", what, term.Screen())
		}
	}
}

// shown is a number below a million as the screens write it.
func shown(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%d,%03d", n/1000, n%1000)
}

// actionOf is the action that activates an id.
func actionOf(id string) string {
	if strings.HasPrefix(id, "R") {
		return api.ActionReelActivate
	}
	return api.ActionActivate
}

var basketLines = flag.Int("basket", 15, "lines of the basket that outlives a kill, 10 at least")

func TestABasketOutlivesRefusalsTimeOutsAndAKill(t *testing.T) {
	t.Parallel()
	n := *basketLines
	right := n - 5 // all but the refused ones
	s := openShopOf(t, n)
	var faults []sandbox.Fault
	for i := range 5 {
		faults = append(faults, sandbox.Fault{ID: s.ids[n/5*i], Action: actionOf(s.ids[n/5*i]), Do: "refuse:A05"},
			sandbox.Fault{ID: s.ids[n/5*i+1], Action: actionOf(s.ids[n/5*i+1]), Times: 1, Do: []string{"drop_answer", "drop_request"}[i%2]})
	}
	term := s.open(t)
	collect(term, s.ids)
	within(t, term, 2*time.Minute, "all looked up", func() bool { return strings.Contains(term.Screen(), shown(n)+" to send") })
	s.set(t, faults...)
	enter(term, `sent [\d,]+ of|ACTIVE`)
	within(t, term, 2*time.Minute, "halfway", func() bool {
		effects, err := s.effects()
		return err == nil && len(effects) >= n/2
	})
	term.Kill()

	again, done := s.open(t), regexp.MustCompile(fmt.Sprint(right)+" (ACTIVE|DONE)") // on a slow machine the first ones are done for long
	within(t, again, time.Minute, "the basket again", func() bool { return strings.Contains(again.Screen(), shown(n)+" lines") })
	within(t, again, 2*time.Minute, "nothing asked about", func() bool { return !strings.Contains(again.Screen(), "asking") })
	enter(again, `sent [\d,]+ of|`+done.String())
	within(t, again, 3*time.Minute, "all but the refused ones active", func() bool { return done.MatchString(again.Screen()) })
	again.WaitFor("5 KEEP BACK")
	again.WaitFor("5 refused: do not hand over")
	again.WaitQuiet(afterScan)
	again.Type("e")
	again.WaitFor("basket +5 lines")
	within(t, again, time.Minute, "those five on disk", func() bool {
		text, err := os.ReadFile(filepath.Join(s.till.data, "baskets.json"))
		return err == nil && strings.Count(string(text), `"id"`) == 5
	})
	again.Kill()
	last := s.open(t)
	last.WaitFor("basket +5 lines")

	want := map[string]operation.State{}
	for _, id := range s.ids {
		want[id] = operation.Done
	}
	for _, f := range faults {
		if strings.HasPrefix(f.Do, "refuse") {
			want[f.ID] = operation.Refused
		}
	}
	ops, err := s.till.journaled(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, op := range ops {
		if op.State != want[op.ID] {
			t.Errorf("%s is %s, want %q: a line was lost, doubled or sent twice", op.ID, op.State, want[op.ID])
		}
		delete(want, op.ID)
	}
	if len(want) > 0 {
		t.Errorf("never accepted: %v", want)
	}
	effects, err := s.effects()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for _, e := range effects {
		if seen[e.ID]++; seen[e.ID] > 1 {
			t.Errorf("a second effect on %s", e.ID)
		}
	}
	if len(effects) != right {
		t.Errorf("%d effects, want %d", len(effects), right)
	}
}
