// Package records prints a review for the command line: records, marks, sums and
// the case file. It asks the desk and opens nothing.
package records

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"counterfoil/api"
	"counterfoil/offline"
	"counterfoil/screens/cli/output"
	"counterfoil/screens/cli/stream"
	"counterfoil/screens/screen"
)

// Review fetches and prints the records at or below an id.
type Review struct {
	*output.Printer
	Who      offline.Session
	Root     api.ID
	Terminal io.Writer // where progress is drawn; nil for nowhere
	Say      func(id string, args map[string]any)

	marks   []offline.Mark
	found   map[string]int // marks of what was printed, by rule
	printed int
}

// Print prints the stored records that a query selects, what marks them, and the
// sum. It returns how many codes have no answer.
func (v *Review) Print(ctx context.Context, q offline.RecordQuery) (unanswered int, err error) {
	if v.marks, err = v.Desk.Marks(ctx, v.Who, v.Root); err != nil {
		return 0, err
	}
	if err := v.records(ctx, q); err != nil {
		return 0, err
	}
	totals, err := v.Desk.RecordTotals(ctx, v.Who, v.Root)
	if err != nil {
		return 0, err
	}
	return totals.Unanswered, v.end(ctx, totals)
}

// Fetch asks the platform for what is too old. Errors: those of Desk.FetchRecords.
func (v *Review) Fetch(ctx context.Context, refresh bool) error {
	line := stream.Progress{Terminal: v.Terminal}
	defer line.Clear()
	return v.Desk.FetchRecords(ctx, v.Who, v.Root, refresh, func(p offline.ReviewProgress) {
		if p.Of > 1 {
			line.Draw(v.Words.T("review.progress", map[string]any{
				"Done": p.Done, "Left": p.Of - p.Done, "Rate": strconv.FormatFloat(p.Rate, 'f', 0, 64), "Failed": p.Failed}))
		}
	})
}

func (v *Review) records(ctx context.Context, q offline.RecordQuery) error {
	v.found = map[string]int{}
	marked := map[int64]bool{} // that were printed
	for more := true; more; {
		page, err := v.Desk.Records(ctx, v.Who, q)
		if err != nil {
			return err
		}
		var rows [][]string
		for i := range page {
			r := page[i]
			q.After = &page[i]
			v.printed++
			if len(r.Marks) > 0 {
				marked[r.Key] = true
			}
			if !v.JSON {
				rows = append(rows, v.row(r))
			} else if err := v.Line(v.masked(r)); err != nil {
				return err
			}
		}
		stream.Table(v.Out, rows)
		more = len(page) == q.Limit
	}
	v.marks = slices.DeleteFunc(v.marks, func(m offline.Mark) bool {
		return q.Narrows() && !slices.ContainsFunc(m.Records, func(key int64) bool { return marked[key] })
	})
	for _, m := range v.marks {
		v.found[m.Rule]++
	}
	return nil
}

func (v *Review) masked(r offline.Record) offline.RecordLine {
	l := offline.LineOf(r)
	l.Code, l.Message = v.ID(l.Code), v.Text(l.Message)
	extend := map[string]string{}
	for name, value := range l.Extend {
		extend[name] = v.Text(value)
	}
	l.Extend = extend
	return l
}

func (v *Review) row(r offline.Record) []string {
	at := r.Record.At
	if !r.At.IsZero() {
		at = r.At.Format(time.DateTime)
	}
	kind := screen.RecordKind(v.Words, r.Kind)
	if !r.OK {
		kind += " " + v.Words.T("record.failed")
	}
	return []string{at, kind, v.ID(r.Code), strings.TrimSpace(r.ShopNo + " " + r.ShopName), r.TID,
		strings.TrimSpace(r.ReturnCode + " " + v.Text(r.Message)), strings.Join(r.Marks, ", ")}
}

// reviewEnd closes a review for scripts.
type reviewEnd struct {
	Complete   bool           `json:"complete"`
	Codes      int            `json:"codes"`
	Records    int            `json:"records"`
	Unanswered int            `json:"unanswered"`
	Marks      map[string]int `json:"marks"`
	SeenAt     string         `json:"seen_at"` // of the oldest records
}

// unansweredShown is how many codes without an answer are named.
const unansweredShown = 20

func (v *Review) end(ctx context.Context, t offline.RecordTotals) error {
	codes, err := v.Desk.Unanswered(ctx, v.Who, v.Root, unansweredShown)
	if err != nil {
		return err
	}
	if t.Unanswered > 0 {
		for i := range codes {
			codes[i] = v.ID(codes[i])
		}
		v.Say("review.unanswered", map[string]any{"N": t.Unanswered, "Codes": strings.Join(codes, ", "), "More": t.Unanswered - len(codes)})
	}
	seen := ""
	if !t.Oldest.IsZero() {
		seen = t.Oldest.Format(time.RFC3339)
	}
	if v.JSON {
		return v.Line(reviewEnd{true, t.Codes, v.printed, t.Unanswered, v.found, seen})
	}
	for _, m := range v.marks {
		fmt.Fprintln(v.Out, strings.Join(strings.Fields("▲ "+m.Rule+" "+v.ID(m.Code)+" "+screen.MarkSentence(v.Words, m)), " "))
	}
	v.Say("review.sum", map[string]any{"Codes": t.Codes, "Records": v.printed, "Empty": t.Empty, "Marks": len(v.marks), "At": cmp.Or(seen, "–")})
	return nil
}
