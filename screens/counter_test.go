package screens

import (
	"context"
	"testing"
	"time"

	"counterfoil/api"
	"counterfoil/api/sandbox"
	"counterfoil/offline"
)

func TestScanThenEnterActivatesAndTellsToHandOver(t *testing.T) {
	s := openShop(t, 80, 24, "en")
	s.signIn()
	s.scan(reel)
	s.send(press("enter")) // the scanner's second terminator
	s.until("to activate")
	s.send(press("enter"))
	s.wantEffects(0)
	s.keys("enter")
	s.until("ACTIVE – HAND OVER")
	s.until("1 operation ")
	s.wantEffects(1)
	s.clock.forward(61 * time.Second)
	s.until("DONE 10:1")
	if s.shows("HAND OVER") {
		t.Errorf("old evidence still tells to hand over:\n%s", s.screen())
	}
}

func TestHandOverEndsWithALaterOperationOnTheSameVoucher(t *testing.T) {
	s := openShop(t, 80, 24, "en")
	s.signIn()
	s.scan(reel)
	s.until("to activate")
	s.keys("enter")
	s.until("HAND OVER")
	s.keys("f4")
	s.until("Void this?")
	s.keys("enter")
	s.until("✔  VOID")
	s.wantEffects(2)
	if s.shows("HAND OVER") {
		t.Errorf("a voided voucher must not be handed over:\n%s", s.screen())
	}
}

func TestTheAmountMayBeTypedBetweenScanAndEnter(t *testing.T) {
	s := openShop(t, 80, 24, "en")
	s.signIn()
	s.scan(reel)
	s.until("to activate")
	s.keys("2", "8", ".", "5")
	s.until("¥ 28.5")
	s.keys("enter")
	s.until("HAND OVER")
	s.until("¥ 28.50")
}

func TestAnUnknownOutcomeSaysSoAndUpdatesItself(t *testing.T) {
	s := openShop(t, 80, 24, "en")
	s.signIn()
	s.scan(reel)
	s.until("to activate")
	s.faults(sandbox.Fault{Action: api.ActionReelActivate, Times: 1, Do: "drop_answer"})
	s.keys("enter")
	s.until("NOT KNOWN YET – DO NOT HAND OVER")
	s.until("ACTIVE – HAND OVER")
	s.wantEffects(1)
}

func TestARefusalShowsThePlatformsWords(t *testing.T) {
	s := openShop(t, 100, 30, "en")
	s.signIn()
	s.scan(reel)
	s.until("to activate")
	s.faults(sandbox.Fault{Action: api.ActionReelActivate, Times: 1, Do: "refuse:A05"})
	s.keys("enter")
	s.until("REFUSED")
	s.until("DO NOT HAND OVER")
	s.until("(A05)")
	s.wantEffects(0)
}

// outage cuts the platform off and has the desk learn it.
func (s *shop) outage() {
	s.t.Helper()
	s.faults(sandbox.Fault{Do: "refuse_connection"})
	for range 10 {
		s.desk.Probe(context.Background())
		if s.desk.Status().Link == offline.Offline {
			break
		}
	}
	s.until("offline")
}

func TestOfflineIsAcceptedOnlyAfterTheSentence(t *testing.T) {
	s := openShop(t, 80, 24, "en")
	s.signIn()
	s.scan(reel)
	s.until("to activate")
	s.outage()
	s.keys("enter")
	s.until("It is NOT ACTIVE YET")
	s.keys("esc")
	s.untilNot("It is NOT ACTIVE YET")
	s.until("0 waiting")
	s.keys("enter")
	s.until("It is NOT ACTIVE YET")
	s.keys("enter")
	s.until("QUEUED – NOT ACTIVE YET")
	s.until("1 waiting")
	s.wantEffects(0)
	s.faults()
	s.keys("f5")
	s.until("Waiting")
	s.keys("n")
	s.until("0 waiting")
	s.keys("f1")
	s.until("ACTIVE – HAND OVER")
	s.wantEffects(1)
}

func TestOverALimitAManagerApprovesThisOne(t *testing.T) {
	s := openShop(t, 80, 24, "en")
	s.signIn()
	s.scan(reel)
	s.until("to activate")
	s.outage()
	s.keys("6", "0", "0", "0", "enter")
	s.until("It is NOT ACTIVE YET")
	s.keys("enter")
	s.until("A manager is needed")
	s.keys("tab", "1", "2", "3", "4", "enter")
	s.until("Wrong PIN")
	s.keys("tab", "9", "9", "9", "9", "enter")
	s.until("QUEUED")
	s.until("approved by mgr")
}

