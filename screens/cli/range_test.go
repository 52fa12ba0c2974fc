package cli_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

const rangeID = "7020:0000041-0000045"

var orderForm = regexp.MustCompile(`^[0-9A-Za-z]{1,28}$`)

// sells runs range as the manager, on the interface description's own example
// corrected; more flags stand behind, where the last one given holds.
func (w *world) sells(more ...string) said {
	w.t.Helper()
	args := []string{"range", "--operator", "mgr", "--type", "voucher", "--bin", "7020", "--from", "0000041", "--to", "0000045",
		"--selling", "100.00", "--cost", "88.88", "--count", "5", "--json"}
	return w.runIn(asMgr, append(args, more...)...)
}

func TestARangeIsActivatedOnceAndItsOperationHasTheFormThatScriptsRelyOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.people()
	op := w.sells().want(t, 5).one(t) // the sandbox is at work on it at first
	order, _ := op["range"].(map[string]any)
	id, _ := order["order_id"].(string)
	if !orderForm.MatchString(id) || op["kind"] != "range" || op["level"] != "range" || op["id"] != rangeID || op["amount_fen"] != 50000.0 ||
		op["state"] != "unknown" || op["why"] != "in_progress" {
		t.Fatalf("%v", op)
	}
	if reasons, kept := op["approved_for"]; op["approved_by"] != "" || kept {
		t.Errorf("below the limits, with nobody's approval: approved by %v for %v", op["approved_by"], reasons)
	}
	for key, want := range map[string]any{
		"type": 2.0, "bin": "7020", "from": "0000041", "to": "0000045", "count": 5.0, "selling_fen": 10000.0, "cost_fen": 8888.0,
		"valid_from": "", "valid_to": "", "polls": 0.0,
	} {
		if got, ok := order[key]; !ok || got != want {
			t.Errorf("%s is %v, want %v", key, order[key], want)
		}
	}
	w.run("queue", "replay").want(t, 0)
	after := w.run("queue", "show", op["op"].(string), "--json").want(t, 0).one(t)
	if again := after["range"].(map[string]any); after["state"] != "done" || again["order_id"] != id || again["polls"] != 1.0 || w.applied(rangeID) != 1 {
		t.Errorf("%v, %d times", after, w.applied(rangeID))
	}
	if list := w.run("queue", "list", "--state", "done").want(t, 0); !strings.Contains(list.out, rangeID) || !strings.Contains(list.out, "500.00") || !strings.Contains(list.out, "100 SUCCESS") {
		t.Errorf("%s", list.out)
	}
	if row := w.runIn(asMgr, "export", "--operator", "mgr", "--format", "json").want(t, 0).one(t); row["platform_code"] != "100" || row["trace_no"] != id {
		t.Errorf("exported: %v", row)
	}
	if again := w.sells("--from", "0000045", "--to", "0000049").want(t, 1); !strings.Contains(again.err, "overlaps") {
		t.Errorf("%s", again.err)
	}
	w.run("verify").want(t, 0)
	if report := w.runIn(asMgr, "day", "--operator", "mgr", "--json").want(t, 0).one(t); report["outcomes"].(map[string]any)["active"].(map[string]any)["fen"] != 50000.0 {
		t.Errorf("%v", report["outcomes"])
	}
}

