package cli_test

import (
	"strings"
	"testing"
)

func TestALargeAnswerIsPrintedAsItArrivesWithItsCountsAtTheEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
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
