package counter

import (
	"time"

	"counterfoil/api"
	"counterfoil/offline"
	"counterfoil/screens/screen"
	"counterfoil/ui"
)

// line is one scanned thing: what is known of it, what is asked for it, and what became of it.
type line struct {
	n       int // which scan; messages about it carry the number
	id      api.ID
	card    offline.Card
	known   bool // the card holds more than the id
	looking bool
	denied  bool  // the platform does not know the id
	problem error // the last error; its sentence is made when drawn
	amount  ui.Field
	edited  bool

	op     *offline.Operation
	sentAt time.Time
	moving bool      // accepted, and its first answer is awaited
	until  time.Time // how long the desk lets it be handed over; zero for not
	with   api.ID    // what is in the basket before it and holds it, or is held by it; "" for nothing
}

// prefill puts the known value in, unless the cashier has typed one.
func (l *line) prefill() {
	if l.edited {
		return
	}
	if l.card.AmountOK {
		l.amount.Set(offline.Yuan(l.card.AmountFen), true)
	} else {
		l.amount.Clear()
	}
}

// notActivate is the message id of why an activation is not possible now, "" where it is.
func (l *line) notActivate() string {
	if l == nil {
		return "reason.scan"
	}
	counts := l.card.Node.Counts
	switch {
	case l.looking:
		return "reason.looking"
	case l.moving, l.op != nil && l.op.State.Open():
		return "reason.open"
	case l.op != nil:
		return "reason.finished"
	case l.denied:
		return "reason.denied"
	case l.with != "":
		return "reason.overlaps"
	case l.card.Fresh && l.card.Node.Codes > 0 && counts[api.StatusInactive] == 0 && counts[api.StatusActive] > 0:
		return "reason.active"
	case l.card.Fresh && l.card.Node.Codes > 0 && counts[api.StatusInactive] == 0:
		return "reason.not_inactive"
	}
	if fen, err := offline.ParseYuan(l.amount.Text()); err != nil || fen == 0 {
		return "reason.amount"
	}
	return ""
}

// notVoid is the message id of why a void is not possible now, "" where it is.
func (l *line) notVoid() string {
	if l == nil {
		return "reason.scan"
	}
	n := l.card.Node
	switch {
	case l.looking:
		return "reason.looking"
	case l.moving && (l.op == nil || l.op.State.Open()):
		return "reason.open"
	case l.denied:
		return "reason.denied"
	case l.card.Fresh && n.Codes > 0 && int64(n.Counts[api.StatusVoid]) == n.Codes:
		return "reason.void"
	}
	return ""
}

// unsent reports that the line still waits to be sent.
func (l *line) unsent() bool { return l.op == nil && !l.moving && !l.denied }

// request is what the desk is asked for this line.
func (l *line) request(env *screen.Env, kind offline.Kind) offline.Request {
	r := offline.Request{Kind: kind, ID: l.id, Operator: env.Session}
	if kind == offline.Activate {
		r.AmountFen, _ = offline.ParseYuan(l.amount.Text())
	}
	return r
}

// result says what the cashier must read of the line.
func (l *line) result(env *screen.Env) ui.Result {
	t, op := env.Theme, l.op
	if op == nil {
		// Not on disk yet: nothing may look as if it were on its way.
		return ui.Result{Tone: ui.Faint, Symbol: t.Spin(env.Beat), Word: env.T("result.noting")}
	}
	if l.moving && (op.State == offline.Queued || op.State == offline.Sending) || op.State == offline.Sending {
		gone := int(max(env.Now().Sub(l.sentAt), 0) / time.Second)
		return ui.Result{Tone: ui.Accent, Symbol: t.Spin(env.Beat), Word: env.T("result.sending"),
			Lines: []string{env.T("ui.seconds", map[string]any{"N": gone})}}
	}
	r := ui.Result{Lines: []string{l.print(env)}}
	if why := env.Because(*op); why != "" {
		r.Lines = append(r.Lines, why)
	}
	switch op.State {
	case offline.Done:
		l.done(env, &r)
	case offline.Refused:
		r.Tone, r.Symbol, r.Word, r.Order = ui.Bad, t.Bad, env.T("result.refused"), env.T("result.do_not")
	case offline.Queued:
		r.Tone, r.Symbol, r.Word, r.Order = ui.Wait, t.Wait, env.T("result.queued"), env.T("result.not_active")
		if op.Kind == offline.Void {
			r.Order = env.T("result.not_void")
		}
	case offline.Unknown:
		r.Tone, r.Symbol, r.Word, r.Order = ui.Wait, t.Unknown, env.T("result.unknown"), env.T("result.do_not")
		if op.NextAt != nil && op.NextAt.After(env.Now()) && op.Why == "" {
			r.Lines = append(r.Lines, env.T("result.asking", map[string]any{"At": env.When(*op.NextAt)}))
		}
	case offline.Attention:
		r.Tone, r.Symbol, r.Word = ui.Bad, t.Person, env.T("result.attention")
	case offline.Withdrawn:
		r.Tone, r.Symbol, r.Word = ui.Faint, t.Back, env.T("result.withdrawn")
	default:
		r.Tone, r.Symbol, r.Word = ui.Faint, t.Bullet, env.T("result.settled", map[string]any{"Name": op.SettledBy})
	}
	return r
}

// done tells to hand over only as long as the desk said.
func (l *line) done(env *screen.Env, r *ui.Result) {
	r.Tone, r.Symbol = ui.Good, env.Theme.Good
	if l.op.Kind == offline.Void {
		r.Word = env.T("result.void")
		return
	}
	if !l.until.IsZero() && !env.Now().After(l.until) {
		r.Word, r.Order = env.T("result.active"), env.T("result.hand_over")
		return
	}
	r.Tone, r.Word = ui.Faint, env.T("result.done")
	if at := l.op.FinishedAt; at != nil {
		r.Word = env.T("result.done_at", map[string]any{"Time": env.When(*at)})
	}
}

// print is the small print: when, and the platform's code.
func (l *line) print(env *screen.Env) string {
	op := l.op
	at := op.AcceptedAt
	if op.FinishedAt != nil {
		at = *op.FinishedAt
	}
	text := env.When(at)
	if n := len(op.Attempts); n > 0 && op.Attempts[n-1].Code != "" && op.State != offline.Refused {
		text += "  " + op.Attempts[n-1].Code
	}
	return text
}
