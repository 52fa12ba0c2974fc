package review

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"counterfoil/offline"
	"counterfoil/screens/screen"
	"counterfoil/ui"
)

// View draws the records with the chosen one beside them, the sums, or the marks.
func (s *review) View(width, height int) string {
	body := height - s.Head()
	switch {
	case s.id == "":
		return s.head(width) + "\n" + s.env.Theme.Panel(s.env.Theme.Title(s.env.T("review.title")), []string{"", ui.Center(s.env.T("review.scan"), width-4)}, width, body, ui.Plain)
	case s.tab == tabSums && width < ui.Beside:
		return s.head(width) + "\n" + s.lines(append(append(s.sumLines(), ""), s.bars(width-4)...), width, body)
	case s.tab == tabSums:
		return s.head(width) + "\n" + ui.Split(width, func(width int) string { return s.lines(s.sumLines(), width, body) }, func(width int) string { return s.chart(width, body) })
	case s.tab == tabMarks:
		return s.head(width) + "\n" + s.marksBox(width, body)
	case width < ui.Beside:
		edge, rest := s.foot(width)
		return s.head(width) + "\n" + s.table(width, body-1, edge) + "\n" + rest
	}
	edge, _ := s.foot(width)
	return s.head(width) + "\n" + ui.Split(width, func(width int) string { return s.table(width, body, edge) },
		func(width int) string { return s.preview(width, body) })
}

// mask is a code as it may be shown here; the one that was asked for is shown.
func (s *review) mask(code string) string {
	if s.whole || s.asked && code == string(s.id) {
		return code
	}
	return s.env.Mask(code)
}

// head is what is reviewed, and how far it is known.
func (s *review) head(width int) string {
	t, e := s.env.Theme, s.env
	if s.entry.what != "" {
		return " " + t.Paint(ui.Strong, e.T(s.entry.what)) + " " + t.Paint(ui.Accent, t.Prompt) + " " + s.entry.field.View(t, max(ui.Width(s.entry.field.Text())+1, 32), true)
	}
	if s.id == "" {
		return ""
	}
	left := " " + t.Paint(ui.Strong, e.T("level."+string(s.id.Level()))+" "+s.mask(string(s.id)))
	var right string
	switch {
	case s.fetch != nil:
		p := s.fetch.progress.Load()
		right = t.Paint(ui.Accent, t.Spin(e.Beat)+" "+e.T("review.progress", map[string]any{
			"Done": ui.Grouped(int64(p.Done)), "Left": ui.Grouped(int64(p.Of - p.Done)), "Rate": strconv.FormatFloat(p.Rate, 'f', 0, 64), "Failed": ui.Grouped(int64(p.Failed))}))
	case s.summed && s.totals.Unanswered > 0:
		right = t.Paint(ui.Queued, t.Wait+" "+e.T("review.silent", map[string]any{"Count": s.totals.Unanswered}))
	case s.summed && !s.totals.Oldest.IsZero():
		right = t.Paint(ui.Faint, e.T("review.seen", map[string]any{"At": e.When(s.totals.Oldest)}))
	}
	return ui.Spread(left, ui.Cut(right, max(width-ui.Width(left)-2, 0)), width)
}

func (s *review) tabs(width int) string {
	e := s.env
	records, marked := ui.Tab{Name: e.T("review.records"), Count: -1}, int64(-1)
	if s.summed {
		records.Count = int64(s.totals.Records)
	}
	switch n, whole := s.list.Held(); {
	case s.query.Narrows() && s.summed && whole:
		records = ui.Tab{Name: e.T("review.records_of", map[string]any{"N": ui.Grouped(int64(n)), "Of": ui.Grouped(records.Count)}), Count: -1}
	case s.query.Narrows():
		records.Count = -1
	case s.isCode() && s.summed && whole && n > s.totals.Records:
		records = ui.Tab{Name: e.T("review.records_here", map[string]any{"N": ui.Grouped(records.Count), "Here": ui.Grouped(int64(n - s.totals.Records))}), Count: -1}
	}
	if s.judged {
		marked = int64(len(s.marks))
	}
	return ui.Tabs(e.Theme, []ui.Tab{records, {Name: e.T("review.sums"), Count: -1}, {Name: e.T("review.marks"), Count: marked}}, s.tab, width-6)
}

