package sale

import (
	"counterfoil/screens/screen"
	"counterfoil/ui"
)

// AmountField takes an amount of money.
func AmountField() ui.Field {
	return ui.Field{Max: 10, Accept: func(r rune) bool { return ui.Digits(r) || r == '.' }}
}

// VoidDialog asks whether to void what the lines describe.
func VoidDialog(e *screen.Env, lines []string) *ui.Dialog {
	return &ui.Dialog{
		Title: e.T("void.title"), Tone: ui.Bad,
		Lines: append(lines, "", e.T("void.sure")), Yes: "counter.void",
	}
}
