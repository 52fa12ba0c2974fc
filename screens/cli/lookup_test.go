package cli_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
)

var nodeKeys = []string{"level", "id", "parent", "status", "status_text", "name", "face_value",
	"valid_from", "valid_to", "remaining", "counts", "pending", "seen_at"}

func TestLookupPrintsParentsFirstAndAClosingLine(t *testing.T) {
	t.Parallel()
	w := newWorld(t).begun()
	lines := w.run("lookup", reelBox, "--json").want(t, 0).objects(t)
	last := lines[len(lines)-1]
	if last["complete"] != true || last["verified"] != true || last["nodes"] != float64(len(lines)-1) || len(last) != 4 {
		t.Fatalf("last line %v after %d", last, len(lines)-1)
	}
	if !reflect.DeepEqual(last["counts"], lines[0]["counts"]) || lines[0]["id"] != reelBox {
		t.Errorf("the asked box counts %v, the last line %v", lines[0], last)
	}
	known := map[string]bool{"": true}
	for _, n := range lines[:len(lines)-1] {
		for _, key := range nodeKeys {
			if _, ok := n[key]; !ok {
				t.Errorf("%v has no %s", n["id"], key)
			}
		}
		if len(n) != len(nodeKeys) {
			t.Errorf("%v has %d keys", n, len(n))
		}
		if !known[n["parent"].(string)] {
			t.Errorf("%v came before its parent", n["id"])
		}
		if n["level"] != "code" {
			known[n["id"].(string)] = true
		}
	}
}

func TestLookupCountsTheCodesBelowEveryNode(t *testing.T) {
	t.Parallel()
	w := newWorld(t).begun()
	w.run("verify").want(t, 0)
	alone := w.run("lookup", reelBox, "--json").want(t, 0).objects(t)
	_, release := w.hold()
	defer release()
	for how, lines := range map[string][]map[string]any{
		"alone": alone, "beside an open counter": w.run("lookup", reelBox, "--json").want(t, 0).objects(t),
	} {
		parent, want := map[any]any{}, map[any]map[string]any{}
		for _, n := range lines[:len(lines)-1] {
			parent[n["id"]], want[n["id"]] = n["parent"], map[string]any{}
			if n["level"] != "code" {
				continue
			}
			status := n["status"].(string)
			for id := n["parent"]; id != ""; id = parent[id] {
				had, _ := want[id][status].(float64)
				want[id][status] = had + 1
			}
		}
		for _, n := range lines[:len(lines)-1] {
			if n["level"] != "code" && !reflect.DeepEqual(n["counts"], any(want[n["id"]])) {
				t.Errorf("%s: %v counts %v, its codes are %v", how, n["id"], n["counts"], want[n["id"]])
			}
		}
	}
}

func TestLookupCountsNothingOfWhichOnlyABranchWasAsked(t *testing.T) {
	t.Parallel()
	w := newWorld(t).begun()
	for _, asked := range []string{reel, codeA} {
		holds := true
		lines := w.run("lookup", asked, "--json").want(t, 0).objects(t)
		for _, n := range lines[:len(lines)-1] {
			if n["id"] == asked {
				holds = false
			}
			if (n["counts"] == nil) != holds {
				t.Errorf("asked for %s: %v has the counts %v", asked, n["id"], n["counts"])
			}
		}
		if holds {
			t.Errorf("%s was not shown", asked)
		}
	}
}

func TestLookupPrintsRepeatedPackagesOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t).begun()
	seen := map[string]int{}
	for _, n := range w.run("lookup", reelBox, "--json").want(t, 0).objects(t) {
		if id, ok := n["id"].(string); ok && n["level"] != "code" {
			seen[id]++
		}
	}
	for id, times := range seen {
		if times != 1 {
			t.Errorf("%s came %d times", id, times)
		}
	}
}

func TestLookupWithoutTheNetworkShowsWhatWasSeenWithItsAge(t *testing.T) {
	t.Parallel()
	w := newWorld(t).begun()
	w.run("lookup", reelBox).want(t, 0)
	w.offTheNet()
	s := w.run("lookup", reel).want(t, 0)
	if !strings.Contains(s.err, "ago") || !strings.Contains(s.out, reel) || !strings.Contains(s.out, "not active") {
		t.Errorf("stdout %q, stderr %q", s.out, s.err)
	}
	lines := w.run("lookup", reel, "--json").want(t, 0).objects(t)
	if len(lines) != 4 || lines[0]["id"] != reel || lines[0]["counts"].(map[string]any)["03"] != 2.0 {
		t.Errorf("%v", lines)
	}
	if last := lines[3]; last["complete"] != true || last["verified"] != false || last["nodes"] != 3.0 {
		t.Errorf("last line %v", last)
	}
	if s := w.run("lookup", noSuch, "--json").want(t, 1); s.out != "" {
		t.Errorf("stdout %q", s.out)
	}
}

