package screen

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"counterfoil/api"
	"counterfoil/offline"
	"counterfoil/ui"
)

// T is the text of a message.
func (e *Env) T(id string, args ...map[string]any) string { return e.Words.T(id, args...) }

// Problem is the sentence for an error of the desk, "" for none; a code in it is
// masked, unless it is among those that somebody asked for. It is made when drawn and
// never kept: the language may change while it is seen.
func (e *Env) Problem(err error, asked ...api.ID) string {
	if err == nil {
		return ""
	}
	id := "error." + string(offline.KindOf(err))
	if failed, ok := errors.AsType[*offline.Error](err); ok && failed.Args != nil {
		told := ui.Told(failed.Args, e.Zone)
		if about, ok := told["ID"].(string); ok && !slices.Contains(asked, api.ID(about)) {
			told["ID"] = e.Mask(about)
		}
		return e.T(id, told)
	}
	return e.T(id)
}

// NotAnID says that a text is no id, and where a wrong state of the keyboard
// garbled one.
func (e *Env) NotAnID(text string) string {
	return e.T("error.not_an_id", map[string]any{"ID": ui.Cut(text, 60), "Meant": api.Meant(text) != ""})
}

// Mask is an id as it may be shown: only codes hide their secret.
func (e *Env) Mask(id string) string {
	if e.MaskCodes {
		return api.ID(id).Masked()
	}
	return id
}

// Money writes fen as yuan with the sign before it and the thousands set apart.
func Money(fen int64) string { return "¥ " + ui.Apart(offline.Yuan(fen)) }

// Money is Money as the terminal can show it.
func (e *Env) Money(fen int64) string { return e.Words.Spell(Money(fen)) }

// Facts name an operation in a dialog: the act, the id, its codes as CodesOf has them,
// for how much, and who asks. What is 0 or "" is left out.
func (e *Env) Facts(kind offline.Kind, id, codes string, fen int64, by string) []ui.Fact {
	what := e.T("kind." + string(kind))
	if kind != offline.Range { // which is its own level
		what += " " + e.Theme.Bullet + " " + e.T("level."+string(api.ID(id).Level()))
	}
	if codes != "" {
		what += " " + e.Theme.Bullet + " " + codes
	}
	facts := []ui.Fact{{Label: e.T("detail.kind"), Value: what}, {Label: e.T("queue.id"), Value: e.Mask(id)}}
	if fen > 0 {
		facts = append(facts, ui.Fact{Label: e.T("counter.amount"), Value: e.Money(fen)})
	}
	if by != "" {
		facts = append(facts, ui.Fact{Label: e.T("detail.by"), Value: by})
	}
	return facts
}

// Clock writes a time of day in the shop's zone.
func (e *Env) Clock(t time.Time) string { return t.In(e.Zone).Format("15:04:05") }

// When writes a time of day, with the date where it is not today's.
func (e *Env) When(t time.Time) string {
	t = t.In(e.Zone)
	if t.Format(time.DateOnly) != e.Now().In(e.Zone).Format(time.DateOnly) {
		return t.Format("01-02 15:04")
	}
	return t.Format("15:04:05")
}

// Ago writes how long ago something was, in the largest unit that fits.
func (e *Env) Ago(t time.Time) string {
	d := max(e.Now().Sub(t), 0)
	switch {
	case d < time.Minute:
		return e.T("age.seconds", map[string]any{"N": int(d / time.Second)})
	case d < time.Hour:
		return e.T("age.minutes", map[string]any{"N": int(d / time.Minute)})
	case d < 48*time.Hour:
		return e.T("age.hours", map[string]any{"N": int(d / time.Hour)})
	}
	return e.T("age.days", map[string]any{"N": int(d / (24 * time.Hour))})
}

// Mark is a state as symbol, word and colour together.
type Mark struct {
	Symbol, Word string
	Tone         ui.Tone
}

// String draws the mark without colour.
func (m Mark) String() string { return m.Symbol + " " + m.Word }

