package ui

import (
	"strings"
	"testing"
)

func TestAResultsWordStandsInTheMiddleOfItsField(t *testing.T) {
	th := NewTheme(ThemeOptions{})
	r := Result{Tone: Bad, Symbol: th.Bad, Word: "REFUSED", Order: "DO NOT HAND OVER", Lines: []string{"10:15:07", "已过期 (A91)"}}
	for _, c := range []struct {
		width, height int
		want          string
	}{
		{60, 6, "|✖  REFUSED – DO NOT HAND OVER||10:15:07  ·  已过期 (A91)"},
		{60, 7, "|✖  REFUSED – DO NOT HAND OVER||10:15:07|已过期 (A91)"},
		{30, 7, "|✖  REFUSED|DO NOT HAND OVER||10:15:07  ·  已过期 (A91)"},
	} {
		lines := strings.Split(Bare(r.View(th, c.width, c.height)), "\n")
		var got []string
		for _, l := range lines[1 : len(lines)-1] {
			got = append(got, strings.TrimSpace(strings.Trim(l, "│")))
		}
		if strings.Join(got, "|") != c.want {
			t.Errorf("%d×%d: %q", c.width, c.height, got)
		}
	}
}

func TestAResultOnOneLineSaysWhatToDo(t *testing.T) {
	th := NewTheme(ThemeOptions{})
	r := Result{Tone: Wait, Symbol: th.Wait, Word: "QUEUED", Order: "NOT ACTIVE YET"}
	for width, want := range map[int]string{40: "◷ QUEUED – NOT ACTIVE YET", 25: "◷ QUEUED – NOT ACTIVE YET", 24: "◷ NOT ACTIVE YET", 10: "◷ NOT ACT…"} {
		if got := Bare(r.Line(th, width)); got != want {
			t.Errorf("%d columns: %q, want %q", width, got, want)
		}
	}
	if got := Bare(Result{Symbol: "!", Word: "MANAGER"}.Line(th, 30)); got != "! MANAGER" {
		t.Errorf("without an order: %q", got)
	}
}
