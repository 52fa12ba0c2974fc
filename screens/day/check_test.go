package day_test

import (
	"os"
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

// sold opens the screen for the manager, with the reel and so many codes activated.
func sold(t *testing.T, width, height int, lang string, codes int) *screenstest.Counter {
	t.Helper()
	shop := offlinetest.Open(t, func(s *offlinetest.Shop) {
		s.Settings.Rules.SettleTime = 30 * time.Millisecond
		s.Client.PaaS = api.PaaS{AppID: sandbox.DefaultAppID}
	})
	s := screenstest.OnShop(shop, width, height, lang)
	ids := []api.ID{offlinetest.Reel}
	if codes > 0 {
		box, err := s.Sandbox.Generate(1, codes, codes)
		s.Must(err)
		_, err = s.Desk.Lookup(t.Context(), api.ID(box), func(n api.Node) error {
			if n.Level == api.LevelCode {
				ids = append(ids, api.ID(n.ID))
			}
			return nil
		})
		s.Must(err)
	}
	for _, id := range ids {
		s.LookUp(string(id))
		op, err := s.Desk.Accept(t.Context(), offline.Request{Kind: offline.Activate, ID: id, AmountFen: 3000, Operator: s.Cashier})
		s.Must(err)
		if op, err = s.Desk.Wait(t.Context(), op.Op); err != nil || op.State != offline.Done {
			t.Fatalf("%+v, %v", op, err)
		}
	}
	s.Keys("f8")
	s.Until(s.Words.T("slip.x"))
	return s
}

// otherTill voids one code behind the counter's back.
func otherTill(s *screenstest.Counter, id string) {
	s.TB.Helper()
	client := s.NewClient()
	defer client.Close()
	trace := s.Clock.Now().In(offlinetest.Zone).Format("20060102") + "000009000000001"
	if a := client.Void(s.TB.Context(), api.VoidRequest{TraceNo: trace, ID: api.ID(id)}); !a.Success() {
		s.TB.Fatalf("the other till: %+v", a)
	}
}

func TestADifferenceIsListedWithBothSidesEvidenceAndLeadsOn(t *testing.T) {
	t.Parallel()
	s := sold(t, 120, 40, "en", 0)
	otherTill(s, offlinetest.ReelCode)
	s.Keys("k")
	s.Until("1 of 1 differ")
	s.Until("codes changed;")
	s.Keys("enter")
	s.Until("They say")
	for _, evidence := range []string{"Attempts", "trace 2026", "result query", "1 active, 1 void", "records"} {
		s.Until(evidence)
	}
	s.Keys("f6")
	s.Until("code 1001901070000000258")
	s.Keys("f8")
	s.Until("1 active, 1 void")
	s.Keys("r") // the very difference is asked about again
	s.Until("1 of 1 differ")
	last, ok, err := s.Desk.LastReconciliation(t.Context(), s.Manager)
	if err != nil || !ok || len(last.Result.Found) != 1 || last.Result.Found[0].Class != "partial" {
		t.Errorf("%+v %v %v", last, ok, err)
	}
}

func TestADifferenceThatIsNoneAnyMoreIsNotShownAnyMore(t *testing.T) {
	t.Parallel()
	s := sold(t, 120, 40, "en", 1)
	s.Faults(sandbox.Fault{Action: "queryVerifyInfo", Do: "stale_lookup"})
	s.Keys("k")
	s.Until("2 of 2 differ")
	s.Until("Differences 2")
	s.Keys("enter")
	s.Until("They say")
	s.Faults()
	s.Keys("r")
	s.Until("The platform agrees: 1 of 1")
	s.UntilNot("They say")
	s.Until("Differences 1")
}

func TestACloseOnScreenAsksThePlatformFirst(t *testing.T) {
	t.Parallel()
	s := sold(t, 120, 40, "en", 3)
	s.Keys("c")
	s.Until("Close the business day?")
	s.Keys("enter")
	s.Until("Z 1 is written")
	s.Until("Checked 4/4")
}

func TestACloseWithoutThePlatformSaysSo(t *testing.T) {
	t.Parallel()
	s := sold(t, 120, 40, "en", 3)
	s.Outage()
	s.Keys("c")
	s.Until("Close the business day?")
	s.Keys("enter")
	s.Until("NOT CHECKED: the platform did not answer")
	s.Until("NOT CHECKED WITH THE PLATFORM")
}

func TestACheckThatIsStoppedClosesOnlyWhenAskedTo(t *testing.T) {
	t.Parallel()
	s := sold(t, 120, 40, "en", 3)
	s.Faults(sandbox.Fault{Action: api.ActionLookup, Do: "delay:3s"})
	s.Keys("c")
	s.Until("Close the business day?")
	s.Keys("enter")
	s.Until("Asking the platform")
	s.Keys("esc")
	s.Until("Close without the check?")
	if all, err := s.Desk.Closes(t.Context(), s.Manager); err != nil || len(all) > 0 {
		t.Fatalf("closed without being asked to: %v, %v", all, err)
	}
	s.Keys("enter")
	s.Until("NOT CHECKED WITH THE PLATFORM")
}

func TestACheckThatIsStoppedGoesOnLater(t *testing.T) {
	t.Parallel()
	s := sold(t, 120, 40, "en", 3)
	s.Faults(sandbox.Fault{Action: api.ActionLookup, Do: "delay:3s"})
	s.Keys("k")
	s.Until("Asking the platform")
	s.Keys("esc")
	s.Until("Stopped.")
	s.Faults()
	s.Keys("k")
	s.Until("The platform agrees: 4 of 4")
}

func TestTheReportFollowsWhatTheCounterDoes(t *testing.T) {
	t.Parallel()
	s := sold(t, 120, 40, "en", 0)
	s.LookUp(offlinetest.FreeCode)
	_, err := s.Desk.Accept(t.Context(), offline.Request{Kind: offline.Activate, ID: offlinetest.FreeCode, AmountFen: 1800, Operator: s.Cashier})
	s.Must(err)
	s.Until("48.00")
}

func TestAManagerNotesSomethingOnAClose(t *testing.T) {
	t.Parallel()
	s := sold(t, 120, 40, "en", 0)
	s.Keys("n")
	s.Until("choose a close first")
	s.Keys("c")
	s.Until("Close the business day?")
	s.Keys("enter")
	s.Until("Z 1 is written")
	s.Keys("n")
	s.Until("Note on Z 1")
	s.Answer("till short by 5")
	s.Until("mgr: till short by 5")
}

func TestTheExportOfTheDayHoldsTheRowsThatTheReportCounts(t *testing.T) {
	t.Parallel()
	s := sold(t, 120, 40, "en", 3)
	s.Keys("e")
	s.Until("4 rows")
	s.Keys("right", "right", "tab", "enter")
	s.Until("4 rows, ¥ 120.00: ")
	files, err := filepath.Glob(filepath.Join(s.Settings.Data, "exports", "*.json"))
	if err != nil || len(files) != 2 {
		t.Fatalf("%v %v", files, err)
	}
	text, err := os.ReadFile(files[0])
	if err != nil || strings.Count(string(text), "\n") != 4 || strings.Contains(string(text), offlinetest.ReelCode) {
		t.Errorf("%v\n%s", err, text)
	}
}

func TestTheListOfDifferencesLooksAsItShould(t *testing.T) {
	screenstest.Looks(t, [][2]int{{80, 24}, {120, 40}, {160, 50}}, func(t *testing.T, width, height int, lang string) {
		s := sold(t, width, height, lang, 0)
		otherTill(s, offlinetest.ReelCode)
		s.Keys("k")
		s.Until(s.Words.T("day.tab_differences") + " 1")
		s.Keys("esc")
		s.Keys("f8")
		s.Golden()
	})
}
