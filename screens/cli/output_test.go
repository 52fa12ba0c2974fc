package cli_test

import (
	"errors"
	"strings"
	"testing"
)

// full is a device with no room left.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

func TestAClosedOutputEndsWithOneWhateverTheIDsEndedWith(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.faults(`[{"action":"reelActiveVoucher","times":1000,"probability":1,"do":"refuse:0071"}]`)
	for _, more := range [][]string{{"--amount", "30"}, {"--amount", "30", "--offline"}} {
		args := append([]string{"--config", w.config, "--data", w.data(), "activate", reel, "B26A99999999"}, more...)
		if s := w.into(full{}, nil, args...); s.code != 1 {
			t.Errorf("exit %d: %s", s.code, s.err)
		}
	}
}

func TestJSONIsASCIIWhereNothingElseCanBeShown(t *testing.T) {
	t.Parallel()
	w := newWorld(t).begun()
	whole := w.run("lookup", reel, "--json").want(t, 0)
	for _, environ := range [][]string{{"LANG=C"}, {"LC_ALL=POSIX"}, {"LANG=zh_CN.GBK"}, {"TERM=linux"}} {
		s := w.runIn(environ, "lookup", reel, "--json").want(t, 0)
		if strings.ContainsFunc(s.out, func(r rune) bool { return r > 126 }) {
			t.Errorf("%v: %s", environ, s.out)
		}
		if a, b := s.objects(t), whole.objects(t); len(a) != len(b) || a[0]["name"] != b[0]["name"] {
			t.Errorf("%v means something else: %v", environ, a)
		}
	}
}

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
