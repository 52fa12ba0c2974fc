// Package stream is where text enters and leaves the commands: lists of ids as
// they were saved somewhere, and the border in front of standard output and
// standard error. It accepts, sends and remembers nothing.
package stream

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"counterfoil/api"
	"counterfoil/screens/cli/config"
	"counterfoil/ui"
)

// Border is what everything crosses that leaves the program, but for the screens
// and the help's colours: nothing that others wrote moves a cursor behind it,
// and where only ASCII can be shown, nothing else leaves. It remembers its first
// failure: a result that could not be written must not look like success, even
// where nobody looked at the error.
type Border struct {
	To    io.Writer
	Words *ui.Words
	JSON  *bool // whether what is written is JSON; nil for never
	Lost  error // the first failure, in words

	cut []byte // the beginning of a character
}

// Write writes, and from the first failure on only repeats it.
func (b *Border) Write(p []byte) (int, error) {
	text := append(b.cut, p...)
	whole := len(text)
	for i := max(0, whole-utf8.UTFMax+1); i < whole; i++ {
		if utf8.RuneStart(text[i]) && !utf8.FullRune(text[i:]) {
			whole = i
		}
	}
	b.cut = bytes.Clone(text[whole:])
	json := b.JSON != nil && *b.JSON
	text = text[:whole]
	out := func(r rune) bool { return unsafe(r) || json && b.Words.ASCII() && r > unicode.MaxASCII }
	if bytes.ContainsFunc(text, out) {
		if json {
			text = escaped(text, out)
		} else {
			text = []byte(api.CleanLines(string(text)))
		}
	}
	if b.Words.ASCII() && !json {
		text = []byte(ui.ToASCII(string(text)))
	}
	if err := b.AsIs(text); err != nil {
		return 0, err
	}
	return len(p), nil
}

// AsIs writes what was cleaned or is the program's own.
func (b *Border) AsIs(p []byte) error {
	if b.Lost == nil {
		if _, err := b.To.Write(p); err != nil {
			b.Lost = &config.Error{Phrase: config.Phrase{ID: "cli.output"}, Cause: err}
		}
	}
	return b.Lost
}

// AsIs is a writer of what is for another program and must not be changed.
type AsIs struct{ Border *Border }

func (a AsIs) Write(p []byte) (int, error) {
	if err := a.Border.AsIs(p); err != nil {
		return 0, err
	}
	return len(p), nil
}

func unsafe(r rune) bool { return r != '\n' && r != '\t' && !api.Shown(r) }

// escaped is JSON of the same meaning that a terminal may be shown.
func escaped(text []byte, unshown func(rune) bool) []byte {
	var out strings.Builder
	for _, r := range string(text) {
		switch {
		case !unshown(r):
			out.WriteRune(r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&out, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&out, `\u%04x`, r)
		}
	}
	return []byte(out.String())
}
