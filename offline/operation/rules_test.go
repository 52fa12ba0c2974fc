package operation

import (
	"slices"
	"testing"
	"time"

	"counterfoil/api"
)

func TestACodeMeansWhatTheSettingsSay(t *testing.T) {
	t.Parallel()
	r := rules(func(r *Rules) { r.UnclearCodes = append(r.UnclearCodes, "B77") })
	for code, want := range map[string]Meaning{
		"00": MeansSuccess, "A00": MeansSuccess, "31": MeansForm, "A31": MeansForm, "Z31": MeansForm, "96": MeansUnclear,
		"A94": MeansUnclear, "B77": MeansUnclear, "77": MeansRefusal, "A77": MeansRefusal, "a31": MeansRefusal, "[31": MeansRefusal,
		"131": MeansRefusal, "AA31": MeansRefusal, "000": MeansRefusal, "32": MeansRefusal, "A": MeansRefusal, "": MeansRefusal,
	} {
		if got := r.Meaning(says(code)); got != want {
			t.Errorf("%q means %d, want %d", code, got, want)
		}
	}
}

func TestOnlyASignedRefusalIsFinal(t *testing.T) {
	t.Parallel()
	r := rules()
	for _, c := range []struct {
		name   string
		answer api.Answer
		want   bool
	}{
		{"a refusal", says("A32"), true},
		{"a success", says("A00"), false},
		{"an unclear code", says("96"), false},
		{"a form", says("31"), false},
		{"no answer", timedOut(), false},
		{"a code beside no answer", api.Answer{Outcome: api.Unanswered, Code: "A32"}, false},
	} {
		if got := r.Final(c.answer); got != c.want {
			t.Errorf("%s: final = %v", c.name, got)
		}
	}
}

