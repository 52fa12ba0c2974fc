package stream

import (
	"bytes"
	"io"
	"strings"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/term"

	"counterfoil/ui"
)

// Help stands between the help's styling and standard output. The styling brings
// five headings of its own, in English; here ours are put in their place. Only
// help goes this way: data never does.
func Help(out *Border) io.Writer {
	w := helpWriter{out: out, with: map[string]string{}}
	for _, heading := range []string{"usage", "examples", "commands", "flags"} {
		w.with[strings.ToUpper(heading)] = out.Words.T("cli.help." + heading)
	}
	w.marks = [][2]string{
		{"[command]", out.Words.T("cli.help.mark_command")},
		{"[--flags]", out.Words.T("cli.help.mark_flags")},
	}
	// A terminal must still be seen as one, or the colours go.
	if f, ok := out.To.(term.File); ok {
		return helpTerminal{f, w}
	}
	return w
}

type helpWriter struct {
	out   *Border
	with  map[string]string // whole lines
	marks [][2]string       // parts of a line
}

// Write takes one whole line of the help: the styling prints it so.
func (w helpWriter) Write(p []byte) (int, error) {
	text := p
	bare := strings.TrimSpace(ansi.Strip(string(p)))
	if ours, ok := w.with[bare]; ok {
		text = bytes.Replace(p, []byte(bare), []byte(ours), 1)
	}
	line := w.exchange(string(text))
	if w.out.Words.ASCII() {
		line = ui.ToASCII(line)
	}
	if err := w.out.AsIs([]byte(line)); err != nil {
		return 0, err
	}
	return len(p), nil
}

// exchange puts our marks into a line; what they are narrower is made good in
// the next gap, so that the column behind them stays where it was.
func (w helpWriter) exchange(line string) string {
	lost, end := 0, 0
	for _, mark := range w.marks {
		if at := strings.Index(line, mark[0]); at >= 0 {
			line = line[:at] + mark[1] + line[at+len(mark[0]):]
			lost += ansi.StringWidth(mark[0]) - ansi.StringWidth(mark[1])
			end = max(end, at+len(mark[1]))
		}
	}
	if gap := strings.Index(line[end:], "  "); gap >= 0 && lost > 0 {
		line = line[:end+gap] + strings.Repeat(" ", lost) + line[end+gap:]
	}
	return line
}

type helpTerminal struct {
	term.File
	help helpWriter
}

// Write keeps the file's own Write out of the way.
func (t helpTerminal) Write(p []byte) (int, error) { return t.help.Write(p) }
