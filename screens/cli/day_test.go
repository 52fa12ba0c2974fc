package cli_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheDayIsReportedAndClosed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.people()
	asMgr := []string{"COUNTERFOIL_PIN=9999"}
	run := func(args ...string) said { return w.runIn(asMgr, append([]string{"--operator", "mgr"}, args...)...) }
	run("activate", codeA, "--amount", "15").want(t, 0)
	run("activate", otherCode, "--amount", "20", "--offline").want(t, 4)
	x := run("day", "--json").want(t, 0).one(t)
	if x["report"] != "X" || x["accepted"].(map[string]any)["ops"].(float64) != 2 || x["accepted"].(map[string]any)["fen"].(float64) != 3500 || x["still_open"].(map[string]any)["fen"].(float64) != 2000 {
		t.Errorf("X is %v", x)
	}
	if refused := run("close"); refused.code != 1 || !strings.Contains(refused.err, "1") {
		t.Errorf("a close without the number of what is open: exit %d: %s", refused.code, refused.err)
	}
	run("close", "--open", "2").want(t, 1)
	z := run("close", "--open", "1", "--json").want(t, 0).one(t)
	open, checked := z["open"].([]any)[0].(map[string]any), z["checked"].(map[string]any)
	if z["report"] != "Z" || z["z"].(float64) != 1 || z["part"].(float64) != 1 || z["copy"].(float64) != 0 || open["id"] != otherCode || open["state"] != "queued" || checked["skipped"] != false || checked["of"] != 1.0 || checked["answered"] != 1.0 || checked["differences"] != 0.0 {
		t.Errorf("Z is %v", z)
	}
	head := z["head"].(map[string]any)
	slip := filepath.Join(w.data(), "slips", "Z000001.txt")
	info, err := os.Stat(slip)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("the slip: %v, %v", info, err)
	}
	text, err := os.ReadFile(slip)
	w.must(err)
	again := run("close").want(t, 0)
	if again.out != string(text)+"COPY 1\n" {
		t.Errorf("closing again printed\n%swant the slip and COPY 1:\n%s", again.out, text)
	}
	if shown := run("close", "--show", "1").want(t, 0); shown.out != string(text)+"COPY 2\n" {
		t.Errorf("the copy is\n%s", shown.out)
	}
	run("close", "--show", "1", "--note", "till short by 5").want(t, 0)
	if noted := run("close", "--show", "1").want(t, 0); noted.out != string(text)+"COPY 3\n" || !strings.Contains(noted.err, "till short by 5") {
		t.Errorf("with a note the copy is\n%s%s", noted.out, noted.err)
	}
	run("close", "--note", "x").want(t, 2)
	run("close", "--show", "2").want(t, 1)
	run("close", "--show", "1", "--open", "1").want(t, 2)
	if list := run("close", "--list").want(t, 0); !strings.Contains(list.out, "Z 000001") {
		t.Errorf("the list is %s", list.out)
	}
	hash := head["hash"].(string)
	if !strings.Contains(string(text), hash[:32]) {
		t.Errorf("the slip does not name its event %s:\n%s", hash, text)
	}
	run("verify", "--head", fmt.Sprintf("%.0f:%s", head["seq"], hash)).want(t, 0)
}

// A kill between a close and its slip leaves what a slip that was taken away leaves.
func TestASlipThatAKillLeftOutIsWrittenLater(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.people()
	slip := func(z int) string { return filepath.Join(w.data(), "slips", fmt.Sprintf("Z%06d.txt", z)) }
	firsts := map[int]string{}
	for i, code := range []string{codeA, otherCode} {
		w.runIn(asMgr, "--operator", "mgr", "activate", code, "--amount", "15").want(t, 0)
		firsts[i+1] = w.runIn(asMgr, "--operator", "mgr", "close").want(t, 0).out
	}
	missing := func(z int) {
		t.Helper()
		w.must(os.Remove(slip(z)))
	}
	written := func(z int, after string) {
		t.Helper()
		if text, err := os.ReadFile(slip(z)); err != nil || string(text) != firsts[z] {
			t.Errorf("after %s the slip is %v\n%s\nwant\n%s", after, err, text, firsts[z])
		}
	}
	missing(2)
	w.runIn(asMgr, "--operator", "mgr", "close", "--show", "2").want(t, 0)
	written(2, "close --show")
	missing(2)
	w.runIn(asMgr, "--operator", "mgr", "close").want(t, 0)
	written(2, "a close with nothing new")
	missing(2)
	missing(1)
	w.runIn(asMgr, "--operator", "mgr", "close", "--show", "1").want(t, 0)
	written(1, "close --show of an earlier one")
	missing(1)
	term := w.onTerminal("--data", w.data(), "--config", w.config)
	term.WaitFor(`amy`)
	term.End()
	written(2, "a start of the counter")
	if _, err := os.Stat(slip(1)); err == nil {
		t.Error("a slip of an earlier close, which somebody took away, came back")
	}
}

func TestNoSlipIsWrittenBehindALink(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.people()
	elsewhere := t.TempDir()
	w.must(os.Symlink(elsewhere, filepath.Join(w.data(), "slips")))
	closed := w.runIn([]string{"COUNTERFOIL_PIN=9999"}, "--operator", "mgr", "close").want(t, 0)
	if entries, err := os.ReadDir(elsewhere); err != nil || len(entries) != 0 {
		t.Errorf("behind the link stand %v, %v: %s", entries, err, closed.err)
	}
}

func TestACashiersCloseThatAManagerApprovedIsCheckedToo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.people()
	w.runIn(asMgr, "--operator", "mgr", "activate", codeA, "--amount", "15").want(t, 0)
	z := w.runIn(append(asAmy, "COUNTERFOIL_APPROVE_PIN=9999"), "--operator", "amy", "--approve", "mgr", "close", "--json").want(t, 0).one(t)
	if checked := z["checked"].(map[string]any); checked["skipped"] != false || checked["answered"] != 1.0 || z["by"] != "mgr" {
		t.Errorf("%v by %v", checked, z["by"])
	}
}
