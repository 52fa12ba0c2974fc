package day

import (
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"counterfoil/offline/journal"
	"counterfoil/offline/journal/chain"
	"counterfoil/offline/operation"
)

var allPosted = []chain.Posted{
	chain.PostedAccepted, chain.PostedReopened, chain.PostedActive, chain.PostedVoid,
	chain.PostedRefused, chain.PostedWithdrawn, chain.PostedSettled, chain.PostedDiscarded,
}

// drawSum is what was posted under one heading.
func drawSum(rt *rapid.T) journal.Sum {
	var s journal.Sum
	s.Posted = rapid.SampledFrom(allPosted).Draw(rt, "posted")
	s.Kind = rapid.SampledFrom([]operation.Kind{operation.Activate, operation.Void, operation.Range}).Draw(rt, "kind")
	s.Operator = rapid.SampledFrom([]string{"amy", "bob", "mgr"}).Draw(rt, "operator")
	s.Quarter = rapid.Int64Range(0, 12).Draw(rt, "quarter")
	s.ByStatus = (s.Posted == chain.PostedActive || s.Posted == chain.PostedVoid) && rapid.Bool().Draw(rt, "by status")
	s.Count, s.Fen = rapid.IntRange(1, 9).Draw(rt, "count"), rapid.Int64Range(0, 5000).Draw(rt, "fen")
	return s
}

// sumOf adds up those that match.
func sumOf(sums []journal.Sum, match func(journal.Sum) bool) (t Totals) {
	for _, s := range sums {
		if match(s) {
			t.Ops, t.Fen = t.Ops+int64(s.Count), t.Fen+s.Fen
		}
	}
	return t
}

func posted(what ...chain.Posted) func(journal.Sum) bool {
	return func(s journal.Sum) bool { return slices.Contains(what, s.Posted) }
}

func TestAReportAddsUpWhatWasPostedUnderEveryHeading(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("CST", 8*60*60)
	rapid.Check(t, func(rt *rapid.T) {
		sums := rapid.SliceOfN(rapid.Custom(drawSum), 0, 30).Draw(rt, "sums")
		last := Report{Book: Book{To: 7, StillOpen: Totals{3, 9000}}, Ever: Ever{Active: Totals{10, 30000}, Void: Totals{2, 0}}}
		r := fold(&last, 50, sums, zone)
		var of Outcomes
		for what, t := range map[chain.Posted]*Totals{
			chain.PostedActive: &of.Active, chain.PostedVoid: &of.Void, chain.PostedRefused: &of.Refused,
			chain.PostedWithdrawn: &of.Withdrawn, chain.PostedSettled: &of.Settled,
		} {
			*t = sumOf(sums, posted(what))
		}
		byStatus := func(what ...chain.Posted) Totals {
			return sumOf(sums, func(s journal.Sum) bool { return s.ByStatus && slices.Contains(what, s.Posted) })
		}
		want := Book{
			From: 7, To: 50, OpenBefore: last.StillOpen, Outcomes: of,
			Accepted: sumOf(sums, posted(chain.PostedAccepted)), Reopened: sumOf(sums, posted(chain.PostedReopened)),
			ByStatus: ByStatus{byStatus(chain.PostedActive, chain.PostedVoid), byStatus(chain.PostedActive), byStatus(chain.PostedVoid)},
		}
		if r.Book != want {
			rt.Fatalf("%+v\nwant %+v", r.Book, want)
		}
		if got := (Ever{last.Ever.Active.plus(of.Active), last.Ever.Void.plus(of.Void)}); r.Ever != got {
			rt.Fatalf("ever %+v, want %+v", r.Ever, got)
		}
		if got := sumOf(sums, posted(chain.PostedDiscarded)).Ops; r.Discarded != got {
			rt.Fatalf("%d discarded, want %d", r.Discarded, got)
		}
		named := func(name func(journal.Sum) string) []Sum {
			list := map[string]Totals{}
			for _, s := range sums {
				if s.Posted == chain.PostedAccepted {
					list[name(s)] = list[name(s)].plus(Totals{int64(s.Count), s.Fen})
				}
			}
			all := []Sum{}
			for _, n := range slices.Sorted(maps.Keys(list)) {
				all = append(all, Sum{n, list[n]})
			}
			return all
		}
		if !slices.Equal(r.Operators, named(func(s journal.Sum) string { return s.Operator })) ||
			!slices.Equal(r.Kinds, named(func(s journal.Sum) string { return string(s.Kind) })) {
			rt.Fatalf("operators %+v, kinds %+v", r.Operators, r.Kinds)
		}
		checkHours(rt, r.Hours, sums, zone)
	})
}

// checkHours holds that each hour in which something was accepted or became
// active is there once, in order.
func checkHours(rt *rapid.T, hours []Hour, sums []journal.Sum, zone *time.Location) {
	var want []Hour
	for h := range 4 { // of four quarters
		within := func(what chain.Posted) Totals {
			return sumOf(sums, func(s journal.Sum) bool { return s.Posted == what && s.Quarter/4 == int64(h) })
		}
		hour := Hour{Accepted: within(chain.PostedAccepted), Active: within(chain.PostedActive)}
		if hour != (Hour{}) {
			hour.Hour = time.Unix(int64(h)*3600, 0).In(zone).Format("2006-01-02T15")
			want = append(want, hour)
		}
	}
	if !slices.Equal(hours, want) {
		rt.Fatalf("hours %+v, want %+v", hours, want)
	}
}

func TestWhatIsNotKnownHowToPostLeavesTheReportUnbalanced(t *testing.T) {
	t.Parallel()
	var s journal.Sum
	s.Posted, s.Count, s.Fen = "later", 1, 500
	r := fold(&Report{Book: Book{StillOpen: Totals{1, 500}}}, 9, []journal.Sum{s}, time.UTC)
	if r.Outcomes != (Outcomes{}) || r.balance(Totals{}, false) == nil || r.balance(Totals{1, 500}, false) != nil {
		t.Errorf("%+v", r.Book)
	}
	if err := r.balance(Totals{}, true); err != nil || r.Recovered != (Totals{-1, -500}) {
		t.Errorf("explained by a gap: %+v, %v", r.Recovered, err)
	}
}

func TestAnOpenVoidIsListedWithoutAnAmount(t *testing.T) {
	t.Parallel()
	var r Report
	sum := r.list([]operation.Operation{
		{Op: "a", Kind: operation.Activate, AmountFen: 500, State: operation.Queued}, {Op: "b", Kind: operation.Void, AmountFen: 70}, {Op: "c", Kind: operation.Range, AmountFen: 9},
	})
	if sum != (Totals{3, 509}) || len(r.Open) != 3 || r.Open[1].AmountFen != 0 || r.Open[0].Op != "a" || r.Open[0].State != operation.Queued {
		t.Errorf("%+v, %+v", sum, r.Open)
	}
}
