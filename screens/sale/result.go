package sale

import (
	"time"

	"counterfoil/offline"
	"counterfoil/screens/screen"
	"counterfoil/ui"
)

// Result is what the cashier must read of a sale that was begun. Every outcome
// carries an order.
func (s *Sale) Result(env *screen.Env) ui.Result {
	op := s.Op
	switch {
	case op == nil:
		// Not on disk yet: nothing may look as if it were on its way.
		return s.goesOn(env, "result.noting")
	case s.Moving && op.State == offline.Queued, op.State == offline.Sending:
		return s.goesOn(env, "result.sending")
	}
	r := ui.Result{Tone: env.Mark(*op).Tone, Symbol: env.Mark(*op).Symbol, Lines: []string{s.smallPrint(env)}}
	if why := env.Because(*op); why != "" {
		r.Lines = append(r.Lines, why)
	}
	order := ""
	switch op.State {
	case offline.Done:
		s.done(env, &r)
		return r
	case offline.Queued:
		order = "not_active"
	case offline.Unknown:
		order = "do_not"
		if op.NextAt != nil && op.NextAt.After(env.Now()) && op.Why == "" {
			r.Lines = append(r.Lines, env.T("result.asking", map[string]any{"At": env.When(*op.NextAt)}))
		}
	case offline.Settled:
		if op.SettledAs != "done" {
			order = "do_not"
		}
	default:
		order = "do_not"
	}
	r.Word = env.T("result."+string(op.State), map[string]any{"Name": op.SettledBy})
	if op.Kind == offline.Void && (order == "not_active" || order == "do_not") {
		order = "not_void"
	}
	if order != "" {
		r.Order = env.T("result." + order)
	}
	return r
}

// goesOn says what goes on, and since when.
func (s *Sale) goesOn(env *screen.Env, what string) ui.Result {
	return Waiting(env, env.T(what), s.SentAt)
}

// Waiting is what is shown while something goes on since a time.
func Waiting(env *screen.Env, what string, since time.Time) ui.Result {
	gone := int(max(env.Now().Sub(since), 0) / time.Second)
	return ui.Result{Tone: ui.Accent, Symbol: env.Theme.Spin(env.Beat), Word: what + env.T("result.for", map[string]any{"N": gone})}
}

// done says to hand over only as long as the desk allows it.
func (s *Sale) done(env *screen.Env, r *ui.Result) {
	if s.Op.Kind == offline.Void {
		r.Word, r.Order = env.T("result.void"), env.T("result.keep")
		return
	}
	if !s.Until.IsZero() && !env.Now().After(s.Until) {
		r.Word, r.Order = env.T("result.active"), env.T("result.hand_over")
		return
	}
	r.Tone, r.Word = ui.Faint, env.T("result.done")
	if at := s.Op.FinishedAt; at != nil {
		r.Word = env.T("result.done_at", map[string]any{"Time": env.When(*at)})
	}
	r.Order = env.T("result.look_first")
}

// smallPrint says when, and the platform's code.
func (s *Sale) smallPrint(env *screen.Env) string {
	op := s.Op
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
