package review_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"counterfoil/api"
	"counterfoil/api/sandbox"
	"counterfoil/offline"
	"counterfoil/offline/offlinetest"
	"counterfoil/screens/screenstest"
)

// records lets a counter ask for records, and judge them by the defaults.
func records(s *offlinetest.Shop) {
	s.Client.PaaS.AppID = sandbox.DefaultAppID
	s.Settings.Review = offline.ReviewSettings{
		MaxAge: 24 * time.Hour, Kinds: map[string]string{"1": "made", "2": "used", "3": "cancelled"}, Marks: map[string]offline.MarkThreshold{},
	}
	for _, r := range offline.MarkRules() {
		s.Settings.Review.Marks[r.Name], _ = offline.ParseMark(r.Name, r.Default)
	}
}

// told is a counter on a platform that tells the stories, with a manager signed in.
func told(t *testing.T, width, height int, lang string) (*screenstest.Counter, map[string]sandbox.Story) {
	t.Helper()
	s := screenstest.Open(t, width, height, lang, records)
	list, err := s.Sandbox.Stories(offlinetest.Opening.Add(-2 * time.Hour))
	s.Must(err)
	stories := map[string]sandbox.Story{}
	for _, one := range list {
		stories[one.Mark] = one
	}
	s.Keys("down")
	s.Keys("9", "9", "9", "9", "enter")
	s.Until(s.Words.T("counter.empty"))
	return s, stories
}

// recordsOf opens the screen and scans an id there.
func recordsOf(s *screenstest.Counter, id string) {
	s.TB.Helper()
	s.Keys("f6")
	s.Until("Scan or type")
	s.Scan(id)
}

// reviewed stands before the records of the reel of the story "walk".
func reviewed(t *testing.T, width, height int) *screenstest.Counter {
	t.Helper()
	s, stories := told(t, width, height, "en")
	recordsOf(s, stories["walk"].Reel)
	s.Until("as of")
	return s
}

func TestWhereAVoucherWasUsedIsSeenTwoKeysAfterTheScan(t *testing.T) {
	t.Parallel()
	s, stories := told(t, 120, 40, "en")
	s.Scan(stories["two_shops"].Codes[0])
	s.Until("大杯饮品券")
	s.Keys("f6")
	s.Until("1501")
	s.Until("two_shops")
	s.Until("and 14 min later")
}

func TestACodesTimelineHoldsWhatThisCounterDid(t *testing.T) {
	t.Parallel()
	s, stories := told(t, 120, 40, "en")
	s.Scan(stories["quick_drain"].Codes[0])
	s.Until("to activate")
	s.Keys("enter")
	s.Until("HAND OVER")
	s.Keys("f6")
	s.Until("Records")
	s.Wait("both sources", func(screen string) bool {
		return strings.Contains(screen, "used") && strings.Contains(screen, "✔ active") && strings.Contains(screen, "A00 SUCCESS")
	})
}

func TestSortFilterAndCursorSurviveGoingInAndComingBack(t *testing.T) {
	t.Parallel()
	s := reviewed(t, 120, 40)
	s.Keys("S", "s") // by kind
	s.Until("Kind ↑")
	s.Keys("end")
	s.Chosen("used")
	s.Keys("F")
	s.Until("only used")
	s.Keys("up", "up")
	row := func() string {
		for line := range strings.SplitSeq(s.Screen(), "\n") {
			if strings.Contains(line, "▸") {
				return line
			}
		}
		return ""
	}
	before := row()
	s.Keys("enter")
	s.Until("code 1001261101")
	s.Keys("esc")
	s.Until("only used")
	s.Until("Kind ↑")
	s.Wait("the same row", func(string) bool { return row() == before })
	s.Keys("c")
	s.UntilNot("only used")
}

func TestACashierNeedsAManagerForMoreThanACode(t *testing.T) {
	t.Parallel()
	s := screenstest.SignedIn(t, 120, 40, records)
	recordsOf(s, offlinetest.ReelCode)
	s.Until("made")
	s.Scan(offlinetest.Reel)
	s.Until("A manager is needed")
	s.Keys("tab")
	s.Keys("9", "9", "9", "9", "enter")
	s.Until("reel " + offlinetest.Reel)
	s.Keys("f1")
	s.Keys("f6")
	s.UntilNot("reel " + offlinetest.Reel)
}

func TestWholeCodesAreShownOnceTheJournalKnows(t *testing.T) {
	t.Parallel()
	s, stories := told(t, 160, 50, "en")
	recordsOf(s, stories["two_shops"].Reel)
	s.Until("as of")
	code := stories["two_shops"].Codes[0]
	if s.Shows(code) {
		t.Errorf("a code is shown whole:\n%s", s.Screen())
	}
	s.Keys("U")
	s.Until(code)
}