// Mark says how an operation's state looks.
func (e *Env) Mark(op offline.Operation) Mark { return e.StateMark(op.Kind, op.State) }

// StateMark is Mark for what tells kind and state alone.
func (e *Env) StateMark(kind offline.Kind, state offline.State) Mark {
	t := e.Theme
	word := func(id string) string { return e.T("state." + id) }
	switch state {
	case offline.Queued:
		return Mark{t.Wait, word("queued"), ui.Queued}
	case offline.Sending:
		return Mark{t.Sending, word("sending"), ui.Accent}
	case offline.Unknown:
		return Mark{t.Unknown, word("unknown"), ui.Unknown}
	case offline.Done:
		if kind == offline.Void {
			return Mark{t.Void, word("void"), ui.Void}
		}
		return Mark{t.Good, word("active"), ui.Good}
	case offline.Refused:
		return Mark{t.Bad, word("refused"), ui.Bad}
	case offline.Attention:
		return Mark{t.Person, word("attention"), ui.Manager}
	case offline.Withdrawn:
		return Mark{t.Back, word("withdrawn"), ui.Faint}
	}
	return Mark{t.Bullet, word("settled"), ui.Faint}
}

// Because says why an operation is where it is, "" where its state says it all.
func (e *Env) Because(op offline.Operation) string {
	switch {
	case op.State == offline.Refused && len(op.Attempts) > 0:
		last := op.Attempts[len(op.Attempts)-1]
		if last.Message != "" {
			return last.Message + " (" + last.Code + ")"
		}
		if last.Code != "" {
			return last.Code
		}
	case op.State == offline.Settled:
		return e.T("because.settled", map[string]any{"As": e.SettledAs(op.SettledAs), "Name": op.SettledBy, "Reason": op.Reason})
	}
	if op.Why != "" {
		return e.T("why." + op.Why)
	}
	if op.WaitsFor != "" {
		return e.T("because.waits_for", map[string]any{"ID": e.Mask(op.WaitsFor)})
	}
	if op.ApprovedBy != "" && op.ApprovedBy != op.Operator {
		return e.T("because.approved", map[string]any{"Name": op.ApprovedBy})
	}
	return ""
}

// SettledAs says as what an operation is settled: "done" or "no-effect".
func (e *Env) SettledAs(as string) string {
	if as == "done" {
		return e.T("settle.done")
	}
	return e.T("settle.no_effect")
}

// Statuses are the known statuses in the order of a code's life, as every screen lists them.
var Statuses = [...]string{api.StatusInactive, api.StatusActive, api.StatusFrozen, api.StatusVoid}

// StatusMark says how a code's status looks.
func (e *Env) StatusMark(status string) Mark {
	t := e.Theme
	switch status {
	case api.StatusActive:
		return Mark{t.On, e.T("status.00"), ui.Good}
	case api.StatusInactive:
		return Mark{t.Off, e.T("status.03"), ui.Plain}
	case api.StatusFrozen:
		return Mark{t.Half, e.T("status.04"), ui.Queued}
	case api.StatusVoid:
		return Mark{t.Void, e.T("status.05"), ui.Void}
	}
	return Mark{t.Bullet, status, ui.Faint}
}

// CodeMark says how a code looks: by its status, in the platform's words where
// the status has none here.
func (e *Env) CodeMark(n offline.Node) Mark {
	m := e.StatusMark(n.Status)
	if n.StatusText != "" && m.Word == n.Status {
		m.Word = n.StatusText
	}
	return m
}

// Holders joins the nodes that hold another, the root first, with the names of
// their levels or without. The uppermost give way where there is no room.
func (e *Env) Holders(path []offline.Node, levels bool, room int) string {
	t := e.Theme
	step := t.Paint(ui.Faint, " "+t.Path+" ")
	text := ""
	for i, n := range slices.Backward(path) {
		part := n.ID
		if levels {
			part = t.Paint(ui.Faint, e.T("level."+string(n.Level))) + " " + part
		}
		if text == "" {
			text = part
			continue
		}
		left := room
		if i > 0 {
			left -= 4 // what is above may have to be left out
		}
		if part += step + text; ui.Width(part) > left {
			return t.Paint(ui.Faint, "… "+t.Path+" ") + text
		}
		text = part
	}
	return text
}

