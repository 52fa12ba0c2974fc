package screens

import (
	"testing"
	"time"

	"counterfoil/api"
	"counterfoil/api/sandbox"
	"counterfoil/screens/screenstest"
)

func TestScanThenEnterActivatesAndTellsToHandOver(t *testing.T) {
	s := openShop(t, 80, 24, "en")
	s.signIn()
	s.Scan(reel)
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
	s := atReel(t, 80, 24)
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
	s := atReel(t, 80, 24)
	s.Keys("2", "8", ".", "5")
	s.Until("¥ 28.5")
	s.Keys("enter")
	s.Until("HAND OVER")
	s.Until("¥ 28.50")
}

func TestAnEnterHitRightBehindTheAmountSendsIt(t *testing.T) {
	s := atReel(t, 80, 24)
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
	s := atReel(t, 80, 24)
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
	s := atReel(t, 80, 24)
	s.Faults(sandbox.Fault{Action: api.ActionReelActivate, Times: 1, Do: "drop_answer"})
	s.Keys("enter")
	s.Until("NOT KNOWN YET – DO NOT HAND OVER")
	s.Until("ACTIVE – HAND OVER")
	s.WantEffects(1)
}

func TestARefusalShowsThePlatformsWords(t *testing.T) {
	s := atReel(t, 100, 30)
	s.Faults(sandbox.Fault{Action: api.ActionReelActivate, Times: 1, Do: "refuse:A05"})
	s.Keys("enter")
	s.Until("REFUSED")
	s.Until("DO NOT HAND OVER")
	s.Until("(A05)")
	s.WantEffects(0)
}

func TestOfflineIsAcceptedOnlyAfterTheSentence(t *testing.T) {
	s := atReel(t, 80, 24)
	s.outage()
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
	s := atReel(t, 80, 24)
	s.outage()
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
	s := openShop(t, 80, 24, "en")
	s.signIn()
	s.Keys("f2")
	s.Scan(freeCode)
	s.Until("1 to send")
	secret := freeCode[len(freeCode)-4:]
	s.Keys("f4")
	s.Until("Void this?")
	if s.Shows(secret) {
		t.Errorf("the void's dialog shows all of the code:\n%s", s.Screen())
	}
	s.Keys("esc")
	s.outage()
	s.Keys("enter")
	s.Until("It is NOT ACTIVE YET")
	if s.Shows(secret) {
		t.Errorf("the outage's dialog shows all of the code:\n%s", s.Screen())
	}
}

func TestAScanNeverAnswersADialog(t *testing.T) {
	s := atReel(t, 80, 24)
	s.Keys("f4")
	s.Until("Void this?")
	s.Scan(freeCode)
	s.Until("Scan not taken")
	s.Send(screenstest.Press("enter"))
	if !s.Shows("Void this?") {
		t.Errorf("the dialog was answered:\n%s", s.Screen())
	}
	s.WantEffects(0)
	s.Keys("esc")
	s.Until("to activate")
}

func TestKeysInFlightDoNotAnswerADialog(t *testing.T) {
	s := atReel(t, 80, 24)
	s.Clock.Forward(time.Second)
	s.Send(screenstest.Press("f4"))
	s.Until("Void this?")
	for range 5 {
		s.Send(screenstest.Press("enter"))
	}
	s.Keys("esc")
	s.Until("to activate")
	s.WantEffects(0)
}

func TestAScanNeverLandsInThePIN(t *testing.T) {
	s := openShop(t, 80, 24, "en")
	s.Scan(freeCode)
	s.Until("Sign in first, then scan")
	if s.Shows("PIN      ●") {
		t.Errorf("the scan went into the PIN:\n%s", s.Screen())
	}
	s.Keys("1", "1", "1", "1", "enter")
	s.Until("Scan a voucher")
}

func TestABasketSendsAllWithOneEnterAndShowsEachOutcome(t *testing.T) {
	s := openShop(t, 100, 30, "en")
	s.signIn()
	s.Keys("f2")
	s.Until("Scan one after the other")
	for _, id := range []string{reel, freeCode, boxID} {
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

func TestWhatIsNoIDIsSaidAndForgotten(t *testing.T) {
	s := openShop(t, 80, 24, "en")
	s.signIn()
	s.Scan("https://example.com/?q=1")
	s.Until("is not the number of a voucher")
	s.Keys("esc")
	s.Until("Scan a voucher")
}

func TestAScanIsTakenWhateverIsInFront(t *testing.T) {
	s := openShop(t, 80, 24, "en")
	s.signIn()
	s.Keys("f5")
	s.Until("Done today")
	s.scanned(reel)
	s.Keys("?")
	s.Until("What the result asks of you")
	s.Scan(freeCode)
	s.Until("code · 1001260105000000301")
}

func TestTheIdleCounterLocksAndKeepsItsWork(t *testing.T) {
	s := atReel(t, 80, 24)
	s.Clock.Forward(idleLock)
	s.Until("Locked after a while")
	s.Keys("1", "1", "1", "1", "enter")
	s.Until("to activate")
}

func TestTheLanguageSwitchesWhileRunning(t *testing.T) {
	s := openShop(t, 80, 24, "en")
	s.signIn()
	s.Keys("f10")
	s.Until("扫码")
	s.Keys("f10")
	s.Until("Scan")
}

func TestASmallTerminalSaysSo(t *testing.T) {
	s := openShop(t, 80, 24, "en")
	s.Send(windowSize(79, 24))
	s.Until("at least 80×24")
	s.Send(windowSize(10, 3))
	s.Until("This")
	s.Send(windowSize(80, 24))
	s.Until("amy")
}

func TestASettlementByACashierAsksAManager(t *testing.T) {
	s := atReel(t, 100, 30)
	s.outage()
	s.Keys("enter")
	s.Until("It is NOT ACTIVE YET")
	s.Keys("enter")
	s.Until("QUEUED")
	s.Keys("f5")
	s.Until("▸10:1")
	s.Keys("s")
	s.Until("Settle by hand")
	s.Keys("tab", "t", "e", "l", "enter")
	s.Until("A manager is needed")
	s.Keys("tab", "9", "9", "9", "9", "enter")
	s.Until("settled")
	s.Until("Nothing here")
	s.Keys("left")
	s.Until("▸10:1")
	s.Keys("enter")
	s.Until("it had no effect (by mgr): tel")
}
