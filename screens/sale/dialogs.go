package sale

import (
	"strconv"
	"strings"

	"counterfoil/api"
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
// codes, the amount, and who asks.
func facts(e *screen.Env, sales ...*Sale) []string {
	first := sales[0]
	var codes, fen int64
	known := true
	for _, s := range sales {
		codes += s.Codes
		known = known && s.Codes > 0 && (s.Kind == offline.Activate || s.FaceFen > 0)
		if fen += s.AmountFen; s.Kind == offline.Void {
			fen += s.FaceFen
		}
	}
	what := e.T("level."+string(first.ID.Level())) + " " + e.Mask(string(first.ID))
	if len(sales) > 1 {
		what = e.T("counter.things", map[string]any{"Count": len(sales)})
	}
	lines := []string{e.T("kind."+string(first.Kind)) + "  " + what}
	if len(sales) == 1 && first.Name != "" {
		lines = append(lines, first.Name)
	}
	sum := ""
	if codes > 0 {
		sum = e.Codes(codes) + "  "
	}
	if known || first.Kind == offline.Activate {
		sum += screen.Money(fen)
	}
	if sum != "" {
		lines = append(lines, sum)
	}
	return append(lines, e.T("dialog.asked_by", map[string]any{"Name": e.Session.Name}))
}

// offlineDialog has the person confirm that what is accepted in an outage is not
// active yet.
func offlineDialog(e *screen.Env, sales []*Sale) *ui.Dialog {
	sentence := "offline.not_active"
	if sales[0].Kind == offline.Void {
		sentence = "offline.not_void"
	}
	return &ui.Dialog{
		Title: e.T("offline.title"), Tone: ui.Queued,
		Lines: append(facts(e, sales...), "", e.T(sentence), e.T("offline.later")),
		Yes:   "offline.accept",
	}
}

// farAbove times its face value nobody means to take for a voucher.
const farAbove = 10

// amountDialog has an amount typed once more that is not the face value, and
// says for what it is taken.
func amountDialog(e *screen.Env, s *Sale, r offline.Request) *ui.Dialog {
	values := map[string]any{"Amount": screen.Money(r.AmountFen), "Face": screen.Money(s.FaceFen), "Codes": e.Codes(s.Codes)}
	lines := append(facts(e, s), "", e.T("amount.face", values))
	if s.Codes > 1 {
		values["Level"], values["Each"] = e.T("level."+string(r.ID.Level())), screen.Money(r.AmountFen/s.Codes)
		lines = append(lines, e.T("amount.whole", values))
	}
	if r.AmountFen > farAbove*s.FaceFen {
		lines = append(lines, e.T("amount.far", values))
	}
	again := AmountField()
	return &ui.Dialog{
		Title: e.T("amount.title"), Tone: ui.Queued, Yes: "counter.activate", Lines: lines,
		Asks: []ui.Ask{{Label: e.T("amount.again") + " ¥", Field: &again, Check: func(text string) string {
			if fen, err := offline.ParseYuan(text); err != nil || fen != r.AmountFen {
				return e.T("amount.differ", values)
			}
			return ""
		}}},
	}
}

// VoidDialog asks whether to void these things, and for what nobody types by
// accident: the last characters of the one number, or how many there are.
func VoidDialog(e *screen.Env, sales ...*Sale) *ui.Dialog {
	want, ask := sales[0].ID.Tail(), "void.type_tail"
	if len(sales) > 1 {
		want, ask = strconv.Itoa(len(sales)), "void.type_count"
	}
	return &ui.Dialog{
		Title: e.T("void.title"), Tone: ui.Bad, Yes: "counter.void",
		Lines: append(facts(e, sales...), "", e.T("void.sure")),
		Asks: []ui.Ask{{Label: e.T(ask), Field: &ui.Field{Max: api.TailLength, Exact: true}, Check: func(text string) string {
			if !strings.EqualFold(text, want) {
				return e.T("void.differs")
			}
			return ""
		}}},
	}
}
