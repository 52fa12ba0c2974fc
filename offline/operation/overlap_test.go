package operation

import (
	"testing"

	"counterfoil/api"
)

func TestOperationsOverlapWhereTheyShareAVoucher(t *testing.T) {
	t.Parallel()
	type above = map[api.Level]string
	at := func(level api.Level, id string, a above) Place { return Place{ID: id, Level: level, Above: a} }
	code := func(id string, a above) Place { return at(api.LevelCode, id, a) }
	reel := func(id string, a above) Place { return at(api.LevelReel, id, a) }
	pack := func(id string, a above) Place { return at(api.LevelPackage, id, a) }
	box := func(id string) Place { return at(api.LevelBox, id, nil) }
	known := above{api.LevelReel: "R1", api.LevelPackage: "P1", api.LevelBox: "B1"}
	for _, c := range []struct {
		name string
		a, b Place
		want bool
	}{
		{"the same code", code("C1", nil), code("C1", known), true},
		{"the same id at levels that differ", code("X", nil), reel("X", nil), true},
		{"an id and none", code("C1", nil), code("", nil), false},
		{"no id twice", at("", "", nil), at("", "", nil), false},
		{"sibling codes", code("C1", known), code("C2", known), false},
		{"sibling codes whose ancestry is not known", code("C1", nil), code("C2", nil), false},
		{"sibling reels", reel("R1", nil), reel("R2", nil), false},
		{"sibling packages", pack("P1", nil), pack("P2", nil), false},
		{"sibling boxes", box("B1"), box("B2"), false},

		{"a code and its reel", code("C1", known), reel("R1", nil), true},
		{"a code and another reel", code("C1", known), reel("R2", nil), false},
		{"a code and a reel that may hold it", code("C1", nil), reel("R1", nil), false},
		{"a code and its package", code("C1", known), pack("P1", nil), true},
		{"a code and another package", code("C1", known), pack("P2", nil), false},
		{"a code and a package that may hold it", code("C1", nil), pack("P1", nil), true},
		{"a code whose reel alone is known and a package", code("C1", above{api.LevelReel: "R1"}), pack("P2", nil), true},
		{"a code and its box", code("C1", known), box("B1"), true},
		{"a code and another box", code("C1", known), box("B2"), false},
		{"a code and a box that may hold it", code("C1", nil), box("B1"), true},
		{"a reel and its package", reel("R1", known), pack("P1", nil), true},
		{"a reel and another package", reel("R1", known), pack("P2", nil), false},
		{"a reel and a package that may hold it", reel("R1", nil), pack("P1", nil), true},
		{"a reel and its box", reel("R1", known), box("B1"), true},
		{"a reel and another box", reel("R1", known), box("B2"), false},
		{"a reel and a box that may hold it", reel("R1", nil), box("B1"), true},
		{"a package and its box", pack("P1", known), box("B1"), true},
		{"a package and another box", pack("P1", known), box("B2"), false},
		{"a package and a box that may hold it", pack("P1", nil), box("B1"), true},

		{"a level that is none and a box", at("?", "X", nil), box("B1"), false},
	} {
		if got := Overlap(c.a, c.b); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
		if got := Overlap(c.b, c.a); got != c.want {
			t.Errorf("%s, the other way round: %v", c.name, got)
		}
	}
}

func TestLevelsStandBelowEachOther(t *testing.T) {
	t.Parallel()
	order := []api.Level{api.LevelBox, api.LevelPackage, api.LevelReel, api.LevelCode}
	for i, a := range order {
		for j, b := range order {
			if got := Below(a, b); got != (i > j) {
				t.Errorf("%s below %s: %v", a, b, got)
			}
		}
	}
}
