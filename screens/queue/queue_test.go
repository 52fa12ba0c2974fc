package queue_test

import (
	"context"
	"regexp"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"counterfoil/api"
	"counterfoil/api/sandbox"
	"counterfoil/offline"
	"counterfoil/offline/offlinetest"
	"counterfoil/screens/screenstest"
)

func TestMain(m *testing.M) { screenstest.Main(m) }

func TestTheQueueSaysWhatAnOperationWaitsFor(t *testing.T) {
	t.Parallel()
	s := screenstest.Queued(t, 120, 40)
	_, err := s.Desk.Accept(context.Background(), offline.Request{
		Kind: offline.Void, ID: offlinetest.ReelCode, Offline: true, Operator: s.Manager})
	s.Must(err)
	s.Keys("f5")
	s.Chosen("R112102F") // what is in hand
	s.Until("void ")
	s.Keys("down", "enter")
	s.Until("Reason          waits for " + offlinetest.Reel)
}

func TestTheQueueSaysSinceWhenItIsOfflineAndWhenItIsTriedAgain(t *testing.T) {
	t.Parallel()
	s := screenstest.Queued(t, 80, 24)
	s.Keys("f5")
	s.Until("offline since 10:1")
	s.Until("next try in ")
	s.Faults()
	s.Keys("n")
	s.Until("0 waiting")
	s.UntilNot("offline since")
}

// unknown is a counter in the queue whose one activation has an unknown outcome.
func unknown(t *testing.T, change ...func(*offlinetest.Shop)) *screenstest.Counter {
	t.Helper()
	s := screenstest.AtReel(t, 120, 40, change...)
	s.Faults(sandbox.Fault{Action: api.ActionReelActivate, Times: 1, Do: "drop_answer"}, sandbox.Fault{Skip: 1, Do: "refuse_connection"})
	s.Keys("enter")
	s.Until("NOT KNOWN YET")
	s.Keys("f5")
	return s
}

func TestWhatIsUnknownForLongIsAmongWhatAManagerMustSee(t *testing.T) {
	t.Parallel()
	s := unknown(t, func(s *offlinetest.Shop) { s.Settings.Rules.AttentionAfter = time.Nanosecond })
	s.Until("1 for the manager")
	s.UntilNot("1 not known") // it is counted once
	s.Keys("tab", "tab")
	s.Until("Nothing here")
	s.Keys("tab")
	s.Chosen("! not known")
	s.Wait("all of the row", regexp.MustCompile(`! not known +activate +R\S+2585 +¥ 30.00 +amy +\d+ (s|min) ago`).MatchString)
	s.Until("unclear for long: ask the")
	s.Keys("f1")
	s.Until("Needs you 1")
	s.Wait("the manager among what is needed", regexp.MustCompile(`Needs you 1(?s:.*)\? .* ask the manager`).MatchString)
	s.Send(tea.WindowSizeMsg{Width: 80, Height: 24})
	s.Keys("f5")
	s.Until("! not known")
}

func TestWhatIsUnknownForAMomentIsNotTheManagersYet(t *testing.T) {
	t.Parallel()
	s := unknown(t)
	s.Until("1 not known")
	s.Keys("tab", "tab", "tab")
	s.Until("Nothing here")
	s.UntilNot("for the manager")
}

func TestTheQueuesLettersWorkAsTheyAreShown(t *testing.T) {
	t.Parallel()
	s := screenstest.Queued(t, 80, 24)
	s.Keys("f5")
	s.Chosen("10:1")
	s.Keys("S")
	s.Until("Settling closes")
	s.Keys("esc", "W")
	s.Until("Withdrawing takes it back")
}

func TestASettlementByACashierAsksAManager(t *testing.T) {
	t.Parallel()
	s := screenstest.Queued(t, 100, 30)
	s.Keys("f5")
	s.Chosen("10:1")
	s.Keys("s")
	s.Until("Settle by hand")
	s.Keys("tab", "t", "e", "l", "enter")
	s.Until("□ it had no effect   □ ") // what cannot be undone is chosen by a hand
	s.Until("Choose one of the answers")
	s.Keys("right", "tab", "enter")
	s.Until("A manager is needed")
	s.Keys("tab", "9", "9", "9", "9", "enter")
	s.Until("settled")
	s.Until("Nothing here")
	s.Keys("left")
	s.Chosen("10:1")
	s.Keys("enter")
	s.Until("it had no effect (by mgr): tel")
}

func TestAnOperationsPageShowsItsAttemptsAndEvidence(t *testing.T) {
	t.Parallel()
	s := screenstest.AtReel(t, 120, 40)
	s.Faults(sandbox.Fault{Action: api.ActionReelActivate, Times: 1, Do: "drop_answer"})
	s.Keys("enter")
	s.Until("ACTIVE – HAND OVER")
	s.Keys("f5") // what is in hand is among what is done today
	s.Chosen("✔ active")
	s.Keys("enter")
	s.Until("Attempts")
	s.Until("no clear answer: ")
	s.Until("before: 2 not active")
	s.Until("Evidence")
	s.Until("look-up")
	s.Until("2 active")
	s.Until("› done")
	s.Until("What            activate")
}

func TestAWithdrawalTakesBackWhatWasNotSent(t *testing.T) {
	t.Parallel()
	s := screenstest.Queued(t, 100, 30)
	s.Keys("f5")
	s.Chosen(offlinetest.Reel)
	s.Keys("w")
	s.Until("Withdrawing takes it back")
	s.Keys("enter")
	s.Until("0 waiting")
	s.Keys("left")
	s.Chosen("withdrawn")
	s.Keys("w")
	s.Until("closed")
	s.WantEffects(0)
}

func TestALongQueueIsReadPageByPage(t *testing.T) {
	t.Parallel()
	s := screenstest.SignedIn(t, 100, 30)
	box := s.Known(1, 1, 130)
	packages, err := s.Desk.Children(t.Context(), offline.Page{Parent: box, Limit: 1})
	s.Must(err)
	reels, err := s.Desk.Children(t.Context(), offline.Page{Parent: packages[0].ID, Limit: 1})
	s.Must(err)
	codes, err := s.Desk.Children(t.Context(), offline.Page{Parent: reels[0].ID, Limit: 130})
	s.Must(err)
	s.CutOff()
	for _, c := range codes {
		_, err := s.Desk.Accept(t.Context(), offline.Request{
			Kind: offline.Activate, ID: api.ID(c.ID), AmountFen: 100, Offline: true, Operator: s.Cashier,
			Approver: s.As(offlinetest.ManagerName, offlinetest.ManagerPIN), ApprovedFor: []offline.ErrorKind{offline.ErrOverLimit}})
		s.Must(err)
	}
	first, last := api.ID(codes[0].ID).Masked(), api.ID(codes[129].ID).Masked()
	s.Keys("f5")
	s.Chosen(first)
	s.Keys("end")
	s.Chosen(last)
	s.Keys("home")
	s.Chosen(first)
	for range 12 {
		s.Keys("pgdown")
		s.Drain()
	}
	s.Wait("the last of them", func(screen string) bool {
		if !strings.Contains(screen, last) {
			s.Keys("pgdown")
		}
		return strings.Contains(screen, last)
	})
	s.Faults() // rows that go out change where they stand
	s.Keys("n")
	s.Until("0 waiting")
	s.Until("Nothing here")
	s.Keys("left") // what is done today, the newest first
	s.Chosen(last)
	s.Keys("end")
	s.Chosen(first)
}
