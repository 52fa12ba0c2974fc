package ui

import (
	"strings"
	"testing"
)

func TestNoLineBreaksBetweenACurrencyAndItsAmount(t *testing.T) {
	t.Parallel()
	for _, width := range []int{18, 19, 20, 21, 22, 23} {
		lines := Wrap("售价 ¥ 500.00，成本 ¥ 444.40，折扣 CNY 1.00。", width)
		for _, line := range lines {
			if end := strings.TrimRight(line, " "); strings.HasSuffix(end, "¥") || strings.HasSuffix(end, "CNY") || Width(line) > width {
				t.Errorf("%d: %q", width, lines)
			}
		}
	}
}
