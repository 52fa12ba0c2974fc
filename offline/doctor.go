package offline

import (
	"context"
	"errors"
	"time"

	"counterfoil/api"
	"counterfoil/offline/journal/salvage"
	"counterfoil/offline/platformtime"
)

// The limits from which doctor warns and fails.
const (
	skewWarn  = 30 * time.Second
	skewFail  = 5 * time.Minute
	spaceWarn = 200 << 20
	spaceFail = 20 << 20
)

// Doctor checks everything that can be wrong with this counter and says what to do.
func (d *Desk) Doctor(ctx context.Context) []Check {
	checks := []Check{d.checkSignatures(), d.checkLink(ctx), d.checkSkew()}
	checks = append(checks, d.checkJournal(ctx)...)
	checks = append(checks, d.checkChain(ctx), d.checkOperators(ctx), d.checkQueue(ctx), d.checkRules(), d.checkRanges())
	return checks
}

func check(name string, level CheckLevel, detail, advice string, args map[string]any) Check {
	c := Check{Name: "doctor." + name, Level: level, Detail: "doctor." + name + "." + detail, Args: args}
	if advice != "" {
		c.Advice = "doctor." + name + "." + advice
	}
	return c
}

// checkSignatures recomputes the published vectors, so that a wrong key is not mistaken for a wrong program.
func (d *Desk) checkSignatures() Check {
	if err := api.SelfTest(); err != nil {
		return check("signature", Fail, "wrong", "advice", nil)
	}
	return check("signature", OK, "ok", "", nil)
}

func (d *Desk) checkLink(ctx context.Context) Check {
	start := time.Now()
	a := d.Probe(ctx)
	took := map[string]any{"Ms": time.Since(start).Milliseconds(), "Reason": string(a.Reason)}
	switch {
	case a.Outcome == api.Answered:
		return check("link", OK, "online", "", took)
	case errors.Is(a.Err, platformtime.ErrMidnight):
		return check("link", Warn, "midnight", "", took)
	case a.Reason == api.ReasonSetting:
		return check("link", Fail, "not_configured", "advice_setting", took)
	case a.Reason == api.ReasonSignature:
		return check("link", Fail, "bad_signature", "advice_key", took)
	case troubles[a.Reason] != "":
		word := string(troubles[a.Reason])
		return check("link", Fail, word, "advice_"+word, took)
	case a.Reason == api.ReasonNotJSON || a.Reason == api.ReasonHTTP:
		return check("link", Fail, "someone_else", "advice_portal", took)
	case a.Outcome == api.Unanswered:
		return check("link", Warn, "slow", "advice", took)
	}
	return check("link", Fail, "offline", "advice", took)
}

func (d *Desk) checkSkew() Check {
	skew, at := d.clock.Skew()
	args := map[string]any{"Seconds": int(skew.Seconds())}
	switch {
	case at.IsZero():
		return check("skew", Warn, "unknown", "", args)
	case skew.Abs() > skewFail:
		return check("skew", Fail, "off", "advice", args)
	case skew.Abs() > skewWarn:
		return check("skew", Warn, "off", "advice", args)
	}
	return check("skew", OK, "ok", "", args)
}

func (d *Desk) checkJournal(ctx context.Context) []Check {
	r, err := d.journal().Report(ctx)
	salvaged, lastErr := salvage.Last(ctx, d.journal())
	if err := errors.Join(err, lastErr); err != nil {
		d.s.Log.Error("doctor: journal", "err", err)
		return []Check{check("database", Fail, "unreadable", "advice", nil)}
	}
	args := map[string]any{
		"SQLite": r.SQLite, "MB": r.SizeBytes >> 20, "FreeMB": r.FreeBytes >> 20, "Quick": r.Quick, "Path": salvaged,
	}
	var checks []Check
	switch {
	case r.Quick != "ok" && r.Quick != "":
		checks = append(checks, check("database", Fail, "damaged", "advice", args))
	case salvaged != "":
		checks = append(checks, check("database", Warn, "salvaged", "advice_salvaged", args))
	default:
		checks = append(checks, check("database", OK, "ok", "", args))
	}
	switch {
	case r.FreeBytes < spaceFail:
		checks = append(checks, check("disk", Fail, "full", "advice", args))
	case r.FreeBytes < spaceWarn || !r.ReserveHeld && !d.s.ReadOnly:
		checks = append(checks, check("disk", Warn, "low", "advice", args))
	default:
		checks = append(checks, check("disk", OK, "ok", "", args))
	}
	return checks
}

// checkChain walks the whole chain, as verify does: seconds for a million rows.
func (d *Desk) checkChain(ctx context.Context) Check {
	v, err := d.Verify(ctx, nil)
	args := map[string]any{"Seq": v.Head.Seq, "Count": len(v.Gaps)}
	switch KindOf(err) {
	case "":
		return check("chain", OK, "ok", "", args)
	case ErrGap:
		return check("chain", Fail, "gaps", "advice_gaps", asError(err).Args)
	case ErrChain:
		return check("chain", Fail, "misfit", "advice_misfit", asError(err).Args)
	}
	d.s.Log.Error("doctor: chain", "err", err)
	return check("chain", Fail, "unreadable", "advice_misfit", args)
}

func (d *Desk) checkOperators(ctx context.Context) Check {
	all, err := d.people.List(ctx)
	if err != nil {
		return check("operators", Fail, "unreadable", "", nil)
	}
	active := 0
	for _, o := range all {
		if !o.Disabled {
			active++
		}
	}
	if active == 0 {
		return check("operators", Warn, "none", "advice", nil)
	}
	return check("operators", OK, "ok", "", map[string]any{"Count": active})
}

func (d *Desk) checkQueue(ctx context.Context) Check {
	totals, oldest, err := d.journal().CountOpen(ctx)
	if err != nil {
		return check("queue", Fail, "unreadable", "", nil)
	}
	args := map[string]any{
		"Waiting": totals[Queued].Count + totals[Sending].Count, "Unknown": totals[Unknown].Count, "Attention": totals[Attention].Count,
	}
	switch {
	case totals[Attention].Count > 0:
		return check("queue", Warn, "attention", "advice_attention", args)
	case !oldest.IsZero() && d.s.Limits.MaxAge > 0 && d.clock.Now().Sub(oldest) > d.s.Limits.MaxAge:
		return check("queue", Warn, "old", "advice_old", args)
	case !oldest.IsZero():
		return check("queue", OK, "waiting", "", args)
	}
	return check("queue", OK, "empty", "", args)
}

// checkRules warns where a setting is missing that only the platform's operator
// can tell.
func (d *Desk) checkRules() Check {
	r := d.s.Rules
	switch {
	case r.VoidLeaves == "":
		return check("rules", Warn, "void_leaves", "advice", nil)
	case !r.StatusForwardOnly && len(r.ActivationAbsentCodes) == 0:
		return check("rules", Warn, "absent_codes", "advice", nil)
	}
	return check("rules", OK, "ok", "", nil)
}

// checkRanges says with which signature serial ranges go out.
func (d *Desk) checkRanges() Check {
	signs, checks := d.client.B2BSignature()
	detail := map[bool]string{true: "rsa", false: "skip"}[signs]
	if !d.client.HasB2B() {
		detail = "off"
	}
	return check("ranges", OK, detail, "", map[string]any{"Checked": checks})
}
