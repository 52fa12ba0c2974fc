package ui

import (
	"strings"
	"testing"
	"time"

	"counterfoil/ui/scan"
)

// asking is a dialog whose keys are meant for it, and a hand that presses them.
func asking(asks ...Ask) (*Dialog, func(keys ...string) (Answer, bool)) {
	d := &Dialog{Asks: asks, Yes: "ui.ok", Final: true}
	d.Open(start)
	at := start
	return d, func(keys ...string) (a Answer, done bool) {
		for _, k := range keys {
			at = at.Add(time.Second)
			in := key(k, true, at)
			in.Begins = true
			a, done = d.Key(in)
		}
		return a, done
	}
}

func TestWhatCannotBeUndoneIsConfirmedByItsLastCharacters(t *testing.T) {
	t.Parallel()
	d, press := asking(ConfirmAsk("last four", "02F5", "not these"))
	if a, done := press("0", "2", "5", "5", "enter"); done || d.Problem != "not these" {
		t.Errorf("%+v, %v, %q", a, done, d.Problem)
	}
	if a, done := press("0", "2", "f", "5", "enter"); !done || !a.Yes {
		t.Errorf("behind what was wrong: %+v, %v", a, done)
	}
	_, press = asking(ConfirmAsk("last four", "02F5", "not these"))
	if a, done := press("0", "2", "f", "5", "enter"); !done || !a.Yes {
		t.Errorf("%+v, %v", a, done)
	}
	_, press = asking(ConfirmAsk("last four", "02F5", "not these"))
	if a, done := press("enter"); !done || a.Yes {
		t.Errorf("an empty field: %+v, %v", a, done)
	}
	_, press = asking(ConfirmAsk("last four", "02F5", "not these"))
	if a, done := press("x", "0", "2", "f", "5", "enter"); !done || a.Yes {
		t.Errorf("five characters: %+v, %v", a, done)
	}
}

func TestNoScanOfTheVoucherItselfConfirms(t *testing.T) {
	t.Parallel()
	const code = "1001901070000000258" // its last four behind three times five
	for _, gap := range []time.Duration{40 * time.Millisecond, 160 * time.Millisecond, 400 * time.Millisecond} {
		d, press := asking(ConfirmAsk("last four", "0258", "not these"))
		press("tab")
		at := start.Add(time.Minute)
		for i, r := range code {
			d.Key(scan.Input{Key: key(string(r), true, at).Key, Quiet: gap >= scan.Quiet, Begins: i == 0, At: at})
			at = at.Add(gap)
		}
		if a, _ := press("enter"); a.Yes {
			t.Errorf("a scanner with a pause of %v confirmed", gap)
		}
	}
}

func TestADialogShowsEverythingWhereThereIsLittleRoom(t *testing.T) {
	t.Parallel()
	th, w := NewTheme(ThemeOptions{}), mustWords(t)
	pin := &Field{Max: 8, Secret: true, Accept: Digits}
	d := Dialog{Title: "A manager is needed", Yes: "ui.ok", Problem: "Wrong PIN: 4 tries are left before it is locked.",
		Facts: []Fact{{"What", "activate · reel · 10 codes"}, {"Number", "R112102F-0000242-2585"}, {"Amount", "¥ 5,180.00"}, {"Operator", "amy"}},
		Lines: []string{strings.Repeat("reason and advice ", 8)}, Asks: []Ask{{Label: "Manager", Options: []string{"mgr", "bob"}}, {Label: "PIN", Field: pin}}}
	d.Scan("1001901070000000258-M…")
	d.note = EnterAgain
	for _, height := range []int{40, 20} {
		view := Bare(d.View(th, w, 78, height))
		for _, text := range []string{"10 codes", "2585", "¥ 5,180.00", "amy", "advice", "■ mgr", "PIN      [          ]", "4 tries", "0258-M… was scanned and waits", "press Enter again", "next field", "Esc cancel"} {
			if !strings.Contains(strings.Join(strings.Fields(view), " "), strings.Join(strings.Fields(text), " ")) {
				t.Errorf("%q is not in\n%s", text, view)
			}
		}
		if n := strings.Count(view, "\n") + 1; n > height {
			t.Errorf("%d lines in a room of %d:\n%s", n, height, view)
		}
	}
}

func TestWhatLiesBehindADialogLosesItsColours(t *testing.T) {
	t.Parallel()
	th := NewTheme(ThemeOptions{})
	if got := th.Dim(th.Solid(Good, "ACTIVE") + "\nx" + th.Paint(Accent, th.Cursor)); got != th.Paint(Faint, "ACTIVE")+"\n"+th.Paint(Faint, "x ") {
		t.Errorf("%q", got)
	}
}

func TestADialogSaysWhatEnterDoesNowAndHowToChoose(t *testing.T) {
	t.Parallel()
	th, w := NewTheme(ThemeOptions{}), mustWords(t)
	d, press := asking(Ask{Label: "Outcome", Open: true, Options: []string{"no effect", "done"}}, Ask{Label: "Reason", Field: &Field{}})
	said := func() [2]string {
		_, foot, _ := strings.Cut(Bare(d.View(th, w, 78, 20)), "╰")
		return [2]string{foot, Bare(Hints(th, w, d.Bindings(), Binding{}, 78))}
	}
	for _, line := range said() {
		if !strings.Contains(line, "⏎ next field   ←→ choose   Esc cancel") {
			t.Errorf("at the choice: %q", line)
		}
	}
	press("right", "enter")
	for _, line := range said() {
		if !strings.Contains(line, "⏎ OK   Esc cancel") {
			t.Errorf("at the last field: %q", line)
		}
	}
}
