package journal

import (
	"encoding/json"
	"testing"
	"time"

	"pgregory.net/rapid"

	"counterfoil/offline/operation"
)

// anOperation draws operations with every field, also with text that JSON escapes.
func anOperation(t *rapid.T) operation.Operation {
	text := rapid.OneOf(rapid.String(), rapid.StringMatching(`[A-Z0-9-]*`), rapid.SampledFrom([]string{"", "中杯拿铁券", "<&>", "\u2028", "\xff", "\x00", `"\`}))
	moment := rapid.Custom(func(t *rapid.T) time.Time {
		zone := time.FixedZone("", rapid.IntRange(-12*60, 14*60).Draw(t, "zone")*60)
		return time.Unix(rapid.Int64Range(0, 4e9).Draw(t, "s"), rapid.Int64Range(0, 999_999_999).Draw(t, "ns")).In(zone)
	})
	pointer := func(name string) *time.Time {
		if !rapid.Bool().Draw(t, name) {
			return nil
		}
		at := moment.Draw(t, name)
		return &at
	}
	o := operation.Operation{
		Op: text.Draw(t, "op"), Kind: operation.Kind(text.Draw(t, "kind")), ID: text.Draw(t, "id"), Level: text.Draw(t, "level"),
		State: operation.State(text.Draw(t, "state")), AmountFen: rapid.Int64().Draw(t, "fen"), Offline: rapid.Bool().Draw(t, "offline"),
		Operator: text.Draw(t, "operator"), ApprovedBy: text.Draw(t, "approved"), Counter: text.Draw(t, "counter"),
		AcceptedAt: moment.Draw(t, "accepted"), FinishedAt: pointer("finished"), OrderNo: text.Draw(t, "order"),
		Seq: rapid.Int64().Draw(t, "seq"), Hash: text.Draw(t, "hash"), Day: text.Draw(t, "day"), Why: text.Draw(t, "why"),
		Reason: text.Draw(t, "reason"), SettledAs: text.Draw(t, "as"), SettledBy: text.Draw(t, "by"), WaitsFor: text.Draw(t, "waits"),
		NextAt: pointer("next"), Asked: rapid.IntRange(0, 9).Draw(t, "asked"), Name: text.Draw(t, "name"),
		Attempts: []operation.Attempt{}, Evidence: []operation.Evidence{},
	}
	if n := rapid.IntRange(0, 2).Draw(t, "reasons"); n > 0 || rapid.Bool().Draw(t, "no reasons") {
		o.ApprovedFor = rapid.SliceOfN(text, n, n).Draw(t, "approved for")
	}
	for range rapid.IntRange(0, 2).Draw(t, "attempts") {
		o.Attempts = append(o.Attempts, operation.Attempt{Trace: text.Draw(t, "trace"), SentAt: moment.Draw(t, "sent"), EndedAt: pointer("ended"),
			Outcome: text.Draw(t, "outcome"), Cause: text.Draw(t, "cause"), Code: text.Draw(t, "code"), Message: text.Draw(t, "message"),
			OrderNo: text.Draw(t, "attempt's order"), NoEffect: rapid.Bool().Draw(t, "no effect"), SkewMs: rapid.Int64().Draw(t, "skew")})
		if rapid.Bool().Draw(t, "before") {
			o.Attempts[len(o.Attempts)-1].Before = &operation.Seen{At: moment.Draw(t, "seen"), Code: text.Draw(t, "seen code"),
				Counts: rapid.OneOf(rapid.Just(map[string]int(nil)), rapid.MapOf(rapid.StringMatching(`[0-9<]*`), rapid.Int())).Draw(t, "counts")}
		}
	}
	for range rapid.IntRange(0, 2).Draw(t, "evidence") {
		o.Evidence = append(o.Evidence, operation.Evidence{At: moment.Draw(t, "at"), Asked: text.Draw(t, "witness"), Outcome: "answered"})
	}
	if rapid.Bool().Draw(t, "range") {
		o.Range = &operation.RangeOrder{OrderID: text.Draw(t, "orderid"), Count: 3}
	}
	return o
}

func TestEncodingIsThatOfTheStandardLibrary(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		o := anOperation(t)
		want, err := json.Marshal(&o)
		if err != nil {
			t.Fatal(err)
		}
		if have, err := encodeOperation(&o); err != nil || have != string(want) {
			t.Fatalf("%v\n%s\n%s", err, have, want)
		}
	})
}
