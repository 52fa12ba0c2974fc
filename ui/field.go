package ui

import (
	"strings"
	"unicode"

	tea "charm.land/bubbletea/v2"
)

// Field is one line that a person types. It takes keys, never scans: a scan
// does not come as keys (Framer).
type Field struct {
	Max    int             // characters; 0 for 200
	Secret bool            // a PIN: dots are drawn, pastes are refused
	Accept func(rune) bool // nil for everything that can be drawn
	text   []rune
	fresh  bool // the next character replaces what stands
}

// Digits accepts 0 to 9.
func Digits(r rune) bool { return r >= '0' && r <= '9' }

// Text is what stands in the field.
func (f *Field) Text() string { return string(f.text) }

// Set puts text in; prefilled text is replaced by the first character typed.
func (f *Field) Set(text string, prefilled bool) {
	f.text, f.fresh = nil, false
	f.insert(text)
	f.fresh = prefilled && len(f.text) > 0
}

// Clear empties the field.
func (f *Field) Clear() { f.Set("", false) }

// Empty reports that nothing stands in the field.
func (f *Field) Empty() bool { return len(f.text) == 0 }

// Key takes a key; ok is false for a key that is none of the field's.
func (f *Field) Key(k tea.KeyPressMsg) (ok bool) {
	switch k.Keystroke() {
	case "backspace", "ctrl+h":
		f.fresh = false
		if n := len(f.text); n > 0 {
			f.text = f.text[:n-1]
		}
		return true
	case "ctrl+u":
		f.Clear()
		return true
	}
	if k.Text == "" || k.Mod&(tea.ModCtrl|tea.ModAlt) != 0 || !f.takes(k.Text) {
		return false
	}
	if f.fresh {
		f.text, f.fresh = nil, false
	}
	f.insert(k.Text)
	return true
}

func (f *Field) takes(text string) bool {
	for _, r := range text {
		if !unicode.IsGraphic(r) || f.Accept != nil && !f.Accept(r) {
			return false
		}
	}
	return true
}

// Paste takes pasted text; a secret field refuses it.
func (f *Field) Paste(text string) {
	if !f.Secret {
		f.insert(text)
	}
}

func (f *Field) insert(text string) {
	limit := f.Max
	if limit == 0 {
		limit = 200
	}
	for _, r := range text {
		if len(f.text) < limit && f.takes(string(r)) {
			f.text = append(f.text, r)
		}
	}
}

// View draws the field in at most width columns; the end stays in sight.
func (f *Field) View(t *Theme, width int, focused bool) string {
	text := string(f.text)
	if f.Secret {
		text = strings.Repeat(t.On, len(f.text))
	}
	cursor := ""
	if focused {
		cursor = t.Paint(Accent, t.Cursor)
		width--
	}
	for Width(text) > width && text != "" {
		text = string([]rune(text)[1:])
	}
	if f.fresh && focused {
		text = t.Paint(Strong, text)
	}
	return text + cursor
}
