package operators

import (
	"context"
	"errors"
	"testing"

	"counterfoil/offline/journal/chain"
)

func TestNamesThatLookAlikeAreOneName(t *testing.T) {
	t.Parallel()
	s, ctx := newShop(t), context.Background()
	if err := s.Add(ctx, chain.Who{}, " a\u200bm\ny\t", Manager, "9999"); err != nil {
		t.Fatal(err)
	}
	if list, err := s.List(ctx); err != nil || len(list) != 1 || list[0].Name != "am y" {
		t.Fatal(list, err)
	}
	for _, name := range []string{"AMY", "ａｍｙ", "аmy", "am\u2060y", "amу", "Αmy", "ΑΜΥ", "АМУ", "a m y", "amý", "𝐚𝐦𝐲", "ａм\u00ady", "amy\U000e0041", "a\u115fmy", "amγ", "\x1b[2Jamy"} {
		if err := s.Add(ctx, chain.Who{By: "am y"}, name, Cashier, "1111"); !errors.Is(err, ErrOperatorExists) && (readable(name) || !errors.Is(err, ErrBadName)) {
			t.Errorf("%q (%s): %v", name, looks(name), err)
		}
	}
	for _, name := range []string{"王小明", "王晓明", "bill", "иван", "Γιώργος", "till 2", "till 3", "till 5", "till 6", "till 8", "till 9", "mgr", "lucia", "wendy", "dave", "Olga"} {
		if err := s.Add(ctx, chain.Who{By: "am y"}, name, Cashier, "1111"); err != nil {
			t.Errorf("%q (%s): %v", name, looks(name), err)
		}
	}
	for _, name := range []string{
		"BlLL", "bi11", "8ill", "王小明\u3000", "rngr", "гngr", "ｒｎｇｒ", "RNGR", "mg\u200br", "Iucia", "1ucia", "LUCIA", "vvendy", "wenclу", "wencIy", "WENDУ", "clave", "０lga", "OIga", "tiII Z", "till S",
	} {
		if err := s.Add(ctx, chain.Who{By: "am y"}, name, Cashier, "1111"); !errors.Is(err, ErrOperatorExists) && (readable(name) || !errors.Is(err, ErrBadName)) {
			t.Errorf("%q (%s): %v", name, looks(name), err)
		}
	}
	for _, name := range []string{"amʏ", "aᴍy", "amყ", "ꭺmy", "ɑmy", "αмy", "王ყmy"} {
		if err := s.Add(ctx, chain.Who{By: "am y"}, name, Cashier, "1111"); !errors.Is(err, ErrBadName) {
			t.Errorf("%q (%s): %v", name, looks(name), err)
		}
	}
	for _, name := range []string{"Đặng Ngọc", "Łukasz", "王 Linda", "さくら", "김민수", "ｙｕｋｉ"} {
		if err := s.Add(ctx, chain.Who{By: "am y"}, name, Cashier, "1111"); err != nil {
			t.Errorf("%q (%s): %v", name, looks(name), err)
		}
	}
}

func TestAnEndDuringASignInIsNoFault(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	if err := s.Add(t.Context(), chain.Who{}, "mgr", Manager, "9999"); err != nil {
		t.Fatal(err)
	}
	ctx, end := context.WithCancel(t.Context())
	end()
	if _, _, _, err := s.count(ctx, "mgr"); !errors.Is(err, context.Canceled) || errors.Is(err, ErrUncounted) {
		t.Error(err)
	}
}