func (s *review) lines(all []string, width, height int) string {
	seen, part := ui.Window(all, s.scroll, height-2)
	return s.env.Theme.Box(s.tabs(width), part, seen, width, height, ui.Plain)
}

// chart draws the bars beside the sums, from as far down as those are scrolled.
func (s *review) chart(width, height int) string {
	bars := s.bars(width - 4)
	if len(bars) == 0 {
		return s.env.Theme.Panel("", nil, width, height, ui.Plain)
	}
	seen, part := ui.Window(bars[1:], s.scroll, height-2)
	return s.env.Theme.Box(bars[0], part, seen, width, height, ui.Plain)
}

// lowest is how far the sums can be scrolled, or the last of the marks.
func (s *review) lowest() int {
	room := s.size.Height - s.Head() - 2
	sums, bars := len(s.sumLines()), len(s.bars(s.size.Width-4))
	switch {
	case s.tab == tabMarks:
		return len(s.marks) - 1
	case s.size.Width < ui.Beside:
		return sums + 1 + bars - room
	}
	return max(sums, bars-1) - room
}

// table draws the rows in sight; the column by which they are sorted says so.
func (s *review) table(width, height int, edge string) string {
	e := s.env
	rows, at := s.list.Rows()
	rows = rows[:min(len(rows), ui.TableRoom(height))]
	title := func(by offline.RecordSort, id string) string {
		if s.query.Sort != by {
			return e.T(id)
		}
		return e.T(id) + " " + e.Words.Spell(map[bool]string{true: "↓", false: "↑"}[s.query.Desc])
	}
	byTerminal := s.query.Sort == "tid"
	b := ui.Table{Title: s.tabs(width), Cursor: at, Empty: e.T("review.none"), Columns: []ui.Column{
		{Title: title("at", "review.at"), Width: 14}, {Title: title("kind", "review.kind"), Width: 6},
		{Title: title("code", "level.code"), Width: 22, Least: 18, Middle: true, Grow: true}, {Title: title("shop", "review.shop"), Width: 6},
		{Title: title("marks", "review.mark"), Width: 12, Optional: byTerminal}, {Title: title("tid", "review.terminal"), Width: 10, Optional: !byTerminal},
	}}
	if s.isCode() { // in place of the code stands who did it, and where
		b.Columns = slices.Delete(b.Columns, 2, 3)
		b.Columns[2] = ui.Column{Title: title("shop", "review.who"), Width: 24, Least: 6, Grow: true} // the preview says all of it
	}
	if s.read.problem != nil {
		b.Empty = e.Problem(s.read.problem)
	}
	for _, r := range rows {
		b.Rows = append(b.Rows, s.cells(r))
	}
	if first, known := s.list.First(); known && s.summed && !s.query.Narrows() && !s.isCode() {
		b.First, b.Total = int64(first), int64(s.totals.Records)
	}
	b.Foot = ui.Cut(edge, max(width-8, 0))
	return b.View(e.Theme, width, height)
}

// foot says what is left out, or why the chosen row is marked where nothing
// beside the table says it: in its lower edge, and below it what does not fit there.
func (s *review) foot(width int) (edge, rest string) {
	e, q := s.env, s.query
	if s.query.Narrows() {
		parts := []string{e.T("review.only"), q.Kind, q.Shop, q.TID, q.Mark, s.mask(q.Text)}
		if q.Mark != "" {
			parts[4] = markName(e, q.Mark)
		}
		if !q.From.IsZero() {
			parts = append(parts, q.From.Format(time.DateOnly))
		}
		return strings.Join(strings.Fields(strings.Join(parts, " ")), " "), ""
	}
	if r, ok := s.list.At(); ok && s.size.Width < ui.Beside {
		for _, m := range s.marksOf(r.record) {
			if m.Rule != r.record.Marks[0] {
				continue // the column names that one
			}
			sentence := ui.Wrap(screen.MarkSentence(e.Words, m), width-8)
			return e.Theme.Paint(ui.Queued, sentence[0]), "  " + e.Theme.Paint(ui.Queued, ui.Cut(strings.Join(sentence[1:], " "), width-4))
		}
	}
	return "", ""
}

