package stream

import "io"

// Progress is a line on a terminal that is drawn over and over.
type Progress struct {
	Terminal io.Writer // nil for nowhere
	shown    bool
}

// Draw shows text in place of what was drawn before.
func (p *Progress) Draw(text string) {
	if p.Terminal != nil {
		_, _ = io.WriteString(p.Terminal, "\r"+text+"\x1b[K")
		p.shown = true
	}
}

// Clear makes room for other lines.
func (p *Progress) Clear() {
	if p.shown {
		_, _ = io.WriteString(p.Terminal, "\r\x1b[K")
		p.shown = false
	}
}
