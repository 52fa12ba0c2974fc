//go:build tmux

package main

import (
	"strings"
	"testing"

	"counterfoil/ui/vterm"
)

func TestTmuxShowsTheSameCounter(t *testing.T) {
	t.Parallel()
	w := vterm.StartTmux(t, vterm.Small, []string{vterm.Binary(t), "demo", "--lang", "zh"})
	first := w.WaitFor("PIN +1111")
	if !strings.Contains(first, "演练") {
		t.Fatalf("nothing says that this is a training counter:\n%s", first)
	}
	w.Keys("1111")
	w.WaitFor("●●●●")
	w.WaitStill(afterScan)
	w.Keys("Enter")
	w.WaitFor("扫码 ▸")
	w.WaitStill(afterScan)
	w.Type(reel)
	w.Keys("Enter")
	card := w.WaitFor(words["zh"].notActive)
	if !strings.Contains(card, "中杯饮品券") {
		t.Fatalf("the card does not show the voucher's name:\n%s", card)
	}
	w.WaitFor("回车|⏎")
}