func TestAnswerThatBreaksOffIsNeverCalledComplete(t *testing.T) {
	t.Parallel()
	w := newWorld(t).begun()
	w.run("lookup", reelBox).want(t, 0)
	w.faults(`[{"action":"queryVerifyInfo","skip":0,"times":9,"probability":1,"do":"bad_sign"}]`)
	s := w.run("lookup", reelBox, "--json")
	lines := s.objects(t)
	if last := lines[len(lines)-1]; last["verified"] != false {
		t.Errorf("a wrong signature is called verified: %v", last)
	}
}

func TestLookupShowsWhatWaitsHere(t *testing.T) {
	t.Parallel()
	w := newWorld(t).begun()
	w.run("activate", reel, "--amount", "30", "--offline").want(t, 4)
	for _, n := range w.run("lookup", reel, "--json").want(t, 0).objects(t) {
		if n["id"] == reel && n["pending"] != 1.0 {
			t.Errorf("pending %v", n["pending"])
		}
	}
	if s := w.run("lookup", reel).want(t, 0); !strings.Contains(s.out, "open here: 1") {
		t.Errorf("stdout %q", s.out)
	}
	if s := w.run("lookup", codeA).want(t, 0); !strings.Contains(s.out, reel+"  open here: 1") {
		t.Errorf("what holds it is open: %q", s.out)
	}
}

func TestCodesAreMaskedUnlessAskedForOrReadByAManager(t *testing.T) {
	t.Parallel()
	w := newWorld(t).begun()
	w.people()
	ids := func(s said) (all []string) {
		for _, n := range s.want(t, 0).objects(t) {
			if n["level"] == "code" {
				all = append(all, n["id"].(string))
			}
		}
		return all
	}
	for name, s := range map[string]said{
		"nobody":    w.run("lookup", reel, "--json"),
		"a cashier": w.runIn(asAmy, "lookup", reel, "--json", "--operator", "amy"),
	} {
		for _, id := range ids(s) {
			if !strings.Contains(id, "…") || id == codeA || id == codeB {
				t.Errorf("%s reads %s", name, id)
			}
		}
		if strings.Contains(s.out+s.err, codeA[20:]) {
			t.Errorf("%s reads a secret half: %s", name, s.out)
		}
	}
	if got := ids(w.runIn(asMgr, "lookup", reel, "--json", "--operator", "mgr")); !slices.Contains(got, codeA) || !slices.Contains(got, codeB) {
		t.Errorf("a manager reads %v", got)
	}
	if got := ids(w.run("lookup", codeA, "--json")); !slices.Equal(got, []string{codeA}) {
		t.Errorf("the asked code reads %v", got)
	}
	if s := w.run("lookup", codeA).want(t, 0); !strings.Contains(s.out, codeA) {
		t.Errorf("the asked code is masked: %s", s.out)
	}
}

func TestLookupBesideAnOpenCounterPrintsWithoutStoring(t *testing.T) {
	t.Parallel()
	w := newWorld(t).begun()
	w.run("verify").want(t, 0)
	_, release := w.hold()
	lines := w.run("lookup", reel, "--json").want(t, 0).objects(t)
	if len(lines) < 4 || lines[len(lines)-1]["verified"] != true {
		t.Errorf("%v", lines)
	}
	if s := w.run("lookup", reel).want(t, 0); !strings.Contains(s.out, "not active") {
		t.Errorf("stdout %q", s.out)
	}
	release()
	w.offTheNet()
	w.run("lookup", reel).want(t, 1)
}

func TestAManagerReadsWholeCodesInTheQueue(t *testing.T) {
	t.Parallel()
	w := newWorld(t).begun()
	w.people()
	w.runIn(asAmy, "activate", codeA, "--amount", "15", "--operator", "amy").want(t, 0)
	list := []string{"queue", "--state", "done", "--json", "--operator"}
	if got := w.runIn(asMgr, append(list, "mgr")...).want(t, 0).one(t)["id"]; got != codeA {
		t.Errorf("a manager reads %v", got)
	}
	if got := w.runIn(asAmy, append(list, "amy")...).want(t, 0).one(t)["id"]; got == codeA {
		t.Errorf("a cashier reads %v", got)
	}
	w.runIn([]string{"COUNTERFOIL_PIN=0000"}, append(list, "mgr")...).want(t, 1)
}
