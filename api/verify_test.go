package api

import (
	"strings"
	"testing"
)

func TestOnlyAVerifiedAnswerCounts(t *testing.T) {
	t.Parallel()
	ok := inner(testTrace, "A00")
	wrong := signedFields(ActionActivate, ok)
	wrong["sign"] = strings.Repeat("0", 32)
	unsigned := signedFields(ActionActivate, ok)
	delete(unsigned, "sign")
	changed := signedFields(ActionActivate, inner(testTrace, "A01"))
	changed["body"] = signedFields(ActionActivate, ok)["body"]
	lower := signedFields(ActionActivate, ok)
	lower["sign"] = strings.ToLower(lower["sign"])
	added := signedFields(ActionActivate, ok)
	added["extra"] = "x"
	numbers := signedFields(ActionActivate, ok)

	for name, c := range map[string]struct {
		text   string
		reason Reason
	}{
		"a good one":               {signedAnswer(ActionActivate, ok), ReasonNone},
		"lower-case signature":     {marshal(lower), ReasonNone},
		"unknown signed field":     {signedAnswer(ActionActivate, ok, "zone", "8", "appId", "x", "empty", ""), ReasonNone},
		"time stamp as a number":   {strings.Replace(marshal(numbers), `"`+numbers["timestamp"]+`"`, numbers["timestamp"], 1), ReasonNone},
		"null field":               {strings.Replace(marshal(numbers), "{", `{"step":null,`, 1), ReasonNone},
		"HTML":                     {"<html><body>Please log in</body></html>", ReasonNotJSON},
		"nothing":                  {"", ReasonNotJSON},
		"a list":                   {"[]", ReasonNotJSON},
		"an empty object":          {"{}", ReasonSignature},
		"text after the object":    {signedAnswer(ActionActivate, ok) + "x", ReasonNotJSON},
		"signature wrong":          {marshal(wrong), ReasonSignature},
		"signature missing":        {marshal(unsigned), ReasonSignature},
		"body exchanged":           {marshal(changed), ReasonSignature},
		"field added":              {marshal(added), ReasonSignature},
		"field twice":              {strings.Replace(marshal(numbers), "{", `{"body":"e30=",`, 1), ReasonNotJSON},
		"another action":           {signedAnswer(ActionVoid, ok), ReasonOther},
		"another trace number":     {signedAnswer(ActionActivate, inner("20261122000001036903121", "A00")), ReasonOther},
		"refusal of another trace": {signedAnswer(ActionActivate, inner("20261122000001036903121", "A05")), ReasonOther},
		"no trace number":          {signedAnswer(ActionActivate, `{"returnCode":"A00"}`), ReasonOther},
		"no return code":           {signedAnswer(ActionActivate, `{"traceNo":"`+testTrace+`"}`), ReasonNotJSON},
		"body is not JSON":         {signedAnswer(ActionActivate, `ok`), ReasonNotJSON},
		"body is not Base64":       {signedAnswer(ActionActivate, "", "body", "{}"), ReasonNotJSON},
		"body missing":             {signedAnswer(ActionActivate, "", "body", ""), ReasonNotJSON},
		"return code is an object": {signedAnswer(ActionActivate, `{"returnCode":{"a":"A00"},"traceNo":"`+testTrace+`"}`), ReasonNotJSON},
		"deeply nested field":      {`{"x":` + strings.Repeat("[", 200_000), ReasonNotJSON},
	} {
		t.Run(name, func(t *testing.T) {
			a := activate(testClient(t, answering(t, c.text)))
			if c.reason != ReasonNone {
				want(t, a, Unanswered, c.reason)
				return
			}
			want(t, a, Answered, ReasonNone)
			if !a.Success() || a.Code != "A00" || a.OrderNo != "179031014530" || a.Message != "SUCCESS" || a.TraceDiffers {
				t.Fatalf("%+v", a)
			}
		})
	}
}

func TestOtherTraceNumberIsNotedWhereAllowed(t *testing.T) {
	t.Parallel()
	base := answering(t, signedAnswer(ActionActivate, inner("ccs203781546843174561", "A00")))
	a := activate(testClient(t, base, func(s *Settings) { s.TraceMustMatch = false }))
	want(t, a, Answered, ReasonNone)
	if !a.TraceDiffers || a.TraceNo != "ccs203781546843174561" {
		t.Fatalf("%+v", a)
	}
}
