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

	// So far: all, done, accepted and open yet, done or open here before, and wrong or not done.
	Lines, Done, Open, Skipped, Left int

	Began   time.Time // of the work
	written time.Time
	text    string
}

// writeEvery is how often it is written anew at most.
const writeEvery = 200 * time.Millisecond

// Draw shows the progress, also right behind other lines: what is there only now
// and then flickers.
func (p *Progress) Draw() {
	now := time.Now()
	if p.written.IsZero() {
		p.written = now
	}
	if now.Sub(p.written) >= writeEvery {
		p.text, p.written = p.Text(), now
	}
	if p.text != "" {
		p.Progress.Draw(p.text)
	}
}

// Text is the progress in words.
func (p *Progress) Text() string {
	rate := 0
	if gone := time.Since(p.Began).Seconds(); gone > 0 {
		rate = int(float64(p.Lines) / gone)
	}
	return p.Words.T("cli.list.progress", map[string]any{"Lines": p.Lines, "Done": p.Done, "Open": p.Open, "Skipped": p.Skipped, "Left": p.Left, "Rate": rate})
}