func TestACodeChangesWhereItMovesToTheTarget(t *testing.T) {
	t.Parallel()
	const from, target = api.StatusInactive, api.StatusActive
	for _, c := range []struct {
		name        string
		before, now *Seen
		target      string
		want        change
	}{
		{"all moved", seen(counts{from: 2}), seen(counts{target: 2}), target, changeAll},
		{"some moved", seen(counts{from: 2}), seen(counts{from: 1, target: 1}), target, changeSome},
		{"none moved", seen(counts{from: 2}), seen(counts{from: 2}), target, changeNone},
		{"moved elsewhere", seen(counts{from: 2}), seen(counts{api.StatusVoid: 2}), target, changeNone},
		{"there before", seen(counts{target: 2}), seen(counts{target: 2}), target, changeNone},
		{"fewer there than before", seen(counts{target: 2}), seen(counts{target: 1, from: 1}), target, changeNone},
		{"the last one moved", seen(counts{from: 1, target: 1}), seen(counts{target: 2}), target, changeAll},
		{"as many there, of more codes", seen(counts{target: 1}), seen(counts{target: 1, from: 3}), target, changeNone},
		{"nothing to hold it against", nil, seen(counts{target: 1}), target, changeUnseen},
		{"no look-up", seen(counts{from: 1}), nil, target, changeUnseen},
		{"no code before", seen(counts{}), seen(counts{target: 1}), target, changeUnseen},
		{"no code now", seen(counts{from: 1}), seen(counts{}), target, changeUnseen},
		{"no target", seen(counts{from: 1}), seen(counts{"": 1}), "", changeUnseen},
	} {
		if got := compare(c.before, c.now, c.target); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
}

func TestAnAttemptIsUnprovenUntilAnAnswerOrAProof(t *testing.T) {
	t.Parallel()
	unmarked := notSent()
	unmarked.NoEffect = false
	o := activation(Unknown, unmarked, unanswered(), proven(), answeredWith("96"), answeredWith("A00"), onItsWay())
	if got := o.Unproven(); !slices.Equal(got, []int{1, 3, 5}) {
		t.Errorf("unproven %v", got)
	}
	for want, o := range map[bool]Operation{false: activation(Queued, notSent()), true: activation(Queued, notSent(), onItsWay())} {
		if o.EverWritten() != want {
			t.Errorf("ever written = %v of %+v", !want, o.Attempts)
		}
	}
}

func TestAClosedOperationMayHaveEffectWhereItIsDoneOrNothingSpeaksAgainstIt(t *testing.T) {
	t.Parallel()
	settled := activation(Settled, unanswered())
	for _, c := range []struct {
		name string
		op   Operation
		want bool
	}{
		{"done", activation(Done), true},
		{"settled as done", settled.settledAs(SettledDone, ""), true},
		{"settled as no-effect too soon", settled.settledAs(SettledNoEffect, WhyMayTakeEffect), true},
		{"settled as no-effect", settled.settledAs(SettledNoEffect, ""), false},
		{"refused", activation(Refused), false},
		{"withdrawn", activation(Withdrawn), false},
		{"unknown", activation(Unknown, unanswered()), false},
	} {
		if got := c.op.MayHaveEffect(); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

func TestTheEndOfTheLastAttemptIsOnThePlatformsClock(t *testing.T) {
	t.Parallel()
	last := unanswered()
	last.SkewMs = 90_000
	o := activation(Unknown, unanswered(), last, onItsWay())
	if got := o.LastEnd(); !got.Equal(ended.Add(90 * time.Second)) {
		t.Errorf("ended %v", got)
	}
	o = activation(Queued, onItsWay())
	if got := o.LastEnd(); !got.Equal(o.AcceptedAt) {
		t.Errorf("before any attempt %v, want when it was accepted", got)
	}
}

func TestAManagerIsNeededInAttentionAndWhenAnOutcomeIsOverdue(t *testing.T) {
	t.Parallel()
	skewed := unanswered()
	skewed.SkewMs = time.Minute.Milliseconds()
	unended := onItsWay()
	for _, c := range []struct {
		name  string
		op    Operation
		since time.Duration
		want  bool
	}{
		{"in attention", activation(Attention), 0, true},
		{"unknown for less", activation(Unknown, unanswered()), attention, false},
		{"unknown for longer", activation(Unknown, unanswered()), attention + 1, true},
		{"an attempt of which only the first is old", activation(Unknown, unanswered(), unended), attention + 1, true},
		{"an attempt whose end is not known", activation(Unknown, unended), time.Hour, false},
		{"by the platform's clock", activation(Unknown, skewed), attention + 1, false},
		{"a proven attempt", activation(Unknown, proven()), time.Hour, false},
		{"queued behind an old attempt", activation(Queued, unanswered()), time.Hour, false},
		{"done", activation(Done, unanswered()), time.Hour, false},
	} {
		if got := rules().NeedsManager(&c.op, ended.Add(c.since)); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

func TestATraceNumberCarriesItsDay(t *testing.T) {
	t.Parallel()
	for number, want := range map[string]bool{
		trace(0): true, "202603140": true, "20260314": false, "20260313000001000000001": false, "": false, "2026": false,
	} {
		if got := IsOf(number, ended); got != want {
			t.Errorf("%q is of the day: %v", number, got)
		}
	}
}

func TestOpenStatesAreThoseThatAskForSomething(t *testing.T) {
	t.Parallel()
	for _, s := range States() {
		want := slices.Contains([]State{Queued, Sending, Unknown, Attention}, s)
		if s.Open() != want {
			t.Errorf("%s: open = %v", s, s.Open())
		}
	}
}

func TestACopyGrowsByItself(t *testing.T) {
	t.Parallel()
	o := activation(Unknown, unanswered()).knowing(noLook())
	c := o.Clone()
	c.Attempts[0].NoEffect, c.Evidence[0].Verdict = true, "done"
	_, _ = append(c.Attempts, onItsWay()), append(c.Evidence, noLook())
	if o.Attempts[0].NoEffect || o.Evidence[0].Verdict != "" || o.Attempts[:2][1].SentAt.Equal(onItsWay().SentAt) {
		t.Errorf("the original changed: %+v", o)
	}
}

func TestAVoidThatLeavesNobodyKnowsWhatIsHeldAgainstTheStatusInSight(t *testing.T) {
	t.Parallel()
	inactive, void := api.StatusInactive, api.StatusVoid
	for name, c := range map[string]struct {
		now  *Seen
		want string
	}{
		"nothing was seen":              {nil, void},
		"no code has either":            {&Seen{Counts: map[string]int{api.StatusActive: 3}}, void},
		"all are inactive again":        {&Seen{Counts: map[string]int{inactive: 3}}, inactive},
		"all are void":                  {&Seen{Counts: map[string]int{void: 3}}, void},
		"some were inactive before all": {&Seen{Counts: map[string]int{inactive: 1, void: 2}}, void},
	} {
		if got := (Rules{}).target(Void, c.now); got != c.want {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestACodeInASettingIsMeantBehindAnActionsLetterToo(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]bool{"32": true, "A32": true, "a32": false, "AA32": false, "132": false, "A3": false, "5": true, "Z5": true, "A": false, "": false} {
		if got := named([]string{"32", "5"}, code); got != want {
			t.Errorf("%q: %v", code, got)
		}
	}
}
