package review

import (
	"context"
	"fmt"
	"testing"

	"counterfoil/api"
)

func TestAShopNumberWithTwoNamesIsOneShopAndANameWithTwoNumbersIsTwo(t *testing.T) {
	t.Parallel()
	r := room(t, func(_ context.Context, code api.ID) (api.Answer, []api.Record) {
		record := func(no, name string) api.Record {
			return api.Record{Code: string(code), At: "20261122101500", Type: "2", ReturnCode: "00", ShopNo: no, ShopName: name}
		}
		return api.Answer{Outcome: api.Answered, Code: "00"}, []api.Record{record("1490", "Old name"), record("1490", "New name"), record("1491", "New name"), record("", "")}
	})
	code := Code{ID: fmt.Sprintf(codeFmt, 1), Remaining: -1}
	if err := r.Fetch(t.Context(), api.ID(code.ID), false, func(each func(Code) error) error { return each(code) }, nil); err != nil {
		t.Fatal(err)
	}
	totals, err := r.Totals(t.Context(), api.ID(code.ID))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]int{}
	for _, shop := range totals.Shops {
		got[shop.Name] = shop.N
	}
	if len(got) != 3 || got["1490"] != 2 || got["1491"] != 1 || got[""] != 1 {
		t.Errorf("%+v", totals.Shops)
	}
}
