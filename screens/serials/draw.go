package serials

import (
	"maps"
	"strconv"
	"strings"
	"time"

	"counterfoil/offline"
	"counterfoil/screens/sale"
	"counterfoil/screens/screen"
	"counterfoil/ui"
)

// formWidth is what the form takes, its frame and a moment of its validity.
const formWidth = 42

// freshFor is how long a range that became active is told in large.
const freshFor = time.Minute

// above is how many lines stand above the earlier ranges.
func above(height int) int { return min(max(height-7, fields+2), 20) }

// pieces is the message id of what a type's are called.
func pieces(kind int) string {
	return map[int]string{offline.RangeVouchers: "range.pieces.voucher", offline.RangeCards: "range.pieces.card"}[kind]
}

func yuan(w *ui.Words, fen int64) string { return w.Spell(screen.Money(fen)) }

// What says what would be activated.
func What(w *ui.Words, o *offline.RangeOrder, p *offline.RangePreview) string {
	return w.T("range.what", map[string]any{
		"Count": o.Count, "What": w.T(pieces(o.Type)), "BIN": o.BIN, "From": o.From, "To": o.To,
		"Selling": yuan(w, p.SellingFen), "Cost": yuan(w, p.CostFen), "Discount": yuan(w, p.SellingFen-p.CostFen),
	})
}

// Sentence says a remark.
func Sentence(w *ui.Words, r offline.Remark) string {
	args := maps.Clone(r.Args)
	for name, value := range r.Args {
		if fen, ok := value.(int64); ok {
			args[name] = yuan(w, fen)
		}
	}
	return w.T("range."+r.Word, args)
}

// overlap names an earlier range that forbids this one.
func (s *serials) overlap(op string) string {
	e, r := s.env, s.ranged(op)
	return e.T("range.overlaps", map[string]any{"ID": r.ID, "State": e.Mark(r).Word, "At": e.When(r.AcceptedAt), "By": r.Operator})
}

// View puts the form beside its preview, and the earlier ranges below.
func (s *serials) View(width, height int) string {
	e := s.env
	if !s.reading.loaded {
		return ui.Block(ui.Center(e.Problem(s.reading.problem), width), width, height)
	}
	top := above(height)
	left := strings.Split(e.Theme.Box(e.Theme.Title(e.T("serials.title")), "", s.lines(), formWidth, top, ui.Plain), "\n")
	right := strings.Split(s.beside(width-formWidth, top), "\n")
	for i := range left {
		left[i] += right[i]
	}
	return strings.Join(left, "\n") + "\n" + s.table(width, height-top)
}

// lines are the form's.
func (s *serials) lines() []string {
	e, t := s.env, s.env.Theme
	const label, room = 12, formWidth - 4 - 15
	var lines []string
	for i, id := range [fields]string{"type", "bin", "first", "last", "count", "selling", "cost", "from", "to"} {
		mark, value := "  ", s.text[i].View(t, room, i == s.focus)
		switch {
		case i == fieldType:
			value = s.choice()
		case i != s.focus && s.text[i].Empty():
			value = t.Paint(ui.Faint, s.implied(i))
		}
		if i == s.focus {
			mark = t.Paint(ui.Accent, t.Prompt) + " "
		}
		lines = append(lines, mark+t.Paint(ui.Faint, ui.Fit(e.T("serials."+id), label))+" "+value)
	}
	return lines
}

func (s *serials) choice() string {
	t := s.env.Theme
	var parts []string
	for _, kind := range []int{offline.RangeVouchers, offline.RangeCards} {
		mark, tone := t.Unchosen, ui.Faint
		if kind == s.kind {
			mark, tone = t.Chosen, ui.Strong
		}
		parts = append(parts, t.Paint(tone, mark+" "+s.env.T(map[int]string{offline.RangeVouchers: "serials.vouchers", offline.RangeCards: "serials.cards"}[kind])))
	}
	return strings.Join(parts, "  ")
}

// implied is what an empty field stands for.
func (s *serials) implied(field int) string {
	o := s.order()
	switch {
	case field == fieldCount && o.Count > 0:
		return strconv.Itoa(o.Count)
	case field == fieldCost && o.SellingFen > 0:
		return offline.Yuan(o.SellingFen)
	case field == fieldFrom, field == fieldTo:
		return s.env.T("serials.moment")
	}
	return ""
}