// cells are a row's; of one code they leave the code out.
func (s *review) cells(r row) (cells []string) {
	t, e := s.env.Theme, s.env
	stamp := func(at time.Time) string {
		if at = at.In(e.Zone); at.Year() != e.Now().In(e.Zone).Year() {
			return at.Format(time.DateOnly)
		}
		return at.Format("01-02 15:04:05")
	}
	if r.op != nil {
		if a := r.attempt; a != nil {
			what := e.T("outcome." + map[bool]string{true: "unanswered", false: a.Outcome}[a.Outcome == ""])
			return []string{stamp(r.at), "  " + what, strings.TrimSpace(a.Code + " " + a.Message), "", ""}
		}
		who := r.op.Operator
		if r.op.ApprovedBy != "" {
			who += " + " + r.op.ApprovedBy
		}
		state := e.Mark(*r.op)
		return []string{stamp(r.at), e.T("kind." + string(r.op.Kind)), who + "  " + e.T("review.here"), t.Paint(state.Tone, state.String()), ""}
	}
	at := r.record.Record.At
	if !r.at.IsZero() {
		at = stamp(r.at)
	}
	kind := screen.RecordKind(e.Words, r.record.Kind)
	if !r.record.OK {
		kind = t.Paint(ui.Bad, t.Bad+" "+kind)
	}
	marked := ""
	if len(r.record.Marks) > 0 {
		marked = t.Paint(ui.Queued, markName(e, r.record.Marks[0]))
		if more := len(r.record.Marks) - 1; more > 0 {
			marked += t.Paint(ui.Queued, " +"+strconv.Itoa(more))
		}
	}
	if s.isCode() {
		return []string{at, kind, strings.TrimSpace(r.record.ShopNo + " " + r.record.ShopName), marked, r.record.TID}
	}
	return []string{at, kind, s.mask(r.record.Code), cmp.Or(r.record.ShopNo, r.record.ShopName), marked, r.record.TID}
}

// preview is the chosen row in full, and why it is marked.
func (s *review) preview(width, height int) string {
	t, e := s.env.Theme, s.env
	r, ok := s.list.At()
	if !ok {
		return t.Panel("", nil, width, height, ui.Plain)
	}
	var lines []string
	field := func(id, value string) {
		label := t.Paint(ui.Faint, ui.Fit(ui.Capital(e.T(id)), 12)) + " "
		for _, row := range ui.Wrap(value, width-4-13) {
			if row != "" {
				lines = append(lines, label+row)
			}
			label = strings.Repeat(" ", 13)
		}
	}
	if r.op != nil {
		field("review.at", e.When(r.at))
		field("queue.by", r.op.Operator)
		if r.op.AmountFen > 0 {
			field("counter.amount", e.Money(r.op.AmountFen))
		}
		field("queue.id", s.mask(r.op.ID))
		field("detail.why", e.Because(*r.op))
		for _, a := range r.op.Attempts {
			field("review.trace", a.Trace)
			field("review.words", strings.TrimSpace(a.Code+" "+a.Message))
		}
		return t.Panel(t.Title(e.T("review.here")), lines, width, height, ui.Plain)
	}
	one := r.record
	field("level.code", s.mask(one.Code))
	if at := one.Record.At; one.At.IsZero() {
		field("review.at", at)
	} else {
		field("review.at", one.At.In(e.Zone).Format(time.DateTime))
	}
	kind := screen.RecordKind(e.Words, one.Kind)
	if kind != one.Type { // which has no word
		kind += "  (" + one.Type + ")"
	}
	field("review.kind", kind)
	field("review.words", strings.TrimSpace(one.ReturnCode+" "+one.Message))
	field("review.shop", strings.TrimSpace(one.ShopNo+" "+one.ShopName))
	field("review.terminal", strings.TrimSpace(one.TID+" "+one.MID))
	field("review.swift", one.Swift)
	for _, name := range slices.Sorted(maps.Keys(one.Extend)) {
		lines = append(lines, t.Paint(ui.Faint, ui.Fit(name, 12))+" "+one.Extend[name])
	}
	for _, m := range s.marksOf(one) {
		lines = append(append(lines, "", s.markHead(m)), ui.Wrap(screen.MarkSentence(e.Words, m), width-4)...)
	}
	return t.Panel(t.Title(e.T("review.record")), lines, width, height, ui.Plain)
}