func TestARangeThatContradictsItselfIsRefusedInWordsAndLeavesNoTrace(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.people()
	for _, c := range []struct {
		what string
		more []string
		says []string
	}{
		{"the interface description's example", []string{"--type", "", "--count", "14", "--selling", "88.88", "--cost", "100.00"},
			[]string{"vouchers or cards", "5 pieces, not 14", "¥ 100.00 is more than the selling price of ¥ 88.88"}},
		{"no type", []string{"--type", ""}, []string{"vouchers or cards"}},
		{"a BIN of cards", []string{"--bin", "731018"}, []string{"4 digits"}},
		{"short serials", []string{"--from", "41"}, []string{"“41” is no serial"}},
		{"the wrong way round", []string{"--from", "0000046"}, []string{"behind the last"}},
		{"no price", []string{"--selling", "", "--cost", ""}, []string{"need a selling price"}},
		{"a validity in the past", []string{"--valid-to", "2020-01-01 00:00:00"}, []string{"ended"}},
		{"a validity of no length", []string{"--valid-from", "2036-12-01 00:00:00", "--valid-to", "2036-12-01 00:00:00"}, []string{"not after it begins"}},
	} {
		s := w.sells(c.more...).want(t, 1)
		for _, part := range c.says {
			if !strings.Contains(s.err, part) || !strings.Contains(s.err, "Nothing was sent") || s.out != "" {
				t.Errorf("%s: %q is not in %q", c.what, part, s.err)
			}
		}
	}
	if n := len(w.sandbox.Effects()); n != 0 {
		t.Errorf("%d effects", n)
	}
	if left := w.run("queue", "--json").want(t, 0); left.out != "" {
		t.Errorf("journaled: %s", left.out)
	}
}

func TestARangeAboveALimitNeedsTwoManagers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.people()
	w.runIn(append(slices.Clone(asMgr), "COUNTERFOIL_NEW_PIN=8888"), "operators", "add", "li", "--role", "manager", "--operator", "mgr").want(t, 0)
	large := []string{"--to", "0005041", "--count", "5001", "--selling", "1.00", "--cost", "1.00"}
	dear := []string{"--selling", "100001.00"}
	for _, over := range [][]string{large, dear} {
		w.sells(over...).want(t, 6)
		if s := w.runIn(append(slices.Clone(asMgr), "COUNTERFOIL_APPROVE_PIN=9999"), append([]string{"range", "--type", "voucher", "--operator", "mgr", "--approve", "mgr", "--bin", "7020", "--from", "0000041", "--to", "0000045",
			"--count", "5", "--selling", "100.00"}, over...)...); s.code != 6 {
			t.Errorf("approved by himself: exit %d, %s", s.code, s.err)
		}
	}
	if n := len(w.sandbox.Effects()); n != 0 {
		t.Fatalf("%d effects", n)
	}
	op := w.runIn(append(slices.Clone(asMgr), "COUNTERFOIL_APPROVE_PIN=8888"), append([]string{"range", "--json", "--type", "voucher", "--operator", "mgr", "--approve", "li", "--bin", "7020",
		"--from", "0000041", "--to", "0000045"}, large...)...).want(t, 5).one(t)
	if op["operator"] != "mgr" || op["approved_by"] != "li" || !slices.Equal(op["approved_for"].([]any), []any{"over_limit"}) {
		t.Errorf("%v by %v for %v", op["operator"], op["approved_by"], op["approved_for"])
	}
}

func TestARangeIsNotAcceptedWithoutTheNetworkUnlessTheSettingsSay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.people()
	w.offTheNet()
	if s := w.sells().want(t, 1); !strings.Contains(s.err, "not accepted offline") {
		t.Errorf("%s", s.err)
	}
	waits := []string{"COUNTERFOIL_BULK_OFFLINE=true"}
	s := w.runIn(append(waits, asMgr...), "range", "--operator", "mgr", "--type", "card", "--bin", "731018", "--from", "0000001", "--to", "0000002", "--count", "2", "--json")
	if op := s.want(t, 4).one(t); op["offline"] != true || op["state"] != "queued" {
		t.Errorf("%v", op)
	}
}

func TestARangeOfACashierNeedsAManagerBehindIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.people()
	args := []string{"range", "--operator", "amy", "--type", "voucher", "--bin", "7020", "--from", "0000041", "--to", "0000045", "--selling", "100", "--count", "5", "--json"}
	w.runIn(asAmy, args...).want(t, 6)
	dear := append(slices.Clone(args), "--selling", "100001", "--approve", "mgr") // one manager alone
	w.runIn(append(slices.Clone(asAmy), "COUNTERFOIL_APPROVE_PIN=9999"), dear...).want(t, 6)
	op := w.runIn(append(slices.Clone(asAmy), "COUNTERFOIL_APPROVE_PIN=9999"), append(args, "--approve", "mgr")...).want(t, 5).one(t)
	if op["operator"] != "amy" || op["approved_by"] != "mgr" || !slices.Equal(op["approved_for"].([]any), []any{"range"}) {
		t.Errorf("%v by %v for %v", op["operator"], op["approved_by"], op["approved_for"])
	}
}

