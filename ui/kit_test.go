package ui

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"pgregory.net/rapid"

	"counterfoil/ui/scan"
)

var start = time.Date(2026, 11, 22, 10, 15, 0, 0, time.UTC)

func TestTextIsCutAndPaddedByWidthAndNoWideCharacterIsHalved(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{Cut("中杯饮品券", 6), "中杯…"},
		{Cut("中杯饮品券", 10), "中杯饮品券"},
		{Fit("中杯", 5), "中杯 "},
		{Fit("中杯饮", 4), "中… "},
		{FitLeft("30.00", 8), "   30.00"},
		{CutMiddle("R112102F-0000242-2585", 13), "R112102…-2585"},
		{Spread("left", "right", 12), "left   right"},
		{Center("券", 6), "  券  "},
		{Fit("◷ ● … ▸", 8), "◷ ● … ▸ "},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOf(rapid.RuneFrom([]rune("abc中文字¥·–…"))).Draw(t, "text")
		width := rapid.IntRange(0, 20).Draw(t, "width")
		for name, got := range map[string]string{"Fit": Fit(text, width), "FitLeft": FitLeft(text, width), "FitMiddle": FitMiddle(text, width),
			"Center": Center(text, width), "Spread": Spread(text, "中a", width), "Block": Block(text, width, 1)} {
			if Width(got) != width {
				t.Fatalf("%s(%q, %d) = %q is %d wide", name, text, width, got, Width(got))
			}
		}
	})
}

func TestADialogOverWideTextKeepsEveryLineItsWidth(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		line := rapid.StringOfN(rapid.RuneFrom([]rune("a中")), 0, 30, -1).Draw(t, "line")
		screen := strings.Repeat(Fit(line, 30)+"\n", 8) + Fit(line, 30)
		block := NewTheme(ThemeOptions{}).Panel("题", []string{"字"}, rapid.IntRange(6, 29).Draw(t, "width"), 4, Plain)
		for row := range strings.SplitSeq(Overlay(screen, block, 30), "\n") {
			if Width(row) != 30 {
				t.Fatalf("%q is %d wide", row, Width(row))
			}
		}
	})
}

func TestAnASCIIThemeDrawsNothingElse(t *testing.T) {
	th := NewTheme(ThemeOptions{ASCII: true})
	view := th.Panel("title", []string{th.Good, th.Wait, th.Prompt, th.Spin(3)}, 30, 6, Good) + th.Rule(10) +
		Result{Tone: Good, Symbol: th.Good, Word: "ACTIVE", Order: "HAND OVER"}.View(th, 40, 5)
	for _, r := range Bare(view) {
		if r > 0x7f {
			t.Errorf("%q in %s", r, Bare(view))
			break
		}
	}
}

func TestASCIIIsDrawnWhereTheLocaleSaysSo(t *testing.T) {
	for _, c := range []struct {
		env  map[string]string
		want bool
	}{
		{map[string]string{"TERM": "xterm-256color"}, false},
		{map[string]string{"LANG": "zh_CN.UTF-8"}, false},
		{map[string]string{"LANG": "C.utf8"}, false},
		{map[string]string{"LANG": "zh_CN.GBK"}, true},
		{map[string]string{"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, true},
		{map[string]string{"LANG": "C.UTF-8", "TERM": "linux"}, true},
	} {
		if got := NeedsASCII(func(k string) string { return c.env[k] }); got != c.want {
			t.Errorf("%v: got %v", c.env, got)
		}
	}
}

func TestTextInASCIIKeepsItsWidth(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"plain \x1b[31mred\x1b[m", "plain \x1b[31mred\x1b[m"},
		{"→ ¥30 … 中杯 ✔│é", "> Y30 ~ ???? +|?"},
		{"e\u0301x\u200b", "ex"},
	} {
		if got := ToASCII(c.text); got != c.want || Width(got) != Width(c.text) {
			t.Errorf("%q: %q, want %q", c.text, got, c.want)
		}
	}
}

func TestASCIIKeepsWordsToEnglishWithoutSymbols(t *testing.T) {
	w, err := NewWords(Chinese)
	if err != nil {
		t.Fatal(err)
	}
	w.SetASCII(true)
	w.SetLanguage(Chinese)
	if got := w.T("checkup.running"); w.Language() != English || got != "checking..." {
		t.Errorf("%s: %q", w.Language(), got)
	}
	if got := w.Spell("¥"); got != "CNY " {
		t.Errorf("money is %q", got)
	}
}

func key(name string, quiet bool, at time.Time) scan.Input {
	in := scan.Input{Kind: scan.Key, Quiet: quiet, At: at}
	switch name {
	case "enter":
		in.Key = tea.KeyPressMsg{Code: tea.KeyEnter}
	case "esc":
		in.Key = tea.KeyPressMsg{Code: tea.KeyEscape}
	case "tab":
		in.Key = tea.KeyPressMsg{Code: tea.KeyTab}
	default:
		in.Key = tea.KeyPressMsg{Code: rune(name[0]), Text: name}
	}
	return in
}

