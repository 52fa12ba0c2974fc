// Package doctor checks what can be wrong with a counter: its settings, its way to
// the platform, its clock, its disk and its journal. It changes nothing.
package doctor

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"counterfoil/api"
	"counterfoil/offline/journal"
	"counterfoil/offline/journal/salvage"
	"counterfoil/offline/operation"
	"counterfoil/offline/operators"
	"counterfoil/offline/platformtime"
)

// The limits from which doctor warns and fails.
const (
	skewWarn  = 30 * time.Second
	skewFail  = 5 * time.Minute
	spaceWarn = 200 << 20
	spaceFail = 20 << 20
)

// Check is one line of doctor.
type Check struct {
	Name   string // message id: "doctor.link", "doctor.skew", …
	Level  Level
	Detail string         // message id of the sentence, "doctor.link.offline"
	Args   map[string]any // its values
	Advice string         // message id of what to do, "" for nothing
}

// Level grades a check.
type Level string

// The grades of a check.
const (
	OK   Level = "ok"
	Warn Level = "warn"
	Fail Level = "fail"
)

// Patient is the counter that is looked at.
type Patient struct {
	Client  *api.Client
	Clock   *platformtime.Clock
	Journal *journal.Journal
	People  *operators.People
	Log     *slog.Logger
	Rules   operation.Rules
	MaxAge  time.Duration // from which an open operation is old, 0 for never
	Beside  bool          // another counter has the folder open
	Probe   func(context.Context) api.Answer
	Trouble func(api.Reason) string     // the word for a reason that has an advice of its own, "" for others
	Chain   func(context.Context) Check // walks the chain as verify does: seconds for a million rows
}

// Checks looks at everything that can be wrong with a counter and says what to do.
func (p *Patient) Checks(ctx context.Context) []Check {
	checks := []Check{checkSignatures(), p.checkLink(ctx), p.checkSkew()}
	checks = append(checks, p.checkJournal(ctx)...)
	return append(checks, p.Chain(ctx), p.checkOperators(ctx), p.checkQueue(ctx), p.checkRules(), p.checkRanges(ctx))
}

// New makes a check of message ids below "doctor.".
func New(name string, level Level, detail, advice string, args map[string]any) Check {
	c := Check{Name: "doctor." + name, Level: level, Detail: "doctor." + name + "." + detail, Args: args}
	if advice != "" {
		c.Advice = "doctor." + name + "." + advice
	}
	return c
}

// checkSignatures recomputes the published vectors, so that a wrong key is not mistaken for a wrong program.
func checkSignatures() Check {
	if err := api.SelfTest(); err != nil {
		return New("signature", Fail, "wrong", "advice", nil)
	}
	return New("signature", OK, "ok", "", nil)
}

func (p *Patient) checkLink(ctx context.Context) Check {
	start := time.Now()
	a := p.Probe(ctx)
	took := map[string]any{"Ms": time.Since(start).Milliseconds(), "Reason": string(a.Reason)}
	switch {
	case a.Outcome == api.Answered:
		return New("link", OK, "online", "", took)
	case errors.Is(a.Err, platformtime.ErrMidnight):
		return New("link", Warn, "midnight", "", took)
	case a.Reason == api.ReasonSetting:
		return New("link", Fail, "not_configured", "advice_setting", took)
	case a.Reason == api.ReasonSignature:
		return New("link", Fail, "bad_signature", "advice_key", took)
	case p.Trouble(a.Reason) != "":
		word := p.Trouble(a.Reason)
		return New("link", Fail, word, "advice_"+word, took)
	case a.Reason == api.ReasonNotJSON || a.Reason == api.ReasonHTTP:
		return New("link", Fail, "someone_else", "advice_portal", took)
	case a.Outcome == api.Unanswered:
		return New("link", Warn, "slow", "advice", took)
	}
	return New("link", Fail, "offline", "advice", took)
}

