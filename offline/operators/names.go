package operators

import (
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"counterfoil/api"
)

// CleanName is a name as it is kept and shown: without what cannot be seen or would
// move what is drawn. One that is too long stays so.
func CleanName(name string) string { return api.Clean(name, maxName+1) }

// readable reports a name whose letters are of one script, beside Han, and if of
// Latin, then those that names are written with: others look like these.
func readable(name string) bool {
	const last = 'ſ' // behind it stand phonetic letters and small capitals
	scripts := map[string]bool{}
	for _, r := range norm.NFKD.String(name) {
		if !unicode.IsLetter(r) || unicode.In(r, unicode.Han, unicode.Common) {
			continue
		}
		if unicode.Is(unicode.Latin, r) && r > last {
			return false
		}
		for script, letters := range unicode.Scripts {
			if unicode.Is(letters, r) {
				scripts[script] = true
			}
		}
	}
	return len(scripts) <= 1
}

// Letters of Greek and Cyrillic, and some of Latin, digits and pairs, and the Latin
// ones that they look like: capitals before their case is folded, the rest after it, then pairs.
var (
	capitals = alike("АВЕЅІЈКМНОРСТУХԌΑΒΕΖΗΙΚΜΝΟΡΤΥΧӀI1|", "ABESlJKMHOPCTYXGABEZHlKMNOPTYXllll")
	pairs    = strings.NewReplacer("rn", "m", "vv", "w", "cl", "d")
	small    = alike("аеорсухјѕԁԛԝһкмтвнгαβεικνορτυχγηωiıӏі0256893", "aeopcyxjsdqwhkmtbhrabelkvoptuxynwllllozsgbqз")
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
