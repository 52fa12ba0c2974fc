package config

import (
	"reflect"
	"testing"
	"time"
)

func TestReviewSettingsReachTheDesk(t *testing.T) {
	t.Parallel()
	c := mustLoad(t, "[counter]\nopen_hours = \"18:00-02:30\"\n[review]\nkinds = { 7 = \"used\" }\n[review.marks]\nvoid_soon = \"6 in 20m, 4%\"\nnever_here = \"on\"\nwalk = \"off\"\n")
	d := c.Desk("")
	if d.Opens != 18*time.Hour || d.Closes != 2*time.Hour+30*time.Minute || !reflect.DeepEqual(d.Review.Kinds, map[string]string{"7": "used"}) {
		t.Errorf("%v %v %v", d.Opens, d.Closes, d.Review.Kinds)
	}
	if m := d.Review.Marks["void_soon"]; m.Count != 6 || m.Window != 20*time.Minute || m.Percent != 4 || !m.On {
		t.Errorf("void_soon %+v", m)
	}
	if !d.Review.Marks["never_here"].On || d.Review.Marks["walk"].On || !d.Review.Marks["two_shops"].On {
		t.Errorf("on and off: %+v", d.Review.Marks)
	}
	if c = mustLoad(t, "[review.kinds]\nA1 = \"made\"\n"); !reflect.DeepEqual(c.Desk("").Review.Kinds, map[string]string{"A1": "made"}) {
		t.Errorf("a table of its own: %v", c.Desk("").Review.Kinds)
	}
	if c = mustLoad(t, "[review]\nkinds = {}\n"); len(c.Desk("").Review.Kinds) != 0 {
		t.Errorf("an empty table: %v", c.Desk("").Review.Kinds)
	}
}

func TestWrongReviewSettingsAreRefusedAtTheirLine(t *testing.T) {
	t.Parallel()
	for text, id := range map[string]string{
		"[review]\n\nkinds = { 1 = \"sold\" }\n":          "cli.config.bad_value",
		"[review]\n\nkinds = { 1 = 2 }\n":                 "cli.config.wrong_kind",
		"[review]\n\nkinds = \"used\"\n":                  "cli.config.wrong_kind",
		"[review.marks]\n\ntwo_shops = \"30\"\n":          "cli.config.bad_value",
		"[review.marks]\n\ntwo_shops = \"on\"\n":          "cli.config.bad_value",
		"[review.marks]\n\nover_use = \"30m\"\n":          "cli.config.bad_value",
		"[review.marks]\n\nvoid_soon = \"5 in 15m\"\n":    "cli.config.bad_value",
		"[review.marks]\n\noffline_bad = \"0, 10%\"\n":    "cli.config.bad_value",
		"[review.marks]\n\ntyped = \"10, 120%\"\n":        "cli.config.bad_value",
		"[review.marks]\n\nfail_burst = \"5 in -1m\"\n":   "cli.config.bad_value",
		"[review.marks]\n\nthree_shops = \"30m\"\n":       "cli.config.unknown_key",
		"[counter]\n\nopen_hours = \"08:00 - 22:00\"\n":   "cli.config.bad_value",
		"[counter]\n\nopen_hours = \"08:00-08:00\"\n":     "cli.config.bad_value",
		"[review.marks]\n\nclosed_hours = 15\n":           "cli.config.wrong_kind",
		"[review]\n\nmax_age = \"24\"\n":                  "cli.config.bad_value",
		"[review.marks]\n\nbefore_active = \"On\"\n":      "cli.config.bad_value",
		"[review.marks]\n\nunder_limit = \"3, 5 %\"\n":    "cli.config.bad_value",
		"[review.marks]\n\nlook_only = \"20 in 30m, \"\n": "cli.config.bad_value",
	} {
		_, err := load(t, text)
		e := wantError(t, err, id)
		where, _ := e.Args["Where"].(string)
		if e.Args["Line"] != 3 && (len(where) < 2 || where[len(where)-2:] != ":3") {
			t.Errorf("%q: at %v %v", text, e.Args["Line"], where)
		}
	}
}