// sumLines are the totals.
func (s *review) sumLines() (lines []string) {
	t, e := s.env.Theme, s.env
	if !s.summed {
		return []string{e.T("review.judging")}
	}
	if s.query.Narrows() {
		lines = append(lines, t.Paint(ui.Faint, e.T("review.sums_all")), "")
	}
	for _, one := range []struct {
		id string
		n  int
	}{{"review.codes", s.totals.Codes}, {"review.records", s.totals.Records}, {"review.empty", s.totals.Empty}, {"review.unanswered_codes", s.totals.Unanswered}} {
		lines = append(lines, ui.Fit(e.T(one.id), 24)+ui.FitLeft(ui.Grouped(int64(one.n)), 12))
	}
	for _, by := range []struct {
		id     string
		counts []offline.RecordCount
	}{{"review.kind", s.totals.Kinds}, {"review.shop", s.totals.Shops}, {"review.terminal", s.totals.TIDs}} {
		lines = append(lines, "", t.Paint(ui.Strong, e.T(by.id)))
		for _, c := range by.counts {
			name := c.Name
			if by.id == "review.kind" {
				name = screen.RecordKind(e.Words, name)
			}
			text := ui.Fit(cmp.Or(strings.TrimSpace(name+" "+c.Text), t.Dash), 36) + ui.FitLeft(ui.Grouped(int64(c.N)), 10)
			if c.Failed > 0 {
				text += "  " + t.Paint(ui.Bad, t.Bad+" "+ui.Grouped(int64(c.Failed)))
			}
			lines = append(lines, text)
		}
	}
	return lines
}

// bars draw the records by the hour, or by the day where they lie further apart,
// the newest first; what has none is drawn too.
func (s *review) bars(width int) (lines []string) {
	hours := s.totals.Hours
	if len(hours) == 0 {
		return nil
	}
	t, e := s.env.Theme, s.env
	form, step := "01-02 15h", time.Hour
	first, last := hours[0].At, hours[len(hours)-1].At
	if last.Sub(first) > 48*time.Hour {
		form, step = time.DateOnly, 24*time.Hour
	}
	counts, most := map[string]int{}, 0
	for _, h := range hours {
		counts[h.At.Format(form)] += h.N
		most = max(most, counts[h.At.Format(form)])
	}
	lines = append(lines, t.Paint(ui.Strong, e.T(map[bool]string{true: "review.by_hour", false: "review.by_day"}[step == time.Hour])))
	const longest = 400 // days
	if from := last.Add(-longest * step); first.Before(from) {
		first = from
	}
	for at := first; !at.After(last.Add(step)); at = at.Add(step) {
		name := at.Format(form)
		n, ok := counts[name]
		if !ok && at.After(last) {
			break
		}
		long := n * max(width-24, 1) / max(most, 1)
		if n > 0 {
			long = max(long, 1)
		}
		lines = append(lines, fmt.Sprintf("%-11s %s %s", name, t.Paint(ui.Accent, strings.Repeat(e.Words.Spell("█"), long)), ui.Grouped(int64(n))))
	}
	slices.Reverse(lines[1:])
	return lines
}
