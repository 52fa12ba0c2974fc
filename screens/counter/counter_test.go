package counter_test

import (
	"regexp"
	"slices"
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

func TestScanThenEnterActivatesAndTellsToHandOver(t *testing.T) {
	t.Parallel()
	s := screenstest.SignedIn(t, 80, 24)
	defer s.Clock.Stop()() // no pause a hand would make
	s.Scan(offlinetest.Reel)
	s.Send(screenstest.Press("enter")) // the scanner's second terminator
	s.Until("to activate")
	s.Send(screenstest.Press("enter"))
	s.WantEffects(0)
	s.Keys("enter")
	s.Until("ACTIVE – HAND OVER")
	s.Until("1 active ¥30")
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
	s.Answer("2585")
	s.Until("VOID – KEEP IT")
	s.WantEffects(2)
	if s.Shows("HAND OVER") {
		t.Errorf("a voided voucher must not be handed over:\n%s", s.Screen())
	}
}

const again, notTyped = "press Enter again", "came as a scanner types"

func TestAnEnterHitRightBehindTheAmountIsSaidAndTheNextOneCounts(t *testing.T) {
	t.Parallel()
	s := screenstest.AtReel(t, 80, 24)
	s.Typed("28.5\r", 60, 60, 140, 90)
	s.Until(again)
	s.Until("¥ 28.5")
	s.WantEffects(0)
	s.Keys("enter")
	s.Until("Amount again")
	s.Answer("28.5")
	s.Until("HAND OVER")
	s.Until("¥ 28.50")
	s.WantEffects(1)
}

func TestWhatAMachineTypesIsNeverAnAmount(t *testing.T) {
	t.Parallel()
	s := screenstest.AtReel(t, 80, 24)
	for _, pause := range []int{5, 31, 60, 120} {
		for _, text := range []string{"99999\r", "5\r", "28.50\t", "999", "28.50", "99999"} {
			s.Keys("7") // so that nothing is a repeat
			s.Typed(text, pause)
			s.Until(notTyped)
			s.Until("Enter the amount")
			s.Keys("enter")
			s.WantEffects(0)
		}
	}
	s.Keys("esc")
	s.Until("¥ 30.00")
}

func TestASlowScannersCodeIsLookedUpWhereverTheCursorIs(t *testing.T) {
	t.Parallel()
	s := screenstest.AtReel(t, 80, 24)
	for pause, code := range map[int]string{
		36: "10014030013500006013\r", 120: "10014030013500006013", 60: "690123456789\r", 90: "1001260105000000301-M4DEDSfV\r", 50: "X1123-6430582-102F5\t",
	} {
		s.Typed(code, pause)
		s.Until("· " + strings.TrimRight(code, "\r\t"))
		s.WantEffects(0)
		s.Typed(offlinetest.Reel+"\r", pause)
		s.Until("reel · " + offlinetest.Reel)
		s.Until("to activate")
		s.WantEffects(0)
	}
}

func TestAScannerOfAnUnevenPaceLosesNoBeginning(t *testing.T) {
	t.Parallel()
	s := screenstest.AtReel(t, 80, 24)
	for _, head := range [][]int{{35, 35, 28}, {40, 25, 35, 28}, {90, 45, 120, 31, 40, 22}, {20, 38, 20, 38, 33, 12}} {
		for _, code := range []string{"1001260105000000301-M4DEDSfV", "10014030013500006013", "X1123-6430582-102F5"} {
			s.Typed(code+"\r", append(slices.Clone(head), 25)...)
			s.Until("· " + code)
			s.Typed(offlinetest.Reel+"\r", append(slices.Clone(head), 25)...)
			s.Until("reel · " + offlinetest.Reel)
			s.Until("¥ 30.00")
		}
	}
	s.WantEffects(0)
}

func TestTabMovesTheCursorToTheNumberAndDigitsGoWhereItStands(t *testing.T) {
	t.Parallel()
	s := screenstest.AtReel(t, 80, 24)
	s.Until("¥ 30.00▏")
	if s.Shows("Scan ▸ ▏") {
		t.Errorf("two cursors:\n%s", s.Screen())
	}
	s.Keys("tab")
	s.Until("Scan ▸ ▏")
	s.Keys("1", "2")
	s.Until("Scan ▸ 12▏")
	s.Until("¥ 30.00 ")
	s.Keys("enter")
	s.Until("“12” is not the number of a voucher")
	s.Until("reel · " + offlinetest.Reel)
	s.Keys("backspace", "backspace", "tab", "5")
	s.Until("¥ 5▏")
	s.Keys("R")
	s.Until("Scan ▸ R▏")
	s.WantEffects(0)
}

func TestFullWidthAndGroupedAmountsAreUnderstoodInPlace(t *testing.T) {
	t.Parallel()
	s := screenstest.AtReel(t, 80, 24)
	s.Keys("２", "８", "．", "５")
	s.Until("¥ 28.5▏")
	s.Keys("esc", "1", "，", "5", "0", "0", "。", "元", " ")
	s.Until("¥ 1,500.▏")
	s.Answer("00")
	s.Until("more than ten times its face value")
	s.Answer("1500")
	s.Until("HAND OVER")
	s.Until("¥ 1,500.00")
}

func TestACommaThatGroupsNoThousandsIsRefusedInPlace(t *testing.T) {
	t.Parallel()
	s := screenstest.AtReel(t, 80, 24)
	s.Answer("28,50")
	s.Until("¥ 28,50▏")
	s.Until("Enter the amount")
	s.Until("reel · " + offlinetest.Reel)
	s.WantEffects(0)
}

func TestCapsLockIsRecognised(t *testing.T) {
	t.Parallel()
	s := screenstest.SignedIn(t, 80, 24)
	s.Scan("r112102f-0000242-2585")
	s.Until("Is Caps Lock")
	code := offlinetest.FreeCode
	s.Scan(strings.ToLower(code[:len(code)-1]) + strings.ToUpper(code[len(code)-1:])) // unknown, and so is its other case
	s.Until("does not know")
	s.Scan(api.SwapCase(code))
	s.Until("Is Caps Lock")
	s.WantEffects(0)
}

func TestAShortBarcodeNeitherActivatesNorConfirms(t *testing.T) {
	t.Parallel()
	s := screenstest.AtReel(t, 80, 24)
	refused := func(screen string) bool { return strings.Contains(screen, again) || strings.Contains(screen, notTyped) }
	s.Scan("1234")
	s.Wait("a refusal", refused) // a busy machine makes its pace uneven
	s.WantEffects(0)
	s.Keys("f4")
	s.Until("Void this?")
	for _, pause := range []int{5, 120} {
		for _, text := range []string{"Y\r", "\t\r", "99999\r"} {
			s.Typed(text, pause)
			s.Wait("a refusal", refused)
		}
	}
	s.Scan(offlinetest.Reel)
	s.Until("was scanned and waits")
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
	s.Answer("6000")
	s.Until("more than ten times its face value")
	s.Answer("6000")
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
	s.Answer("1111")
	s.Until("to activate")
	s.Until("0 waiting")
	s.Keys("enter")
	s.Until("It is NOT ACTIVE YET")
	s.Keys("enter")
	s.Until("QUEUED")
}

func TestAnOnlineAmountFarAboveTheFaceValueAsksAndAboveTheLimitNeedsAManager(t *testing.T) {
	t.Parallel()
	s := screenstest.AtReel(t, 80, 24, func(s *offlinetest.Shop) { s.Settings.Limits.OneMaxFen = 500000 })
	s.Answer("301")
	s.Until("¥ 301.00 is more than ten times its face value of ¥ 30.00")
	s.Keys("esc")
	s.UntilNot("more than ten times")
	s.WantEffects(0)
	s.Keys("esc", "5", "0", "0", "0", ".", "0", "1", "enter")
	s.Until("more than ten times its face value")
	s.Answer("5000.01")
	s.Until("A manager is needed")
	s.Until("One activation may be ¥5,000.00 at most")
	s.WantEffects(0)
	s.Keys("tab", "9", "9", "9", "9", "enter")
	s.Until("HAND OVER")
	s.WantEffects(1)
}

func TestWhatIsOpenHereIsShownWhereNothingElseIsKnown(t *testing.T) {
	t.Parallel()
	s := screenstest.SignedIn(t, 100, 30)
	s.Outage()
	s.Scan(offlinetest.Reel)
	s.Until("nothing is known")
	s.Answer("30")
	s.Until("It is NOT ACTIVE YET")
	s.Keys("enter")
	s.Until("QUEUED")
	s.Keys("esc")
	s.UntilNot("QUEUED")
	s.Clock.Forward(3 * time.Second)
	s.Scan(offlinetest.Reel)
	s.Until("QUEUED")
	s.Until("NOT ACTIVE YET")
	s.UntilNot("othing is known")
}

func TestTheShiftBesideABasketKeepsItsAmounts(t *testing.T) {
	t.Parallel()
	s := screenstest.AtReel(t, 100, 30)
	s.Keys("enter")
	s.Until("HAND OVER")
	s.Keys("f2")
	s.Wait("the amount in the list", regexp.MustCompile(`✔ active .* ¥ 30\.00 `).MatchString)
}

func TestALargeAmountIsReadWholeInTheShift(t *testing.T) {
	t.Parallel()
	for _, lang := range []string{"en", "zh", screenstest.ASCII} {
		s := screenstest.Open(t, 80, 24, lang, func(s *offlinetest.Shop) { s.Settings.Limits = offline.Limits{} })
		s.SignIn()
		s.LookUp(offlinetest.OtherBox)
		_, err := s.Desk.Accept(t.Context(), offline.Request{Kind: offline.Activate, ID: offlinetest.OtherBox, AmountFen: 1_800_000_00, Operator: s.Cashier})
		s.Must(err)
		s.Until("1,800,000.00")
	}
}

func TestNoStatusIsCutOffACardOrABasket(t *testing.T) {
	t.Parallel()
	words := regexp.MustCompile(`○ 1 not active +● 1 active +◐ 1 frozen +✖ 1 void`)
	for _, size := range [][2]int{{80, 24}, {100, 30}, {120, 40}} {
		s := screenstest.SignedIn(t, size[0], size[1])
		s.Scan(mixedReel)
		s.Wait("every status in words", words.MatchString)
		s.Keys("esc", "f2")
		s.Clock.Forward(3 * time.Second)
		s.Scan(mixedReel)
		s.Wait("every status", regexp.MustCompile(`1 .*R112.*○ 1.*● 1.*◐ 1.*✖ 1`).MatchString)
	}
}

// mixedReel has codes of every status.
const mixedReel = "R112102F-0000243-2586"
