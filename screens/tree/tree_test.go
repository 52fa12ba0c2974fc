package tree_test

import (
	"regexp"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"counterfoil/api"
	"counterfoil/api/sandbox"
	"counterfoil/offline/offlinetest"
	"counterfoil/screens/screenstest"
)

func TestTheTreeOpensAtWhatWasScanned(t *testing.T) {
	t.Parallel()
	l := screenstest.OnShop(offlinetest.Open(t), 100, 30, "en")
	l.Scan(offlinetest.Reel)
	l.Until("to activate")
	l.Keys("f3")
	l.Chosen("reel " + offlinetest.Reel)
	l.Until("box " + offlinetest.Box + " › package")
	l.Until("○ 1001901070000000258-M…")
}

func TestACodesWorthIsReadByTheUnitOfTheSettings(t *testing.T) {
	t.Parallel()
	for worth, inFen := range map[string]bool{"¥ 15.00": false, "¥ 0.15": true} {
		s := offlinetest.Open(t, func(s *offlinetest.Shop) { s.Settings.Calls.FaceValueInFen = inFen })
		l := screenstest.OnShop(s, 80, 24, "en")
		l.Scan("1001901070000000258-M4DEDSfV")
		l.Until("to activate")
		l.Keys("f3")
		l.Chosen("○ 1001901070000000258-M…")
		l.Until(worth)
	}
}

func TestNothingKnownSaysSo(t *testing.T) {
	t.Parallel()
	l := screenstest.OnShop(offlinetest.Open(t), 80, 24, "en")
	l.Keys("f3")
	l.Until("Nothing is known here yet")
	l.Keys("esc")
	l.Until("Scan a voucher")
}

func TestAScanInTheTreeGoesToItsPlace(t *testing.T) {
	t.Parallel()
	l := screenstest.OnShop(offlinetest.Open(t), 80, 24, "en")
	l.Keys("f3")
	l.Scan(offlinetest.Reel)
	l.Chosen("reel " + offlinetest.Reel)
	l.Scan("1001901070000000242-EPVIfRcb")
	l.Wait("an answer", func(screen string) bool { return !strings.Contains(screen, "received") })
}

func TestNodesOpenAndClose(t *testing.T) {
	t.Parallel()
	s := offlinetest.Open(t)
	made := s.Known(2, 4, 40)
	l := screenstest.OnShop(s, 80, 24, "en")
	l.Keys("f3")
	l.Chosen("+ box " + made)
	l.Keys("enter")
	l.Chosen("- box " + made)
	l.Keys("right")
	l.Chosen("+ package")
	l.Keys("left")
	l.Chosen("- box")
	l.Keys("enter")
	l.UntilNot("package B")
	l.Keys("right", "-")
	l.Chosen("+ box")
	l.Keys("4")
	l.Until("1009260101")
	l.Keys("end")
	l.Until("code 10 of 10")
	l.Keys("1")
	l.Chosen("+ box")
	l.Keys("3")
	l.Until("+ reel")
}

func TestFindingCountsAndStepsThroughTheMatches(t *testing.T) {
	t.Parallel()
	s := offlinetest.Open(t)
	s.Known(2, 4, 4000)
	l := screenstest.OnShop(s, 80, 24, "en")
	l.Keys("f3")
	l.Chosen("box")
	l.Until("4,000 codes  holds 2 packages")
	l.Keys("/", "0", "0", "0", "3", "9", "9", "9", "enter")
	l.Until("1 of 1")
	l.Chosen("1009260101000003999-")
	l.Until("code 1,000 of 1,000")
	l.Keys("esc")
	l.Keys("/", "1", "9", "9", "enter")
	l.Until("1 of 14")
	l.Keys("n")
	l.Until("2 of 14")
	l.Keys("N", "N")
	l.Until("14 of 14")
	l.Chosen("1009260101000003199-")
}

func TestTheFilterShowsOnlyWhatHoldsTheStatus(t *testing.T) {
	t.Parallel()
	s := offlinetest.Open(t)
	s.Known(1, 2, 2000)
	l := screenstest.OnShop(s, 80, 24, "en")
	l.Keys("f3")
	l.Chosen("box")
	l.Keys("4")
	l.Until("○ 1009")
	l.Keys("down", "down", "down")
	l.Chosen("○ 1009")
	l.Keys("enter") // a code holds nothing to open
	l.Until("It holds nothing")
	l.Keys("A")
	l.Until("Activate this?")
	l.Keys("enter")
	l.Until("active  1009")
	l.Until("● 1009")
	l.Keys("f4")
	l.Until("Void this?")
	l.Answer("0000")
	l.Until("void  1009")
	l.Until("✖ void 1 ") // among the statuses to choose from
	l.Keys("F")          // as it is shown
	l.Until("○ 1009260101000000001")
	l.UntilNot("void  1009")
	l.Keys("f")
	l.Until("Nothing here has this status")
	l.Keys("f")
	l.Wait("only the void one", func(screen string) bool {
		return strings.Count(screen, "1009260101") == 2 && strings.Contains(screen, "✖ 1009")
	})
	l.Keys("f")
	l.Until("1009260101000000005")
	l.Keys("down", "d")
	l.Chosen("✖ 1009")
	l.Keys("d")
	l.Until("Nothing else differs")
}

