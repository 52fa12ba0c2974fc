package stream

import (
	"io"
	"os"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/term"
)

// Progress is a line on a terminal that is drawn over and over.
type Progress struct {
	Terminal io.Writer // nil for nowhere
	shown    bool
}

// Draw shows text in place of what was drawn before, on one row: what wraps could
// not be drawn over.
func (p *Progress) Draw(text string) {
	if p.Terminal == nil {
		return
	}
	if f, ok := p.Terminal.(*os.File); ok {
		if width, _, err := term.GetSize(f.Fd()); err == nil && width > 1 {
			text = ansi.Truncate(text, width-1, "…")
		}
	}
	_, _ = io.WriteString(p.Terminal, "\r"+text+"\x1b[K")
	p.shown = true
}

// Clear makes room for other lines.
func (p *Progress) Clear() {
	if p.shown {
		_, _ = io.WriteString(p.Terminal, "\r\x1b[K")
		p.shown = false
	}
}
