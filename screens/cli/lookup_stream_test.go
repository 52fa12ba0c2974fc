package cli_test

import (
	"strings"
	"testing"
)

func TestALargeAnswerIsPrintedAsItArrivesWithItsCountsAtTheEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t).begun()
	box, err := w.sandbox.Generate(2, 4, 3000)
	if err != nil {
		t.Fatal(err)
	}
	s := w.run("lookup", box).want(t, 0)
	lines := strings.Split(strings.TrimSpace(s.out), "\n")
	if len(lines) != 1+2+4+3000+1 {
		t.Fatalf("%d lines", len(lines))
	}
	if first := lines[0]; !strings.Contains(first, box) || strings.Contains(first, "3000") {
		t.Errorf("first line %q", first)
	}
	if last := lines[len(lines)-1]; !strings.Contains(last, box) || !strings.Contains(last, "3000 not active") {
		t.Errorf("last line %q", last)
	}
}

func TestALargeAnswerForScriptsSaysWhatIsNotCountedYet(t *testing.T) {
	t.Parallel()
	w := newWorld(t).begun()
	box, err := w.sandbox.Generate(2, 4, 3000)
	if err != nil {
		t.Fatal(err)
	}
	lines := w.run("lookup", box, "--json").want(t, 0).objects(t)
	if counts, there := lines[0]["counts"]; !there || counts != nil || lines[0]["id"] != box {
		t.Errorf("first line %v: counts that are not known must be null", lines[0])
	}
	last := lines[len(lines)-1]
	if counts, _ := last["counts"].(map[string]any); counts["03"] != 3000.0 || last["nodes"] != float64(len(lines)-1) {
		t.Errorf("last line %v", last)
	}
}
