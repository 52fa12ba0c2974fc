package lists

import (
	"io"
	"time"

	"counterfoil/ui"
)

// Progress says on a terminal how far a list is.
type Progress struct {
	Terminal io.Writer // nil for nowhere
	Words    *ui.Words

	Lines, Done, Skipped, Left int // so far: all, done, done or open here already, wrong or not done

	began, drawn time.Time
	shown        bool
}

// drawEvery is how often it is drawn at most.
const drawEvery = 200 * time.Millisecond

// Clear makes room for a line of the command's own.
func (p *Progress) Clear() {
	if p.shown {
		_, _ = io.WriteString(p.Terminal, "\r\x1b[K")
		p.shown = false
	}
}

// Draw shows the progress, where it is due.
func (p *Progress) Draw() {
	now := time.Now()
	if p.began.IsZero() {
		p.began, p.drawn = now, now
	}
	if p.Terminal == nil || now.Sub(p.drawn) < drawEvery {
		return
	}
	p.Clear()
	_, _ = io.WriteString(p.Terminal, p.Text())
	p.drawn, p.shown = now, true
}

// Text is the progress in words.
func (p *Progress) Text() string {
	rate := 0
	if gone := time.Since(p.began).Seconds(); gone > 0 {
		rate = int(float64(p.Lines) / gone)
	}
	return p.Words.T("cli.list.progress", map[string]any{"Lines": p.Lines, "Done": p.Done, "Skipped": p.Skipped, "Left": p.Left, "Rate": rate})
}
