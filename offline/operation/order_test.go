package operation

import (
	"slices"
	"testing"
	"time"

	"counterfoil/api"
)

// vouchers is the range of the interface description's own example, corrected.
func vouchers(changes ...func(*RangeOrder)) RangeOrder {
	r := RangeOrder{OrderID: "01HZORDER", Type: RangeVouchers, BIN: "7020", From: "0000041", To: "0000045", Count: 5, SellingFen: 10000, CostFen: 8888}
	for _, change := range changes {
		change(&r)
	}
	return r
}

// ranging is a range in a state. Its sendings share the order's number.
func ranging(s State, attempts ...Attempt) Operation {
	o := operationIn(Range, s, attempts...)
	r := vouchers()
	o.ID, o.Level, o.AmountFen, o.Range = r.ID(), string(LevelRange), r.TotalFen(), &r
	for i := range o.Attempts {
		o.Attempts[i].Trace, o.Attempts[i].Before = r.OrderID, nil
	}
	return o
}

// repeat is the answer to the same order, sent again.
func repeat(code string) Evidence {
	return Evidence{At: ended, Asked: AskedRepeat, Trace: "01HZORDER", Outcome: string(api.Answered), Code: code}
}

func noRepeat() Evidence {
	return Evidence{At: ended, Asked: AskedRepeat, Trace: "01HZORDER", Outcome: string(api.Unanswered), Cause: string(api.ReasonTimeout)}
}

// polled is a round of asking about a range.
func polled(ev Evidence) act {
	return func(r Rules, o Operation) result {
		next, change := r.Asked(o, Round{Evidence: []Evidence{ev}, At: ended, Platform: ended})
		return result{next: next, change: change, added: 1, at: ended}
	}
}

func orderRows() []row {
	sending := ranging(Sending, onItsWay())
	open := ranging(Unknown, unanswered())
	atWork := ranging(Unknown, answeredWith("80")).because(WhyInProgress)
	later := func(w want) want { return w.retries(RetryOrder, 2*time.Second, 0) }
	asked := func(s State) want {
		w := to(s, EventAsked)
		w.asked, w.polled = 1, 1
		return w
	}
	silent := later(asked(Unknown).concluding("unclear"))
	quiet := silent.unkept()
	quiet.event = ""
	return []row{
		{"a range of which no byte was written is queued again", rules(), sending, answer(unreachable()),
			to(Queued, EventNotSent).proves(0).retries(RetryUnanswered, time.Second, 0)},
		{"a range without an answer is asked about soon", rules(), sending, answer(timedOut()), later(to(Unknown, EventUnknown))},
		{"a range that the platform has is done", rules(), sending, answer(says("100")), to(Done, EventAnswered)},
		{"a range that the platform is at work on is asked about", rules(), sending, answer(says("80")), later(to(Unknown, EventAnswered).because(WhyInProgress))},
		{"a range that failed is for a person", rules(), sending, answer(says("81")), to(Attention, EventAnswered).because(WhyOrderFailed)},
		{"a range that the platform does not take is refused", rules(), sending, answer(says("97")), to(Refused, EventAnswered).proves(0)},
		{"an unclear code of a range is asked about", rules(), sending, answer(says("96")), later(to(Unknown, EventUnknown))},
		{"a success of the other actions says nothing of a range", rules(), sending, answer(says("00")), later(to(Unknown, EventUnknown))},
		{"a range that was on its way when the program ended is asked about soon", rules(), sending, inFlight, to(Unknown, EventFoundInFlight).in(2 * time.Second)},

		{"a repeat finds the range done", rules(), open, polled(repeat("100")), asked(Done).concluding("done")},
		{"a repeat finds the range at work", rules(), open, polled(repeat("80")), later(asked(Unknown).because(WhyInProgress).concluding("unclear"))},
		{"a repeat with the same word is counted and kept once", rules(), atWork.knowing(repeat("80")), polled(repeat("80")),
			later(asked(Unknown).because(WhyInProgress)).unkept()},
		{"a repeat finds the range failed", rules(), atWork, polled(repeat("81")), asked(Attention).because(WhyOrderFailed).concluding("refused")},
		{"a refused repeat is for a person, since the first sending may have had effect", rules(), open, polled(repeat("97")),
			asked(Attention).because(WhyOrderRefused).concluding("contradiction")},
		{"a repeat without an answer leaves the range unknown", rules(), open, polled(noRepeat()), silent},
		{"a repeat without an answer leaves the range at work", rules(), atWork, polled(noRepeat()), silent.because(WhyInProgress)},
		{"a second repeat without an answer is worth no event", rules(), open.knowing(noRepeat()), polled(noRepeat()), quiet},

		{"a range of which nothing was sent is withdrawn", rules(), ranging(Queued, notSent()), withdraw, to(Withdrawn, EventWithdrawn).proves(0)},
		{"a range that is at work is not withdrawn", rules(), atWork, withdraw, remains()},
		{"a range settled early may take effect, and is not asked about: a repeat could activate it", rules(), open, settleAs(SettledNoEffect, settle),
			to(Settled, EventSettled).because(WhyMayTakeEffect)},
		{"a range settled late is final, since its order number has no day", rules(), open, settleAs(SettledNoEffect, absent+1), to(Settled, EventSettled)},
	}
}

