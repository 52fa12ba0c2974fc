package slip

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"counterfoil/offline"
	"counterfoil/ui"
)

func sample() offline.DayReport {
	cst := time.FixedZone("CST", 8*60*60)
	var r offline.DayReport
	r.Report, r.Z, r.Part, r.Day, r.By, r.At = "Z", 128, 1, "2026-11-22", "mgr", time.Date(2026, 11, 22, 22, 41, 0, 0, cst)
	r.Counter, r.ShopNo, r.ShopName, r.Journal = "C01", "1490", "银泰店", "7F3KABCDEF"
	r.OpenBefore.Ops, r.OpenBefore.Fen = 2, 6000
	r.Accepted.Ops, r.Accepted.Fen = 143, 411_000
	r.Outcomes.Active.Ops, r.Outcomes.Active.Fen = 128, 384_000
	r.Outcomes.Void.Ops = 6
	r.Outcomes.Refused.Ops, r.Outcomes.Refused.Fen = 7, 21_000
	r.Outcomes.Withdrawn.Ops, r.Outcomes.Withdrawn.Fen = 2, 6_000
	r.Outcomes.Settled.Ops, r.Outcomes.Settled.Fen = 1, 3_000
	r.ByStatus.Ops, r.ByStatus.Active.Ops, r.ByStatus.Active.Fen = 3, 3, 9_000
	r.StillOpen.Ops, r.StillOpen.Fen = 1, 3_000
	r.Ever.Active.Ops, r.Ever.Active.Fen, r.Ever.Void.Ops = 18_204, 54_612_000, 311
	r.Discarded, r.Head.Seq, r.Head.Hash = 4, 41_984, "9f3a61c07be24d18a5f0c2937e6b1d440b8e52f7a9c3164de1705a2f8c9b3e60"
	r.Checked.Skipped = true
	return r
}

func TestASlipIsFortyColumnsInBothLanguages(t *testing.T) {
	t.Parallel()
	for _, lang := range []string{ui.English, ui.Chinese} {
		words, err := ui.NewWords(lang)
		if err != nil {
			t.Fatal(err)
		}
		r := sample()
		text := Text(words, &r)
		for _, line := range strings.Split(text, "\n") {
			if ui.Width(line) > Width {
				t.Errorf("%q takes %d columns", line, ui.Width(line))
			}
		}
		r.Copy = 2
		if copied := Text(words, &r); !strings.HasPrefix(copied, text) || strings.Count(copied, "\n") != strings.Count(text, "\n")+1 {
			t.Errorf("a copy has other bytes:\n%s", copied)
		}
		golden := filepath.Join("testdata", "slip."+lang+".txt")
		if os.Getenv("UPDATE_GOLDEN") != "" {
			if err := os.WriteFile(golden, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if want, err := os.ReadFile(golden); err != nil || string(want) != text {
			t.Errorf("%v\n%s", err, text)
		}
	}
}
