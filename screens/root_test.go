package screens_test

import (
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"counterfoil/offline/offlinetest"
	"counterfoil/screens/screenstest"
)

func TestAScanNeverAnswersADialogAndIsTakenWhenItCloses(t *testing.T) {
	t.Parallel()
	s := screenstest.AtReel(t, 80, 24)
	s.Keys("f4")
	s.Until("Void this?")
	defer s.Clock.Stop()() // no pause behind the scan
	s.Scan(offlinetest.FreeCode)
	s.Until("was scanned and waits")
	s.Send(screenstest.Press("enter"))
	if !s.Shows("Void this?") {
		t.Errorf("the dialog was answered:\n%s", s.Screen())
	}
	s.WantEffects(0)
	s.Keys("esc")
	s.Until("code · " + offlinetest.FreeCode) // taken now
}

func TestASlowScannersScanWaitsForADialogToo(t *testing.T) {
	t.Parallel()
	s := screenstest.AtReel(t, 80, 24)
	s.Keys("f4")
	s.Until("Void this?")
	s.Typed(offlinetest.FreeCode+"\r", 80)
	s.Until("was scanned and waits")
	s.WantEffects(0)
	s.Keys("esc")
	s.Until("code · " + offlinetest.FreeCode)
}

func TestKeysInFlightDoNotAnswerADialog(t *testing.T) {
	t.Parallel()
	s := screenstest.AtReel(t, 80, 24)
	defer s.Clock.Stop()() // no pause between the keys
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
	t.Parallel()
	s := screenstest.Open(t, 80, 24, "en")
	s.Scan(offlinetest.FreeCode)
	s.Until("Sign in first, then scan")
	if s.Shows("PIN      ●") {
		t.Errorf("the scan went into the PIN:\n%s", s.Screen())
	}
	s.Keys("1", "1", "1", "1", "enter")
	s.Until("Scan a voucher")
}

func TestAScanIsTakenWhateverIsInFront(t *testing.T) {
	t.Parallel()
	s := screenstest.SignedIn(t, 80, 24)
	s.Keys("f5")
	s.Until("Done today")
	s.Scanned(offlinetest.Reel)
	s.Keys("?")
	s.Until("─ Keys ─")
	s.Scan(offlinetest.FreeCode)
	s.Until("code · 1001260105000000301")
}

func TestTheIdleCounterLocksAndKeepsItsWork(t *testing.T) {
	t.Parallel()
	s := screenstest.AtReel(t, 80, 24)
	s.Clock.Forward(screenstest.IdleLock)
	s.Until("Locked after a while")
	s.Keys("1", "1", "1", "1", "enter")
	s.Until("to activate")
}

func TestTheLanguageSwitchesWhileRunning(t *testing.T) {
	t.Parallel()
	s := screenstest.SignedIn(t, 80, 24)
	s.Keys("f10")
	s.Until("扫码")
	s.Keys("f10")
	s.Until("Scan")
}

func TestASmallTerminalSaysSo(t *testing.T) {
	t.Parallel()
	s := screenstest.Open(t, 80, 24, "en")
	s.Send(tea.WindowSizeMsg{Width: 79, Height: 24})
	s.Until("at least 80×24")
	s.Send(tea.WindowSizeMsg{Width: 10, Height: 3})
	s.Until("This")
	s.Send(tea.WindowSizeMsg{Width: 80, Height: 24})
	s.Until("amy")
}

func TestADigitTypedJustBeforeAScanIsNoPartOfIt(t *testing.T) {
	t.Parallel()
	s := screenstest.SignedIn(t, 80, 24)
	defer s.Clock.Stop()() // no pause but this one
	s.Clock.Forward(time.Second)
	s.Send(screenstest.Press("5"))
	s.Clock.Forward(50 * time.Millisecond)
	s.Type(offlinetest.Reel)
	s.Send(screenstest.Press("enter"))
	s.Until("reel · " + offlinetest.Reel)
}

func TestQuittingAsksAndNamesWhatWaits(t *testing.T) {
	t.Parallel()
	s := screenstest.Queued(t, 80, 24)
	s.Until("1 waiting")
	s.Keys("ctrl+q")
	s.Until("1 operation still waits")
	s.Keys("esc")
	s.UntilNot("1 operation still waits")
	if s.Ended() {
		t.Fatal("Esc ends the program")
	}
	s.Keys("ctrl+c")
	s.Until("1 operation still waits")
	s.Keys("enter")
	s.Wait("the end", func(string) bool { return s.Ended() })
}

func TestBeforeTheSignInNoKeyLeadsFurther(t *testing.T) {
	t.Parallel()
	s := screenstest.Open(t, 80, 24, "en")
	for _, key := range []string{"f1", "f3", "f5"} {
		s.Keys(key)
		s.Until("Sign in first")
		s.Until("▸ amy")
	}
	s.Send(tea.PasteMsg{Content: offlinetest.Reel})
	s.Keys("f9")
	s.Until("Scanner")
	s.Keys("esc")
	s.Until("▸ amy")
}
