package operators

import (
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// cleanName takes out of a name what cannot be seen or would move what is drawn.
// What Unicode counts as a letter, or as printed, and draws as nothing is named.
func cleanName(name string) string {
	seen := func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsPrint(r), unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r), unicode.Is(unicode.Variation_Selector, r), r == unicode.ReplacementChar, r == '\u2800':
			return -1
		}
		return r
	}
	return strings.Join(strings.Fields(strings.Map(seen, name)), " ")
}

// Letters of Greek and Cyrillic, and some of Latin, digits and pairs, and the Latin
// ones that they look like: capitals before their case is folded, the rest after it, then pairs.
var (
	capitals = alike("АВЕЅІЈКМНОРСТУХԌΑΒΕΖΗΙΚΜΝΟΡΤΥΧӀI1|", "ABESlJKMHOPCTYXGABEZHlKMNOPTYXllll")
	pairs    = strings.NewReplacer("rn", "m", "vv", "w", "cl", "d")
	small    = alike("аɑеорсухјѕԁԛԝһкмтвнгαβεικνορτυχγηωɡiıӏі0256893", "aaeopcyxjsdqwhkmtbhrabelkvoptuxynwgllllozsgbqз")
)

func alike(these, those string) *strings.Replacer {
	var pairs []string
	latin := []rune(those)
	for i, r := range []rune(these) {
		pairs = append(pairs, string(r), string(latin[i]))
	}
	return strings.NewReplacer(pairs...)
}

// looks is what a name looks like: two that look alike are one name to whoever
// reads them, whatever their case, width, accents, spaces and alphabets.
func looks(name string) string {
	bare := strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFKD.String(name))
	return pairs.Replace(small.Replace(cases.Fold().String(capitals.Replace(bare))))
}
