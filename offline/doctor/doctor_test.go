package doctor

import (
	"context"
	"errors"
	"testing"
	"time"

	"counterfoil/api"
	"counterfoil/offline/operation"
	"counterfoil/offline/platformtime"
)

// says holds a check of something against what it should say.
func says(t *testing.T, c Check, of string, level Level, detail, advice string) {
	t.Helper()
	if advice != "" {
		advice = c.Name + "." + advice
	}
	if c.Level != level || c.Detail != c.Name+"."+detail || c.Advice != advice {
		t.Errorf("%s: %s, %s, %q, want %s, %s, %s", of, c.Level, c.Detail, c.Advice, level, detail, advice)
	}
}

// A cashier who is told to look at the cable where the key is wrong looks in vain.
func TestEachTroubleOfTheLinkHasItsOwnAdvice(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		answer         api.Answer
		level          Level
		detail, advice string
	}{
		{api.Answer{Outcome: api.Answered, Code: "A01"}, OK, "online", ""}, // also where it refuses
		{api.Answer{Outcome: api.NotSent, Err: errors.Join(platformtime.ErrMidnight)}, Warn, "midnight", ""},
		{api.Answer{Outcome: api.NotSent, Reason: api.ReasonSetting}, Fail, "not_configured", "advice_setting"},
		{api.Answer{Outcome: api.NotSent, Reason: api.ReasonUnreachable}, Fail, "offline", "advice"},
		{api.Answer{Outcome: api.NotSent, Reason: api.ReasonDNS}, Fail, "dns", "advice_dns"},
		{api.Answer{Outcome: api.Unanswered, Reason: api.ReasonSignature}, Fail, "bad_signature", "advice_key"},
		{api.Answer{Outcome: api.Unanswered, Reason: api.ReasonNotJSON}, Fail, "someone_else", "advice_portal"},
		{api.Answer{Outcome: api.Unanswered, Reason: api.ReasonHTTP}, Fail, "someone_else", "advice_portal"},
		{api.Answer{Outcome: api.Unanswered, Reason: api.ReasonTimeout}, Warn, "slow", "advice"},
	} {
		p := Patient{
			Probe:   func(context.Context) api.Answer { return c.answer },
			Trouble: func(r api.Reason) string { return map[api.Reason]string{api.ReasonDNS: "dns"}[r] },
		}
		got := p.checkLink(t.Context())
		says(t, got, string(c.answer.Outcome)+" "+string(c.answer.Reason), c.level, c.detail, c.advice)
	}
}

func TestAClockIsWrongFromHalfAMinuteAndBadlyFromFive(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 22, 10, 15, 0, 0, time.UTC)
	clock := func() *platformtime.Clock {
		return platformtime.NewClock(platformtime.Options{Now: func() time.Time { return at }, SinceBoot: func() time.Duration { return 0 }, Zone: time.UTC, Beside: true})
	}
	p := Patient{Clock: clock()}
	says(t, p.checkSkew(), "not compared yet", Warn, "unknown", "")
	for skew, want := range map[time.Duration]Level{0: OK, skewWarn: OK, skewWarn + time.Second: Warn, skewFail: Warn, skewFail + time.Second: Fail} {
		for _, off := range []time.Duration{skew, -skew} {
			p := Patient{Clock: clock()}
			p.Clock.Note(api.Answer{Outcome: api.Answered, ServerTime: at.Add(off), Skew: off})
			detail, advice := "off", "advice"
			if want == OK {
				detail, advice = "ok", ""
			}
			says(t, p.checkSkew(), off.String(), want, detail, advice)
		}
	}
}

func TestARuleThatOnlyThePlatformsOperatorKnowsIsAskedFor(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		of     string
		rules  operation.Rules
		level  Level
		detail string
		advice string
	}{
		{"nothing", operation.Rules{}, Warn, "void_leaves", "advice"},
		{"only what is about absence", operation.Rules{StatusForwardOnly: true}, Warn, "void_leaves", "advice"},
		{"only what a void leaves", operation.Rules{VoidLeaves: "05"}, Warn, "absent_codes", "advice"},
		{"statuses that go forward only", operation.Rules{VoidLeaves: "05", StatusForwardOnly: true}, OK, "ok", ""},
		{"the codes of absence", operation.Rules{VoidLeaves: "05", ActivationAbsentCodes: []string{"A09"}}, OK, "ok", ""},
	} {
		p := Patient{Rules: c.rules}
		says(t, p.checkRules(), c.of, c.level, c.detail, c.advice)
	}
}
