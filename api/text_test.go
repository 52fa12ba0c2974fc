package api

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestCleanLeavesNothingThatDisturbsAScreen(t *testing.T) {
	t.Parallel()
	for text, shown := range map[string]string{
		"":                                     "",
		"SUCCESS":                              "SUCCESS",
		"未激活":                                  "未激活",
		"券 🎟 成功":                               "券 🎟 成功",
		"  a \t\r\n b\u00a0\u3000c  ":          "a b c",
		"a\x00b\x07c\x7fd\u0085e":              "abcd e",
		"\x1b[31mred\x1b[0m":                   "red",
		"\x1b[2J\x1b[H\x1b[?1049hx":            "x",
		"\x1b]0;title\x07x":                    "x",
		"\x1b]52;c;AAAA\x1b\\x":                "x",
		"\x1bPq#0;2\x1b\\x\x1b_y\x1b\\z":       "xz",
		"\u009b31mred\u009d0;t\u009cx":         "redx",
		"\x1b(Bx\x1bcy\x1b#8z":                 "xyz",
		"a\x1b":                                "a",
		"a\x1b[":                               "a",
		"a\x1b[31":                             "a",
		"a\x1b]0;never ended":                  "a0;never ended",
		"a\x1b中":                               "a中",
		"a\u202eb\u2066c\u200fd\u061ce":        "abcde",
		"a\u200bb\u200dc\ufeffd\u00ade\u2060f": "abcdef",
		"❤\ufe0f葛\U000e0100":                   "❤葛",
		"a\U000e0041\U000e007f":                "a",
		"a\ue000b\U000f0000c":                  "abc",
		"\u3164a\u115f\uffa0\u2800":            "a",
		"a\xffb\xc3(\xe2\x82c\ufffd":           "ab(c",
		"e\u0301":                              "e\u0301",
		"e\u0301\u0302\u0303\u0304x\u0300":     "e\u0301\u0302x\u0300",
		"\u0301a \u0301b":                      "a b",
		"a\u2028b\u2029c":                      "a b c",
		"<b>&amp;\"'\\":                        "<b>&amp;\"'\\",
	} {
		if got := Clean(text, 100); got != shown {
			t.Errorf("%q: %q, want %q", text, got, shown)
		}
	}
}

func TestCleanTakesNoLongerForHostileText(t *testing.T) {
	t.Parallel()
	for _, piece := range []string{"\x1b]", "\u009d", "\x1b[", "\u0301", "\x1b_\x1b", "\x1b#"} {
		if got := Clean(strings.Repeat(piece, maxToken/len(piece)), 10); got != "" && got[0] != ']' && got[0] != '_' {
			t.Errorf("%q leaves %q", piece, got)
		}
	}
}

func TestCleanCutsAtTheLimit(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text  string
		max   int
		shown string
	}{
		{"abc", 3, "abc"}, {"abcd", 3, "abc"}, {"ab cd", 3, "ab"}, {"ab cd", 4, "ab c"}, {"未激活码", 3, "未激活"},
		{"未激", 3, "未激"}, {"abc", 0, ""}, {"abc", -1, ""}, {"   a", 1, "a"}, {strings.Repeat("\x1b[0m", 1000) + "a", 1, "a"},
	} {
		if got := Clean(c.text, c.max); got != c.shown {
			t.Errorf("%q at %d: %q", c.text, c.max, got)
		}
	}
}

func TestTheTailIsTheEndOfTheNumberThatIsSeen(t *testing.T) {
	t.Parallel()
	for id, want := range map[ID]string{
		"R112102F-0000242-2585": "2585", "X1123-6430582-102F5": "02F5", "10014030013500006013": "6013",
		"1001901070000000258-M4DEDSfV": "0258", "1006250730320020870=gHN3981K": "0870",
	} {
		if got := id.Tail(); got != want || len(got) != TailLength {
			t.Errorf("the tail of %s is %q, want %q", id, got, want)
		}
	}
}

