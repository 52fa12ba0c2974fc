package ui

import (
	"strings"
	"testing"
)

func TestAResultIsReadWholeBesideItsShapeAtEverySize(t *testing.T) {
	t.Parallel()
	for _, ascii := range []bool{false, true} {
		th := NewTheme(ThemeOptions{ASCII: ascii})
		for _, r := range []Result{
			{Tone: Good, Word: "ACTIVE", Order: "HAND OVER", Lines: []string{"10:15:07  A00"}},
			{Tone: Void, Word: "已作废", Order: "请收回"},
			{Tone: Bad, Word: "REFUSED", Order: "DO NOT HAND OVER", Lines: []string{"10:15:07", "已过期 (A91)"}},
			{Tone: Unknown, Word: "NOT KNOWN YET", Order: "DO NOT HAND OVER", Lines: []string{"10:15:07", "asks again at 10:16:01"}},
		} {
			for _, size := range [][2]int{{76, 6}, {78, 7}, {60, 8}, {40, 9}, {50, 11}} {
				view := Bare(r.View(th, size[0], size[1]))
				for _, text := range append([]string{th.Mark(r.Tone) + " " + r.Word, r.Order}, strings.Fields(strings.Join(r.Lines, " "))...) {
					if !strings.Contains(view, text) {
						t.Errorf("%q is not in\n%s", text, view)
					}
				}
				shape := th.Shape(r.Tone, 8, 4)
				if size[1] > 7 {
					shape = th.Shape(r.Tone, 12, 6)
				}
				for _, line := range shape {
					if !strings.Contains(view, line) {
						t.Errorf("the shape is not whole at %v:\n%s", size, view)
						break
					}
				}
				for line := range strings.SplitSeq(view, "\n") {
					if Width(line) != size[0] {
						t.Errorf("%q is not %d wide", line, size[0])
					}
				}
			}
		}
	}
}

func TestAResultOnOneLineSaysWhatToDo(t *testing.T) {
	th := NewTheme(ThemeOptions{})
	r := Result{Tone: Queued, Symbol: th.Wait, Word: "QUEUED", Order: "NOT ACTIVE YET"}
	for width, want := range map[int]string{40: "◷ QUEUED – NOT ACTIVE YET", 25: "◷ QUEUED – NOT ACTIVE YET", 24: "◷ NOT ACTIVE YET", 10: "◷ NOT ACT…"} {
		if got := Bare(r.Line(th, width)); got != want {
			t.Errorf("%d columns: %q, want %q", width, got, want)
		}
	}
	if got := Bare(Result{Symbol: "!", Word: "MANAGER"}.Line(th, 30)); got != "! MANAGER" {
		t.Errorf("without an order: %q", got)
	}
}
