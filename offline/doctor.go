package offline

import (
	"context"

	"counterfoil/api"
	"counterfoil/offline/doctor"
)

// The words of the doctor's room.
type (
	Check      = doctor.Check
	CheckLevel = doctor.Level
)

// The grades of a check.
const (
	OK   = doctor.OK
	Warn = doctor.Warn
	Fail = doctor.Fail
)

// Doctor checks everything that can be wrong with this counter and says what to do.
func (d *Desk) Doctor(ctx context.Context) []Check {
	p := doctor.Patient{
		Client: d.client, Clock: d.clock, Journal: d.journal(), People: d.people, Log: d.s.Log,
		Rules: d.s.Rules, MaxAge: d.s.Limits.MaxAge, Beside: d.s.ReadOnly, Probe: d.Probe, Chain: d.checkChain,
		Trouble: func(r api.Reason) string { return string(troubles[r]) },
	}
	return p.Checks(ctx)
}

// checkChain walks the whole chain, as verify does: seconds for a million rows.
func (d *Desk) checkChain(ctx context.Context) Check {
	v, err := d.Verify(ctx, nil)
	args := map[string]any{"Seq": v.Head.Seq, "Count": len(v.Gaps)}
	switch KindOf(err) {
	case "":
		return doctor.New("chain", doctor.OK, "ok", "", args)
	case ErrGap:
		return doctor.New("chain", doctor.Fail, "gaps", "advice_gaps", asError(err).Args)
	case ErrChain:
		return doctor.New("chain", doctor.Fail, "misfit", "advice_misfit", asError(err).Args)
	}
	d.s.Log.Error("doctor: chain", "err", err)
	return doctor.New("chain", doctor.Fail, "unreadable", "advice_misfit", args)
}
