package counter_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"counterfoil/api"
	"counterfoil/api/sandbox"
	"counterfoil/offline/offlinetest"
	"counterfoil/screens/screenstest"
	"counterfoil/ui"
)

// collected is a counter whose manager scanned these ids one after the other.
func collected(t *testing.T, shop *offlinetest.Shop, ids ...string) *screenstest.Counter {
	t.Helper()
	s := screenstest.OnShop(shop, 100, 30, ui.English)
	s.Keys("f2")
	s.Until("Scan one after the other")
	for _, id := range ids {
		s.Clock.Forward(3 * time.Second)
		s.Scan(id)
		s.UntilNot("asking the platform")
	}
	s.Wait("all of it kept", func(string) bool { return len(s.Desk.Baskets().Of("mgr").Lines) == len(ids) })
	s.Must(s.Desk.Baskets().Kept())
	return s
}

// restarted is the shop's counter after its program ended and began anew.
func restarted(s *screenstest.Counter) *screenstest.Counter {
	s.TB.Helper()
	s.Reopen()
	return screenstest.OnShop(s.Shop, 100, 30, ui.English)
}

func TestABasketIsThereAgainAfterARestartAndSendsNothingByItself(t *testing.T) {
	t.Parallel()
	s := collected(t, offlinetest.Open(t), offlinetest.Reel, offlinetest.FreeCode)
	s.Keys("1", "2")
	s.Must(s.Desk.Baskets().Kept())
	s = restarted(s)
	s.Until("Your basket is here again: 2 lines")
	s.UntilNot("asking the platform")
	s.Until("2 to send  ¥ 42.00")
	s.WantEffects(0)
	s.Keys("enter")
	s.Until("type it twice") // the amount that was typed is one still
	s.Answer("12")
	s.Until("2 ACTIVE · ¥ 42.00")
	s.Keys("esc")
	s.Until("Scan one after the other")
	s.Must(s.Desk.Baskets().Kept())
	s = restarted(s)
	s.Until("Scan a voucher") // what was cleared is gone
}

func TestARestartShowsWhatBecameOfEachLineAndSendsOnlyTheRest(t *testing.T) {
	t.Parallel()
	s := collected(t, offlinetest.Open(t, func(s *offlinetest.Shop) { s.Settings.Calls.Parallel = 1 }), offlinetest.Reel, offlinetest.FreeCode, "R151102F-0000241-2555")
	s.Faults(sandbox.Fault{Action: api.ActionReelActivate, Times: 1, Do: "refuse:A05"}, sandbox.Fault{Action: api.ActionActivate, Do: "delay:1s"})
	s.Keys("enter")
	s.Until("⊘ 1 refused") // the next is on its way, the third waits for its turn
	s.Eventually("the second at the platform", func() bool { return len(s.Sandbox.Effects()) == 1 })
	s.Faults()
	s = restarted(s)
	s.Until("Your basket is here again: 3 lines")
	s.Until("1 to send")
	s.WantEffects(1)
	s.Keys("enter")
	s.Until("2 ACTIVE")
	s.Until("1 KEEP BACK – LINE 1")
	s.WantEffects(2)
}

func TestABasketFileThatSomebodyAlteredOnlyShows(t *testing.T) {
	t.Parallel()
	shop := offlinetest.Open(t)
	s := collected(t, shop, offlinetest.FreeCode)
	file := filepath.Join(s.Settings.Data, "baskets.json")
	text, err := os.ReadFile(file)
	s.Must(err)
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Error(info.Mode(), err)
	}
	altered := strings.Replace(string(text), `"lines":[`, `"sent":true,"lines":[{"n":-1,"id":"`+offlinetest.Reel+`","amount_fen":600000},{"n":1,"id":"no id \u001b[2J"},`, 1)
	s.Must(os.WriteFile(file, []byte(altered), 0o600))
	s = restarted(s)
	s.Until("2 lines")
	s.UntilNot("asking the platform")
	s.WantEffects(0)
	s.Keys("enter")
	s.Until("more than ten times its face value")
	s.WantEffects(0)
	s.Keys("esc")

	s.Must(s.Desk.Stop())
	s.Must(os.WriteFile(file, []byte("{"), 0o600))
	s = restarted(s)
	s.Wait("the file set aside", func(string) bool {
		_, err := os.Stat(file + ".unreadable")
		return err == nil
	})
	s.Until("Scan a voucher")
}

