package books

import (
	"context"
	"fmt"
	"io"
	"strings"

	"counterfoil/offline"
	"counterfoil/ui"
)

// Reconcile asks the platform about our book, and prints what it found.
type Reconcile struct {
	Words    *ui.Words
	Terminal io.Writer // where progress is drawn; nil for nowhere
	Out      io.Writer
	Line     func(any) error // prints one JSON object; nil for sentences
	Mask     func(id string) string
	Say      func(id string, args map[string]any)
}

// Ask runs a reconciliation of a day, of a Z, or of what came since the last close.
func (r *Reconcile) Ask(ctx context.Context, desk *offline.Desk, by offline.Session, s Span) (offline.Reconciliation, error) {
	q := offline.ReconcileRequest{Day: s.Day, Z: s.Z}
	if r.Terminal != nil {
		q.Each = func(done, of int64) {
			fmt.Fprint(r.Terminal, "\r"+r.Words.T("cli.reconcile.progress", map[string]any{"Done": done, "Of": of})+"\x1b[K")
		}
		defer fmt.Fprint(r.Terminal, "\r\x1b[K")
	}
	return desk.Reconcile(ctx, by, q)
}

// Check asks the platform about what is to be closed. Where that cannot be, or the
// close would not be taken with the number of what is open, it returns nil.
func (r *Reconcile) Check(ctx context.Context, desk *offline.Desk, by offline.Session, open int) *offline.Reconciliation {
	x, err := desk.ReportX(ctx, by)
	if err != nil || int(x.StillOpen.Ops) != open {
		return nil
	}
	found, err := r.Ask(ctx, desk, by, Span{})
	if err != nil {
		return nil
	}
	return &found
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
		id := "cli.differs." + string(d.Class)
		if d.Class == offline.Information {
			id = "cli.differs.info." + d.Ours
		}
		fmt.Fprintln(r.Out, strings.TrimSpace(d.ID+"  "+d.Op+"  "+r.Words.T(id, map[string]any{"Count": len(d.Codes), "Theirs": d.Theirs})))
	}
	s := found.Sum
	if r.Line != nil {
		return r.Line(end{true, s.Of, s.Answered, s.Differences, s.Silent})
	}
	r.Say("cli.reconcile.sum", map[string]any{"Of": s.Of, "Answered": s.Answered, "Differences": s.Differences, "Silent": s.Silent})
	return nil
}
