package vterm

import (
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"
)

// keys are the bytes that an xterm sends for its named keys.
var keys = map[string]string{
	"Enter": "\r", "Tab": "\t", "ShiftTab": "\x1b[Z", "Esc": "\x1b", "Backspace": "\x7f", "Space": " ",
	"Up": "\x1b[A", "Down": "\x1b[B", "Right": "\x1b[C", "Left": "\x1b[D", "Home": "\x1b[H", "End": "\x1b[F",
	"Insert": "\x1b[2~", "Delete": "\x1b[3~", "PgUp": "\x1b[5~", "PgDn": "\x1b[6~",
	"F1": "\x1bOP", "F2": "\x1bOQ", "F3": "\x1bOR", "F4": "\x1bOS", "F5": "\x1b[15~", "F6": "\x1b[17~",
	"F7": "\x1b[18~", "F8": "\x1b[19~", "F9": "\x1b[20~", "F10": "\x1b[21~", "F11": "\x1b[23~", "F12": "\x1b[24~",
	"CtrlC": "\x03", "CtrlD": "\x04", "CtrlL": "\x0c", "CtrlU": "\x15", "CtrlZ": "\x1a",
}

// Type sends text in one burst, byte for byte.
func (term *Terminal) Type(text string) {
	term.t.Helper()
	_, err := term.tty.WriteString(text)
	if err != nil {
		term.t.Fatalf("typing: %v", err)
	}
	term.mu.Lock()
	term.last = time.Now()
	term.mu.Unlock()
}

// Scan sends code and the Enter behind it in one burst, as a scanner does.
func (term *Terminal) Scan(code string) {
	term.t.Helper()
	term.Type(code + "\r")
}

// Key presses named keys one after the other: "F4", "Enter", "Esc", "Up", … or a single character.
func (term *Terminal) Key(names ...string) {
	term.t.Helper()
	for _, name := range names {
		bytes, named := keys[name]
		if !named {
			if len([]rune(name)) != 1 {
				term.t.Fatalf("no key is called %q", name)
			}
			bytes = name
		}
		term.Type(bytes)
	}
}

// Paste pastes text the way a terminal does: in brackets where the program asked for them.
func (term *Terminal) Paste(text string) {
	term.t.Helper()
	if term.bracketed() {
		text = ansi.BracketedPasteStart + text + ansi.BracketedPasteEnd
	}
	term.Type(text)
}

// bracketed reports whether the program asked for bracketed paste last.
func (term *Terminal) bracketed() bool {
	out := string(term.Output())
	return strings.LastIndex(out, "\x1b[?2004h") > strings.LastIndex(out, "\x1b[?2004l")
}