func TestARangeThatContradictsItselfIsSaidToInWords(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name   string
		change func(*RangeOrder)
		want   []string
	}{
		{"the description's example, corrected", func(*RangeOrder) {}, nil},
		{"the description's example", func(r *RangeOrder) { r.Count, r.SellingFen, r.CostFen, r.Type = 14, 8888, 10000, 0 }, []string{"type", "count", "cost"}},
		{"cards", func(r *RangeOrder) { r.Type, r.BIN = RangeCards, "731018" }, nil},
		{"cards without a price", func(r *RangeOrder) { r.Type, r.BIN, r.SellingFen, r.CostFen = RangeCards, "731018", 0, 0 }, nil},
		{"cards with the BIN of vouchers", func(r *RangeOrder) { r.Type = RangeCards }, []string{"bin"}},
		{"vouchers with the BIN of cards", func(r *RangeOrder) { r.BIN = "731018" }, []string{"bin"}},
		{"a BIN of letters", func(r *RangeOrder) { r.BIN = "70a0" }, []string{"bin"}},
		{"a BIN with a sign", func(r *RangeOrder) { r.BIN = "+702" }, []string{"bin"}},
		{"short serials", func(r *RangeOrder) { r.From, r.To = "41", "45" }, []string{"serial", "serial"}},
		{"a serial of letters", func(r *RangeOrder) { r.To = "000004x" }, []string{"serial"}},
		{"serials in full width", func(r *RangeOrder) { r.To = "００００" }, []string{"serial"}},
		{"first behind last", func(r *RangeOrder) { r.From, r.To = r.To, r.From }, []string{"reversed"}},
		{"one piece", func(r *RangeOrder) { r.To, r.Count = r.From, 1 }, nil},
		{"no count", func(r *RangeOrder) { r.Count = 0 }, []string{"count"}},
		{"vouchers without a price", func(r *RangeOrder) { r.SellingFen, r.CostFen = 0, 0 }, []string{"no_price"}},
		{"prices exchanged", func(r *RangeOrder) { r.SellingFen, r.CostFen = 8888, 10000 }, []string{"cost"}},
		{"a price below nothing", func(r *RangeOrder) { r.CostFen = -1 }, []string{"negative"}},
		{"a validity to come", func(r *RangeOrder) { r.ValidFrom, r.ValidTo = "2026-12-01 00:00:00", "2027-12-01 00:00:00" }, nil},
		{"a validity that ends before it begins", func(r *RangeOrder) { r.ValidFrom, r.ValidTo = "2027-12-01 00:00:00", "2026-12-01 00:00:00" }, []string{"validity_ends"}},
		{"a validity in the past", func(r *RangeOrder) { r.ValidFrom, r.ValidTo = "2025-01-01 00:00:00", "2026-01-01 00:00:00" }, []string{"validity_past"}},
		{"a day for a time", func(r *RangeOrder) { r.ValidFrom = "2026-12-01" }, []string{"validity"}},
		{"a day that does not exist", func(r *RangeOrder) { r.ValidTo = "2026-02-30 00:00:00" }, []string{"validity"}},
	} {
		r := vouchers(c.change)
		if got := wordsOf(r.Contradictions(now)); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestWhatIsUnusualAboutARangeIsSaid(t *testing.T) {
	t.Parallel()
	before := ranging(Done)
	others := []Operation{before}
	for _, c := range []struct {
		name    string
		earlier []Operation
		change  func(*RangeOrder)
		want    []string
	}{
		{"the first range", nil, func(*RangeOrder) {}, []string{"new_bin"}},
		{"one like the last", others, func(*RangeOrder) {}, nil},
		{"another BIN", others, func(r *RangeOrder) { r.BIN = "7021" }, []string{"new_bin"}},
		{"the BIN of another type", others, func(r *RangeOrder) { r.Type = RangeCards }, []string{"new_bin"}},
		{"twice the price", others, func(r *RangeOrder) { r.SellingFen = 20000 }, nil},
		{"more than twice the price", others, func(r *RangeOrder) { r.SellingFen = 20001 }, []string{"price"}},
		{"less than half the price", others, func(r *RangeOrder) { r.SellingFen = 4999 }, []string{"price"}},
		{"more pieces than ever", others, func(r *RangeOrder) { r.Count = 6 }, []string{"most"}},
	} {
		r := vouchers(c.change)
		if got := wordsOf(r.Warnings(c.earlier)); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func wordsOf(all []Remark) []string {
	var words []string
	for _, r := range all {
		words = append(words, r.Word)
	}
	return words
}

func TestRangesOverlapWhereTheyShareASerialOfOneTypeAndBIN(t *testing.T) {
	t.Parallel()
	a := vouchers()
	for _, c := range []struct {
		from, to string
		want     bool
	}{
		{"0000041", "0000045", true}, {"0000045", "0000050", true}, {"0000030", "0000041", true}, {"0000043", "0000043", true},
		{"0000001", "0009999", true}, {"0000046", "0000050", false}, {"0000001", "0000040", false},
	} {
		b := vouchers(func(r *RangeOrder) { r.From, r.To = c.from, c.to })
		if a.Overlaps(&b) != c.want || b.Overlaps(&a) != c.want {
			t.Errorf("%s to %s: want %v", c.from, c.to, c.want)
		}
	}
	other := vouchers(func(r *RangeOrder) { r.Type = RangeCards })
	bin := vouchers(func(r *RangeOrder) { r.BIN = "7021" })
	if a.Overlaps(&other) || a.Overlaps(&bin) {
		t.Error("ranges of another type or BIN overlap")
	}
}

func TestARangeHoldsUpOthersUntilItIsProvenWithoutEffect(t *testing.T) {
	t.Parallel()
	settledAs := func(as, why string) Operation {
		o := ranging(Settled, unanswered()).because(why)
		o.SettledAs = as
		return o
	}
	for _, c := range []struct {
		name string
		op   Operation
		want bool
	}{
		{"queued", ranging(Queued), true}, {"unknown", ranging(Unknown, unanswered()), true}, {"attention", ranging(Attention), true},
		{"done", ranging(Done), true}, {"refused", ranging(Refused), false}, {"withdrawn", ranging(Withdrawn), false},
		{"settled as done", settledAs(SettledDone, ""), true}, {"settled as no-effect", settledAs(SettledNoEffect, ""), false},
		{"settled too early", settledAs(SettledNoEffect, WhyMayTakeEffect), true},
	} {
		if got := rules().Holds(&c.op, ended); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
	early := settledAs(SettledNoEffect, WhyMayTakeEffect)
	if rules().Holds(&early, ended.Add(absent)) {
		t.Error("settled too early, and still held against others past absent_after")
	}
}
