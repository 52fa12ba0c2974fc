package counter_test

import (
	"context"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"counterfoil/api"
	"counterfoil/offline"
	"counterfoil/offline/offlinetest"
	"counterfoil/screens/screenstest"
)

func TestABasketSendsAllWithOneEnterAndShowsEachOutcome(t *testing.T) {
	t.Parallel()
	s := screenstest.SignedIn(t, 100, 30)
	s.Keys("f2")
	s.Until("Scan one after the other")
	for _, id := range []string{offlinetest.Reel, offlinetest.FreeCode, offlinetest.OtherBox} {
		s.Scan(id)
		s.UntilNot("asking the platform")
	}
	s.Until("Enter the amount")
	s.Keys("enter")
	s.WantEffects(0) // one line lacks its amount: nothing is sent
	s.Keys("delete", "enter")
	s.Until("✔ 2 active")
	s.WantEffects(2)
}

func TestABasketSendsAReelAndItsCodeOnce(t *testing.T) {
	t.Parallel()
	for name, order := range map[string][2]string{"reel first": {offlinetest.Reel, offlinetest.ReelCode}, "code first": {offlinetest.ReelCode, offlinetest.Reel}} {
		t.Run(name, func(t *testing.T) {
			s := screenstest.SignedIn(t, 100, 30)
			s.Scan(offlinetest.Reel) // from here on it is known what the reel holds
			s.Until("to activate")
			s.Keys("esc", "f2")
			s.Clock.Forward(3 * time.Second) // the same scan counts again
			s.Until("Scan one after the other")
			for _, id := range order {
				s.Scan(id)
				s.UntilNot("asking the platform")
			}
			s.Until("already in the basket with " + api.ID(order[0]).Masked())
			s.Until("1 to send")
			s.Keys("enter")
			s.Until("✔ 1 active")
			s.WantEffects(1)
			s.Scan(offlinetest.FreeCode)
			s.Until("1 line") // nothing was left to send: a new basket
		})
	}
}

func TestALineLeftAloneOverlapsNoMore(t *testing.T) {
	t.Parallel()
	s := screenstest.SignedIn(t, 100, 30)
	s.Keys("f2")
	for _, id := range []string{offlinetest.Reel, offlinetest.ReelCode} {
		s.Scan(id)
		s.UntilNot("asking the platform")
	}
	s.Until("already in the basket with")
	s.Keys("up", "delete")
	s.UntilNot("already in the basket with")
	s.Until("1 to send")
}

func TestEveryLineOfABasketLosesItsHandOverToALaterOperation(t *testing.T) {
	t.Parallel()
	s := screenstest.SignedIn(t, 100, 30)
	s.Keys("f2")
	for _, id := range []string{offlinetest.Reel, offlinetest.FreeCode} {
		s.Scan(id)
		s.UntilNot("asking the platform")
	}
	s.Keys("enter")
	handOvers := func(n int) func(string) bool {
		return func(screen string) bool { return strings.Count(screen, "ACTIVE – HAND OVER") == n }
	}
	s.Wait("two to hand over", handOvers(2))
	_, err := s.Desk.Accept(context.Background(), offline.Request{
		Kind: offline.Void, ID: offlinetest.ReelCode, Operator: s.Manager})
	s.Must(err)
	s.Wait("the other line only", handOvers(1)) // the cursor is on that one
	s.Until("LOOK AGAIN FIRST")
}

// basket is a counter with these ids scanned one after the other.
func basket(t *testing.T, ids ...string) *screenstest.Counter {
	t.Helper()
	s := screenstest.SignedIn(t, 100, 30)
	s.Keys("f2")
	for _, id := range ids {
		s.Scan(id)
		s.UntilNot("asking the platform")
	}
	return s
}

func TestABasketIsEmptiedOnlyAfterAQuestion(t *testing.T) {
	t.Parallel()
	s := basket(t, offlinetest.Reel, offlinetest.FreeCode)
	s.Until("2 to send")
	s.Keys("f2")
	s.Until("The basket is not empty")
	s.Keys("esc")
	s.Until("Empty the basket?")
	s.Keys("esc")
	s.UntilNot("Empty the basket?")
	s.Until("2 to send")
	s.Keys("esc")
	s.Until("Empty the basket?")
	s.Keys("enter") // alone it means no
	s.UntilNot("Empty the basket?")
	s.Until("2 to send")
	s.Keys("esc")
	s.Until("■ keep it   □ empty it")
	s.Keys("right", "enter")
	s.Until("Scan one after the other")
	s.WantEffects(0)
	s.Keys("f2")
	s.Until("Scan a voucher")
}

