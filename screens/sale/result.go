package sale

import (
	"time"

	"counterfoil/offline"
	"counterfoil/screens/screen"
	"counterfoil/ui"
)

// Result is what the cashier must read of a sale that was begun.
func (s *Sale) Result(env *screen.Env) ui.Result {
	t, op := env.Theme, s.Op
	if op == nil {
		// Not on disk yet: nothing may look as if it were on its way.
		return ui.Result{Tone: ui.Faint, Symbol: t.Spin(env.Beat), Word: env.T("result.noting")}
	}
	if s.Moving && (op.State == offline.Queued || op.State == offline.Sending) || op.State == offline.Sending {
		gone := int(max(env.Now().Sub(s.SentAt), 0) / time.Second)
		return ui.Result{Tone: ui.Accent, Symbol: t.Spin(env.Beat), Word: env.T("result.sending_for", map[string]any{"N": gone})}
	}
	r := ui.Result{Lines: []string{s.smallPrint(env)}}
	if why := env.Because(*op); why != "" {
		r.Lines = append(r.Lines, why)
	}
	switch op.State {
	case offline.Done:
		s.done(env, &r)
	case offline.Refused:
		r.Tone, r.Symbol, r.Word, r.Order = ui.Bad, t.Bad, env.T("result.refused"), env.T("result.do_not")
	case offline.Queued:
		r.Tone, r.Symbol, r.Word, r.Order = ui.Queued, t.Wait, env.T("result.queued"), env.T("result.not_active")
		if op.Kind == offline.Void {
			r.Order = env.T("result.not_void")
		}
	case offline.Unknown:
		r.Tone, r.Symbol, r.Word, r.Order = ui.Unknown, t.Unknown, env.T("result.unknown"), env.T("result.do_not")
		if op.NextAt != nil && op.NextAt.After(env.Now()) && op.Why == "" {
			r.Lines = append(r.Lines, env.T("result.asking", map[string]any{"At": env.When(*op.NextAt)}))
		}
	case offline.Attention:
		r.Tone, r.Symbol, r.Word, r.Order = ui.Manager, t.Person, env.T("result.attention"), env.T("result.do_not")
	case offline.Withdrawn:
		r.Tone, r.Symbol, r.Word = ui.Faint, t.Back, env.T("result.withdrawn")
	default:
		r.Tone, r.Symbol, r.Word = ui.Faint, t.Bullet, env.T("result.settled", map[string]any{"Name": op.SettledBy})
	}
	return r
}

// done says to hand over only as long as the desk allows it.
func (s *Sale) done(env *screen.Env, r *ui.Result) {
	r.Tone, r.Symbol = ui.Good, env.Theme.Good
	if s.Op.Kind == offline.Void {
		r.Tone, r.Symbol, r.Word, r.Order = ui.Void, env.Theme.Void, env.T("result.void"), env.T("result.keep")
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
