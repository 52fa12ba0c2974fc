package operation

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

var forms = CodeForms{Voucher: "BBBB??????SSSSSSS??", Card: "BBBBBBSSSSSSS"}

func TestAScanTellsOnlyWhatItsFormSays(t *testing.T) {
	t.Parallel()
	voucher := RangeOrder{Type: RangeVouchers, BIN: "7020", From: "0000041", To: "0000041"}
	card := RangeOrder{Type: RangeCards, BIN: "731018", From: "0000041", To: "0000041"}
	both := CodeForms{Voucher: "BBBB??SSSSSSS", Card: "BBBBBBSSSSSSS"}
	for _, c := range []struct {
		name, text string
		forms      CodeForms
		kind       int
		want       RangeOrder
	}{
		{"a serial", "0000041", CodeForms{}, 0, RangeOrder{From: "0000041", To: "0000041"}},
		{"a range's id", "7020:0000041-0000045", CodeForms{}, 0, RangeOrder{Type: RangeVouchers, BIN: "7020", From: "0000041", To: "0000045"}},
		{"the id of a range of cards", "731018:0000041-0000045", CodeForms{}, 0, RangeOrder{Type: RangeCards, BIN: "731018", From: "0000041", To: "0000045"}},
		{"a voucher's number", "7020261122000004199", forms, 0, voucher},
		{"a card's number", "7310180000041", forms, 0, card},
		{"a card's number among vouchers", "7310180000041", forms, RangeVouchers, RangeOrder{}},
		{"a number that fits both", "7310180000041", both, 0, RangeOrder{}},
		{"a number that fits both, of cards", "7310180000041", both, RangeCards, card},
		{"a number whose form is not known", "7020261122000004199", CodeForms{}, 0, RangeOrder{}},
		{"a longer number", "70202611220000041990", forms, 0, RangeOrder{}},
		{"letters where the serial is", "702026112200000a199", forms, 0, RangeOrder{}},
		{"a reel", "R112102F-0000242-2585", forms, 0, RangeOrder{}},
		{"an id with a BIN of five digits", "70201:0000041-0000045", forms, 0, RangeOrder{}},
		{"an id without its end", "7020:0000041", forms, 0, RangeOrder{}},
		{"nothing", "", forms, 0, RangeOrder{}},
	} {
		if got, ok := c.forms.ReadSerials(c.text, c.kind); got != c.want || ok != (c.want != RangeOrder{}) {
			t.Errorf("%s: %+v, %v", c.name, got, ok)
		}
	}
}

func FuzzReadSerials(f *testing.F) {
	f.Add("7020261122000004199", 0)
	f.Add("7020:0000041-0000045", RangeVouchers)
	f.Fuzz(func(t *testing.T, text string, kind int) {
		r, ok := forms.ReadSerials(text, kind)
		if _, ordered := r.Size(); ok && !ordered && r.From <= r.To {
			t.Errorf("%q: %+v", text, r)
		}
	})
}

func TestAFormHoldsOneBINAndOneSerial(t *testing.T) {
	t.Parallel()
	for form, good := range map[string]bool{
		"": true, "BBBBSSSSSSS": true, "??SSSSSSS?BBBB": true, "BBBBBBSSSSSSS": false, "BBBB": false, "BBBBSSSSSS": false,
		"BBBB??SSSSSSS-": false, "BB?BBSSSSSSS": false, "BBBBSSSSSSSBBBB": false, "bbbbsssssss": false,
	} {
		if GoodCodeForm(form, RangeVouchers) != good {
			t.Errorf("%q", form)
		}
	}
	if !GoodCodeForm("BBBBBBSSSSSSS", RangeCards) || GoodCodeForm("BBBBSSSSSSS", RangeCards) {
		t.Error("a card's BIN has six digits")
	}
}

// Whatever the catalog holds, the codes that are looked up are the range's own: all
// where they are few, else no more than a few.
func TestSamplesAreOfTheRangeAlone(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		first := rapid.IntRange(0, 9_999_000).Draw(rt, "first")
		r := RangeOrder{Type: RangeVouchers, BIN: "7020", From: fmt.Sprintf("%07d", first), Count: rapid.IntRange(1, 999).Draw(rt, "count")}
		r.To = fmt.Sprintf("%07d", first+r.Count-1)
		own := 0
		held := rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) string {
			serial := min(max(first+rapid.IntRange(-20, r.Count+20).Draw(rt, "place"), 0), 9_999_999)
			bin := rapid.SampledFrom([]string{"7020", "7020", "7021"}).Draw(rt, "bin")
			if bin == r.BIN && serial >= first && serial < first+r.Count {
				own++
			}
			return fmt.Sprintf("%s261122%07d%02d", bin, serial, rapid.IntRange(0, 99).Draw(rt, "check"))
		}), 0, 40).Draw(rt, "held")
		picked, err := forms.Samples(&r, func(take func(string)) error {
			for _, number := range held {
				take(number)
			}
			return nil
		})
		if err != nil || len(picked) > samples || len(picked) < min(own, samples/2+1) || own <= samples && len(picked) != own {
			rt.Fatalf("%d picked of %d, %v", len(picked), own, err)
		}
		for _, id := range picked {
			bin, serial, ok := forms.Read(string(id), RangeVouchers)
			if !ok || bin != r.BIN || serial < r.From || serial > r.To || !slices.Contains(held, string(id)) {
				rt.Fatalf("%s is not of %s", id, r.ID())
			}
		}
	})
	if picked, err := (CodeForms{}).Samples(&RangeOrder{Type: RangeVouchers, Count: 1}, nil); len(picked) != 0 || err != nil {
		t.Errorf("%v without a form, %v", picked, err)
	}
}
