package cli_test

import (
	"errors"
	"strings"
	"testing"
)

// full is a device with no room left.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

func TestAResultThatCannotBeWrittenIsNoSuccess(t *testing.T) {
	t.Parallel()
	w := newWorld(t).begun()
	for _, args := range [][]string{
		{"lookup", reel, "--json"}, {"lookup", reel}, {"activate", reel, "--amount", "30.00", "--json"},
		{"queue", "--state", "done"}, {"config"}, {"verify"}, {"doctor"}, {"version"},
	} {
		said := w.into(full{}, nil, append([]string{"--config", w.config, "--data", w.data()}, args...)...)
		if said.code != 1 || strings.Count(said.err, "could not be written out") != 1 {
			t.Errorf("%s: exit %d\n%s", strings.Join(args, " "), said.code, said.err)
		}
	}
	if n := w.applied(reel); n != 1 {
		t.Fatalf("the activation had effect %d times", n)
	}
	// What was done stands.
	if op := w.run("queue", "--state", "done", "--json").want(t, 0).one(t); op["id"] != reel || op["state"] != "done" {
		t.Errorf("on record is %v", op)
	}
}
