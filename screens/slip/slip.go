// Package slip writes the day's reports as a receipt printer does: forty columns
// of plain text. What it writes depends on the report and the language alone, so
// that a copy has the same bytes as the first print.
package slip

import (
	"strconv"
	"strings"
	"time"

	"counterfoil/api"
	"counterfoil/offline"
	"counterfoil/ui"
)

// Width is that of a slip, in columns: a Chinese character takes two.
const Width = 40

// The columns of the numbers end here.
const (
	opsEnd    = 26
	moneyWide = Width - opsEnd
)

// List is a table of closes, with its titles; nothing where there are none.
func List(words *ui.Words, closes []offline.DayReport, zone *time.Location) (rows [][]string) {
	for i := range closes {
		r := &closes[i]
		if i == 0 {
			rows = append(rows, nil)
			for _, title := range []string{"number", "day", "part", "at", "by", "accepted", "amount", "open"} {
				rows[0] = append(rows[0], words.T("slip.title."+title))
			}
		}
		rows = append(rows, []string{"Z " + number(r.Z), r.Day, strconv.Itoa(r.Part), r.At.In(zone).Format("2006-01-02 15:04"), r.By,
			ui.Grouped(r.Accepted.Ops), money(r.Accepted.Fen), ui.Grouped(r.StillOpen.Ops)})
	}
	return rows
}

// Sentence says how the platform's book differs from ours.
func Sentence(words *ui.Words, d *offline.Difference) string {
	id := "differs." + string(d.Class)
	switch {
	case d.Class == offline.Information && d.Op != "" && len(d.Evidence) == 0:
		id = "differs.info.no_lookup" // silence is of an id, and names no operation
	case d.Class == offline.Information:
		id = "differs.info." + d.Ours
	}
	of := 0 // the codes that were looked at, in the last look-up
	for _, e := range d.Evidence {
		if e.Seen != nil {
			of = 0
			for _, n := range e.Seen.Counts {
				of += n
			}
		}
	}
	return words.T(id, map[string]any{"Count": len(d.Codes), "Theirs": d.Theirs, "Of": of, "Changed": max(of-len(d.Codes), 0)})
}

// slip is one while it is written.
type slip struct {
	*ui.Words
	strings.Builder
}

// Text is the slip of a report X or Z, and of a copy with one line more.
func Text(words *ui.Words, r *offline.DayReport) string {
	s := &slip{Words: words}
	s.head(r)
	s.line(strings.Repeat("-", Width))
	s.line(ui.FitLeft(s.T("slip.ops"), opsEnd) + ui.FitLeft(s.T("slip.yuan"), moneyWide))
	s.balance(r)
	for _, late := range r.Late {
		s.sum(s.T("slip.late", map[string]any{"Z": number(late.Z)}), late.Ops, late.Fen)
	}
	s.sum(s.T("slip.active_ever"), r.Ever.Active.Ops, r.Ever.Active.Fen)
	s.count(s.T("slip.void_ever"), r.Ever.Void.Ops)
	if r.Discarded > 0 {
		s.count(s.T("slip.discarded"), r.Discarded)
	}
	if r.Report == "Z" {
		s.foot(r)
	}
	return s.String()
}

// Keep keeps the slip of a report as a file and returns its path. That of a Z is
// the one it had at first, whichever print it is kept at.
func Keep(desk *offline.Desk, words *ui.Words, r *offline.DayReport) (path string, err error) {
	first := *r
	first.Copy = 0
	return desk.SaveSlip(&first, Text(words, &first))
}

func (s *slip) line(text string) { s.WriteString(strings.TrimRight(ui.Cut(text, Width), " ") + "\n") }

func (s *slip) head(r *offline.DayReport) {
	if r.Report == "Z" {
		s.line(ui.Spread(s.T("slip.z"), "Z "+number(r.Z), Width))
	} else {
		s.line(ui.Spread(s.T("slip.x"), "X", Width))
	}
	short := r.Journal[:min(4, len(r.Journal))]
	s.line(ui.Spread(strings.TrimSpace(r.ShopName+" "+r.ShopNo), r.Counter+" / "+short, Width))
	day := s.T("slip.day", map[string]any{"Day": r.Day})
	if r.Part > 0 {
		day = s.T("slip.day_part", map[string]any{"Day": r.Day, "Part": r.Part})
	}
	s.line(ui.Spread(day, r.At.Format("15:04")+" "+r.By, Width))
}

