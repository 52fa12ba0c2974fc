package money_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"counterfoil/offline/money"
)

func TestWhatIsWrittenIsReadBackAsTheSameFen(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		fen := rapid.Int64Range(0, money.Max).Draw(t, "fen")
		text := money.Yuan(fen)
		if got, ok := money.Parse(text); got != fen || !ok {
			t.Errorf("%d is written %q and read as %d, %v", fen, text, got, ok)
		}
		if wide := fullWidth(text); wide != text {
			if got, ok := money.Parse(wide); got != fen || !ok {
				t.Errorf("%q is read as %d, %v", wide, got, ok)
			}
		}
		if got, ok := money.Face(text, false); got != fen || ok != (fen > 0) {
			t.Errorf("a face value of %q is read as %d, %v", text, got, ok)
		}
	})
}

// fullWidth is what an input method for Chinese types instead.
func fullWidth(text string) string {
	return strings.Map(func(r rune) rune { return r - '!' + '！' }, text)
}

func TestADebtIsWrittenWithOneSignInFront(t *testing.T) {
	t.Parallel()
	for fen, want := range map[int64]string{-1: "-0.01", -100: "-1.00", -123456: "-1234.56", 0: "0.00", 9: "0.09"} {
		if got := money.Yuan(fen); got != want {
			t.Errorf("%d is written %q, want %q", fen, got, want)
		}
	}
}

// Whatever is typed, the amount is one that the text can mean: money is never
// guessed from what is left of a text.
func TestAnAmountIsReadWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOfN(rapid.RuneFrom([]rune("0019.,- ￥e")), 0, 14, -1).Draw(t, "typed")
		fen, ok := money.Parse(text)
		if !ok {
			return
		}
		if fen < 0 || fen > money.Max {
			t.Fatalf("%q is read as %d", text, fen)
		}
		plain := strings.TrimSpace(strings.ReplaceAll(text, ",", ""))
		whole, part, _ := strings.Cut(plain, ".")
		if zeros := len(part); zeros < 2 {
			part += "00"[zeros:]
		}
		whole = strings.TrimLeft(whole, "0")
		if whole == "" {
			whole = "0"
		}
		if want := whole + "." + part; money.Yuan(fen) != want {
			t.Fatalf("%q is read as %s, its digits say %s", text, money.Yuan(fen), want)
		}
	})
}

func TestACommaIsForThousandsOnly(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{"1,500": 150_000, "12,345,678.90": 1_234_567_890, "0,500": 0, "00,500": 0, "0,50": 0, "1,50": 0, "1,5000": 0, ",500": 0, "1,,500": 0} {
		if fen, ok := money.Parse(text); fen != want || ok != (want > 0) {
			t.Errorf("%q is read as %d, %v", text, fen, ok)
		}
	}
}

func TestTheLargestAmountIsAHundredMillionYuan(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text  string
		inFen bool
		ok    bool
	}{
		{"100000000.00", false, true}, {"100,000,000", false, true}, {"100000000.01", false, false},
		{"10000000000", true, true}, {"10000000001", true, false},
		{"92233720368547758.08", false, false}, {"9223372036854775808", true, false}, // more than an int64 holds
	} {
		if fen, ok := money.Face(c.text, c.inFen); ok != c.ok || ok && fen != money.Max {
			t.Errorf("%q, in fen %v, is read as %d, %v", c.text, c.inFen, fen, ok)
		}
		if !c.inFen {
			if fen, ok := money.Parse(c.text); ok != c.ok {
				t.Errorf("%q is read as %d, %v", c.text, fen, ok)
			}
		}
	}
}

func TestAFaceValueOfNothingIsNoneAndFractionsOfAFenAreNoMoney(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text  string
		inFen bool
		fen   int64 // 0 for none
	}{
		{"30", false, 3000}, {"30", true, 30},
		{"30.000", false, 3000}, {"30.500000", false, 3050}, {"3000.0", true, 3000},
		{"30.005", false, 0}, {"30.0050", false, 0},
		{"0", false, 0}, {"0.00", false, 0}, {"0", true, 0}, {"0.0", true, 0},
		{"3000.5", true, 0}, {"-30", false, 0}, {"-30", true, 0}, {"", false, 0}, {"", true, 0}, {"null", false, 0}, {"3e3", true, 0},
	} {
		if fen, ok := money.Face(c.text, c.inFen); ok != (c.fen > 0) || ok && fen != c.fen {
			t.Errorf("%q, in fen %v, is read as %d, %v, want %d", c.text, c.inFen, fen, ok, c.fen)
		}
	}
}
