package ui

import (
	"strings"
	"testing"

	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/exp/golden"
)

// parts draws every part of the kit once, in a theme.
func parts(t *testing.T, th *Theme, w *Words) string {
	t.Helper()
	out := []string{th.Bar("TRAINING", 78)}
	for _, r := range []Result{
		{Tone: Good, Word: "ACTIVE", Order: "HAND OVER", Lines: []string{"10:15:07  A00"}},
		{Tone: Void, Word: "VOID", Order: "KEEP IT"},
		{Tone: Bad, Word: "REFUSED", Order: "DO NOT HAND OVER", Lines: []string{"10:15:07", "已过期 (A91)"}},
		{Tone: Queued, Word: "QUEUED", Order: "NOT ACTIVE YET"},
		{Tone: Unknown, Word: "NOT KNOWN YET", Order: "DO NOT HAND OVER", Lines: []string{"asks again at 10:16:01"}},
		{Tone: Manager, Word: "ASK THE MANAGER", Order: "DO NOT HAND OVER"},
		{Tone: Accent, Symbol: th.Spin(0), Word: "asking the platform, 2 s"},
	} {
		out = append(out, r.View(th, 60, 6), r.Line(th, 60))
	}
	table := Table{
		Title:   Tabs(th, []Tab{{"Open", 3}, {"Waiting", 1}, {"Done today", 1034}}, 0, 60),
		Columns: []Column{{Title: "Time", Width: 5}, {Title: "State", Width: 10}, {Title: "Number", Width: 21, Least: 11, Middle: true, Grow: true}, {Title: "Amount", Width: 9, Right: true}},
		Rows: [][]string{
			{"10:42", th.Paint(Good, th.Good+" active"), "R112102F-0000242-2585", "¥ 30.00"},
			{"10:40", th.Paint(Void, th.Void+" void"), "R156A001-0000502-0516", "¥ 180.00"},
			{"10:39", th.Paint(Bad, th.Bad+" refused"), "R156A001-0000503-0517", "¥ 1,180.00"}},
		Cursor: 1, First: 30, Total: 1034,
	}
	dialog := Dialog{Title: "Void this?", Tone: Bad, Final: true, Yes: "ui.yes", Facts: []Fact{{"What", "void · reel · 10 codes"}, {"Amount", "¥ 180.00"}},
		Lines: []string{"This cannot be undone."}, Asks: []Ask{{Label: "Outcome", Options: []string{"one", "other"}}, ConfirmAsk("Last four", "0516", "not these")}}
	dialog.Scan("R156A001-0000503-0517")
	list := func(width int) string { return table.View(th, width, 7) }
	out = append(out, Split(Beside, list, func(width int) string { return th.Panel(th.Title("reel"), nil, width, 7, Plain) }),
		Overlay(th.Dim(list(78)+"\n"+Block("", 78, 9)), dialog.View(th, w, 78, 16), 78),
		th.Proportion(20, Part{Good, 49}, Part{Queued, 3}, Part{Void, 2}, Part{Plain, 9}),
		Hints(th, w, []Binding{{Keys: []string{"enter"}, Words: "ui.ok", Reason: "ui.no"}, {Keys: []string{"f4"}, Words: "ui.yes"}}, Binding{Keys: []string{"?"}, Words: "ui.close"}, 78))
	return strings.Join(out, "\n") + "\n"
}

func TestTheKitLooksAsItShould(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]ThemeOptions{
		"dark": {}, "light": {Light: true}, "sixteen": {Colours: colorprofile.ANSI}, "colourless": {Colours: colorprofile.ASCII}, "ascii": {ASCII: true, Colours: colorprofile.ASCII},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := mustWords(t)
			w.SetASCII(o.ASCII)
			drawn := parts(t, NewTheme(o), w)
			if o.ASCII {
				drawn = ToASCII(drawn)
			}
			golden.RequireEqual(t, drawn)
		})
	}
}
