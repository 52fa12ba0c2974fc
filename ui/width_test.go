package ui

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"pgregory.net/rapid"
)

func TestWhatIsMeasuredFastIsAsWideAsItIs(t *testing.T) {
	t.Parallel()
	parts := []string{"a", " ", "~", "\x1b[1;38;5;240m", "\x1b[m", "\x1b[2K", "\x1b[3", "\x1b", "\t", "\n", "\x7f", "\x00", "─", "╿", "┃", "◼", "▸", "↑", "✔", "…", "。", "一", "龥", "銀",
		"é", "\u0301", "\ufe0f", "\u200d", "👩", "🇨", "¥", "，", "龦", "鿿", "가", "ᄀ", "\xe4\xb8", "\xff"}
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOf(rapid.SampledFrom(parts)).Draw(t, "text"), "")
		if got, want := Width(text), ansi.StringWidth(text); got != want {
			t.Errorf("%q is %d wide, not %d", text, want, got)
		}
	})
	for _, r := range "─╿█◼●◷一龥·¥⇥✖，）" {
		if _, ok := plainWidth(string(r)); !ok {
			t.Errorf("%c is measured slowly", r)
		}
	}
	for r := rune(0x20); r < 0x10000; r++ {
		if width, ok := plainWidth(string(r)); ok && width != ansi.StringWidth(string(r)) {
			t.Errorf("%c is %d wide", r, width)
		}
	}
}

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

func TestASignIsNotAloneOnItsLine(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"✔ 没有问题。按回车后输入数量确认。":              "✔ 没有问题。按回车|后输入数量确认。",
		"! one-word-that-is-long is told": "! one-word-that-is-|long is told",
		"I am told":                       "I am told",
	} {
		if got := strings.Join(Wrap(text, 19), "|"); got != want {
			t.Errorf("%q became %q", text, got)
		}
	}
}

func TestALineOfChineseBreaksAnywhereButBeforeAMarkThatCloses(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"没有问题。按回车输入数量。":                    "没有问题。按回车输入数|量。",
		"与 7020:0000041-0000045 由店长（甲乙）重叠": "与 7020:0000041-0000045|由店长（甲乙）重叠",
		"一二三四五六七八九十甲（乙丙）":                  "一二三四五六七八九十甲|（乙丙）",
		"不是时间，应写作 2026-12-01 00:00。":       "不是时间，应写作|2026-12-01 00:00。",
		"每张 ¥ 250.00 与上一个号段相差很大":           "每张 ¥ 250.00 与上一个号|段相差很大",
	} {
		if got := strings.Join(Wrap(text, 24), "|"); got != want {
			t.Errorf("%q became %q", text, got)
		}
	}
}
