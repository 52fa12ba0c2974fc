package box_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/exp/golden"

	"counterfoil/api"
	"counterfoil/api/sandbox"
	"counterfoil/screens/box"
	"counterfoil/ui"
)

// ids of the demo's boxes.
const (
	demoBox  = "X1123-6430582-102F5"
	demoReel = "R112102F-0000242-2585" // two codes, not active
)

func TestTheTreeOpensAtWhatWasScanned(t *testing.T) {
	l := openTill(t, box.OpenShop(t), 100, 30, "en")
	l.scan(demoReel)
	l.until("to activate")
	l.keys("f3")
	l.chosen("reel " + demoReel)
	l.until("box " + demoBox + " › package")
	l.until("○ 1001901070000000258-M…")
}

func TestNothingKnownSaysSo(t *testing.T) {
	l := openTill(t, box.OpenShop(t), 80, 24, "en")
	l.keys("f3")
	l.until("Nothing is known here yet")
	l.keys("esc")
	l.until("Scan a voucher")
}

func TestAScanInTheTreeGoesToItsPlace(t *testing.T) {
	l := openTill(t, box.OpenShop(t), 80, 24, "en")
	l.keys("f3")
	l.scan(demoReel)
	l.chosen("reel " + demoReel)
	l.scan("1001901070000000242-EPVIfRcb")
	l.wait("an answer", func(screen string) bool { return !strings.Contains(screen, "received") })
}

func TestNodesOpenAndClose(t *testing.T) {
	s := box.OpenShop(t)
	made := s.Known(t, 2, 4, 40)
	l := openTill(t, s, 80, 24, "en")
	l.keys("f3")
	l.chosen("+ box " + made)
	l.keys("right")
	l.chosen("- box " + made)
	l.keys("right")
	l.chosen("+ package")
	l.keys("left")
	l.chosen("- box")
	l.keys("-")
	l.untilNot("package")
	l.keys("4")
	l.until("1009260101")
	l.keys("end")
	l.until("code 10 of 10")
	l.keys("1")
	l.chosen("+ box")
	l.keys("3")
	l.until("+ reel")
}

func TestFindingCountsAndStepsThroughTheMatches(t *testing.T) {
	s := box.OpenShop(t)
	s.Known(t, 2, 4, 4000)
	l := openTill(t, s, 80, 24, "en")
	l.keys("f3")
	l.chosen("box")
	l.keys("/", "0", "0", "0", "3", "9", "9", "9", "enter")
	l.until("1 of 1")
	l.chosen("1009260101000003999-")
	l.until("code 1,000 of 1,000")
	l.keys("esc")
	l.keys("/", "1", "9", "9", "enter")
	l.until("1 of 14")
	l.keys("n")
	l.until("2 of 14")
	l.keys("N", "N")
	l.until("14 of 14")
	l.chosen("1009260101000003199-")
}

func TestTheFilterShowsOnlyWhatHoldsTheStatus(t *testing.T) {
	s := box.OpenShop(t)
	s.Known(t, 1, 2, 2000)
	l := openTill(t, s, 80, 24, "en")
	l.keys("f3")
	l.chosen("box")
	l.keys("4")
	l.until("○ 1009")
	l.keys("down", "down", "down")
	l.chosen("○ 1009")
	l.keys("enter")
	l.until("15.00")
	l.keys("enter")
	l.until("active  1009")
	l.until("● 1009")
	l.keys("f4")
	l.until("Void this?")
	l.keys("enter")
	l.until("void  1009")
	l.until("✖ void")
	l.keys("f")
	l.until("○ 1009260101000000001")
	l.untilNot("void  1009")
	l.keys("f")
	l.until("Nothing here has this status")
	l.keys("f")
	l.wait("only the void one", func(screen string) bool {
		return strings.Count(screen, "1009260101") == 2 && strings.Contains(screen, "✖ 1009")
	})
	l.keys("f")
	l.until("1009260101000000005")
	l.keys("down", "d")
	l.chosen("✖ 1009")
	l.keys("d")
	l.until("Nothing else differs")
}

