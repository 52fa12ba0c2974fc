package serials

import (
	"slices"
	"strconv"

	tea "charm.land/bubbletea/v2"

	"counterfoil/offline"
	"counterfoil/screens/sale"
	"counterfoil/screens/screen"
	"counterfoil/ui"
	"counterfoil/ui/scan"
)

// The fields of the form, from top to bottom.
const (
	fieldType = iota // chosen, not typed
	fieldBIN
	fieldFirst
	fieldLast
	fieldCount
	fieldSelling
	fieldCost
	fieldFrom
	fieldTo
	fields
)

const lastField = fields - 1

// form is a range as it is being written.
type form struct {
	by     string // whose it is
	kind   int    // of RangeOrder.Type, 0 for not chosen
	text   [fields]ui.Field
	focus  int
	before string // what stood in the field before the latest run of keys
}

func newForm(by string) form {
	f := form{by: by}
	number := func(most int) ui.Field { return ui.Field{Max: most, Exact: true, Accept: ui.Digits} }
	moment := ui.Field{Max: 19, Exact: true, Accept: func(r rune) bool { return ui.Digits(r) || r == '-' || r == ':' || r == ' ' }}
	f.text = [fields]ui.Field{
		fieldBIN: number(6), fieldFirst: number(7), fieldLast: number(7), fieldCount: number(7),
		fieldSelling: sale.AmountField(), fieldCost: sale.AmountField(), fieldFrom: moment, fieldTo: moment,
	}
	return f
}

// untouched reports that nothing was written yet.
func (f *form) untouched() bool {
	return f.kind == 0 && !slices.ContainsFunc(f.text[:], func(field ui.Field) bool { return !field.Empty() })
}

// order is what the form asks for. An empty count is what the serials say, an
// empty cost the selling price. What is no amount is -1.
func (f *form) order() offline.RangeOrder {
	at := func(i int) string { return f.text[i].Text() }
	o := offline.RangeOrder{Type: f.kind, BIN: at(fieldBIN), From: at(fieldFirst), To: at(fieldLast), ValidFrom: at(fieldFrom), ValidTo: at(fieldTo)}
	o.Count, _ = strconv.Atoi(at(fieldCount))
	if n, ok := o.Size(); ok && f.text[fieldCount].Empty() {
		o.Count = n
	}
	o.SellingFen = fen(at(fieldSelling), 0)
	o.CostFen = fen(at(fieldCost), o.SellingFen)
	return o
}

// fen reads an amount, none where there is none.
func fen(text string, none int64) int64 {
	if text == "" {
		return none
	}
	fen, err := offline.ParseYuan(text)
	if err != nil {
		return -1
	}
	return fen
}

// press takes a key; false where it changed nothing of the order.
func (f *form) press(k screen.Key) bool {
	by, moves := map[string]int{"tab": 1, "down": 1, "shift+tab": -1, "up": -1}[k.Name()]
	turn, turns := map[string]int{"left": -1, "right": 1, "space": 1}[k.Name()]
	switch {
	case moves:
		f.focus = (f.focus + by + fields) % fields
		return false
	case f.focus == fieldType && turns:
		f.kind = map[bool]int{true: offline.RangeVouchers, false: offline.RangeCards}[turn < 0 || f.kind == 0]
		return true
	case f.focus == fieldType && k.Key.Text != "": // meant for the field behind the choice
		f.focus = fieldBIN
	}
	if k.Begins {
		f.before = f.text[f.focus].Text()
	}
	return f.text[f.focus].Key(k.Key)
}

// Slow implements screen.SlowTaker. A price that a machine typed is taken out
// again. What else came whole into its field stays; what did not was a scan.
func (s *serials) Slow(in scan.Input) tea.Cmd {
	field, priced := &s.text[s.focus], s.focus == fieldSelling || s.focus == fieldCost
	was := field.Text()
	switch {
	case priced && (in.Even || in.Silent()):
		field.Set(s.before, false)
		return tea.Batch(s.read(), screen.Say(s.env.T(ui.NotTyped), ui.Queued))
	case was == in.Scan.Text || was == s.before+in.Scan.Text || priced:
		if in.Silent() {
			return nil
		}
		return s.env.EnterAgain()
	}
	field.Set(s.before, false)
	return s.scanned(in.Scan.Text)
}

func (s *serials) pasted(text string) tea.Cmd {
	if s.focus != fieldType && s.text[s.focus].Paste(text) {
		s.sold = ""
		return s.read()
	}
	return s.scanned(text)
}

// scanned fills in what a scan tells: a serial where the cursor is, or first and
// last in turn.
func (s *serials) scanned(text string) tea.Cmd {
	found, ok := s.env.Desk.ReadSerials(text, s.kind)
	if !ok {
		return screen.Say(s.env.T("serials.untold"), ui.Queued)
	}
	s.sold = ""
	if found.Type != 0 {
		s.kind = found.Type
		s.text[fieldBIN].Set(found.BIN, false)
	}
	put := func(field int, serial string) {
		s.text[field].Set(serial, false)
		s.focus = field + 1
	}
	switch {
	case found.From != found.To:
		put(fieldFirst, found.From)
		put(fieldLast, found.To)
	case s.focus == fieldLast, s.focus != fieldFirst && !s.text[fieldFirst].Empty():
		put(fieldLast, found.To)
	default:
		put(fieldFirst, found.From)
	}
	return s.read()
}
