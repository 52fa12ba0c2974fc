package queue

import (
	"fmt"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"counterfoil/offline"
	"counterfoil/screens/screen"
	"counterfoil/ui"
	"counterfoil/ui/scan"
)

func TestALongPageScrollsToItsLastLineAndNoFurther(t *testing.T) {
	t.Parallel()
	words, err := ui.NewWords(ui.English)
	if err != nil {
		t.Fatal(err)
	}
	op := offline.Operation{Op: "01TEST", ID: "R112102F-0000242-2585", Kind: offline.Activate, State: offline.Unknown}
	for n := range 20 {
		op.Attempts = append(op.Attempts, offline.Attempt{Trace: fmt.Sprintf("trace-%02d", n), Outcome: "unanswered", Cause: "timeout"})
	}
	s := &queue{
		env:    &screen.Env{Words: words, Theme: ui.NewTheme(ui.ThemeOptions{}), Zone: time.UTC, Now: time.Now},
		detail: &op, size: screen.Sized{Width: 80, Height: 20},
	}
	press := func(code rune) string {
		s.key(screen.Key{Input: scan.Input{Key: tea.KeyPressMsg{Code: code}}})
		return ansi.Strip(s.View(80, 20))
	}
	first := ansi.Strip(s.View(80, 20))
	if !strings.Contains(first, "more lines") || strings.Contains(first, "trace-19") {
		t.Errorf("the first lines of many:\n%s", first)
	}
	last := press(tea.KeyEnd)
	if !strings.Contains(last, "trace-19") || strings.Contains(last, "more line") {
		t.Errorf("the last lines:\n%s", last)
	}
	if further := press(tea.KeyPgDown); further != last {
		t.Errorf("scrolled beyond the end:\n%s", further)
	}
	press(tea.KeyUp)
	if up := ansi.Strip(s.View(80, 20)); up == last {
		t.Error("one line up changes nothing")
	}
	if back := press(tea.KeyHome); back != first {
		t.Errorf("back at the first line:\n%s", back)
	}
}

func TestWhoAskedForAWithdrawalAndWhoApprovedItAreShown(t *testing.T) {
	t.Parallel()
	words, err := ui.NewWords(ui.English)
	if err != nil {
		t.Fatal(err)
	}
	s := &queue{env: &screen.Env{Words: words, Theme: ui.NewTheme(ui.ThemeOptions{}), Zone: time.UTC, Now: time.Now}}
	op := offline.Operation{Op: "01TEST", ID: "R112102F-0000242-2585", Kind: offline.Activate, State: offline.Withdrawn, Operator: "amy"}
	for want, by := range map[string][2]string{"amy": {"amy", ""}, "bob · approved by mgr": {"mgr", "bob"}} {
		op.SettledBy, op.SettleAskedBy = by[0], by[1]
		if page := ansi.Strip(strings.Join(s.operation(op, 80), "\n")); !strings.Contains(page, "Closed by       "+want+"\n") {
			t.Errorf("%s:\n%s", want, page)
		}
	}
}

func TestTheLineOfProgressIsSaidInWholeParts(t *testing.T) {
	t.Parallel()
	words, err := ui.NewWords(ui.English)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	s := &queue{env: &screen.Env{Words: words, Theme: ui.NewTheme(ui.ThemeOptions{}), Zone: time.UTC, Now: func() time.Time { return now },
		Status: offline.Status{Link: offline.Online, Closed: 6, Rate: 0.5}}}
	s.env.Status.Waiting, s.env.Status.Oldest = 1, now.Add(-18*time.Second)
	if whole := ansi.Strip(s.progress(200)); !strings.HasSuffix(whole, "0.5 a second") {
		t.Fatalf("with room for all: %q", whole)
	}
	if short := ansi.Strip(s.progress(78)); !strings.HasSuffix(short, "6 closed since the line is back") {
		t.Errorf("with less: %q", short)
	}
}

func TestASettlementSaysHowMuchOfTheEvidenceIsNotShown(t *testing.T) {
	t.Parallel()
	words, err := ui.NewWords(ui.English)
	if err != nil {
		t.Fatal(err)
	}
	op := offline.Operation{Op: "01TEST", ID: "R112102F-0000242-2585", Kind: offline.Activate, State: offline.Unknown,
		Attempts: []offline.Attempt{{Trace: "trace", Outcome: "unanswered", Cause: "timeout"}}}
	for n := range 9 {
		op.Evidence = append(op.Evidence, offline.Evidence{Asked: "lookup", Outcome: "answered", Code: fmt.Sprintf("E%02d", n)})
	}
	for height, want := range map[int]string{19: "↑ 4 earlier attempts and look-ups", 60: ""} {
		s := &queue{env: &screen.Env{Words: words, Theme: ui.NewTheme(ui.ThemeOptions{}), Zone: time.UTC, Now: time.Now}, size: screen.Sized{Width: 78, Height: height}}
		view := ansi.Strip(s.settleDialog(nil, op).View(s.env.Theme, words, 78, 60))
		if !strings.Contains(view, want) || !strings.Contains(view, "E08") || strings.Contains(view, "↑") != (want != "") {
			t.Errorf("in %d lines:\n%s", height, view)
		}
		if strings.Contains(view, "E00") != (want == "") {
			t.Errorf("in %d lines:\n%s", height, view)
		}
	}
}

func TestWhatIsClosedIsNotSentNow(t *testing.T) {
	t.Parallel()
	words, err := ui.NewWords(ui.English)
	if err != nil {
		t.Fatal(err)
	}
	op := offline.Operation{Op: "01TEST", ID: "R112102F-0000242-2585", Kind: offline.Activate, State: offline.Done}
	s := &queue{detail: &op, env: &screen.Env{Words: words, Theme: ui.NewTheme(ui.ThemeOptions{}), Zone: time.UTC, Now: time.Now}}
	s.env.Status.Waiting = 1
	for _, b := range s.acts() {
		if b.Reason != "reason.closed" {
			t.Errorf("%s: %q", b.Words, b.Reason)
		}
	}
	op.State = offline.Queued
	if now := s.acts()[0]; now.Reason != "" {
		t.Errorf("what waits: %q", now.Reason)
	}
}
