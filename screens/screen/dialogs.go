package screen

import (
	tea "charm.land/bubbletea/v2"

	"counterfoil/ui"
)

// Ask opens a dialog whose answer goes to a screen with the tag.
func Ask(from ID, tag string, d *ui.Dialog) tea.Cmd {
	return Send(Open{From: from, Tag: tag, Dialog: d})
}

// Say shows one line above the key hints until the next key.
func Say(text string, tone ui.Tone) tea.Cmd { return Send(Notice{Text: text, Tone: tone}) }
