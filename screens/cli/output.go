package cli

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"counterfoil/api"
	"counterfoil/ui"
)

// border is what everything crosses that leaves the program, but for the screens
// and the help's colours: nothing that others wrote moves a cursor behind it,
// and where only ASCII can be shown, nothing else leaves. It remembers its first
// failure: a result that could not be written must not look like success, even
// where nobody looked at the error.
type border struct {
	to   io.Writer
	app  *app
	data bool   // standard output: JSON with --json
	cut  []byte // the beginning of a character
	lost error  // the first failure, in words
}

// Write writes, and from the first failure on only repeats it.
func (b *border) Write(p []byte) (int, error) {
	text := append(b.cut, p...)
	whole := len(text)
	for i := max(0, whole-utf8.UTFMax+1); i < whole; i++ {
		if utf8.RuneStart(text[i]) && !utf8.FullRune(text[i:]) {
			whole = i
		}
	}
	b.cut = bytes.Clone(text[whole:])
	if text = text[:whole]; bytes.ContainsFunc(text, unsafe) {
		if b.data && b.app.json {
			text = escaped(text)
		} else {
			text = []byte(api.CleanLines(string(text)))
		}
	}
	if b.app.words.ASCII() && !(b.data && b.app.json) {
		text = []byte(ui.ToASCII(string(text)))
	}
	if err := b.asIs(text); err != nil {
		return 0, err
	}
	return len(p), nil
}

// asIs writes what was cleaned or is the program's own.
func (b *border) asIs(p []byte) error {
	if b.lost == nil {
		if _, err := b.to.Write(p); err != nil {
			b.lost = trouble(err, "cli.output", nil)
		}
	}
	return b.lost
}

func unsafe(r rune) bool { return r != '\n' && r != '\t' && !api.Shown(r) }

// escaped is JSON of the same meaning that a terminal may be shown.
func escaped(text []byte) []byte {
	var out strings.Builder
	for _, r := range string(text) {
		switch {
		case !unsafe(r):
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
