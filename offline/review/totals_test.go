package review

import (
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