func TestIDsAreRecognisedAndMasked(t *testing.T) {
	t.Parallel()
	for text, c := range map[string]struct {
		level  Level
		masked string
	}{
		"X22169-3141157-33475":         {LevelBox, "X22169-3141157-33475"},
		" B1123-6430582-102F5\r\n":     {LevelPackage, "B1123-6430582-102F5"},
		"R156A001-0000491-0505":        {LevelReel, "R156A001-0000491-0505"},
		"1001901070000000258-M4DEDSfV": {LevelCode, "1001901070000000258-M…"},
		"1006250730320020870=gHN3981K": {LevelCode, "1006250730320020870=g…"},
		"10014030013500006013":         {LevelCode, "100140…6013"},
		"123456":                       {LevelCode, "12…"},
		"1" + strings.Repeat("0", 63):  {LevelCode, "100000…0000"},
	} {
		id, err := ParseID(text)
		if err != nil || id.Level() != c.level || id.Masked() != c.masked || string(id) != strings.TrimSpace(text) {
			t.Errorf("%q: %q %q %q %v", text, id, id.Level(), id.Masked(), err)
		}
	}
	for _, text := range []string{"", "12345", "Z123456", "x22169-3141157", "-123456", "R156 A001", "R156A001,R156A002", "1000\x1b[0m00", "１２３４５６", "1" + strings.Repeat("0", 64)} {
		if id, err := ParseID(text); err == nil {
			t.Errorf("%q was taken for %q", text, id)
		}
	}
}

// checkClean is what must hold of every cleaned text.
func checkClean(t *testing.T, text string, limit int) {
	t.Helper()
	got := Clean(text, limit)
	switch {
	case utf8.RuneCountInString(got) > max(limit, 0):
		t.Fatalf("%q is longer than %d", got, limit)
	case !utf8.ValidString(got):
		t.Fatalf("%q is no UTF-8", got)
	case strings.TrimSpace(got) != got || strings.Contains(got, "  "):
		t.Fatalf("%q has white space left", got)
	case Clean(got, limit) != got:
		t.Fatalf("%q is not clean yet: %q", got, Clean(got, limit))
	}
	for _, r := range got {
		if r < ' ' || r >= 0x7f && r < 0xa0 || r == utf8.RuneError || r >= 0x202a && r <= 0x202e || r >= 0x2060 && r <= 0x206f {
			t.Fatalf("%q holds %U", got, r)
		}
	}
}

func TestCleanLinesKeepsTheLayoutAndHidesNoLine(t *testing.T) {
	for text, want := range map[string]string{
		"a\tb  c\nd\n":                    "a\tb  c\nd\n",
		"x\x1b]0;t\nimportant\n\ay\n":     "x0;t\nimportant\ny\n",
		"\x1b[31mred\x1b[m \u009b2Jz\r\n": "red z\n",
		"\u202eleft\u2066\ufeff\xff":      "left",
		"e\u0301\u0301\u0301\u0301|":      "e\u0301\u0301|",
	} {
		if got := CleanLines(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestWhatIsAroundAnIDIsCleanedOff(t *testing.T) {
	t.Parallel()
	const reel = "R112102F-0000242-2585"
	for _, text := range []string{
		"]Q3" + reel + "\x1d", "]C1\x1d" + reel + "\x1d", "\x1d" + reel, "\ufeff" + reel, "R112102F\u200b-0000242\u200d-2585\u2060",
		"\u202a" + reel + "\u202c", "\u00a0" + reel + "\u3000\r", "\x02" + reel + "\x03",
	} {
		if id, err := ParseID(text); err != nil || id != reel {
			t.Errorf("%q: %q, %v", text, id, err)
		}
	}
	for _, text := range []string{"R112102F\x1d-0000242-2585", "]Q", "]Q3", "R112102F -0000242-2585"} {
		if id, err := ParseID(text); err == nil {
			t.Errorf("%q was taken for %q", text, id)
		}
	}
}

func TestTheKeyboardsStateIsGuessedForAPersonToRead(t *testing.T) {
	t.Parallel()
	const reel = "R112102F-0000242-2585"
	for _, text := range []string{"r112102f-0000242-2585", "r!!@!)@f_))))@$@_@%*%", "R&&é&àéF)ààààé'é)é(_("} {
		if got := Meant(text); got != reel {
			t.Errorf("%q: %q", text, got)
		}
	}
	for _, text := range []string{reel, "https://example.com", "15.00", ""} {
		if got := Meant(text); got != "" {
			t.Errorf("%q: %q", text, got)
		}
	}
}
