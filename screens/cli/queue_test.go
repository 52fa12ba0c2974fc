package cli_test

import (
	"strings"
	"testing"
)

func TestTheQueueSaysWhichOperationAnotherWaitsFor(t *testing.T) {
	t.Parallel()
	w := newWorld(t).begun()
	w.run("lookup", reelBox).want(t, 0)
	first := w.run("activate", reel, "--amount", "30", "--offline", "--json").want(t, 4).one(t)["op"].(string)
	second := w.run("activate", codeA, "--amount", "15", "--offline", "--json").want(t, 4).one(t)["op"].(string)
	listed := w.run("queue", "--json").want(t, 0).objects(t)
	shown := w.run("queue", "show", second, "--json").want(t, 0).one(t)
	if len(listed) != 2 || listed[0]["waits_for"] != nil || listed[1]["waits_for"] != first || shown["waits_for"] != first {
		t.Errorf("%v\n%v", listed, shown)
	}
	if s := w.run("queue").want(t, 0); strings.Count(s.out, "waits for "+first) != 1 {
		t.Errorf("%s", s.out)
	}
}

// However many wait, each of them says for what: here more than are read at once.
func TestALongQueueSaysForEachOperationWhatItWaitsFor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.environ = append(w.environ, patient...)
	ids := w.codes(2_100)
	last := w.run("lookup", ids[len(ids)-1], "--json").want(t, 0).objects(t)
	parent, _ := last[len(last)-2]["parent"].(string)
	w.run("activate", "--amount", "15", "--offline", "--from", w.file("list", strings.Join(ids, "\n"))).want(t, 4)
	op := w.run("activate", parent, "--amount", "100", "--offline", "--json").want(t, 4).one(t)["op"].(string)
	below := map[string]bool{}
	for _, line := range w.run("lookup", parent, "--json").want(t, 0).objects(t) {
		if id, ok := line["id"].(string); ok && line["level"] == "code" {
			below[id] = true
		}
	}
	listed := w.run("queue", "--json").want(t, 0).objects(t)
	first := ""
	for _, line := range listed {
		if first == "" && below[line["id"].(string)] {
			first = line["op"].(string)
		}
		if line["op"] != op && line["waits_for"] != nil {
			t.Errorf("waits: %v", line)
		}
	}
	shown := w.run("queue", "show", op, "--json").want(t, 0).one(t)
	only := w.run("queue", "--state", "queued", "--json").want(t, 0).objects(t)
	if n := len(ids); len(listed) != n+1 || len(only) != n+1 || first == "" || listed[n]["waits_for"] != first || only[n]["waits_for"] != first || shown["waits_for"] != first {
		t.Errorf("of %d and %d the last waits for %v, shown %v, want %q", len(listed), len(only), listed[len(listed)-1]["waits_for"], shown["waits_for"], first)
	}
}
