package signin_test

import (
	"strings"
	"testing"
	"time"

	"counterfoil/screens/screenstest"
)

func TestATypedNameChoosesItsOperator(t *testing.T) {
	t.Parallel()
	s := screenstest.Open(t, 80, 24, "en")
	s.Keys("m")
	s.Until("▸ mgr")
	s.Clock.Forward(2 * time.Second)
	for range 2 {
		s.Typed("amy", 90)
		s.Until("▸ amy")
		s.Clock.Forward(2 * time.Second)
	}
	s.Keys("m") // a name begun anew after a while
	s.Until("▸ mgr")
}

func TestAShortPINIsNoTry(t *testing.T) {
	t.Parallel()
	s := screenstest.Open(t, 80, 24, "en")
	for range 8 { // more than lock an operator out
		s.Keys("1", "1", "1", "enter")
		s.Until("A PIN has 4 to 8 digits")
	}
	s.SignIn()
}

func TestFiveWrongPINsLockAnOperatorOut(t *testing.T) {
	t.Parallel()
	s := screenstest.Open(t, 80, 24, "en")
	for left := 4; left >= 0; left-- {
		s.Keys("2", "2", "2", "2", "enter")
		s.UntilNot("checking")
		s.Wait("what is left", func(screen string) bool {
			return strings.Contains(screen, s.Words.T("error.wrong_pin", map[string]any{"Left": left})) || left == 0
		})
	}
	s.Until("locked until 10:20")
	s.Keys("1", "1", "1", "1", "enter") // the right one comes too late
	s.UntilNot("checking")
	s.Until("▸ amy")
	s.Keys("down")
	s.Until("▸ mgr")
	s.Keys("9", "9", "9", "9", "enter")
	s.Until("Scan a voucher")
}

func TestWhatIsNoHandsPINIsNoTry(t *testing.T) {
	t.Parallel()
	s := screenstest.Open(t, 80, 24, "en")
	for range 6 { // more than lock an operator out
		s.Keys("6", "9", "0", "1", "2", "3", "4", "5", "6", "enter")
		s.Until("A PIN has 4 to 8 digits")
	}
	for _, text := range []string{"690123456789\r", "2222\r", "1001260105000000301-M4DEDSfV\r", "22222222\t"} {
		for _, pause := range []int{31, 60, 120} {
			s.Typed(text, pause)
			s.Until("came as a scanner types")
			s.Keys("enter") // on a field that is empty
			s.UntilNot("came as a scanner types")
		}
	}
	s.Typed("1111\r", 90, 300, 200, 300, 90) // an early Enter of a hand's
	s.Until("press Enter again")
	s.Keys("enter")
	s.Until("Scan a voucher")
}
