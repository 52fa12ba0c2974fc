package ui

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestATablesNarrowColumnsGiveWayFirstAndNumbersNever(t *testing.T) {
	t.Parallel()
	th := NewTheme(ThemeOptions{})
	b := Table{
		Columns: []Column{{Title: "Time", Width: 8}, {Title: "Number", Width: 21, Least: 11, Middle: true}, {Title: "Amount", Width: 9, Right: true},
			{Title: "Name", Width: 20, Least: 6, Middle: true, Grow: true}, {Title: "By", Width: 4, Optional: true}},
		Rows: [][]string{{"10:42:07", "R112102F-0000242-2585", "¥ 30.00", "中杯饮品券(纸质)", "amy"}}, Cursor: 0, First: 29, Total: 1034,
	}
	if view := Bare(b.View(th, 42, 6)); !strings.Contains(view, "质)") || !strings.Contains(view, "¥ 30.00 ") {
		t.Errorf("an id does not give way further:\n%s", view)
	}
	for _, width := range []int{44, 50, 60, 80, 120} {
		view := Bare(b.View(th, width, 6))
		for _, whole := range []string{"10:42:07", "¥ 30.00", "2585", "Time", "30–30 / 1,034"} {
			if !strings.Contains(view, whole) {
				t.Errorf("%q is not in\n%s", whole, view)
			}
		}
		if strings.Contains(view, "amy") != (width > 50) {
			t.Errorf("the optional column at %d:\n%s", width, view)
		}
		for line := range strings.SplitSeq(view, "\n") {
			if Width(line) != width {
				t.Errorf("%q is not %d wide", line, width)
			}
		}
	}
}

func TestTheChosenTabIsAlwaysWhole(t *testing.T) {
	t.Parallel()
	th := NewTheme(ThemeOptions{})
	tabs := []Tab{{"Open", 3}, {"Waiting", 1}, {"Not known", 1234}, {"Manager", -1}, {"Done today", 34}}
	for chosen := range tabs {
		for width := 20; width < 90; width++ {
			line := Tabs(th, tabs, chosen, width)
			left := strings.Count(Bare(line), "·") < len(tabs)-1 && width >= 24
			if !strings.Contains(Bare(line), tabs[chosen].Name) || Width(line) > width || left && !strings.Contains(Bare(line), "…") {
				t.Errorf("%d in %d columns: %q", chosen, width, Bare(line))
			}
		}
	}
	for chosen, want := range []string{" Open 3 · Waiting 1 ·… 1/5 ", " Open 3 · Waiting 1 ·… 2/5 "} {
		if line := Bare(Tabs(th, tabs, chosen, 30)); line != want {
			t.Errorf("%q, not %q", line, want)
		}
	}
	if line := Bare(Tabs(th, tabs, 0, 90)); line != " Open 3 · Waiting 1 · Not known 1,234 · Manager · Done today 34 " {
		t.Errorf("%q", line)
	}
}

func TestAProportionShowsWhateverIsNotZero(t *testing.T) {
	t.Parallel()
	for _, ascii := range []bool{false, true} {
		th := NewTheme(ThemeOptions{ASCII: ascii})
		rapid.Check(t, func(rt *rapid.T) {
			width := rapid.IntRange(4, 40).Draw(rt, "width")
			parts := []Part{{Good, 0}, {Void, 0}, {Queued, 0}, {Plain, 0}}
			for i := range parts {
				parts[i].N = rapid.Int64Range(0, 1_000_000).Draw(rt, "n")
			}
			bar := Bare(th.Proportion(width, parts...))
			if Width(bar) != width {
				rt.Fatalf("%q is %d wide, not %d", bar, Width(bar), width)
			}
			for _, p := range parts {
				if strings.Contains(bar, th.brick(p.Tone)) != (p.N > 0) {
					rt.Fatalf("%v of %v: %q", p, parts, bar)
				}
			}
		})
	}
	if bar := Bare(NewTheme(ThemeOptions{}).Proportion(8, Part{Good, 49}, Part{Plain, 1})); bar != "███████░" {
		t.Errorf("49 of 50 are %q", bar)
	}
}

func TestAPreviewStandsBesideItsListWhereThereIsRoom(t *testing.T) {
	t.Parallel()
	block := func(name string) func(int) string {
		return func(width int) string { return Block(fmt.Sprint(name, width), width, 3) }
	}
	for width, beside := range map[int]bool{78: false, Beside - 1: false, Beside: true, 158: true} {
		view := Split(width, block("list"), block("preview"))
		if strings.Contains(view, "preview") != beside {
			t.Errorf("%d columns:\n%s", width, view)
		}
		for line := range strings.SplitSeq(view, "\n") {
			if Width(line) != width {
				t.Errorf("%q is not %d wide", line, width)
			}
		}
	}
}
