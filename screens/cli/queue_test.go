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
