package slip

import (
	"strings"
	"testing"
	"time"

	"counterfoil/ui"
)

func TestABasketsSlipFitsFortyColumnsAndNamesEveryLineThatIsKeptBack(t *testing.T) {
	t.Parallel()
	for _, lang := range []string{ui.English, ui.Chinese} {
		words, err := ui.NewWords(lang)
		if err != nil {
			t.Fatal(err)
		}
		var rows []Row
		for n := range 1200 {
			rows = append(rows, Row{N: n + 1, ID: "R112102F-0000242-2585-long-beyond-the-slip", Fen: 12_345_678, What: strings.Repeat("长", 40), Done: n%100 > 0})
		}
		text := Basket(words, strings.Repeat("银泰店", 9)+" C01", "amy", time.Date(2026, 11, 22, 10, 15, 0, 0, time.UTC), rows)
		for line := range strings.SplitSeq(text, "\n") {
			if ui.Width(line) > Width {
				t.Errorf("%q takes %d columns", line, ui.Width(line))
			}
		}
		if !strings.Contains(text, "1, 101, 201,") || !strings.Contains(text, "1101") || !strings.Contains(text, "146,666,654.64") {
			t.Error(text[len(text)-400:])
		}
	}
}