func TestEveryLineOfAPasteGoesIntoTheBasket(t *testing.T) {
	t.Parallel()
	s := basket(t)
	s.Send(tea.PasteMsg{Content: offlinetest.Reel + "\r\n\n  " + offlinetest.FreeCode + "\nnot an id\n"})
	s.Until("2 to send")
	s.Until("2 lines were pasted. 1 line is left out: 4 “not an id”")
	s.Send(tea.PasteMsg{Content: offlinetest.Reel + "\nnor this\n" + offlinetest.OtherBox + "\n" + offlinetest.OtherBox})
	s.Until("1 line was pasted. 2 were there already. 1 line is left out: 2 “nor this”")
	s.Until("basket  3 lines")
	s.WantEffects(0)
}

func TestSeveralPastedIDsMakeABasketOfASingleCard(t *testing.T) {
	t.Parallel()
	s := screenstest.AtReel(t, 100, 30)
	s.Send(tea.PasteMsg{Content: offlinetest.FreeCode + "\n10014030013500006013\n690123456789\n"})
	s.Until("basket  4 lines")
	s.Until("reel  ")
	s.WantEffects(0)
}

func TestAPastedTableBringsItsAmounts(t *testing.T) {
	t.Parallel()
	s := screenstest.SignedIn(t, 100, 30)
	s.Send(tea.PasteMsg{Content: "Amount\tNote\tID\r\n12.50\tx\t" + offlinetest.FreeCode + "\r\n28.00\t\"a\"\t" + offlinetest.Reel + "\r\n"})
	s.Until("basket  2 lines")
	s.Until("¥ 12.50")
	s.Until("¥ 28.00")
	s.Until("¥ 40.50")
	s.WantEffects(0)
}

func TestALineScannedTwiceIsShownNotDoubled(t *testing.T) {
	t.Parallel()
	s := basket(t, offlinetest.Reel, offlinetest.FreeCode)
	s.Clock.Forward(3 * time.Second) // the same scan counts again
	s.Scan(offlinetest.Reel)
	s.Until("▸   1 " + offlinetest.Reel)
	s.Until("2 to send")
}

func TestALineScannedTwiceStillSaysThatNotAllOfItIsAlike(t *testing.T) {
	t.Parallel()
	s := basket(t, "R112102F-0000243-2586")
	s.Until("! manager  ○ 1  ● 1")
	s.Clock.Forward(3 * time.Second)
	s.Scan("R112102F-0000243-2586")
	s.Until("! manager  ×2  ○ 1")
	s.Until("so the manager decides")
	s.Until("scanned 2 times: counted once")
}

func TestAManagerLeftOutLeavesOnlyThatLineOut(t *testing.T) {
	t.Parallel()
	s := screenstest.SignedIn(t, 100, 30, func(s *offlinetest.Shop) { s.Settings.Limits.MaxAmountFen = 2000 })
	s.Keys("f2")
	for _, id := range []string{offlinetest.Reel, offlinetest.FreeCode} { // ¥ 30.00, ¥ 15.00
		s.Scan(id)
		s.UntilNot("asking the platform")
	}
	s.Outage()
	s.Keys("enter")
	s.Until("2 lines")
	s.Until("It is NOT ACTIVE YET")
	s.Keys("enter")
	s.Until("A manager is needed · over a limit")
	s.Keys("esc")
	s.Until("◷ 1 waiting")
	s.Until("1 to send")
}

func TestWhatIsScannedDuringAQuestionIsTakenAfterIt(t *testing.T) {
	t.Parallel()
	s := basket(t, offlinetest.Reel)
	s.Outage()
	s.Keys("enter")
	s.Until("It is NOT ACTIVE YET")
	s.Keys("enter")
	s.Until("◷ 1 waiting")
	s.Scan(offlinetest.FreeCode)
	s.Until("1 line")
}

func TestALineThatCannotBeSentDoesNotHoldTheBasketForTheNextCustomer(t *testing.T) {
	t.Parallel()
	s := basket(t, offlinetest.Reel, offlinetest.FreeCode, "10014030013500006013", "R999999Z-0000001-0001")
	s.Until("⊘ active already")
	s.Until("⊘ not known there")
	s.Keys("enter")
	s.Until("2 ACTIVE · ¥ 45.00 · 2 KEEP BACK")
	s.Until("LINES 3, 4")
	s.WantEffects(2)
	s.Scan("R151102F-0000241-2555")
	s.Until("basket  1 line")
	s.UntilNot("KEEP BACK")
	s.WantEffects(2)
}