func TestADialogAbsorbsKeysInFlight(t *testing.T) {
	d := Dialog{Yes: "ui.ok"}
	d.Open(start)
	for _, in := range []scan.Input{
		key("enter", true, start.Add(time.Millisecond)), // pressed before it could be seen
		key("enter", false, start.Add(140*time.Millisecond)),
		key("esc", false, start.Add(200*time.Millisecond)), // no pause before it
	} {
		if _, done := d.Key(in); done {
			t.Fatalf("%s answered at once", in.Key)
		}
	}
	if a, done := d.Key(key("enter", true, start.Add(400*time.Millisecond))); !done || !a.Yes {
		t.Fatalf("got %+v, %v", a, done)
	}
}

func TestABareQuestionIsNotConfirmedByAnEnterWithoutAPause(t *testing.T) {
	d := Dialog{Yes: "ui.ok"}
	d.Open(start)
	d.Key(key("x", true, start.Add(time.Second)))
	if _, done := d.Key(key("enter", false, start.Add(1040*time.Millisecond))); done {
		t.Fatal("a slow scanner confirmed")
	}
}

func TestAnAmountThatAMachineTypedLeavesTheDialog(t *testing.T) {
	t.Parallel()
	at := start.Add(time.Second)
	for name, c := range map[string]struct {
		exact bool
		in    scan.Input
		stays bool
	}{
		"a machine":         {true, scan.Input{Kind: scan.Slow, Even: true, Scan: scan.Scan{Ended: "enter"}}, false},
		"a code of digits":  {true, scan.Input{Kind: scan.Slow, Scan: scan.Scan{Ended: "silence"}}, false},
		"a hand":            {true, scan.Input{Kind: scan.Slow, Scan: scan.Scan{Ended: "enter"}}, true},
		"not in an amount":  {false, scan.Input{Kind: scan.Slow, Even: true, Scan: scan.Scan{Ended: "tab"}}, true},
		"a PIN of 8 digits": {false, scan.Input{Kind: scan.Slow, Even: true, Scan: scan.Scan{Ended: "silence"}}, true},
	} {
		f := &Field{Accept: Digits, Exact: c.exact}
		d := Dialog{Asks: []Ask{{Field: f}}, Yes: "ui.ok"}
		d.Open(start)
		d.Key(key("5", true, at))
		d.Slow(c.in)
		if f.Empty() == c.stays {
			t.Errorf("%s: %q stands", name, f.Text())
		}
		view := d.View(NewTheme(ThemeOptions{}), mustWords(t), 80, 24)
		if said := strings.Contains(view, "press Enter again") || strings.Contains(view, "as a scanner types"); said == (name == "a PIN of 8 digits") {
			t.Errorf("%s: said %v:\n%s", name, said, view)
		}
	}
}

func TestAFieldReadsFullWidthFormsAndKeepsOthersOut(t *testing.T) {
	t.Parallel()
	f := Field{Exact: true, Accept: func(r rune) bool { return Digits(r) || r == '.' || r == ',' }}
	for _, r := range "１，５００。５元 " {
		f.Key(tea.KeyPressMsg{Code: r, Text: string(r)})
	}
	if f.Text() != "1,500.5" {
		t.Errorf("got %q", f.Text())
	}
	if f.Paste("12 yuan"); f.Text() != "1,500.5" {
		t.Errorf("half of a paste was taken: %q", f.Text())
	}
}

func TestADialogGivesWhatWasTypedAndPicked(t *testing.T) {
	d := Dialog{Asks: []Ask{{Label: "name", Options: []string{"mgr", "bob"}}, {Label: "PIN", Field: &Field{Max: 8, Secret: true, Accept: Digits}}}, Yes: "ui.ok"}
	d.Open(start)
	at := start.Add(time.Second)
	d.Key(scan.Input{Key: tea.KeyPressMsg{Code: tea.KeyDown}, Quiet: true, At: at})
	for _, k := range []string{"enter", "enter"} { // the second: nothing typed yet
		if _, done := d.Key(key(k, true, at)); done {
			t.Fatal("answered without a PIN")
		}
	}
	d.Paste("9999", at)
	for _, k := range []string{"9", "x", "9", "9", "9"} {
		d.Key(key(k, false, at))
	}
	if view := d.View(NewTheme(ThemeOptions{}), mustWords(t), 80, 24); strings.Contains(view, "9999") || !strings.Contains(view, "●●●●") {
		t.Errorf("the PIN is drawn wrongly:\n%s", view)
	}
	a, done := d.Key(key("enter", true, at))
	if !done || !slices.Equal(a.Values, []string{"bob", "9999"}) {
		t.Fatalf("got %+v, %v", a, done)
	}
}

