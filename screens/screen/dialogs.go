package screen

import (
	tea "charm.land/bubbletea/v2"

	"counterfoil/offline"
	"counterfoil/ui"
)

// Ask opens a dialog whose answer goes to a screen with the tag.
func Ask(from ID, tag string, d *ui.Dialog) tea.Cmd {
	return Send(Open{From: from, Tag: tag, Dialog: d})
}

// Say shows one line above the key hints until the next key.
func Say(text string, tone ui.Tone) tea.Cmd { return Send(Notice{Text: text, Tone: tone}) }

// Yes is the choice of a dialog that has one, by Enter; words is a message id.
func Yes(words string) []ui.Choice {
	return []ui.Choice{{Binding: ui.Binding{Keys: []string{"enter"}, Words: words}, Value: "yes"}}
}

// AmountField takes an amount of money.
func AmountField() ui.Field {
	return ui.Field{Max: 10, Accept: func(r rune) bool { return ui.Digits(r) || r == '.' }}
}

// VoidDialog asks whether to void what the lines describe.
func (e *Env) VoidDialog(lines []string) *ui.Dialog {
	return &ui.Dialog{
		Title: e.T("void.title"), Tone: ui.Bad,
		Lines: append(lines, "", e.T("void.sure")), Choices: Yes("counter.void"),
	}
}

// OfflineDialog has a person confirm the one sentence that matters in an
// outage; what is meant is text.
func (e *Env) OfflineDialog(kind offline.Kind, what string) *ui.Dialog {
	sentence := "offline.not_active"
	if kind == offline.Void {
		sentence = "offline.not_void"
	}
	return &ui.Dialog{
		Title: e.T("offline.title"), Tone: ui.Wait,
		Lines:   []string{what, "", e.T(sentence), e.T("offline.later")},
		Choices: Yes("offline.accept"),
	}
}
