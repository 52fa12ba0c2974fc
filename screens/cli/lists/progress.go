package lists

import (
	"time"

	"counterfoil/screens/cli/stream"
	"counterfoil/ui"
)

// Progress says on a terminal how far a list is.
type Progress struct {
	stream.Progress
	Words *ui.Words

	Lines, Done, Skipped, Left int // so far: all, done, done or open here already, wrong or not done

	began, drawn time.Time
}

// drawEvery is how often it is drawn at most.
const drawEvery = 200 * time.Millisecond

// Draw shows the progress, where it is due.
func (p *Progress) Draw() {
	now := time.Now()
	if p.began.IsZero() {
		p.began, p.drawn = now, now
	}
	if p.Terminal == nil || now.Sub(p.drawn) < drawEvery {
		return
	}
	p.Progress.Draw(p.Text())
	p.drawn = now
}

// Text is the progress in words.
func (p *Progress) Text() string {
	rate := 0
	if gone := time.Since(p.began).Seconds(); gone > 0 {
		rate = int(float64(p.Lines) / gone)
	}
	return p.Words.T("cli.list.progress", map[string]any{"Lines": p.Lines, "Done": p.Done, "Skipped": p.Skipped, "Left": p.Left, "Rate": rate})
}
