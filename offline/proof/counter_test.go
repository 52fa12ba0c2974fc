package main

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"counterfoil/api"
	"counterfoil/api/sandbox"
	"counterfoil/ui/vterm"
)

// patient are a till's settings where no answer comes late because the machine is busy.
var patient = []string{"COUNTERFOIL_PLATFORM_ANSWER_TIMEOUT=30s", "COUNTERFOIL_PLATFORM_ABSENT_AFTER=1m"}

// shop is a real counter, no demo, on a platform of its own that outlives it.
type shop struct {
	*platform
	till *till
	ids  []string
}

func openShop(t *testing.T) shop { return openShopOf(t, 8) }

// openShopOf is a shop with so many ids to sell.
func openShopOf(t *testing.T, ids int) shop {
	t.Helper()
	c, p := counterWithPlatform(t)
	c.environ = patient
	stock, err := p.stock(ids)
	if err != nil {
		t.Fatal(err)
	}
	return shop{platform: p, till: c, ids: stock}
}

// open opens the counter's screens and signs the manager in.
func (s shop) open(t *testing.T) *vterm.Terminal {
	t.Helper()
	term := vterm.Start(t, vterm.Small, []string{s.till.binary,
		"--config", filepath.Join(s.till.dir, "config.toml"), "--data", s.till.data, "--lang", "en"}, patient...)
	term.WaitFor("mgr +manager")
	signIn(term, managerPIN)
	return term
}

func TestAnOpenCounterGetsOverADiskThatFailsForAWhile(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	lib := compiled(t)
	calls, err := newCounter(filepath.Join(s.till.dir, callsName))
	if err != nil {
		t.Fatal(err)
	}
	term := vterm.Start(t, vterm.Small, []string{s.till.binary,
		"--config", filepath.Join(s.till.dir, "config.toml"), "--data", s.till.data, "--lang", "en"},
		append(disk{}.environment(lib, s.till.data, calls), patient...)...)
	term.WaitFor("mgr +manager")
	signIn(term, managerPIN)
	term.Scan(s.ids[0])
	term.WaitFor("2 not active")
	if err := calls.fail(true); err != nil {
		t.Fatal(err)
	}
	enter(term, "Nothing is accepted or sent")
	if err := calls.fail(false); err != nil {
		t.Fatal(err)
	}
	term.WaitFor("Well again")
	// The write that failed may be on the disk all the same: then it goes out by itself.
	term.Scan(s.ids[1])
	term.WaitFor("not active")
	enter(term, "ACTIVE – HAND OVER")
	effects, err := s.effects()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for _, e := range effects {
		seen[e.ID]++
	}
	if seen[s.ids[1]] != 1 || seen[s.ids[0]] > 1 {
		t.Errorf("effects %v", seen)
	}
}

func (s shop) set(t *testing.T, rules ...sandbox.Fault) {
	t.Helper()
	if err := s.setFaults(rules); err != nil {
		t.Fatal(err)
	}
}

func TestAKilledCounterShowsWhatWasInFlightAndAsks(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	id := s.ids[0]
	term := s.open(t)
	term.Scan(id)
	term.WaitFor("2 not active")
	s.set(t, sandbox.Fault{Action: api.ActionReelActivate, Do: "delay:20s"}, sandbox.Fault{Do: "status:503"})
	enter(term, "sending|NOT KNOWN YET")
	term.Kill()

	again := s.open(t)
	again.WaitQuiet(afterScan)
	again.Key("F5")
	again.WaitFor("(unknown|not known)[^\n]*" + shortened(id))
	s.set(t)
	again.WaitFor("Nothing here") // nothing is open any more
	again.WaitQuiet(afterScan)
	again.Key("Tab", "Tab", "Tab", "Tab")
	again.WaitFor("✔[^\n]*" + shortened(id))
	onlyEffects(t, s.platform, id, api.ActionReelActivate)
}

func TestAnOutageQueuesAfterAConfirmationAndEndsByItself(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	id := s.ids[0]
	// From its first command on all is as in a shop here, its PIN too.
	if err := errors.Join(os.RemoveAll(s.till.data), s.till.signUp(t.Context())); err != nil {
		t.Fatal(err)
	}
	term := s.open(t)
	term.Scan(id)
	term.WaitFor("2 not active")
	s.set(t, sandbox.Fault{Do: "refuse_connection"})
	enter(term, "cannot be reached|NOT ACTIVE YET")
	onlyEffects(t, s.platform, id)
	enter(term, "QUEUED – NOT ACTIVE YET")
	term.WaitFor("offline")
	term.WaitFor("1 waiting")
	onlyEffects(t, s.platform, id)
	s.set(t)
	term.WaitFor("0 waiting")
	term.WaitFor("✔ +(ACTIVE|DONE)")
	onlyEffects(t, s.platform, id, api.ActionReelActivate)
}