func (p *Patient) checkSkew() Check {
	skew, at := p.Clock.Skew()
	args := map[string]any{"Seconds": int(skew.Seconds())}
	switch {
	case at.IsZero():
		return New("skew", Warn, "unknown", "", args)
	case skew.Abs() > skewFail:
		return New("skew", Fail, "off", "advice", args)
	case skew.Abs() > skewWarn:
		return New("skew", Warn, "off", "advice", args)
	}
	return New("skew", OK, "ok", "", args)
}

func (p *Patient) checkJournal(ctx context.Context) []Check {
	r, err := p.Journal.Report(ctx)
	salvaged, lastErr := salvage.Last(ctx, p.Journal)
	if err := errors.Join(err, lastErr); err != nil {
		p.Log.Error("doctor: journal", "err", err)
		return []Check{New("database", Fail, "unreadable", "advice", nil)}
	}
	args := map[string]any{
		"SQLite": r.SQLite, "MB": r.SizeBytes >> 20, "FreeMB": r.FreeBytes >> 20, "Quick": r.Quick, "Path": salvaged,
	}
	var checks []Check
	switch {
	case r.Quick != "ok" && r.Quick != "":
		checks = append(checks, New("database", Fail, "damaged", "advice", args))
	case salvaged != "":
		checks = append(checks, New("database", Warn, "salvaged", "advice_salvaged", args))
	default:
		checks = append(checks, New("database", OK, "ok", "", args))
	}
	switch {
	case r.FreeBytes < spaceFail:
		checks = append(checks, New("disk", Fail, "full", "advice", args))
	case r.FreeBytes < spaceWarn || !r.ReserveHeld && !p.Beside:
		checks = append(checks, New("disk", Warn, "low", "advice", args))
	default:
		checks = append(checks, New("disk", OK, "ok", "", args))
	}
	return checks
}

func (p *Patient) checkOperators(ctx context.Context) Check {
	all, err := p.People.List(ctx)
	if err != nil {
		return New("operators", Fail, "unreadable", "", nil)
	}
	active := 0
	for _, o := range all {
		if !o.Disabled {
			active++
		}
	}
	if active == 0 {
		return New("operators", Warn, "none", "advice", nil)
	}
	return New("operators", OK, "ok", "", map[string]any{"Count": active})
}

func (p *Patient) checkQueue(ctx context.Context) Check {
	totals, oldest, err := p.Journal.CountOpen(ctx)
	if err != nil {
		return New("queue", Fail, "unreadable", "", nil)
	}
	args := map[string]any{
		"Waiting": totals[operation.Queued].Count + totals[operation.Sending].Count, "Unknown": totals[operation.Unknown].Count, "Attention": totals[operation.Attention].Count,
	}
	switch {
	case totals[operation.Attention].Count > 0:
		return New("queue", Warn, "attention", "advice_attention", args)
	case !oldest.IsZero() && p.MaxAge > 0 && p.Clock.Now().Sub(oldest) > p.MaxAge:
		return New("queue", Warn, "old", "advice_old", args)
	case !oldest.IsZero():
		return New("queue", OK, "waiting", "", args)
	}
	return New("queue", OK, "empty", "", args)
}

// checkRules warns where a setting is missing that only the platform's operator
// can tell.
func (p *Patient) checkRules() Check {
	r := p.Rules
	switch {
	case r.VoidLeaves == "":
		return New("rules", Warn, "void_leaves", "advice", nil)
	case !r.StatusForwardOnly && len(r.ActivationAbsentCodes) == 0:
		return New("rules", Warn, "absent_codes", "advice", nil)
	}
	return New("rules", OK, "ok", "", nil)
}

// checkRanges says with which signature serial ranges go out, and whether their
// gateway is there.
func (p *Patient) checkRanges(ctx context.Context) Check {
	signs, checks := p.Client.B2BSignature()
	detail := map[bool]string{true: "rsa", false: "skip"}[signs]
	switch {
	case !p.Client.HasB2B():
		detail = "off"
	case p.Client.ReachB2B(ctx) != nil:
		return New("ranges", Warn, "unreached", "advice", nil)
	}
	return New("ranges", OK, detail, "", map[string]any{"Checked": checks})
}