// beside is the preview of the form, or what became of the last one.
func (s *serials) beside(width, height int) string {
	e, t := s.env, s.env.Theme
	if op := s.ranged(s.sold); op.Op != "" && (op.State != offline.Done || e.Now().Sub(*op.FinishedAt) < freshFor) {
		return s.result(op).View(t, width, height)
	}
	inner := width - 4
	var lines []string
	say := func(tone ui.Tone, text string) { lines = append(lines, t.Wrap(tone, text, inner)...) }
	p := &s.preview
	if s.untouched() {
		say(ui.Faint, e.T("serials.begin"))
		p = &offline.RangePreview{}
	}
	for _, r := range p.Wrong {
		say(ui.Bad, t.Bad+" "+Sentence(e.Words, r))
	}
	for _, op := range p.Overlaps {
		say(ui.Bad, t.Bad+" "+s.overlap(op))
	}
	lines = append(lines, s.sums(inner)...)
	if p.Limit != "" {
		say(ui.Queued, t.Person+" "+e.T("serials."+p.Limit, map[string]any{"N": ui.Grouped(p.Most), "Yuan": yuan(e.Words, p.Most)}))
	}
	for _, r := range p.Unusual {
		say(ui.Queued, t.Person+" "+Sentence(e.Words, r))
	}
	if s.ready() {
		say(ui.Plain, t.Good+" "+e.T("serials.right"))
	}
	foot := ""
	if more := len(lines) - (height - 2); more > 0 {
		foot = "+" + strconv.Itoa(more)
	}
	return t.Box(t.Title(e.T("serials.preview")), foot, lines, width, height, ui.Plain)
}

// sums are the figures of a range; prices that contradict each other have none.
func (s *serials) sums(width int) (lines []string) {
	e, p, o := s.env, &s.preview, s.order()
	row := func(what, figure string) { lines = append(lines, ui.Spread(what, figure, width)) }
	if n, ok := o.Size(); ok {
		row(e.T("serials.pieces", map[string]any{"Count": n}), o.From+" "+e.Theme.Dash+" "+o.To)
	}
	if len(p.Wrong) == 0 {
		row(e.T("serials.selling_all"), yuan(e.Words, p.SellingFen))
		row(e.T("serials.cost_all"), yuan(e.Words, p.CostFen))
		row(e.T("serials.discount"), yuan(e.Words, p.SellingFen-p.CostFen))
	}
	return lines
}

// result is what became of a range. A share of it is never told: an answer that
// it is in progress carries none.
func (s *serials) result(op offline.Operation) ui.Result {
	e := s.env
	r := (&sale.Sale{Op: &op}).Result(e)
	if op.State == offline.Done {
		r.Tone, r.Symbol, r.Word, r.Order = ui.Good, "", e.T("serials.all_active"), ""
	}
	r.Lines = append([]string{op.ID}, r.Lines...)
	if op.State == offline.Unknown {
		r.Lines = append(r.Lines, e.T("serials.polled", map[string]any{"Count": op.Range.Polls, "Age": e.Ago(op.AcceptedAt)}))
	}
	return r
}

func (s *serials) table(width, height int) string {
	e := s.env
	table := ui.Table{
		Title: e.Theme.Title(e.T("serials.earlier")), Cursor: -1, Total: int64(len(s.list.All())), Empty: e.T("serials.none"),
		Columns: []ui.Column{
			{Title: e.T("serials.age"), Width: 9}, {Title: e.T("people.state"), Width: 13},
			{Title: e.T("queue.id"), Width: 23}, {Title: e.T("serials.count"), Width: 6, Right: true}, {Title: e.T("serials.polls"), Width: 5, Right: true},
			{Title: e.T("serials.selling_all"), Width: 12, Right: true, Optional: true}, {Title: e.T("serials.at"), Width: 11, Optional: true},
			{Title: e.T("detail.by"), Width: 10, Optional: true}, {Title: e.T("detail.why"), Width: 30, Least: 12, Optional: true, Grow: true},
		},
	}
	if first, known := s.list.First(); known {
		table.First = int64(first)
	}
	rows, _ := s.list.Rows()
	for _, op := range rows {
		m := e.Mark(op)
		table.Rows = append(table.Rows, []string{e.Ago(op.AcceptedAt), e.Theme.Paint(m.Tone, m.String()), op.ID, ui.Grouped(int64(op.Range.Count)),
			strconv.Itoa(op.Range.Polls), yuan(e.Words, op.AmountFen), e.When(op.AcceptedAt), op.Operator, e.Because(op)})
	}
	return table.View(e.Theme, width, height)
}
