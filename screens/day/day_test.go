package day_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"counterfoil/offline"
	"counterfoil/offline/offlinetest"
	"counterfoil/screens/screenstest"
)

// withOpen opens the screen for the manager, with one operation that waits.
func withOpen(t *testing.T, width, height int, lang string) *screenstest.Counter {
	t.Helper()
	s := screenstest.OnShop(offlinetest.Open(t), width, height, lang)
	s.Outage()
	_, err := s.Desk.Accept(t.Context(), offline.Request{
		Kind: offline.Activate, ID: offlinetest.Reel, AmountFen: 3000, Offline: true, Operator: s.Manager})
	s.Must(err)
	s.Clock.Forward(2*time.Minute + 20*time.Second) // an age that stays for the test
	s.Until(s.Words.T("status_line.waiting", map[string]any{"Count": 1}))
	s.Keys("f8")
	s.Until("R112102F-0000242-2585")
	return s
}

func TestAManagerClosesTheDayWithTheNumberOfWhatIsOpen(t *testing.T) {
	t.Parallel()
	s := withOpen(t, 120, 40, "en")
	s.Keys("C")
	s.Until("How many are still open?")
	s.Keys("2", "enter")
	s.Until("not the number")
	if all, err := s.Desk.Closes(t.Context(), s.Manager); err != nil || len(all) > 0 {
		t.Fatalf("closed with the wrong number: %v, %v", all, err)
	}
	s.Keys("backspace", "1", "enter")
	s.Until("Z 1 is written")
	s.Until("DAY CLOSE")
	all, err := s.Desk.Closes(t.Context(), s.Manager)
	s.Must(err)
	if len(all) != 1 || len(all[0].Open) != 1 {
		t.Fatalf("%+v", all)
	}
	text, err := os.ReadFile(s.Settings.Data + "/slips/Z000001.txt")
	if err != nil || !strings.Contains(string(text), all[0].Head.Hash[:32]) {
		t.Errorf("the slip: %v\n%s", err, text)
	}
	s.Keys("c")
	s.Until("Close the business day?")
	s.Keys("1", "enter")
	s.Until("Nothing new since Z 1")
	s.Until("COPY 1")
	s.Keys("esc")
	s.Until("DAY SO FAR")
	s.Keys("left")
	s.Until("Z 000001")
	s.Keys("enter")
	s.Until("COPY 2")
}

func TestACashierNeedsAManagerForTheDay(t *testing.T) {
	t.Parallel()
	s := screenstest.SignedIn(t, 80, 24)
	s.Keys("f8")
	s.Until("manager")
	if s.Shows("DAY SO FAR") {
		t.Errorf("a cashier sees the report:\n%s", s.Screen())
	}
}

func TestTheDayLooksAsItShould(t *testing.T) {
	screenstest.Looks(t, [][2]int{{80, 24}, {120, 40}, {160, 50}}, func(t *testing.T, width, height int, lang string) {
		s := withOpen(t, width, height, lang)
		s.Golden()
	})
}

func TestTheViewsOfTheDaySayThatThereAreMore(t *testing.T) {
	t.Parallel()
	for lang, state := range map[string]string{"en": "◷ waiting", "zh": "◷ 等待"} {
		s := withOpen(t, 80, 24, lang)
		s.Until("… 1/7 ")
		s.Until(state) // as the queue shows it
		s.Keys("left")
		s.Until(" 7/7 ")
	}
}
