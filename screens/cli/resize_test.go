package cli_test

import (
	"bytes"
	"testing"

	"counterfoil/ui/vterm"
)

func TestAfterAResizeEverythingIsDrawnOnceMore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	term := w.onTerminal("demo", "--lang", "en")
	term.WaitFor(`(?s)amy.*1111`)
	before := len(term.Output())
	for _, size := range []vterm.Size{{Cols: 100, Rows: 30}, vterm.Medium} {
		term.Resize(size)
	}
	term.WaitUntil("a second drawing", func(string) bool {
		return bytes.Count(term.Output()[before:], []byte("nothing here is real")) >= 2 // the library may leave cells of the former size in the first
	})
	term.End()
}
