package operation

import (
	"testing"
	"time"
)

func TestWhatAnOperationWouldDoIsForeseenFromWhatIsKnownOfIt(t *testing.T) {
	t.Parallel()
	const id, box = "R1-1-1", "X1-1-1"
	inactive, active, mixed := map[string]int{"03": 2}, map[string]int{"00": 2}, map[string]int{"03": 1, "00": 1}
	op := func(name string, k Kind, id string, state State) Operation {
		return Operation{Op: name, Kind: k, ID: id, State: state}
	}
	for name, c := range map[string]struct {
		kind    Kind
		counts  map[string]int
		ops     []Operation // oldest first
		repeats string
		takes   bool
		why     string
	}{
		"nothing known":                          {kind: Activate},
		"inactive codes":                         {kind: Activate, counts: inactive},
		"some active already":                    {kind: Activate, counts: mixed, why: WhyMixed},
		"all active, not by us":                  {kind: Activate, counts: active, why: WhyAlreadyThere},
		"activated here":                         {kind: Activate, counts: inactive, ops: []Operation{op("a", Activate, id, Done)}, repeats: "a"},
		"activated here and voided since":        {kind: Activate, counts: inactive, ops: []Operation{op("a", Activate, id, Done), op("b", Void, id, Done)}},
		"open here":                              {kind: Activate, counts: mixed, ops: []Operation{op("a", Activate, id, Unknown)}, repeats: "a"},
		"refused here":                           {kind: Activate, counts: inactive, ops: []Operation{op("a", Activate, id, Refused)}},
		"a void of it is open":                   {kind: Activate, counts: inactive, ops: []Operation{op("a", Void, id, Queued)}},
		"active with what holds it":              {kind: Activate, counts: active, ops: []Operation{op("a", Activate, box, Done)}, repeats: "a", why: WhyAlreadyThere},
		"a void of active codes":                 {kind: Void, counts: active, ops: []Operation{op("a", Activate, id, Done)}},
		"a void of what was never active":        {kind: Void, counts: inactive, why: WhyNeverActive},
		"a void of what waits here":              {kind: Void, counts: inactive, ops: []Operation{op("a", Activate, id, Queued)}, takes: true},
		"a void behind an activation on its way": {kind: Void, counts: inactive, ops: []Operation{op("a", Activate, id, Sending)}},
		"a void behind one of what holds it":     {kind: Void, counts: inactive, ops: []Operation{op("a", Activate, box, Queued)}},
		"a void given again":                     {kind: Void, counts: active, ops: []Operation{op("a", Activate, id, Done), op("b", Void, id, Queued)}, repeats: "b"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			seen := Seen{Counts: c.counts}
			if c.counts != nil {
				seen.At = time.Unix(1, 0)
			}
			f := Rules{}.Foresee(c.kind, id, seen, c.ops)
			repeats := ""
			if f.Repeats != nil {
				repeats = f.Repeats.Op
			}
			if repeats != c.repeats || f.Withdraws != c.takes || f.Why != c.why {
				t.Errorf("repeats %q, withdraws %v, why %q; want %q, %v, %q", repeats, f.Withdraws, f.Why, c.repeats, c.takes, c.why)
			}
		})
	}
}
