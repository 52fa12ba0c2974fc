package books

import (
	"context"
	"fmt"
	"io"
	"strings"

	"counterfoil/offline"
	"counterfoil/screens/cli/stream"
	"counterfoil/screens/slip"
	"counterfoil/ui"
)

// Reconcile asks the platform about our book, and prints what it found.
type Reconcile struct {
	Words    *ui.Words
	Progress stream.Progress
	Out      io.Writer
	Line     func(any) error // prints one JSON object; nil for sentences
	Mask     func(id string) string
	Say      func(id string, args map[string]any)
}

// Ask runs a reconciliation of a day, of a Z, or of what came since the last close.
func (r *Reconcile) Ask(ctx context.Context, desk *offline.Desk, by offline.Session, s Span) (offline.Reconciliation, error) {
	defer r.Progress.Clear()
	return desk.Reconcile(ctx, by, offline.ReconcileRequest{Day: s.Day, Z: s.Z, Each: r.draw})
}

// Close closes the day, with what the platform says of it where check is set.
func (r *Reconcile) Close(ctx context.Context, desk *offline.Desk, by offline.Session, request offline.CloseRequest) ([]offline.DayReport, error) {
	request.Each = r.draw
	reports, err := desk.CloseDay(ctx, by, request)
	r.Progress.Clear()
	if err != nil {
		return nil, err
	}
	if last := reports[len(reports)-1]; last.Copy == 0 && last.Checked.Differences > 0 {
		r.Say("cli.close.differs", map[string]any{"Count": last.Checked.Differences, "Z": last.Z})
	}
	return reports, nil
}

// draw shows how far it is.
func (r *Reconcile) draw(p offline.ReconcileProgress) {
	r.Progress.Draw(r.Words.T("cli.reconcile.progress", map[string]any{"Done": p.Done, "Of": p.Of}))
}

// end is the last line for scripts.
type end struct {
	Complete    bool  `json:"complete"`
	Of          int64 `json:"of"`
	Answered    int64 `json:"answered"`
	Differences int64 `json:"differences"`
	Silent      int64 `json:"silent"`
}

// Print prints each difference and the sum.
func (r *Reconcile) Print(found *offline.Reconciliation) error {
	for _, d := range found.Found {
		d.ID = r.Mask(d.ID)
		codes := make([]string, len(d.Codes))
		for i, code := range d.Codes {
			codes[i] = r.Mask(code)
		}
		d.Codes = codes
		if r.Line != nil {
			if err := r.Line(d); err != nil {
				return err
			}
			continue
		}
		fmt.Fprintln(r.Out, strings.TrimSpace(d.ID+"  "+d.Op+"  "+slip.Sentence(r.Words, &d)))
	}
	s := found.Sum
	if r.Line != nil {
		return r.Line(end{true, s.Of, s.Answered, s.Differences, s.Silent})
	}
	r.Say("cli.reconcile.sum", map[string]any{"Of": s.Of, "Answered": s.Answered, "Differences": s.Differences, "Silent": s.Silent})
	return nil
}