func (s *slip) balance(r *offline.DayReport) {
	s.sum(s.T("slip.open_before"), r.OpenBefore.Ops, r.OpenBefore.Fen)
	s.sum(s.T("slip.accepted"), r.Accepted.Ops, r.Accepted.Fen)
	if r.Reopened.Ops != 0 {
		s.sum(s.T("slip.reopened"), r.Reopened.Ops, r.Reopened.Fen)
	}
	if r.Recovered.Ops != 0 || r.Recovered.Fen != 0 {
		s.sum(s.T("slip.recovered"), r.Recovered.Ops, r.Recovered.Fen)
	}
	s.sum(s.T("slip.active"), r.Outcomes.Active.Ops, r.Outcomes.Active.Fen)
	if r.ByStatus.Active.Ops > 0 {
		s.sum(s.T("slip.by_status"), r.ByStatus.Active.Ops, r.ByStatus.Active.Fen)
	}
	s.count(s.T("slip.void"), r.Outcomes.Void.Ops)
	if r.ByStatus.Void.Ops > 0 {
		s.count(s.T("slip.by_status"), r.ByStatus.Void.Ops)
	}
	s.sum(s.T("slip.refused"), r.Outcomes.Refused.Ops, r.Outcomes.Refused.Fen)
	s.sum(s.T("slip.withdrawn"), r.Outcomes.Withdrawn.Ops, r.Outcomes.Withdrawn.Fen)
	s.sum(s.T("slip.settled"), r.Outcomes.Settled.Ops, r.Outcomes.Settled.Fen)
	s.sum(s.T("slip.still_open"), r.StillOpen.Ops, r.StillOpen.Fen)
	for _, o := range r.Open {
		s.line(ui.Spread("   "+api.ID(o.ID).Masked(), s.T("state."+string(o.State)), Width))
		amount := money(o.AmountFen)
		if o.Kind == offline.Void {
			amount = "-"
		}
		s.line(ui.Spread("   "+s.T("kind."+string(o.Kind))+" "+s.age(r.At.Sub(o.AcceptedAt)), amount, Width))
	}
}

func (s *slip) foot(r *offline.DayReport) {
	if c := r.Checked; c.Skipped {
		s.line(ui.Center(s.T("slip.not_checked"), Width))
	} else {
		s.line(ui.Spread(s.T("slip.checked", map[string]any{"Answered": c.Answered, "Of": c.Of}),
			s.T("slip.found", map[string]any{"Differences": c.Differences, "Silent": c.Silent}), Width))
	}
	half := min(len(r.Head.Hash), 32)
	s.line(ui.Spread(r.Head.Hash[:half], strconv.FormatInt(r.Head.Seq, 10), Width))
	s.line(r.Head.Hash[half:])
	if r.Copy > 0 {
		s.line(s.T("slip.copy", map[string]any{"N": r.Copy}))
	}
}

// sum is a line of a number and an amount.
func (s *slip) sum(label string, ops, fen int64) {
	s.line(ui.Spread(label, ui.Grouped(ops), opsEnd) + ui.FitLeft(money(fen), moneyWide))
}

// count is a line of what carries no amount.
func (s *slip) count(label string, ops int64) {
	s.line(ui.Spread(label, ui.Grouped(ops), opsEnd) + ui.FitLeft("-", moneyWide))
}

func (s *slip) age(d time.Duration) string {
	return s.T("slip.age", map[string]any{"Hours": int(d.Hours()), "Minutes": int(d.Minutes()) % 60})
}

// number is a Z's, as it is printed everywhere.
func number(z int64) string {
	return strings.Repeat("0", max(0, 6-len(strconv.FormatInt(z, 10)))) + strconv.FormatInt(z, 10)
}

// money is an amount in yuan, its thousands set apart.
func money(fen int64) string {
	whole, part, _ := strings.Cut(offline.Yuan(max(fen, -fen)), ".")
	n, _ := strconv.ParseInt(whole, 10, 64) // as Yuan wrote it
	sign := ""
	if fen < 0 {
		sign = "-"
	}
	return sign + ui.Grouped(n) + "." + part
}
