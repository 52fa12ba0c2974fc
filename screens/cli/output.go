package cli

import (
	"io"
	"os"

	"github.com/charmbracelet/x/term"
)

// output is standard output with a memory: a result that could not be written
// must not look like success, even where nobody looked at the error.
type output struct {
	io.Writer
	lost error // the first failure, in words
}

// Write writes, and from the first failure on only repeats it.
func (o *output) Write(p []byte) (int, error) {
	if o.lost != nil {
		return 0, o.lost
	}
	n, err := o.Writer.Write(p)
	if err != nil {
		o.lost = trouble(err, "cli.output", nil)
		return n, o.lost
	}
	return n, nil
}

// watchOutput puts the memory in front of standard output, unless it is a
// terminal: screens and colours need the file itself.
func (w *World) watchOutput() *output {
	o := &output{Writer: w.Stdout}
	if f, ok := w.Stdout.(*os.File); !ok || !term.IsTerminal(f.Fd()) {
		w.Stdout = o
	}
	return o
}
