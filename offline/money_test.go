package offline_test

import (
	"testing"

	"counterfoil/offline"
)

func TestAnAmountIsUnderstoodOrRefusedAsAWhole(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{
		"30": 3000, "30.5": 3050, " 30.00 ": 3000, "1,500": 150000, "12,345,678.90": 1234567890, "１，５００．５": 150050, "２８": 2800,
	} {
		if fen, err := offline.ParseYuan(text); err != nil || fen != want {
			t.Errorf("%q: %d, %v", text, fen, err)
		}
	}
	for _, text := range []string{"", "28,50", "1,50", ",500", "1,5000", "1500,", "1,500,00", "1.500,00", "1,500.123", "-5", "5 0", "1e3", "٣٠"} {
		if fen, err := offline.ParseYuan(text); err == nil {
			t.Errorf("%q was read as %d fen", text, fen)
		}
	}
}
