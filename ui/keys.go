package ui

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"counterfoil/ui/scan"
)

// Binding is one thing a key does on a screen. Help is drawn from it, so that
// what is shown is what works.
type Binding struct {
	Keys  []string // as tea.Key.Keystroke names them: "f4", "enter", "ctrl+c"
	Show  string   // as people read it: "F4"; "" for the first of Keys in capitals
	Words string   // message id of what it does
	// Reason is the message id of why it is not possible now; "" where it is.
	// The binding stays visible.
	Reason string
	Minor  bool // shown among all keys only
}

// Matches reports whether a key press is meant for the binding, possible or not.
func (b Binding) Matches(k tea.KeyPressMsg) bool {
	k.Mod &^= scan.LockKeys
	// Letters are shown as capitals and may be typed as such.
	return slices.Contains(b.Keys, k.Keystroke()) || k.Text != "" &&
		(slices.Contains(b.Keys, k.Text) || slices.Contains(b.Keys, strings.ToLower(k.Text)))
}

// Label is the key as people read it.
func (b Binding) Label(t *Theme) string {
	switch {
	case b.Show != "" && t.ASCII:
		return spelled.Replace(b.Show)
	case b.Show != "":
		return b.Show
	case b.Keys[0] == "enter":
		return t.Enter
	}
	return strings.ToUpper(b.Keys[0][:1]) + b.Keys[0][1:]
}

// Hints draws bindings on one line of at most width columns, each whole or not
// at all. What does not fit is left to the page of all keys, which tail
// ("? keys") stands for; a zero tail for nothing. The column before a key says
// whether it is disabled, so that none moves when that changes.
func Hints(t *Theme, w *Words, bindings []Binding, tail Binding, width int) string {
	end := ""
	if len(tail.Keys) > 0 {
		end = hint(t, w, tail)
	}
	room := width - Width(end) - 1
	var line strings.Builder
	used := 0
	for _, b := range bindings {
		if b.Minor {
			continue
		}
		text := " " + hint(t, w, b)
		if b.Reason != "" {
			text = t.Paint(Faint, t.Disabled+b.Label(t)+" "+w.T(b.Words))
		}
		if used+Width(text)+2 > room {
			break
		}
		line.WriteString(text + "  ")
		used += Width(text) + 2
	}
	return Spread(line.String(), end, width)
}

func hint(t *Theme, w *Words, b Binding) string {
	return t.Paint(Accent, b.Label(t)) + " " + w.T(b.Words)
}

// Key draws a binding with the whole reason where it is not possible, in lines of at most width columns.
func Key(t *Theme, w *Words, b Binding, width int) []string {
	if b.Reason == "" {
		return []string{hint(t, w, b)}
	}
	return t.Wrap(Faint, b.Label(t)+" "+w.T(b.Words)+" "+t.Disabled+" "+w.T(b.Reason), width)
}

// AllKeys draws every binding, with the reason where one is not possible. What is
// longer than a line goes on below.
func AllKeys(t *Theme, w *Words, bindings []Binding, width int) []string {
	const key = 14
	var lines []string
	for _, b := range bindings {
		tone, text := Accent, w.T(b.Words)
		if b.Reason != "" {
			tone = Faint
			text += " " + t.Disabled + " " + w.T(b.Reason)
		}
		head := t.Paint(tone, Fit(b.Label(t), key))
		for _, row := range Wrap(text, width-key) {
			if b.Reason != "" {
				row = t.Paint(Faint, row)
			}
			lines = append(lines, head+row)
			head = blank(key)
		}
	}
	return lines
}
