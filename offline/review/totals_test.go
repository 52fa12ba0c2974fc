package review

import (
	"context"
	"fmt"
	"testing"

	"counterfoil/api"
)

func TestTotalsSumUpToTheRecordsOfEachHourShopTerminalAndKind(t *testing.T) {
	t.Parallel()
	r := filled(t, 2000)
	for id, want := range map[api.ID]int{box: 2000, "B1123-0000009-102F5": 200, "R112102F-0000000-2585": 2000} {
		totals, err := r.Totals(t.Context(), id)
		if err != nil || totals.Codes != want/2 || totals.Records != want {
			t.Fatalf("%s: %+v %v", id, totals, err)
		}
		hours := 0
		for _, h := range totals.Hours {
			hours += h.N
		}
		if hours != want || len(totals.Hours) != 24 || totals.Hours[9].At.Hour() != 9 {
			t.Errorf("%s: %v by hour, want %d over the day", id, totals.Hours, want)
		}
		for _, counts := range [][]Count{totals.Kinds, totals.Shops, totals.TIDs} {
			n := 0
			for _, c := range counts {
				n += c.N
			}
			if n != want {
				t.Errorf("%s: %+v, want %d", id, counts, want)
			}
		}
		if shop := totals.Shops[0]; shop.Text != "Shop "+shop.Name {
			t.Errorf("%s: %+v", id, shop)
		}
	}
}

// fetched is a room with the records of one code.
func fetched(t *testing.T, code string, records []api.Record) *Room {
	t.Helper()
	r := room(t, func(context.Context, api.ID) (api.Answer, []api.Record) {
		return api.Answer{Outcome: api.Answered, Code: "00"}, records
	})
	err := r.Fetch(t.Context(), api.ID(code), false, func(each func(Code) error) error { return each(Code{ID: code, Remaining: 1}) }, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestAShopIsToldByItsNumberWhateverItIsCalled(t *testing.T) {
	t.Parallel()
	code := fmt.Sprintf(codeFmt, 1)
	use := api.Record{Code: code, Type: "2", ReturnCode: "00"}
	first, second, other := use, use, use
	first.At, first.ShopNo, first.ShopName = "20261122101500", "1490", "Yintai"
	second.At, second.ShopNo, second.ShopName = "20261122102000", "1490", "Yintai (new)"
	other.At, other.ShopNo, other.ShopName = "20261122102500", "1501", "Yintai"
	r := fetched(t, code, []api.Record{first, second, other})
	totals, err := r.Totals(t.Context(), api.ID(code))
	if err != nil || len(totals.Shops) != 2 || totals.Shops[0].N != 2 || totals.Shops[0].Text != "Yintai (new),Yintai" || totals.Shops[1].Text != "Yintai" {
		t.Errorf("%+v %v", totals.Shops, err)
	}
	marked, err := r.Mark(t.Context(), api.ID(code))
	n := 0
	for _, m := range marked {
		if m.Rule == "two_shops" {
			n++
		}
	}
	if err != nil || n != 1 {
		t.Errorf("%+v %v: want one mark, for the second number", marked, err)
	}
}