func TestACodeIsWholeWhereItWasScannedAndNotWhereItIsARow(t *testing.T) {
	t.Parallel()
	s := screenstest.SignedIn(t, 120, 40, records)
	s.Scanned(string(offlinetest.Reel))
	s.Keys("f3")
	s.Until(api.ID(offlinetest.ReelCode).Masked())
	s.Keys("down", "f6")
	s.Until("code " + api.ID(offlinetest.ReelCode).Masked())
	s.Until("made")
	s.Keys("e") // a case holds whole codes
	s.Until("Managers only")
	if files, err := filepath.Glob(filepath.Join(s.Settings.Data, "case-*")); err != nil || len(files) != 0 || s.Shows(string(offlinetest.ReelCode)) {
		t.Errorf("a cashier has the whole code: %q %v\n%s", files, err, s.Screen())
	}
	s.Keys("f1", "esc")
	s.UntilNot("· " + string(offlinetest.Reel))
	s.Keys("f6") // from a counter with nothing in hand
	s.Until("code " + api.ID(offlinetest.ReelCode).Masked())
	s.Keys("f1")
	s.Scanned(string(offlinetest.ReelCode))
	s.Keys("f6")
	s.Until("code " + string(offlinetest.ReelCode))
}

func TestTheReviewLooksAsItShould(t *testing.T) {
	t.Parallel()
	screenstest.Looks(t, [][2]int{{80, 24}, {120, 40}, {160, 50}}, func(t *testing.T, width, height int, lang string) {
		s, stories := told(t, width, height, lang)
		s.Keys("f6")
		s.Until(s.Words.T("review.scan"))
		s.Scan(stories["fail_burst"].Reel)
		s.Wait("all rows marked, summed up and explained", func(screen string) bool {
			return strings.Count(screen, s.Words.T("mark_name.fail_burst")) >= 5 && strings.Contains(screen, "10:15:") && strings.Contains(screen, "10 "+map[string]string{"en": "min", "zh": "分钟"}[lang]) && strings.Contains(screen, " 6 · ")
		})
		s.Golden()
		s.Keys("tab")
		s.Until(s.Words.T("review.codes"))
	})
}

func TestLookingAgainGoesOnWithWhatIsMissing(t *testing.T) {
	t.Parallel()
	s, stories := told(t, 120, 40, "en")
	story := stories["walk"]
	s.Faults(sandbox.Fault{Action: api.ActionRecords, ID: story.Codes[0], Do: "status:503"})
	recordsOf(s, story.Reel)
	s.Until("1 code without an answer")
	s.Faults(sandbox.Fault{Action: api.ActionRecords, Skip: 1, Do: "status:503"}) // the others are not asked about
	s.Keys("r")
	s.Until("as of")
}

func TestOneKeyWritesACaseOfWhatIsInFront(t *testing.T) {
	t.Parallel()
	s, stories := told(t, 120, 40, "en")
	recordsOf(s, stories["void_used"].Codes[0])
	s.Until("as of")
	s.Keys("E")
	s.Until("The case was written to")
	files, err := filepath.Glob(filepath.Join(s.Settings.Data, "case-*"))
	if err != nil || len(files) != 2 {
		t.Errorf("%q %v", files, err)
	}
}

func TestAMarkSaysWhyInASentenceAndLeadsToItsCode(t *testing.T) {
	t.Parallel()
	s, stories := told(t, 80, 24, "en")
	recordsOf(s, stories["two_shops"].Reel)
	s.Until("and 14 min later at shop 1501.")
	s.Keys("tab", "tab")
	s.Until("two_shops 30m")
	s.Keys("enter")
	code := stories["two_shops"].Codes[0]
	s.Until("code " + api.ID(code).Masked())
	s.Until("1501 湖滨店")
	if s.Shows(code) {
		t.Errorf("a code that nobody asked for is shown whole:\n%s", s.Screen())
	}
	s.Keys("esc")
	s.Until("two_shops 30m")
}

func TestAMarkOfSeveralCodesLeadsToTheirRecords(t *testing.T) {
	t.Parallel()
	s := reviewed(t, 120, 40)
	s.Keys("tab", "tab")
	s.Until("walk 10 in 5m")
	s.Keys("down")
	s.Until("2 / 2")
	s.Keys("enter")
	s.Until("only serial walk")
}

func TestTheColumnThatIsSortedByIsShown(t *testing.T) {
	t.Parallel()
	s := reviewed(t, 120, 40)
	s.Keys("s", "s", "s", "s")
	s.Until("Terminal ↑")
}

func TestAllOfTenThousandRecordsOfOneCodeCanBeReached(t *testing.T) {
	t.Parallel()
	s, stories := told(t, 120, 40, "en")
	s.Faults(sandbox.Fault{Do: "many_records"})
	recordsOf(s, stories["quick_drain"].Codes[0])
	s.Until("Records 10,000")
	first := s.Screen()
	s.Keys("end")
	s.Wait("the oldest record", func(screen string) bool { return screen != first && strings.Contains(screen, "11-01 09:00:00  made") })
	s.Keys("up", "up")
	s.Chosen("used")
	s.Keys("home")
	s.Wait("the newest record", func(screen string) bool { return !strings.Contains(screen, "made") })
}

func TestWhatWasLeftBeforeItWasJudgedIsJudgedOnComingBack(t *testing.T) {
	t.Parallel()
	s, stories := told(t, 120, 40, "en")
	s.Keys("f6")
	s.Until("Scan or type")
	story := stories["two_shops"]
	s.Scan(story.Reel)
	s.Scan(story.Codes[0])
	s.Until("code 1001")
	s.Keys("esc")
	s.Until("reel " + story.Reel)
	s.Keys("tab", "tab")
	s.Until("two_shops 30m")
}