// Holds counts the packages of a box or the reels of a package, "" for what has
// neither.
func (e *Env) Holds(n offline.Node) string {
	id := map[api.Level]string{api.LevelBox: "holds.packages", api.LevelPackage: "holds.reels"}[n.Level]
	if id == "" || n.Children == 0 {
		return ""
	}
	return e.T(id, map[string]any{"Count": int(n.Children), "N": ui.Grouped(n.Children)})
}

// Codes counts codes.
func (e *Env) Codes(n int64) string {
	return e.T("counter.codes", map[string]any{"Count": int(n), "N": ui.Grouped(n)})
}

// CodesOf counts the codes that an operation changes, of those that an id holds; ""
// where these are not known.
func (e *Env) CodesOf(n, of int64) string {
	switch {
	case of == 0:
		return ""
	case n == of:
		return e.Codes(of)
	}
	return e.T("counter.codes_of", map[string]any{"N": ui.Grouped(n), "Of": ui.Grouped(of)})
}

// NameOf is what a node is called: a reel as its codes, since only codes have a name.
// It asks the desk, so only commands call it.
func (e *Env) NameOf(ctx context.Context, n offline.Node) string {
	if n.Name == "" && n.Level == api.LevelReel && n.Children > 0 {
		if first, err := e.Desk.Children(ctx, offline.Page{Parent: n.ID, Limit: 1}); err == nil && len(first) > 0 {
			return first[0].Name
		}
	}
	return n.Name
}

// Day writes one of the platform's time stamps, yyyyMMddHHmmss, as a date.
func Day(stamp string) string {
	if len(stamp) < 8 {
		return stamp
	}
	return fmt.Sprintf("%s-%s-%s", stamp[:4], stamp[4:6], stamp[6:8])
}

// leastWhy is the room below which a reason is left to the operation's own page.
const leastWhy = 12

// Row draws one operation on one line.
func (e *Env) Row(op offline.Operation, width int) string {
	t := e.Theme
	m := e.Mark(op)
	amount := e.T("kind." + string(op.Kind))
	if op.Kind != offline.Void {
		amount = e.Money(op.AmountFen)
	}
	wide := max(ui.Width(e.Money(99_999_00)), ui.Width(amount)) // never cut
	id, level := min(max(width/3, 26), 34), ui.Fit(e.T("level."+op.Level), 7)+" "
	if room := width - 11 - 13 - wide - 3; room < id+8 {
		id, level = min(id, room), "" // the amount comes before the level
	}
	line := ui.Fit(e.When(op.AcceptedAt), 11) + " " + t.Paint(m.Tone, ui.Fit(m.String(), 13)) + " " +
		ui.FitMiddle(e.Mask(op.ID), id) + " " + level + ui.FitLeft(amount, wide)
	if width >= 118 {
		line += "   " + ui.Fit(op.Name, 22)
	}
	if why := e.Because(op); why != "" && width-ui.Width(line) >= 2+leastWhy {
		line += "  " + t.Paint(ui.Faint, why)
	}
	return ui.Cut(line, width)
}

// WhyOverdue is the one reason that is not stored: time alone makes it true.
const WhyOverdue = "overdue"

// Explain fills in, for a person to read, what an operation itself does not
// hold: WaitsFor becomes the id of the voucher that the earlier operation is on,
// and an operation that is unknown for long gets that as its reason, whatever the
// other: it is then counted as the manager's. op must be read Whole. It asks the
// desk, so only commands call it.
func (e *Env) Explain(op *offline.Operation) {
	if op.WaitsFor != "" {
		if earlier, err := e.Desk.Operation(e.Context, op.WaitsFor); err == nil {
			op.WaitsFor = earlier.ID
		}
	}
	if op.State == offline.Unknown && e.Desk.NeedsManager(*op) {
		op.Why = WhyOverdue
	}
}
