package ui

import (
	"strings"
	"unicode"

	bindings "charm.land/bubbles/v2/key"
	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"
)

// fieldMax is how many characters a field takes that sets no limit.
const fieldMax = 200

// Field is one line that a person types: a text input that takes keys and never
// scans, since a scan does not come as keys (package scan). Its zero value is ready.
type Field struct {
	Max    int             // characters; 0 for fieldMax
	Secret bool            // a PIN: dots are drawn, pastes are refused
	Accept func(rune) bool // nil for everything that can be drawn

	input *textinput.Model
	fresh bool // the next character replaces what stands
}

// Digits accepts 0 to 9.
func Digits(r rune) bool { return r >= '0' && r <= '9' }

// edited makes the input on first use.
func (f *Field) edited() *textinput.Model {
	if f.input == nil {
		m := textinput.New()
		m.Prompt = ""
		m.CharLimit = f.Max
		if f.Max == 0 {
			m.CharLimit = fieldMax
		}
		m.Focus() // its command only blinks a cursor that is not drawn
		f.input = &m
	}
	return f.input
}

// Text is what stands in the field.
func (f *Field) Text() string {
	if f.input == nil {
		return ""
	}
	return f.input.Value()
}

// Set puts text in; prefilled text is replaced by the first character typed.
func (f *Field) Set(text string, prefilled bool) {
	f.input = nil
	f.insert(text)
	f.fresh = prefilled && !f.Empty()
}

// Clear empties the field.
func (f *Field) Clear() { f.Set("", false) }

// Empty reports that nothing stands in the field.
func (f *Field) Empty() bool { return f.Text() == "" }

// Key takes a key; ok is false for a key that is none of the field's.
func (f *Field) Key(k tea.KeyPressMsg) (ok bool) {
	m := f.edited()
	keys := m.KeyMap
	if bindings.Matches(k, keys.DeleteCharacterBackward, keys.DeleteBeforeCursor, keys.DeleteWordBackward) ||
		!f.Empty() && bindings.Matches(k, keys.CharacterBackward, keys.CharacterForward, keys.LineStart, keys.LineEnd) {
		f.fresh = false
		*m, _ = m.Update(k)
		return true
	}
	if k.Text == "" || k.Mod&(tea.ModCtrl|tea.ModAlt) != 0 || f.kept(k.Text) != k.Text {
		return false
	}
	if f.fresh {
		m.Reset()
		f.fresh = false
	}
	*m, _ = m.Update(k)
	return true
}

// kept is what of text the field takes.
func (f *Field) kept(text string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsGraphic(r) || f.Accept != nil && !f.Accept(r) {
			return -1
		}
		return r
	}, text)
}

// Paste takes pasted text; a secret field refuses it.
func (f *Field) Paste(text string) {
	if !f.Secret {
		f.insert(text)
	}
}

func (f *Field) insert(text string) {
	if text = f.kept(text); text == "" {
		return
	}
	m := f.edited()
	*m, _ = m.Update(tea.PasteMsg{Content: text})
}

// View draws the field in at most width columns; the cursor stays in sight.
func (f *Field) View(t *Theme, width int, focused bool) string {
	before, after := f.Text(), ""
	if f.input != nil && focused {
		runes := []rune(before)
		at := min(f.input.Position(), len(runes))
		before, after = string(runes[:at]), string(runes[at:])
	}
	if f.Secret {
		before, after = strings.Repeat(t.On, len([]rune(before))), strings.Repeat(t.On, len([]rune(after)))
	}
	cursor := ""
	if focused {
		cursor = t.Paint(Accent, t.Cursor)
		width--
	}
	for Width(before) > width && before != "" {
		before = string([]rune(before)[1:])
	}
	after = Cut(after, max(width-Width(before), 0))
	if f.fresh && focused {
		before = t.Paint(Strong, before)
	}
	return before + cursor + after
}
