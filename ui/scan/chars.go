package scan

import tea "charm.land/bubbletea/v2"

// GS separates the fields of a GS1 code; it is the one control character that is data.
const GS = '\x1d'

type charKind int

const (
	special    charKind = iota // arrows, function keys, Esc, Backspace
	printable                  // characters
	control                    // control characters that end nothing
	terminator                 // Enter, Tab, LF
)

// charsOf turns a key press back into the characters that a scanner sent.
func charsOf(msg tea.KeyPressMsg) ([]rune, charKind) {
	switch {
	case msg.Code == tea.KeyEnter || msg.Code == tea.KeyKpEnter:
		return nil, terminator
	case msg.Code == tea.KeyTab && msg.Mod&^LockKeys == 0:
		return nil, terminator
	case msg.Mod&^LockKeys == tea.ModCtrl:
		if msg.Code == 'j' || msg.Code == 'm' {
			return nil, terminator
		}
		if c, ok := controlChar(msg.Code); ok {
			return []rune{c}, control
		}
	case msg.Text != "" && msg.Mod&(tea.ModCtrl|tea.ModAlt|tea.ModMeta|tea.ModSuper|tea.ModHyper) == 0:
		return []rune(msg.Text), printable
	}
	return nil, special
}

// LockKeys are modifiers that no hand holds down: they change nothing about a key.
const LockKeys = tea.ModCapsLock | tea.ModNumLock | tea.ModScrollLock

func controlChar(code rune) (rune, bool) {
	switch {
	case code >= 'a' && code <= 'z':
		return code - 'a' + 1, true
	case code == tea.KeySpace, code == '@':
		return 0, true
	case code >= '[' && code <= '_':
		return code - '@', true
	}
	return 0, false
}

func terminatorName(msg tea.KeyPressMsg) string {
	switch msg.Code {
	case tea.KeyTab:
		return "tab"
	case 'j':
		return "lf"
	}
	return "enter"
}