func TestWhatWaitsIsLaidOverTheTree(t *testing.T) {
	t.Parallel()
	s := offlinetest.Open(t)
	s.LookUp(offlinetest.Box)
	l := screenstest.OnShop(s, 80, 24, "en")
	if err := s.Sandbox.SetFaults([]sandbox.Fault{{Action: "*", Do: "refuse_connection"}}); err != nil {
		t.Fatal(err)
	}
	l.Keys("f3")
	l.Chosen("box")
	l.Keys("3")
	l.Until("reel " + offlinetest.Reel)
	l.Keys("/", "2", "5", "8", "5", "enter")
	l.Chosen("reel " + offlinetest.Reel)
	l.Keys("esc")
	l.Keys("a")
	l.Until("Activate this?")
	l.Until("30.00")
	l.Keys("enter")
	// The link may be known to be down by now, or not yet.
	l.Wait("a question or an operation", func(screen string) bool {
		return strings.Contains(screen, "NOT ACTIVE YET") || strings.Contains(screen, "◷ 1 ")
	})
	if strings.Contains(l.Screen(), "NOT ACTIVE YET") {
		l.Keys("enter")
	}
	l.Until("  ◷ 1 waiting")
	l.Wait("it on all that holds it", func(screen string) bool { return strings.Count(screen, "◷ 1") >= 3 })
	l.Keys("right")
	l.Until("1001901070000000258")
	l.Keys("right")
	l.Chosen("1001901070000000258")
	l.Wait("the codes marked too", func(screen string) bool {
		for line := range strings.SplitSeq(screen, "\n") {
			if strings.Contains(line, "1001901070000000258") && strings.Contains(line, "◷") {
				return true
			}
		}
		return false
	})
}

func TestALookUpShowsItsProgressAndStops(t *testing.T) {
	t.Parallel()
	s := offlinetest.Open(t)
	made, err := s.Sandbox.Generate(1, 10, 300_000)
	if err != nil {
		t.Fatal(err)
	}
	s.LookUp(offlinetest.Box)
	l := screenstest.OnShop(s, 80, 24, "en")
	l.Keys("f3")
	l.Chosen(offlinetest.Box)
	l.Scan(made)
	l.Wait("nodes received", func(screen string) bool { return regexp.MustCompile(`\d,\d{3} received`).MatchString(screen) })
	l.Keys("right")
	l.Until("package") // usable meanwhile
	l.Keys("esc")
	l.Until("Stopped")
	if _, known, err := s.Desk.Node(t.Context(), api.ID(made)); known || err != nil {
		t.Errorf("half an answer was kept: %v %v", known, err)
	}
}

func TestTheMouseChoosesScrollsAndOpens(t *testing.T) {
	t.Parallel()
	s := offlinetest.Open(t)
	s.Known(10, 100, 1000)
	l := screenstest.OnShop(s, 80, 24, "en")
	l.Keys("f3")
	l.Chosen("+ box")
	if l.Mouse() == tea.MouseModeNone {
		t.Error("the tree leaves the mouse to the terminal")
	}
	l.Send(tea.MouseClickMsg{X: 10, Y: 5, Button: tea.MouseLeft})
	l.Chosen("- box")
	l.Send(tea.MouseClickMsg{X: 10, Y: 7, Button: tea.MouseLeft})
	l.Until("package 2 of 10")
	l.Send(tea.MouseWheelMsg{X: 10, Y: 7, Button: tea.MouseWheelDown})
	l.Until("package 5 of 10")
	l.Keys("f1")
	l.Until("Scan a voucher")
	if l.Mouse() != tea.MouseModeNone {
		t.Error("the counter keeps the mouse")
	}
}

func TestTheTreeLooksAsItShould(t *testing.T) {
	screenstest.Looks(t, [][2]int{{80, 24}, {100, 30}, {120, 40}, {160, 50}}, func(t *testing.T, width, height int, lang string) {
		s := offlinetest.Open(t)
		l := screenstest.OnShop(s, width, height, lang)
		defer s.Clock.Stop()() // ages of one digit
		s.LookUp(offlinetest.Box)
		s.Known(3, 30, 1200)
		l.Keys("f3")
		l.Chosen(offlinetest.Box)
		l.Keys("4")
		l.Until("1001901070000000258")
		l.Keys("end")
		l.Chosen("1009260101000001199")
		l.Keys("/", "0", "0", "1", "1", "5", "5", "enter")
		l.Chosen("1009260101000001155")
		l.Until("40")
		if width >= 110 {
			l.Until(l.Words.T("counter.no_operations"))
		}
		l.Golden()
	})
}