func TestABasketIsVoidedByTypingHowManyItHolds(t *testing.T) {
	t.Parallel()
	s := basket(t, offlinetest.Reel, offlinetest.FreeCode)
	s.Keys("enter")
	s.Until("2 ACTIVE · ¥ 45.00")
	s.Keys("f4")
	s.Until("void · 2 lines · 3 codes")
	s.Answer("25") // one character too many empties it, and Enter then means no
	s.UntilNot("Void this?")
	s.WantEffects(2)
	s.Keys("f4")
	s.Until("Void this?")
	s.WantEffects(2)
	s.Answer("2")
	s.Until("2 VOID – KEEP IT")
	s.WantEffects(4)
}

func TestWhatWouldPassABatchsLimitWaitsForASecondPersonOnceForAll(t *testing.T) {
	t.Parallel()
	s := screenstest.SignedIn(t, 100, 30, func(s *offlinetest.Shop) { s.Settings.Rules.Batch.Count = 2 })
	s.Keys("f2")
	codes := s.Codes(4)
	for _, id := range append(codes, offlinetest.Reel) {
		s.Scan(id)
		s.UntilNot("asking the platform")
	}
	s.Until("5 to send")
	s.Keys("enter")
	s.Until("activate · 3 lines · 4 codes") // all that waits, asked about once
	s.Until("A batch may have 2 pieces at most")
	s.Eventually("the rest goes on", func() bool { return len(s.Sandbox.Effects()) == 2 })
	s.Keys("esc")
	s.Until("3 KEEP BACK")
	s.Keys("enter") // what was sent of it counts on: nothing slips through by sending the rest again
	s.Until("activate · 3 lines · 4 codes")
	s.WantEffects(2)
	s.Keys("tab")
	s.Answer("9999")
	s.Until("5 ACTIVE")
	s.WantEffects(5)
	ops, err := s.Desk.Operations(context.Background(), offline.Query{})
	s.Must(err)
	for _, op := range ops {
		if op.Operator != "amy" || (op.ApprovedBy == "mgr") != (op.ID != codes[0] && op.ID != codes[1]) {
			t.Errorf("%s by %s, approved by %q", op.ID, op.Operator, op.ApprovedBy)
		}
	}
}

func TestWhatWasVoidedOfABasketCountsOnAfterOnlyTheRestIsKept(t *testing.T) {
	t.Parallel()
	s := screenstest.SignedIn(t, 100, 30, func(s *offlinetest.Shop) { s.Settings.Rules.Batch.Count = 2 })
	codes := s.Codes(4)
	for _, id := range codes {
		_, err := s.Desk.Accept(t.Context(), offline.Request{Kind: offline.Activate, ID: api.ID(id), AmountFen: 1500, Operator: s.Cashier})
		s.Must(err)
	}
	s.Eventually("what is to be voided is active", func() bool { return len(s.Sandbox.Effects()) == 4 && s.Desk.Status().All() == 0 })
	s.Keys("f2")
	for _, id := range codes {
		s.Scan(id)
		s.UntilNot("asking the platform")
	}
	s.Until("⊘ active already")
	s.Keys("f4")
	s.Until("void · 4 lines · 4 codes")
	s.Answer("4")
	s.Until("A manager is needed · over a limit")
	s.Keys("esc")
	s.Until("2 VOID")
	s.WantEffects(6)
	s.Keys("e")
	s.Until("basket  2 lines")
	s.UntilNot("asking the platform")
	s.Keys("f4")
	s.Until("void · 2 lines · 2 codes")
	s.Answer("2")
	s.Until("A manager is needed · over a limit")
	s.WantEffects(6)
	s.Keys("tab")
	s.Answer("9999")
	s.Until("2 VOID – KEEP IT")
	s.WantEffects(8)
}

func TestASecondPersonSeesHowManyCodesTheDeskCountsByNow(t *testing.T) {
	t.Parallel()
	s := screenstest.SignedIn(t, 100, 30, func(s *offlinetest.Shop) { s.Settings.Rules.Batch.Count = 3 })
	box, err := s.Sandbox.Generate(1, 1, 4)
	s.Must(err)
	s.Outage()
	s.Keys("f2")
	s.Scan(box)
	s.Until("nothing is known")
	s.Faults()
	s.Desk.Probe(t.Context())
	s.Until("● online")
	s.LookUp(box) // as from the tree
	s.Keys("4", "0", "enter")
	s.Until("A manager is needed · over a limit")
	s.Until("activate · box · 4 codes")
	s.WantEffects(0)
	s.Keys("tab")
	s.Answer("9999")
	s.Until("1 ACTIVE")
	s.WantEffects(1)
}

func TestInASCIIALineThatIsNotSentIsNotMarkedAsVoid(t *testing.T) {
	t.Parallel()
	s := screenstest.Open(t, 100, 30, screenstest.ASCII)
	s.SignIn()
	s.Keys("f2")
	s.Scan("10014030013500006013")
	s.Until("[/] active already")
}
