package ui

import (
	"cmp"
	"strings"
	"unicode"

	bindings "charm.land/bubbles/v2/key"
	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"
	"golang.org/x/text/width"
)

// fieldMax is how many characters a field takes that sets no limit.
const fieldMax = 200

// Field is one line that a person types: a text input that takes keys and never
// scans, since a scan does not come as keys (package scan). Its zero value is ready.
type Field struct {
	Max    int             // characters; 0 for fieldMax
	Secret bool            // a PIN: dots are drawn, pastes are refused
	Accept func(rune) bool // nil for everything that can be drawn; full-width forms are read as plain ones
	// Exact is for an amount or a confirmation: what a machine typed does not stay.
	Exact bool

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
		m.CharLimit = cmp.Or(f.Max, fieldMax)
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
	kept, all := f.kept(k.Text)
	if k.Text == "" || k.Mod&(tea.ModCtrl|tea.ModAlt) != 0 || !all {
		return false
	}
	k.Text = kept
	if f.fresh {
		m.Reset()
		f.fresh = false
	}
	*m, _ = m.Update(k)
	return true
}

// kept is what of text the field takes, and whether that is all of it.
func (f *Field) kept(text string) (kept string, all bool) {
	if f.Accept != nil {
		text = strings.ReplaceAll(width.Fold.String(text), "。", ".") // an input method's own point
	}
	kept = strings.Map(func(r rune) rune {
		if !unicode.IsGraphic(r) || f.Accept != nil && !f.Accept(r) {
			return -1
		}
		return r
	}, text)
	return kept, kept == text
}

// Paste takes pasted text; a secret field refuses it, and an exact one replaces
// what stands, but for text that is not all its own.
func (f *Field) Paste(text string) (ok bool) {
	_, all := f.kept(text)
	switch {
	case f.Secret, f.Exact && !all:
		return false
	case f.Exact || f.fresh:
		f.Clear()
	}
	f.insert(text)
	return true
}

func (f *Field) insert(text string) {
	text, _ = f.kept(text)
	if text == "" {
		return
	}
	m := f.edited()
	*m, _ = m.Update(tea.PasteMsg{Content: text})
}

// Box draws the field between brackets, so that it is seen before anything is
// typed: as wide as it takes characters, in at most width columns.
func (f *Field) Box(t *Theme, width int, focused bool) string {
	room := min(cmp.Or(f.Max, fieldMax)+1, width-4)
	edge := Faint
	if focused {
		edge = Accent
	}
	return t.Paint(edge, "[ ") + Fit(f.View(t, room, focused), room) + t.Paint(edge, " ]")
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
