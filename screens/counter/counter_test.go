package counter_test

import (
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"counterfoil/api"
	"counterfoil/api/sandbox"
	"counterfoil/offline/offlinetest"
	"counterfoil/screens/screenstest"
)

func TestScanThenEnterActivatesAndTellsToHandOver(t *testing.T) {
	t.Parallel()
	s := screenstest.SignedIn(t, 80, 24)
	s.Scan(offlinetest.Reel)
	s.Send(screenstest.Press("enter")) // the scanner's second terminator
	s.Until("to activate")
	s.Send(screenstest.Press("enter"))
	s.WantEffects(0)
	s.Keys("enter")
	s.Until("ACTIVE – HAND OVER")
	s.Until("1 operation ")
	s.WantEffects(1)
	s.Clock.Forward(61 * time.Second)
	s.Until("DONE 10:1")
	if s.Shows("HAND OVER") {
		t.Errorf("old evidence still tells to hand over:\n%s", s.Screen())
	}
}

func TestHandOverEndsWithALaterOperationOnTheSameVoucher(t *testing.T) {
	t.Parallel()
	s := screenstest.AtReel(t, 80, 24)
	s.Keys("enter")
	s.Until("HAND OVER")
	s.Keys("f4")
	s.Until("Void this?")
	s.Keys("enter")
	s.Until("✔  VOID")
	s.WantEffects(2)
	if s.Shows("HAND OVER") {
		t.Errorf("a voided voucher must not be handed over:\n%s", s.Screen())
	}
}

func TestTheAmountMayBeTypedBetweenScanAndEnter(t *testing.T) {
	t.Parallel()
	s := screenstest.AtReel(t, 80, 24)
	s.Keys("2", "8", ".", "5")
	s.Until("¥ 28.5")
	s.Keys("enter")
	s.Until("HAND OVER")
	s.Until("¥ 28.50")
}

func TestAnEnterHitRightBehindTheAmountSendsIt(t *testing.T) {
	t.Parallel()
	s := screenstest.AtReel(t, 80, 24)
	s.Clock.Forward(time.Second)
	for _, key := range []string{"2", "8", ".", "5", "enter"} {
		s.Clock.Forward(60 * time.Millisecond)
		s.Send(screenstest.Press(key))
	}
	s.Until("HAND OVER")
	s.Until("¥ 28.50")
	s.WantEffects(1)
}

func TestAShortBarcodeNeitherActivatesNorConfirms(t *testing.T) {
	t.Parallel()
	s := screenstest.AtReel(t, 80, 24)
	s.Scan("1234")
	s.Until("¥ 1234")
	s.WantEffects(0)
	s.Keys("f4")
	s.Until("Void this?")
	s.Scan("5")
	s.Clock.Forward(time.Second)
	s.Send(screenstest.Press("5")) // no amount is asked for here, so nobody types one
	s.Clock.Forward(60 * time.Millisecond)
	s.Send(screenstest.Press("enter"))
	if !s.Shows("Void this?") {
		t.Errorf("the dialog was answered:\n%s", s.Screen())
	}
	s.WantEffects(0)
}

func TestAnUnknownOutcomeSaysSoAndUpdatesItself(t *testing.T) {
	t.Parallel()
	s := screenstest.AtReel(t, 80, 24)
	s.Faults(sandbox.Fault{Action: api.ActionReelActivate, Times: 1, Do: "drop_answer"})
	s.Keys("enter")
	s.Until("NOT KNOWN YET – DO NOT HAND OVER")
	s.Until("ACTIVE – HAND OVER")
	s.WantEffects(1)
}

func TestARefusalShowsThePlatformsWords(t *testing.T) {
	t.Parallel()
	s := screenstest.AtReel(t, 100, 30)
	s.Faults(sandbox.Fault{Action: api.ActionReelActivate, Times: 1, Do: "refuse:A05"})
	s.Keys("enter")
	s.Until("REFUSED")
	s.Until("DO NOT HAND OVER")
	s.Until("(A05)")
	s.WantEffects(0)
}

func TestOfflineIsAcceptedOnlyAfterTheSentence(t *testing.T) {
	t.Parallel()
	s := screenstest.AtReel(t, 80, 24)
	s.Outage()
	s.Keys("enter")
	s.Until("It is NOT ACTIVE YET")
	s.Keys("esc")
	s.UntilNot("It is NOT ACTIVE YET")
	s.Until("0 waiting")
	s.Keys("enter")
	s.Until("It is NOT ACTIVE YET")
	s.Keys("enter")
	s.Until("QUEUED – NOT ACTIVE YET")
	s.Until("1 waiting")
	s.WantEffects(0)
	s.Faults()
	s.Keys("f5")
	s.Until("Waiting")
	s.Keys("n")
	s.Until("0 waiting")
	s.Keys("f1")
	s.Until("ACTIVE – HAND OVER")
	s.WantEffects(1)
}

func TestOverALimitAManagerApprovesThisOne(t *testing.T) {
	t.Parallel()
	s := screenstest.AtReel(t, 80, 24)
	s.Outage()
	s.Keys("6", "0", "0", "0", "enter")
	s.Until("It is NOT ACTIVE YET")
	s.Keys("enter")
	s.Until("A manager is needed")
	s.Keys("tab", "1", "2", "3", "4", "enter")
	s.Until("Wrong PIN")
	s.Keys("tab", "9", "9", "9", "9", "enter")
	s.Until("QUEUED")
	s.Until("approved by mgr")
}

func TestADialogHidesACodesSecret(t *testing.T) {
	t.Parallel()
	s := screenstest.SignedIn(t, 80, 24)
	s.Keys("f2")
	s.Scan(offlinetest.FreeCode)
	s.Until("1 to send")
	secret := offlinetest.FreeCode[len(offlinetest.FreeCode)-4:]
	s.Keys("f4")
	s.Until("Void this?")
	if s.Shows(secret) {
		t.Errorf("the void's dialog shows all of the code:\n%s", s.Screen())
	}
	s.Keys("esc")
	s.Outage()
	s.Keys("enter")
	s.Until("It is NOT ACTIVE YET")
	if s.Shows(secret) {
		t.Errorf("the outage's dialog shows all of the code:\n%s", s.Screen())
	}
}

func TestWhatIsNoIDIsSaidAndForgotten(t *testing.T) {
	t.Parallel()
	s := screenstest.SignedIn(t, 80, 24)
	s.Scan("https://example.com/?q=1")
	s.Until("is not the number of a voucher")
	s.Keys("esc")
	s.Until("Scan a voucher")
}

func TestAPastedIDIsLookedUpAndNotSent(t *testing.T) {
	t.Parallel()
	s := screenstest.SignedIn(t, 80, 24)
	s.Send(tea.PasteMsg{Content: "  " + offlinetest.Reel + "\r\nnot this line\r\n"})
	s.Until("reel · " + offlinetest.Reel)
	s.Until("to activate")
	s.WantEffects(0)
}

func TestALockClosesAnOpenQuestionAndTheCounterGoesOn(t *testing.T) {
	t.Parallel()
	s := screenstest.AtReel(t, 80, 24)
	s.Outage()
	s.Keys("enter")
	s.Until("It is NOT ACTIVE YET")
	s.Clock.Forward(screenstest.IdleLock)
	s.Until("Locked after a while")
	s.Keys("1", "1", "1", "1", "enter")
	s.Until("to activate")
	s.Until("0 waiting")
	s.Keys("enter")
	s.Until("It is NOT ACTIVE YET")
	s.Keys("enter")
	s.Until("QUEUED")
}
