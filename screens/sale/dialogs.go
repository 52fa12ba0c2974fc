package sale

import (
	"slices"
	"strconv"

	"counterfoil/offline"
	"counterfoil/screens/screen"
	"counterfoil/ui"
)

// AmountField takes an amount of money.
func AmountField() ui.Field {
	return ui.Field{Max: 12, Exact: true, Accept: func(r rune) bool { return ui.Digits(r) || r == '.' || r == ',' }}
}

// Differs reports an amount that is not the known face value: it is typed twice.
func (s *Sale) Differs() bool {
	return s.Kind == offline.Activate && s.FaceFen > 0 && s.AmountFen != s.FaceFen
}

// facts name what a dialog is about: the act, the id or how many of them, the
// codes that it changes, what these cost or are worth, and who asks.
func facts(e *screen.Env, sales ...*Sale) []ui.Fact {
	first, by := sales[0], e.Session.Name
	fen := first.AmountFen
	if first.Kind == offline.Void {
		fen = first.FaceFen
	}
	if len(sales) == 1 {
		facts := e.Facts(first.Kind, string(first.ID), e.CodesOf(first.Changes, first.Codes), fen, by)
		if first.Name != "" {
			facts = slices.Insert(facts, 2, ui.Fact{Label: e.T("detail.name"), Value: first.Name})
		}
		return facts
	}
	var codes, changes int64
	fen = 0
	for _, s := range sales {
		codes, changes, fen = codes+s.Codes, changes+s.Changes, fen+s.AmountFen
		if s.Kind == offline.Void {
			fen += s.FaceFen
		}
	}
	dot := " " + e.Theme.Bullet + " "
	what := e.T("kind."+string(first.Kind)) + dot + e.T("counter.things", map[string]any{"Count": len(sales)}) + dot + e.CodesOf(changes, codes)
	return []ui.Fact{{Label: e.T("detail.kind"), Value: what},
		{Label: e.T("counter.amount"), Value: e.Money(fen)}, {Label: e.T("detail.by"), Value: by}}
}

// offlineDialog has the person confirm that what is accepted in an outage is not
// active yet.
func offlineDialog(e *screen.Env, sales []*Sale) *ui.Dialog {
	sentence := "offline.not_active"
	if sales[0].Kind == offline.Void {
		sentence = "offline.not_void"
	}
	return &ui.Dialog{
		Title: e.T("offline.title"), Tone: ui.Queued, Facts: facts(e, sales...),
		Lines: []string{e.T(sentence), e.T("offline.later")},
		Yes:   "offline.accept",
	}
}

// farAbove times its face value nobody means to take for a voucher.
const farAbove = 10

// amountDialog has an amount typed once more that is not the face value, and
// says for what it is taken.
func amountDialog(e *screen.Env, s *Sale, r offline.Request) *ui.Dialog {
	values := map[string]any{"Amount": e.Money(r.AmountFen), "Face": e.Money(s.FaceFen), "Codes": e.CodesOf(s.Changes, s.Codes)}
	lines := []string{e.T("amount.face", values)}
	if s.Codes > 1 {
		values["Level"], values["Each"] = e.T("level."+string(r.ID.Level())), e.Money(r.AmountFen/max(s.Changes, 1))
		lines = append(lines, e.T("amount.whole", values))
	}
	if r.AmountFen > farAbove*s.FaceFen {
		lines = append(lines, e.T("amount.far", values))
	}
	again := AmountField()
	return &ui.Dialog{
		Title: e.T("amount.title"), Tone: ui.Queued, Facts: facts(e, s), Lines: lines, Yes: "counter.activate", Final: true,
		Asks: []ui.Ask{{Label: e.T("amount.again") + " " + e.Words.Spell("¥"), Field: &again, Check: func(text string) string {
			if fen, err := offline.ParseYuan(text); err != nil || fen != r.AmountFen {
				return e.T("amount.differ", values)
			}
			return ""
		}}},
	}
}

// ActivateDialog asks whether to activate a thing, and for how much; what a card
// offers stands there already.
func ActivateDialog(e *screen.Env, s *Sale, card offline.Card) *ui.Dialog {
	amount := AmountField()
	var lines []string
	if mixed := s.Mixed(e); mixed != "" {
		lines = append(lines, mixed)
	}
	switch {
	case card.AmountOK:
		amount.Set(offline.Yuan(card.AmountFen), true)
	case s.FaceFen > 0:
		lines = append(lines, e.T("amount.face", map[string]any{"Face": e.Money(s.FaceFen)}))
	}
	return &ui.Dialog{
		Title: e.T("sale.activate_title"), Facts: facts(e, s), Lines: lines,
		Asks: []ui.Ask{{Label: e.T("counter.amount") + " " + e.Words.Spell("¥"), Field: &amount}},
		Yes:  "counter.activate",
	}
}

// VoidDialog asks whether to void these things, and for what nobody types by
// accident: the last characters of the one number, or how many there are.
func VoidDialog(e *screen.Env, sales ...*Sale) *ui.Dialog {
	want, ask := sales[0].ID.Tail(), "void.type_tail"
	if len(sales) > 1 {
		want, ask = strconv.Itoa(len(sales)), "void.type_count"
	}
	lines := []string{e.T("void.sure")}
	if mixed := sales[0].Mixed(e); len(sales) == 1 && mixed != "" {
		lines = []string{mixed, lines[0]}
	}
	return &ui.Dialog{
		Title: e.T("void.title"), Tone: ui.Bad, Facts: facts(e, sales...), Lines: lines,
		Yes: "counter.void", Final: true,
		Asks: []ui.Ask{ui.ConfirmAsk(e.T(ask), want, e.T("void.differs"))},
	}
}
