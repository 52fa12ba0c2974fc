package review_test

import (
	"regexp"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"counterfoil/api"
	"counterfoil/api/sandbox"
	"counterfoil/screens/screenstest"
)

// unclear is a counter at the records of a code whose one activation here went
// out without a clear answer.
func unclear(t *testing.T, width, height int) *screenstest.Counter {
	t.Helper()
	s, stories := told(t, width, height, "en")
	code := stories["quick_drain"].Codes[0]
	s.Scan(code)
	s.Until("to activate")
	s.Faults(sandbox.Fault{Action: api.ActionActivate, Times: 1, Do: "drop_answer"},
		sandbox.Fault{Action: api.ActionActivateQuery, Do: "drop_answer"}, sandbox.Fault{Action: api.ActionLookup, Do: "drop_answer"})
	s.Keys("enter")
	s.Until("NOT KNOWN YET")
	s.Keys("f6")
	return s
}

func TestAnUnknownOperationsRowIsWholeAtEveryWidth(t *testing.T) {
	t.Parallel()
	s := unclear(t, 120, 36)
	for _, width := range []int{80, 110, 120, 160} {
		s.Send(tea.WindowSizeMsg{Width: width, Height: 36})
		s.Until("no clear answer")
		for line := range strings.SplitSeq(s.Screen(), "\n") {
			if strings.Contains(line, "Kind") && strings.Contains(line, "Time") && !strings.Contains(line, "Mark") {
				t.Errorf("no mark in %d columns: %q", width, line)
			}
			if strings.Contains(line, "activate") && !strings.Contains(line, "? not known") {
				t.Errorf("in %d columns: %q", width, line)
			}
		}
	}
}

func TestTheRecordsTabSaysWhatItCounts(t *testing.T) {
	t.Parallel()
	s := unclear(t, 120, 36)
	s.Wait("two of this counter", regexp.MustCompile(`Records (\d+), here 2 `).MatchString)
	s.Keys("S")
	s.Until("Kind ↑")
	s.Chosen("11  ")
	s.Keys("F")
	s.Until("only ")
	s.Wait("how many of how many", regexp.MustCompile(`Records \d+ of \d+ `).MatchString)
}

func TestTheBarsBesideTheSumsAreReachedToTheLast(t *testing.T) {
	t.Parallel()
	s := reviewed(t, 120, 26)
	s.Keys("tab")
	s.Until("Records by day")
	s.Until("2026-11-22")
	s.Keys("pgdown", "pgdown", "pgdown")
	s.Until("2026-11-01")
	s.Until("Records by day")
	lowest := s.Screen()
	s.Keys("down")
	if s.Screen() != lowest {
		t.Errorf("scrolled beyond the last day:\n%s", s.Screen())
	}
	s.Keys("up")
	if s.Screen() == lowest {
		t.Errorf("one line up changes nothing:\n%s", s.Screen())
	}
}

func TestTheSumsSayThatNoFilterHoldsForThem(t *testing.T) {
	t.Parallel()
	s := reviewed(t, 80, 24)
	s.Chosen("used")
	s.Keys("F")
	s.Until("only ")
	s.Keys("tab")
	s.Until("Of all records, whatever the filter leaves:")
}

func TestAKindWithoutAWordIsSaidOnce(t *testing.T) {
	t.Parallel()
	s := unclear(t, 120, 36)
	s.Keys("S") // by kind
	s.Until("Kind ↑")
	s.Chosen("11  ")
	s.Wait("its kind", regexp.MustCompile(`Kind +11 +│`).MatchString)
}

func TestWhereNothingIsFilteredTheKeySaysSo(t *testing.T) {
	t.Parallel()
	s := reviewed(t, 120, 36)
	s.Keys("c")
	s.Until("There is no filter")
}