// atReel is a tree in English with the cursor on the reel.
func atReel(t *testing.T, change ...func(*offlinetest.Shop)) *screenstest.Counter {
	t.Helper()
	l := screenstest.SignedIn(t, 100, 30, change...)
	l.Scanned(offlinetest.Reel)
	l.Keys("f3")
	l.Chosen("reel " + offlinetest.Reel)
	return l
}

func TestAManagerApprovesFromTheTree(t *testing.T) {
	t.Parallel()
	l := atReel(t)
	l.Outage()
	l.Keys("a")
	l.Until("Activate this?")
	l.Keys("6", "0", "0", "0", "enter")
	l.Until("more than ten times its face value")
	l.Answer("6000")
	l.Until("It is NOT ACTIVE YET")
	l.Keys("enter")
	l.Until("A manager is needed · over a limit")
	l.Until("¥ 6,000.00") // what is approved stays in sight
	l.Keys("tab", "1", "2", "3", "4", "enter")
	l.Until("Wrong PIN")
	l.Until("¥ 6,000.00")
	l.Keys("tab", "9", "9", "9", "9", "enter")
	l.Until("◷ waiting  " + offlinetest.Reel + "  approved by mgr")
	l.Until("–A activate")
	l.WantEffects(0)
	l.Keys("a")
	l.Until("An operation on it is open") // what waits is not asked for again
}

func TestTheTreeAsksForASecondPersonAboveALimit(t *testing.T) {
	t.Parallel()
	l := screenstest.SignedIn(t, 120, 30, func(s *offlinetest.Shop) { s.Settings.Rules.Batch.Count = 1 })
	l.Scanned(offlinetest.Reel)
	l.Keys("f3")
	l.Chosen("reel " + offlinetest.Reel)
	l.Keys("a")
	l.Until("Activate this?")
	l.Keys("enter")
	l.Until("A batch may have 1 pieces at most")
	l.WantEffects(0)
	l.Keys("tab")
	l.Answer("9999")
	l.Until("✔ active  " + offlinetest.Reel)
	l.WantEffects(1)
}

func TestWhoLeavesAQuestionOfTheTreeSendsNothing(t *testing.T) {
	t.Parallel()
	l := atReel(t)
	l.Outage()
	l.Keys("a")
	l.Until("Activate this?")
	l.Keys("esc", "a")
	l.Until("Activate this?")
	l.Keys("enter")
	l.Until("It is NOT ACTIVE YET")
	l.Keys("esc")
	l.UntilNot("It is NOT ACTIVE YET")
	l.Keys("f4")
	l.Until("Void this?")
	l.Answer("2585")
	l.Until("A manager is needed · void, never active")
	l.Keys("esc")
	l.UntilNot("A manager is needed ·")
	l.Until("0 waiting")
	l.WantEffects(0)
}

func TestAPasteInTheTreeIsFound(t *testing.T) {
	t.Parallel()
	s := offlinetest.Open(t)
	l := screenstest.OnShop(s, 80, 24, "en")
	s.LookUp(offlinetest.Box)
	l.Keys("f3")
	l.Chosen("box")
	l.Keys("/")
	l.Send(tea.PasteMsg{Content: "0258"})
	l.Keys("enter")
	l.Chosen("1001901070000000258-M…")
	l.Keys("esc")
	l.Send(tea.PasteMsg{Content: offlinetest.Reel}) // outside the field it is a scan
	l.Chosen("reel " + offlinetest.Reel)
}

func TestMatchesBehindThoseKeptAreSteppedTo(t *testing.T) {
	t.Parallel()
	s := offlinetest.Open(t)
	l := screenstest.OnShop(s, 80, 24, "en")
	s.Known(1, 2, 5000)
	l.Keys("f3")
	l.Chosen("box")
	l.Keys("/", "1", "0", "0", "9", "enter")
	l.Until("1 of 5,000")
	l.Keys("N")
	l.Until("5,000 of 5,000")
	l.Chosen("1009260101000004999-")
	l.Keys("N")
	l.Chosen("1009260101000004998-")
}

func TestACodesNumberIsCopiedOnlyByWhoMaySeeIt(t *testing.T) {
	t.Parallel()
	l := atReel(t)
	l.Keys("y")
	l.Until("Number copied")
	l.Keys("down")
	l.Chosen("1001901070000000258-M…")
	l.Keys("y")
	l.UntilNot("Number copied")
	l.Until("Managers only")
}
