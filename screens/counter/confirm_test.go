package counter_test

import (
	"regexp"
	"testing"
	"time"

	"counterfoil/api"
	"counterfoil/api/sandbox"
	"counterfoil/offline/offlinetest"
	"counterfoil/screens/screenstest"
)

func TestAVoidIsConfirmedByTheEndOfTheNumberAndNothingElse(t *testing.T) {
	t.Parallel()
	s := screenstest.AtReel(t, 80, 24)
	s.Keys("enter")
	s.Until("HAND OVER")
	s.Keys("f4")
	s.Until("Void this?")
	for _, fact := range []string{"void · reel · 2 codes", offlinetest.Reel, "¥ 30.00", "amy", "中杯饮品券"} {
		s.Until(fact)
	}
	s.Keys("enter") // on an empty field that means no
	s.UntilNot("Void this?")
	s.Until("Nothing was voided.")
	s.Keys("f4")
	s.Until("Void this?")
	s.Answer("2586")
	s.Until("something else. Nothing was voided")
	s.Keys("esc", "f4")
	s.Until("Void this?")
	s.Keys("2", "5", "8", "5", "3") // a fifth character empties the field
	s.UntilNot("2585▏")
	s.Keys("esc", "f4")
	s.Until("Void this?")
	s.WantEffects(1)
	s.Answer("2585")
	s.Until("VOID – KEEP IT")
	s.WantEffects(2)
}

func TestAVoidWhoseStatusIsNotKnownIsNotCalledActive(t *testing.T) {
	t.Parallel()
	s := screenstest.AtReel(t, 80, 24, func(s *offlinetest.Shop) { s.Settings.Rules.VoidLeaves = "" })
	s.Keys("enter")
	s.Until("● 2 active")
	s.Keys("f4")
	s.Until("Void this?")
	s.Answer("2585")
	s.Until("VOID – KEEP IT")
	s.Until("voided here at 10:1")
	if s.Shows("● 2") {
		t.Errorf("what was voided is called active:\n%s", s.Screen())
	}
	s.Keys("R")
	s.Until("✖ 2 void")
}

func TestTheAmountMayBeTypedBetweenScanAndEnter(t *testing.T) {
	t.Parallel()
	s := screenstest.AtReel(t, 80, 24)
	s.Keys("2", "8", ".", "5")
	s.Until("¥ 28.5")
	s.Keys("enter")
	s.Until("Per reel or per code? ¥ 28.50 is taken for the whole")
	s.Answer("28")
	s.Until("The two amounts differ")
	s.WantEffects(0)
	s.Keys("backspace", "backspace", "2", "8", ".", "5", "enter")
	s.Until("HAND OVER")
	s.Until("¥ 28.50")
}

func TestAnAmountThatIsNotTheFaceValueSaysThatItIsTypedTwice(t *testing.T) {
	t.Parallel()
	s := screenstest.AtReel(t, 80, 24)
	s.Keys("2", "8")
	s.UntilNot("to activate")
	s.Until("not the face value of ¥ 30.00")
	s.Keys("esc")
	s.Until("to activate")
}

func TestTheCardOfWhatIsOpenHereShowsWhereItStands(t *testing.T) {
	t.Parallel()
	s := screenstest.Queued(t, 80, 24)
	s.Keys("esc")
	s.Until("Scan a voucher")
	s.Clock.Forward(3 * time.Second)
	s.Scan(offlinetest.Reel)
	s.Until("QUEUED – NOT ACTIVE YET, DO NOT PROMISE")
	s.Keys("enter")
	s.Until("An operation on it is open")
	s.Until("1 waiting")
}

func TestABasketVoidsNoCodeTwice(t *testing.T) {
	t.Parallel()
	s := screenstest.SignedIn(t, 80, 24)
	s.Keys("f2")
	s.Scan(offlinetest.Reel)
	s.Until("○ 2 not active")
	s.Scan("B1123-6430582-102F5")
	s.Until("in line 1 already")
	s.Keys("f4")
	s.Until("Void this?")
	s.Until("void · reel · 2 codes")
}

func TestARefusalOnTheCardIsNoActivation(t *testing.T) {
	t.Parallel()
	for lang, says := range map[string]string{
		"en": `⊘ activation at 10:1\d:\d\d by amy was refused  \S+ \(A05\)`, "zh": `⊘ 10:1\d:\d\d amy 的激活被拒绝  \S+ \(A05\)`,
	} {
		s := screenstest.Open(t, 80, 24, lang)
		s.SignIn()
		s.Scanned(offlinetest.Reel)
		s.Faults(sandbox.Fault{Action: api.ActionReelActivate, Times: 1, Do: "refuse:A05"})
		s.Keys("enter")
		s.Wait("the refusal", regexp.MustCompile(says).MatchString)
		if s.Shows("在本机激活") {
			t.Errorf("it reads as an activation:\n%s", s.Screen())
		}
	}
}