func TestARangeIsConfirmedOnATerminalByTypingItsCount(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.people()
	w.environ = append(w.environ, "COUNTERFOIL_PIN=9999", "LANG=C.UTF-8")
	for _, c := range []struct {
		typed, says string
		effects     int
	}{{"", "Nothing was activated", 0}, {"y", "Nothing was activated", 0}, {"4", "Nothing was activated", 0}, {"5", "NOT KNOWN YET", 1}} {
		term := w.onTerminal("--data", w.data(), "--config", w.config, "range", "--operator", "mgr", "--type", "voucher", "--bin", "7020",
			"--from", "0000041", "--to", "0000045", "--selling", "1000.00", "--cost", "888.80")
		term.WaitFor(`(?s)Activate 5 vouchers 7020 0000041–0000045\. Selling ¥ 5,000\.00, cost ¥ 4,444\.00,\s+discount ¥ 556\.00\..*Type 5:`)
		term.Type(c.typed + "\r")
		term.WaitFor(c.says)
		term.WaitExit()
		if n := w.applied(rangeID); n != c.effects {
			t.Errorf("%q: %d effects, want %d", c.typed, n, c.effects)
		}
	}
}

func TestAFailedRangeSaysWhatAllCodesThatWereLookedUpShow(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.people()
	w.environ = append(w.environ, "COUNTERFOIL_BULK_VOUCHER_CODE=BBBB????????SSSSSSS?????????",
		"COUNTERFOIL_PLATFORM_ANSWER_TIMEOUT=30s", "COUNTERFOIL_PLATFORM_ABSENT_AFTER=60s") // a busy machine leaves no code unanswered
	for _, code := range []string{codeB, otherCode, codeA} {
		w.run("lookup", code).want(t, 0)
	}
	w.runIn(asMgr, "activate", codeB, "--amount", "15", "--operator", "mgr").want(t, 0)
	w.faults(`[{"action":"activeByPartNo","do":"refuse:81"}]`)
	s := w.runIn(asMgr, "range", "--operator", "mgr", "--type", "voucher", "--bin", "1001", "--from", "0000242", "--to", "0000258",
		"--selling", "15", "--count", "17").want(t, 6)
	if !strings.Contains(s.out, "codes: 3  ● 1 active  ○ 2 not active") {
		t.Errorf("%s\n%s", s.out, s.err)
	}
	w.run("queue", "replay")
	s = w.runIn(asMgr, "range", "--operator", "mgr", "--type", "voucher", "--bin", "1001", "--from", "0000255", "--to", "0000258",
		"--selling", "15", "--count", "4")
	if s.code != 1 || !strings.Contains(s.err, "overlaps") {
		t.Errorf("sold beside one that failed: exit %d, %s", s.code, s.err)
	}
}

// A late change after a refusal is told by what each code showed last.
func TestARefusedRangeThatChangedSaysSoOnTheCommandLine(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.people()
	w.environ = append(w.environ, "COUNTERFOIL_BULK_VOUCHER_CODE=BBBB????????SSSSSSS?????????")
	for _, code := range []string{otherCode, codeA} {
		w.run("lookup", code).want(t, 0)
	}
	w.faults(`[{"action":"activeByPartNo","do":"refuse:81"}]`)
	w.runIn(asMgr, "range", "--operator", "mgr", "--type", "voucher", "--bin", "1001", "--from", "0000255", "--to", "0000258",
		"--selling", "15", "--count", "4").want(t, 3)
	activate, _ := w.otherTill()
	activate(codeA)
	tick := time.NewTicker(250 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); <-tick.C {
		if s := w.run("queue", "replay"); strings.Contains(s.out, "ASK THE MANAGER") {
			if !strings.Contains(s.out, "codes: 2  ● 1 active  ○ 1 not active") {
				t.Errorf("%s", s.out)
			}
			return
		}
	}
	t.Error("it is never looked at again")
}