func TestAScanNeverAnswersADialog(t *testing.T) {
	s := openShop(t, 80, 24, "en")
	s.signIn()
	s.scan(reel)
	s.until("to activate")
	s.keys("f4")
	s.until("Void this?")
	s.scan(freeCode)
	s.until("Scan not taken")
	s.send(press("enter"))
	if !s.shows("Void this?") {
		t.Errorf("the dialog was answered:\n%s", s.screen())
	}
	s.wantEffects(0)
	s.keys("esc")
	s.until("to activate")
}

func TestKeysInFlightDoNotAnswerADialog(t *testing.T) {
	s := openShop(t, 80, 24, "en")
	s.signIn()
	s.scan(reel)
	s.until("to activate")
	s.clock.forward(time.Second)
	s.send(press("f4"))
	s.until("Void this?")
	for range 5 {
		s.send(press("enter"))
	}
	s.keys("esc")
	s.until("to activate")
	s.wantEffects(0)
}

func TestAScanNeverLandsInThePIN(t *testing.T) {
	s := openShop(t, 80, 24, "en")
	s.scan(freeCode)
	s.until("Sign in first, then scan")
	if s.shows("PIN      ●") {
		t.Errorf("the scan went into the PIN:\n%s", s.screen())
	}
	s.keys("1", "1", "1", "1", "enter")
	s.until("Scan a voucher")
}

func TestABasketSendsAllWithOneEnterAndShowsEachOutcome(t *testing.T) {
	s := openShop(t, 100, 30, "en")
	s.signIn()
	s.keys("f2")
	s.until("Scan one after the other")
	for _, id := range []string{reel, freeCode, boxID} {
		s.scan(id)
		s.untilNot("asking the platform")
	}
	s.until("Enter the amount")
	s.keys("enter")
	s.wantEffects(0) // one line lacks its amount: nothing is sent
	s.keys("delete", "enter")
	s.until("✔ 2 active")
	s.wantEffects(2)
}

func TestWhatIsNoIDIsSaidAndForgotten(t *testing.T) {
	s := openShop(t, 80, 24, "en")
	s.signIn()
	s.scan("https://example.com/?q=1")
	s.until("is not the number of a voucher")
	s.keys("esc")
	s.until("Scan a voucher")
}

func TestAScanIsTakenWhateverIsInFront(t *testing.T) {
	s := openShop(t, 80, 24, "en")
	s.signIn()
	s.keys("f5")
	s.until("Done today")
	s.scan(reel)
	s.until("to activate")
	s.keys("?")
	s.until("What the result asks of you")
	s.scan(freeCode)
	s.until("code · 1001260105000000301")
}

func TestTheIdleCounterLocksAndKeepsItsWork(t *testing.T) {
	s := openShop(t, 80, 24, "en")
	s.signIn()
	s.scan(reel)
	s.until("to activate")
	s.clock.forward(idleLock)
	s.until("Locked after a while")
	s.keys("1", "1", "1", "1", "enter")
	s.until("to activate")
}

func TestTheLanguageSwitchesWhileRunning(t *testing.T) {
	s := openShop(t, 80, 24, "en")
	s.signIn()
	s.keys("f10")
	s.until("扫码")
	s.keys("f10")
	s.until("Scan")
}

func TestASmallTerminalSaysSo(t *testing.T) {
	s := openShop(t, 80, 24, "en")
	s.send(windowSize(79, 24))
	s.until("at least 80×24")
	s.send(windowSize(10, 3))
	s.until("This")
	s.send(windowSize(80, 24))
	s.until("amy")
}

func TestASettlementByACashierAsksAManager(t *testing.T) {
	s := openShop(t, 100, 30, "en")
	s.signIn()
	s.scan(reel)
	s.until("to activate")
	s.outage()
	s.keys("enter")
	s.until("It is NOT ACTIVE YET")
	s.keys("enter")
	s.until("QUEUED")
	s.keys("f5")
	s.until("▸10:1")
	s.keys("s")
	s.until("Settle by hand")
	s.keys("tab", "t", "e", "l", "enter")
	s.until("A manager is needed")
	s.keys("tab", "9", "9", "9", "9", "enter")
	s.until("settled")
	s.until("Nothing here")
}