func TestABasketGoesOnWhereTheDiskTakesNothing(t *testing.T) {
	t.Parallel()
	s := collected(t, offlinetest.Open(t), offlinetest.Reel)
	file := filepath.Join(s.Settings.Data, "baskets.json")
	s.Must(os.Rename(file, file+".was"))
	s.Must(os.Mkdir(file, 0o700))
	s.Scan(offlinetest.FreeCode)
	s.Until("The basket is not on disk")
	s.Send(screenstest.Press("ctrl+l"))
	s.Until("▸ mgr")
	s.Keys("9", "9", "9", "9", "enter")
	s.Until("2 to send")
	s.Must(os.Remove(file))
	s.Keys("enter")
	s.Until("2 ACTIVE")
	s.UntilNot("The basket is not on disk")
}

func TestOnlyWhatFailedStaysInTheBasket(t *testing.T) {
	t.Parallel()
	s := collected(t, offlinetest.Open(t), offlinetest.Reel, offlinetest.FreeCode, "10014030013500006013")
	s.Faults(sandbox.Fault{Action: api.ActionReelActivate, Times: 1, Do: "refuse:A05"})
	s.Keys("enter")
	s.Until("1 ACTIVE · ¥ 15.00 · 2 KEEP BACK")
	s.Until("1 refused: do not hand over")
	s.Until("▸   1 " + offlinetest.Reel) // trouble is at the top
	s.Until("basket-2026-11-22-1.txt")
	slip, err := os.ReadFile(filepath.Join(s.Settings.Data, "slips", "basket-2026-11-22-1.txt"))
	s.Must(err)
	for _, want := range []string{"银泰店 C01", "mgr", "2 100126", "active already", "Done                     1         15.00", "1, 3"} {
		if !strings.Contains(string(slip), want) {
			t.Errorf("%q is missing in\n%s", want, slip)
		}
	}
	s.Keys("e")
	s.Until("2 lines")
	s.Until("1 to send  ¥ 30.00")
	s.Keys("enter")
	s.Until("1 ACTIVE · ¥ 30.00 · 1 KEEP BACK – LINE 3")
	s.WantEffects(2)
}

func TestTheLastScanIsUndoneAndWhatOverlappedItIsFree(t *testing.T) {
	t.Parallel()
	s := collected(t, offlinetest.Open(t), offlinetest.ReelCode, offlinetest.Reel)
	s.Until("in line 1 already")
	s.Scan(offlinetest.FreeCode)
	s.Until("3 lines")
	s.Clock.Forward(3 * time.Second)
	s.Scan(offlinetest.ReelCode)
	s.Until("scanned 2 times: counted once")
	s.Keys("u")
	s.Until("2 lines")
	s.Keys("up", "delete")
	s.Until("1 to send  ¥ 30.00")
	s.Keys("u")
	s.Until("Scan one after the other")
}

func TestALineIsMarkedWhenItsHolderBecomesKnownLater(t *testing.T) {
	t.Parallel()
	s := collected(t, offlinetest.Open(t))
	s.Faults(sandbox.Fault{Action: api.ActionLookup, Times: 1, Do: "delay:300ms"})
	s.Scan(offlinetest.ReelCode)
	s.Scan(offlinetest.Reel)
	s.Until("in line 1 already")
	s.Until("1 to send")
}

func TestLookUpsOfABasketRunFewAtATimeTheCardInHandFirst(t *testing.T) {
	t.Parallel()
	s := collected(t, offlinetest.Open(t, func(s *offlinetest.Shop) { s.Settings.Calls.Parallel = 1 }))
	s.Faults(sandbox.Fault{Action: api.ActionLookup, Do: "delay:200ms"})
	for _, id := range []string{offlinetest.ReelCode, offlinetest.Reel, "R151102F-0000241-2555", offlinetest.FreeCode} {
		s.Scan(id)
	}
	asked := func(of int) func(string) bool {
		return func(screen string) bool { return strings.Count(screen, "asking the platform") == of }
	}
	s.Wait("the one that was begun and then the card in hand", func(screen string) bool {
		if !asked(2)(screen) {
			return false
		}
		for row := range strings.SplitSeq(screen, "\n") {
			if strings.Contains(row, "asking the platform") && !strings.Contains(row, " 2 R112") && !strings.Contains(row, " 3 R151") {
				t.Errorf("out of its turn:\n%s", screen)
			}
		}
		return true
	})
	s.Wait("the others one by one", asked(1))
	s.Wait("all", asked(0))
}