func TestWhatWaitsIsLaidOverTheTree(t *testing.T) {
	s := box.OpenShop(t)
	s.LookUp(t, demoBox)
	l := openTill(t, s, 80, 24, "en")
	if err := s.Sandbox.SetFaults([]sandbox.Fault{{Action: "*", Do: "refuse_connection"}}); err != nil {
		t.Fatal(err)
	}
	l.keys("f3")
	l.chosen("box")
	l.keys("3")
	l.until("reel " + demoReel)
	l.keys("/", "2", "5", "8", "5", "enter")
	l.chosen("reel " + demoReel)
	l.keys("esc")
	l.keys("enter")
	l.until("Activate this?")
	l.until("30.00")
	l.keys("enter")
	// The link may be known to be down by now, or not yet.
	l.wait("a question or an operation", func(screen string) bool {
		return strings.Contains(screen, "NOT ACTIVE YET") || strings.Contains(screen, "◷ 1 ")
	})
	if strings.Contains(l.screen(), "NOT ACTIVE YET") {
		l.keys("enter")
	}
	l.until("◷ 1 operation")
	l.wait("it on all that holds it", func(screen string) bool { return strings.Count(screen, "◷ 1") >= 3 })
	l.keys("right")
	l.until("1001901070000000258")
	l.keys("right")
	l.chosen("1001901070000000258")
	l.wait("the codes marked too", func(screen string) bool {
		for line := range strings.SplitSeq(screen, "\n") {
			if strings.Contains(line, "1001901070000000258") && strings.Contains(line, "◷") {
				return true
			}
		}
		return false
	})
}

func TestALookUpShowsItsProgressAndStops(t *testing.T) {
	s := box.OpenShop(t)
	made, err := s.Sandbox.Generate(1, 10, 300_000)
	if err != nil {
		t.Fatal(err)
	}
	s.LookUp(t, demoBox)
	l := openTill(t, s, 80, 24, "en")
	l.keys("f3")
	l.chosen(demoBox)
	l.scan(made)
	l.wait("nodes received", func(screen string) bool { return regexp.MustCompile(`\d,\d{3} received`).MatchString(screen) })
	l.keys("right")
	l.until("package") // usable meanwhile
	l.keys("esc")
	l.until("Stopped")
	if _, known, err := s.Desk.Node(t.Context(), api.ID(made)); known || err != nil {
		t.Errorf("half an answer was kept: %v %v", known, err)
	}
}

func TestTheMouseChoosesScrollsAndOpens(t *testing.T) {
	s := box.OpenShop(t)
	s.Known(t, 10, 100, 1000)
	l := openTill(t, s, 80, 24, "en")
	l.keys("f3")
	l.chosen("+ box")
	if l.model.View().MouseMode == tea.MouseModeNone {
		t.Error("the tree leaves the mouse to the terminal")
	}
	l.send(tea.MouseClickMsg{X: 10, Y: 4, Button: tea.MouseLeft})
	l.chosen("- box")
	l.send(tea.MouseClickMsg{X: 10, Y: 6, Button: tea.MouseLeft})
	l.until("package 2 of 10")
	l.send(tea.MouseWheelMsg{X: 10, Y: 6, Button: tea.MouseWheelDown})
	l.until("package 5 of 10")
	l.keys("f1")
	l.until("Scan a voucher")
	if l.model.View().MouseMode != tea.MouseModeNone {
		t.Error("the counter keeps the mouse")
	}
}

func TestTheTreeLooksAsItShould(t *testing.T) {
	age := regexp.MustCompile(`as of \d+ s ago|\d+ 秒前的数据`)
	clock := regexp.MustCompile(`10:1[5-9]`)
	for _, size := range [][2]int{{80, 24}, {120, 40}, {160, 50}} {
		for _, lang := range []string{"en", "zh"} {
			t.Run(fmt.Sprintf("%dx%d_%s", size[0], size[1], lang), func(t *testing.T) {
				s := box.OpenShop(t)
				s.LookUp(t, demoBox)
				s.Known(t, 3, 30, 1200)
				l := openTill(t, s, size[0], size[1], lang)
				l.keys("f3")
				l.chosen(demoBox)
				l.keys("4")
				l.until("1001901070000000258")
				l.keys("end")
				l.chosen("1009260101000001199")
				l.keys("/", "0", "0", "1", "1", "5", "5", "enter")
				l.chosen("1009260101000001155")
				l.until("40")
				l.wait("rest", func(screen string) bool { return !strings.ContainsAny(screen, "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏") })
				text := age.ReplaceAllStringFunc(l.screen(), func(was string) string {
					return ui.FitLeft(map[string]string{"en": "as of 9 s ago", "zh": "9 秒前的数据"}[lang], ui.Width(was))
				})
				text = clock.ReplaceAllString(text, "10:15")
				for i, line := range strings.Split(text, "\n") {
					if n := ui.Width(line); n != size[0] {
						t.Errorf("line %d is %d columns wide: %q", i+1, n, line)
					}
				}
				golden.RequireEqual(t, text+"\n")
			})
		}
	}
}
