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
	o.ID, o.Level, o.AmountFen, o.Range = r.ID(), string(api.LevelRange), r.TotalFen(), &r
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

func unsentRepeat() Evidence {
	return Evidence{At: ended, Asked: AskedRepeat, Trace: "01HZORDER", Outcome: string(api.NotSent), Cause: string(api.ReasonUnreachable)}
}

// polled is a round of asking about a range, with what codes of it showed.
func polled(ev Evidence, looked ...Evidence) act {
	return func(r Rules, o Operation) result {
		next, change := r.Asked(o, Round{Evidence: append([]Evidence{ev}, looked...), At: ended, Platform: ended})
		return result{next: next, change: change, added: 1 + len(looked), at: ended}
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
		{"a range that failed, and of which no code changed, is refused", rules(), sending, answer(says("81"), shows(inactive), shows(inactive)),
			to(Refused, EventAnswered).because(WhyNoneChanged).proves(0).in(absent)},
		{"a range that failed, and of which a code is active, is for a person", rules(), sending, answer(says("81"), shows(inactive), shows(active)),
			to(Attention, EventAnswered).because(WhyOrderFailed)},
		{"a range that failed, and of which a code was not seen, is for a person", rules(), sending, answer(says("81"), shows(inactive), noLook()),
			to(Attention, EventAnswered).because(WhyOrderFailed)},
		{"a range that is done is so whatever codes of it show", rules(), sending, answer(says("100"), shows(inactive)), to(Done, EventAnswered)},
		{"a range that the platform does not take is refused", rules(), sending, answer(says("97")), to(Refused, EventAnswered).proves(0)},
		{"a range that the platform does not take, and of which a code was seen, is looked at once more", rules(), sending, answer(says("97"), shows(inactive)),
			to(Refused, EventAnswered).proves(0).in(absent)},
		{"a range that the platform does not take, and of which no code was seen, is not", rules(), sending, answer(says("97"), noLook()),
			to(Refused, EventAnswered).proves(0)},
		{"an unclear code of a range is asked about", rules(), sending, answer(says("96")), later(to(Unknown, EventUnknown))},
		{"a success of the other actions says nothing of a range", rules(), sending, answer(says("00")), later(to(Unknown, EventUnknown))},
		{"a range that was on its way when the program ended is asked about soon", rules(), sending, inFlight, to(Unknown, EventFoundInFlight).in(2 * time.Second)},

		{"a repeat finds the range done", rules(), open, polled(repeat("100")), asked(Done).concluding("done")},
		{"a repeat finds the range at work", rules(), open, polled(repeat("80")), later(asked(Unknown).because(WhyInProgress).concluding("unclear"))},
		{"a repeat with the same word is counted and kept once", rules(), atWork.knowing(repeat("80")), polled(repeat("80")),
			later(asked(Unknown).because(WhyInProgress)).unkept()},
		{"a repeat finds the range failed", rules(), atWork, polled(repeat("81")), asked(Attention).because(WhyOrderFailed).concluding("refused")},
		{"a repeat finds the range failed, and no code of it changed", rules(), atWork, polled(repeat("81"), shows(inactive)),
			asked(Refused).because(WhyNoneChanged).proves(0).in(absent).concluding("refused")},
		{"a repeat finds the range failed, and a code of it void", rules(), atWork, polled(repeat("81"), shows(voided)),
			asked(Attention).because(WhyOrderFailed).concluding("refused")},
		{"a refused repeat is for a person, since the first sending may have had effect", rules(), open, polled(repeat("97")),
			asked(Attention).because(WhyOrderRefused).concluding("contradiction")},
		{"a repeat with another word is kept too", rules(), atWork.knowing(repeat("80")), polled(repeat("96")),
			later(asked(Unknown).because(WhyInProgress).concluding("unclear"))},
		{"a repeat that was not sent leaves the range unknown, since the first sending may have had effect", rules(), open, polled(unsentRepeat()), silent},
		{"a repeat without an answer leaves the range unknown", rules(), open, polled(noRepeat()), silent},
		{"a repeat without an answer leaves the range at work", rules(), atWork, polled(noRepeat()), silent.because(WhyInProgress)},
		{"a second repeat without an answer is worth no event", rules(), open.knowing(noRepeat()), polled(noRepeat()), quiet},

		{"a range of which nothing was sent is withdrawn", rules(), ranging(Queued, notSent()), withdraw, to(Withdrawn, EventWithdrawn).proves(0)},
		{"a range that is at work is not withdrawn", rules(), atWork, withdraw, remains()},
		{"a range settled early may take effect, and is not asked about: a repeat could activate it", rules(), open, settleAs(SettledNoEffect, settleTime),
			to(Settled, EventSettled).because(WhyMayTakeEffect)},
		{"a range that was answered like another action may take effect", rules(), ranging(Unknown, answeredWith("00")), settleAs(SettledNoEffect, settleTime),
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
		{"a first serial of letters", func(r *RangeOrder) { r.From = "000004x" }, []string{"serial"}},
		{"the first serials of all", func(r *RangeOrder) { r.From, r.To = "0000000", "0000004" }, nil},
		{"the first serial of all behind another", func(r *RangeOrder) { r.To = "0000000" }, []string{"reversed"}},
		{"serials in full width", func(r *RangeOrder) { r.To = "００００" }, []string{"serial"}},
		{"first behind last", func(r *RangeOrder) { r.From, r.To = r.To, r.From }, []string{"reversed"}},
		{"one piece", func(r *RangeOrder) { r.To, r.Count = r.From, 1 }, nil},
		{"no count", func(r *RangeOrder) { r.Count = 0 }, []string{"count"}},
		{"vouchers without a price", func(r *RangeOrder) { r.SellingFen, r.CostFen = 0, 0 }, []string{"no_price"}},
		{"prices exchanged", func(r *RangeOrder) { r.SellingFen, r.CostFen = 8888, 10000 }, []string{"cost"}},
		{"a price below nothing", func(r *RangeOrder) { r.CostFen = -1 }, []string{"negative"}},
		{"both prices below nothing", func(r *RangeOrder) { r.SellingFen, r.CostFen = -1, -1 }, []string{"negative"}},
		{"a selling price below nothing", func(r *RangeOrder) { r.SellingFen, r.CostFen = -1, 0 }, []string{"negative", "cost"}},
		{"a validity to come", func(r *RangeOrder) { r.ValidFrom, r.ValidTo = "2026-12-01 00:00:00", "2027-12-01 00:00:00" }, nil},
		{"a validity that ends before it begins", func(r *RangeOrder) { r.ValidFrom, r.ValidTo = "2027-12-01 00:00:00", "2026-12-01 00:00:00" }, []string{"validity_ends"}},
		{"a validity of no length", func(r *RangeOrder) { r.ValidFrom, r.ValidTo = "2026-12-01 00:00:00", "2026-12-01 00:00:00" }, []string{"validity_ends"}},
		{"a validity whose end is no time", func(r *RangeOrder) { r.ValidFrom, r.ValidTo = "2026-12-01 00:00:00", "2027-12-01" }, []string{"validity"}},
		{"a validity in the past", func(r *RangeOrder) { r.ValidFrom, r.ValidTo = "2025-01-01 00:00:00", "2026-01-01 00:00:00" }, []string{"validity_past"}},
		{"a validity without an end", func(r *RangeOrder) { r.ValidFrom = "2026-12-01 00:00:00" }, nil},
		{"a validity without a beginning", func(r *RangeOrder) { r.ValidTo = "2027-12-01 00:00:00" }, nil},
		{"an hour of one digit", func(r *RangeOrder) { r.ValidFrom = "2026-12-01 0:00:00" }, []string{"validity"}},
		{"a validity that begins on no day", func(r *RangeOrder) { r.ValidFrom, r.ValidTo = "2026-02-30 00:00:00", "2027-12-01 00:00:00" }, []string{"validity"}},
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
	before := func(change func(*RangeOrder)) Operation {
		o := ranging(Done)
		change(o.Range)
		return o
	}
	others := []Operation{before(func(*RangeOrder) {})}
	larger := before(func(r *RangeOrder) { r.OrderID, r.Count, r.SellingFen = "01HZA", 9, 1 })
	later := before(func(r *RangeOrder) { r.OrderID, r.SellingFen = "01HZZ", 40000 })
	unused := func(s State, as string) []Operation {
		o := before(func(r *RangeOrder) { r.SellingFen, r.Count = 1, 9 })
		o.State, o.SettledAs = s, as
		return []Operation{o}
	}
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
		{"half the price", others, func(r *RangeOrder) { r.SellingFen = 5000 }, nil},
		{"more pieces than ever", others, func(r *RangeOrder) { r.Count = 6 }, []string{"most"}},
		{"more pieces than the last, and not than ever", slices.Concat([]Operation{larger}, others), func(r *RangeOrder) { r.Count = 9 }, []string{"price"}},
		{"a price unlike the last one's", slices.Concat(others, []Operation{later}), func(*RangeOrder) {}, []string{"price"}},
		{"a price unlike an earlier one's", slices.Concat([]Operation{larger}, others), func(*RangeOrder) {}, []string{"price"}},
		{"after one that was refused", unused(Refused, ""), func(*RangeOrder) {}, []string{"new_bin"}},
		{"after one that was withdrawn", unused(Withdrawn, ""), func(*RangeOrder) {}, []string{"new_bin"}},
		{"after one that was settled as without effect", unused(Settled, SettledNoEffect), func(*RangeOrder) {}, []string{"new_bin"}},
		{"after one that was settled as done", unused(Settled, SettledDone), func(*RangeOrder) {}, []string{"price"}},
		{"beside one that was refused", slices.Concat(unused(Refused, ""), others), func(r *RangeOrder) { r.Count = 6 }, []string{"most"}},
		{"a price unlike the last one's, in another order", slices.Concat([]Operation{later}, others), func(*RangeOrder) {}, []string{"price"}},
	} {
		r := vouchers(c.change)
		if got := wordsOf(r.Warnings(c.earlier)); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
	dear := vouchers(func(r *RangeOrder) { r.SellingFen = 100000 })
	if got := dear.Warnings(slices.Concat([]Operation{later}, others)); len(got) != 1 || got[0].Args["ID"] != later.Range.ID() || got[0].Args["OtherFen"] != later.Range.SellingFen {
		t.Errorf("of two that it is unlike it names %v", got)
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
	settled := ranging(Settled, unanswered())
	early := settled.settledAs(SettledNoEffect, WhyMayTakeEffect)
	for _, c := range []struct {
		name string
		op   Operation
		want bool
	}{
		{"queued", ranging(Queued), true}, {"unknown", ranging(Unknown, unanswered()), true}, {"attention", ranging(Attention), true},
		{"done", ranging(Done), true}, {"refused", ranging(Refused), false}, {"withdrawn", ranging(Withdrawn), false},
		{"settled as done", settled.settledAs(SettledDone, ""), true}, {"settled as no-effect", settled.settledAs(SettledNoEffect, ""), false},
		{"settled too early", early, true},
	} {
		for _, now := range []time.Time{ended, early.FinishedAt.Add(absent), early.FinishedAt.Add(absent + 1)} {
			past := now.After(early.FinishedAt.Add(absent)) // nothing of it can arrive any more
			want := c.want && !(past && c.op.Why == WhyMayTakeEffect)
			if got := rules().Holds(&c.op, now); got != want {
				t.Errorf("%s, at %v: %v", c.name, now, got)
			}
		}
	}
}

func TestAPreviewSaysWhatARangeIsAndWhatForbidsIt(t *testing.T) {
	t.Parallel()
	free := ranging(Refused)
	other := ranging(Done)
	other.Range.BIN = "7021"
	held := ranging(Unknown, unanswered())
	held.Op = "held"
	o := vouchers(func(r *RangeOrder) { r.SellingFen = -100 })
	got := rules().PreviewRange(&o, []Operation{free, held, other}, ended)
	if got.SellingFen != -500 || got.CostFen != 44440 || !slices.Equal(wordsOf(got.Wrong), []string{"negative", "cost"}) ||
		!slices.Equal(wordsOf(got.Unusual), []string{"price"}) || !slices.Equal(got.Overlaps, []string{"held"}) {
		t.Errorf("%+v", got)
	}
}

func TestOnlyThePiecesOrTheSumAboveALimitNeedASecondManager(t *testing.T) {
	t.Parallel()
	o := vouchers() // 5 pieces for 50,000 fen
	for _, c := range []struct {
		limits BatchLimits
		limit  string
		most   int64
	}{
		{BatchLimits{}, "", 0},
		{BatchLimits{Count: 5, TotalFen: 50000}, "", 0},
		{BatchLimits{Count: 4, TotalFen: 50000}, "bulk_count", 4},
		{BatchLimits{Count: 4, TotalFen: 49999}, "bulk_count", 4},
		{BatchLimits{Count: 5, TotalFen: 49999}, "bulk_total", 49999},
		{BatchLimits{Count: 1}, "bulk_count", 1},
		{BatchLimits{TotalFen: 1}, "bulk_total", 1},
	} {
		if got := rules(func(r *Rules) { r.Batch = c.limits }).PreviewRange(&o, nil, ended); got.Limit != c.limit || got.Most != c.most {
			t.Errorf("%+v: %q %d", c.limits, got.Limit, got.Most)
		}
	}
}

func TestARepeatSaysTheSameOnlyInEveryWord(t *testing.T) {
	t.Parallel()
	was := repeat("80")
	later := was
	later.At = ended.Add(time.Minute)
	if !sameAnswer(was, later) {
		t.Error("the same answer at another time is another one")
	}
	for name, change := range map[string]func(*Evidence){
		"witness": func(ev *Evidence) { ev.Asked = AskedLookup }, "outcome": func(ev *Evidence) { ev.Outcome = string(api.NotSent) },
		"cause": func(ev *Evidence) { ev.Cause = CauseUnsigned }, "code": func(ev *Evidence) { ev.Code = "81" },
		"message": func(ev *Evidence) { ev.Message = "3 of 5" },
	} {
		other := was
		change(&other)
		if sameAnswer(was, other) {
			t.Errorf("another %s is the same answer", name)
		}
	}
}

func TestAnAnswerToARangeWithoutASignatureIsNotedSo(t *testing.T) {
	t.Parallel()
	for _, unsigned := range []bool{true, false} {
		a := says("100")
		a.Unsigned = unsigned
		next, _ := rules().Received(ranging(Sending, onItsWay()), a, ended, ended)
		if got := next.Attempts[0].Cause == CauseUnsigned; got != unsigned {
			t.Errorf("unsigned %v, noted %q", unsigned, next.Attempts[0].Cause)
		}
	}
}