func mustWords(t testing.TB) *Words {
	t.Helper()
	w, err := NewWords(English)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestADialogSaysWhatIsWrongWithWhatWasTyped(t *testing.T) {
	name := Ask{Label: "name", Options: []string{"mgr", "bob"}}
	name.Pick("bob")
	short := func(pin string) string {
		if len(pin) < 4 {
			return "too short"
		}
		return ""
	}
	d := Dialog{Asks: []Ask{name, {Label: "PIN", Field: &Field{Max: 8, Secret: true, Accept: Digits}, Check: short}}, Yes: "ui.ok"}
	d.Open(start)
	at := start.Add(time.Second)
	press := func(keys ...string) (a Answer, done bool) {
		for i, k := range keys {
			a, done = d.Key(key(k, i == 0 || k == "enter", at))
		}
		return a, done
	}
	// Digits are meant for the PIN, wherever the focus is.
	if _, done := press("9", "9", "9", "enter"); done || d.Problem != "too short" {
		t.Fatalf("answered %v, problem %q", done, d.Problem)
	}
	if a, done := press("9", "9", "9", "9", "enter"); !done || a.Values[0] != "bob" || a.Values[1] != "9999" {
		t.Fatalf("got %+v, %v", a, done)
	}
}

func TestPrefilledTextIsReplacedByTheFirstKey(t *testing.T) {
	f := Field{Accept: Digits}
	f.Set("3000", true)
	f.Key(key("5", true, start).Key)
	f.Key(key("0", true, start).Key)
	if f.Text() != "50" {
		t.Errorf("got %q", f.Text())
	}
}

func TestHintsShowADisabledKeyAndAllKeysSayWhy(t *testing.T) {
	th, w := NewTheme(ThemeOptions{}), mustWords(t)
	b := Binding{Keys: []string{"f4"}, Words: "ui.yes", Reason: "ui.enter_again"}
	if line := Bare(Hints(th, w, []Binding{b}, Binding{Keys: []string{"?"}, Words: "ui.no"}, 40)); !strings.HasPrefix(line, "–F4 Yes") || Width(line) != 40 {
		t.Errorf("hints %q", line)
	}
	if line := Bare(AllKeys(th, w, []Binding{b}, 80)[0]); !strings.Contains(line, w.T("ui.enter_again")) {
		t.Errorf("no reason in %q", line)
	}
}

// source is a million rows by key.
// around puts the rows from 0 to count around the cursor, or around a place, into a list.
func around(l *List[int], at, count int, stay bool) {
	before, behind := l.Around()
	first, end := max(at-before, 0), min(at+behind, count)
	rows := make([]int, 0, end-first)
	for i := first; i < end; i++ {
		rows = append(rows, i)
	}
	l.Put(rows, at-first, stay, first == 0, end == count)
}

func TestAWindowedListShowsAMillionRowsAndHoldsFew(t *testing.T) {
	const count = 1_000_000
	rapid.Check(t, func(t *rapid.T) {
		l := List[int]{Key: func(n int) string { return fmt.Sprint(n) }}
		height := rapid.IntRange(1, 50).Draw(t, "height")
		l.SetHeight(height)
		at := 0
		around(&l, at, count, true)
		for range rapid.IntRange(1, 60).Draw(t, "moves") {
			switch rapid.IntRange(0, 9).Draw(t, "what") {
			case 0:
				at = 0
				around(&l, at, count, false)
			case 1:
				at = count - 1
				around(&l, at, count, false)
			case 2: // something changed: what is held is read anew, and the window stays
				was, _ := l.Rows()
				around(&l, at, count, true)
				if now, _ := l.Rows(); !slices.Equal(now, was) {
					t.Fatalf("%v in sight, want %v", now, was)
				}
			default:
				by := rapid.IntRange(-height, height).Draw(t, "by")
				if l.Short() {
					t.Fatal("short after it was filled")
				}
				l.Move(by)
				at = min(max(at+by, 0), count-1)
			}
			if l.Short() {
				around(&l, at, count, true)
			}
			if got, ok := l.At(); !ok || got != at {
				t.Fatalf("the cursor is on %d, want %d", got, at)
			}
			rows, cursor := l.Rows()
			if len(rows) != height || rows[cursor] != at {
				t.Fatalf("cursor %d of %v is not %d", cursor, rows, at)
			}
			for i := 1; i < len(rows); i++ {
				if rows[i] != rows[i-1]+1 {
					t.Fatalf("a gap in %v", rows)
				}
			}
			if len(l.rows) > 7*height {
				t.Fatalf("%d rows held", len(l.rows))
			}
		}
	})
}

func TestARefreshedListKeepsTheRowUnderTheCursor(t *testing.T) {
	l := List[int]{Key: func(n int) string { return fmt.Sprint(n) }}
	l.SetHeight(3)
	l.Put([]int{1, 2, 3, 4, 5}, 0, true, true, true)
	l.Move(3)
	l.Put([]int{0, 1, 2, 3, 4, 5}, 3, true, true, true)
	if got, _ := l.At(); got != 4 {
		t.Errorf("the cursor went to %d", got)
	}
	l.Put([]int{0, 1}, 4, true, true, true)
	if got, _ := l.At(); got != 1 {
		t.Errorf("the cursor went to %d", got)
	}
	l.Put(nil, 0, true, true, true)
	if _, ok := l.At(); ok {
		t.Error("an empty list has a row")
	}
}
