package review_test

import (
	"strings"
	"testing"

	"counterfoil/api"
	"counterfoil/offline"
	"counterfoil/offline/offlinetest"
	"counterfoil/screens/review"
	"counterfoil/screens/screen"
	"counterfoil/ui"
)

func TestAMarkTellsTimesInItsOwnLanguage(t *testing.T) {
	t.Parallel()
	for lang, want := range map[string]string{"en": "5 neighbouring serials were tried at terminal T within %s of each other.", "zh": "终端 T 上连续试了 5 个相邻的序号，彼此相隔不超过 %s。"} {
		w, err := ui.NewWords(lang)
		if err != nil {
			t.Fatal(err)
		}
		for window, long := range map[string][2]string{
			"5m": {"5 min", "5 分钟"}, "3m59s": {"3 min 59 s", "3 分钟 59 秒"}, "25h": {"1 day 1 h", "1 天 1 小时"}, "45s": {"45 s", "45 秒"},
		} {
			got := screen.MarkSentence(w, offline.Mark{Rule: "walk", Args: map[string]any{"Count": 5, "TID": "T", "Window": window}})
			if want := strings.Replace(want, "%s", long[map[string]int{"en": 0, "zh": 1}[lang]], 1); got != want {
				t.Errorf("%q, not %q", got, want)
			}
		}
	}
}

func TestAMarkOnAPersonShowsWhatItRestsOn(t *testing.T) {
	t.Parallel()
	s, stories := told(t, 80, 24, "en")
	story := stories["typed"]
	for _, code := range story.Codes {
		s.LookUp(code)
		op, err := s.Desk.Accept(t.Context(), offline.Request{Kind: offline.Activate, ID: api.ID(code), AmountFen: 3000, Operator: s.Cashier, Entered: offline.Typed})
		s.Must(err)
		_, err = s.Desk.Wait(t.Context(), op.Op)
		s.Must(err)
	}
	s.LookUp(offlinetest.FreeCode)
	_, err := s.Desk.Accept(t.Context(), offline.Request{Kind: offline.Activate, ID: offlinetest.FreeCode, AmountFen: 1500, Operator: s.Manager, Entered: offline.Scanned})
	s.Must(err)
	recordsOf(s, story.Reel)
	s.Until("as of")
	s.Keys("tab", "tab")
	s.Until("amy typed 10 of 10 ids by hand")
	s.Keys("enter")
	s.Until("activate 1001261101000150000-D…")
	s.Until("and 2 more: see the case file (E)")
	s.Keys("enter")
	s.UntilNot("and 2 more")
}

func TestAKeyThatIsNotShownDoesNothing(t *testing.T) {
	t.Parallel()
	s, stories := told(t, 120, 40, "en")
	recordsOf(s, stories["two_shops"].Reel)
	s.Until("and 14 min later")
	s.Keys("tab", "s", "f", "tab")
	s.Until("two_shops 30m")
	s.Until("E case file")
	s.Keys("tab")
	s.Until("Time ↓")
	s.UntilNot("only")
	s.Keys("f")
	s.Until("only 2026-11-22")
	s.Until("Records 2") // as many as are shown
}

func TestACaseIsReadInItsOwnLanguage(t *testing.T) {
	t.Parallel()
	w, err := ui.NewWords("zh")
	if err != nil {
		t.Fatal(err)
	}
	c := &offline.Case{ID: "R1", Operations: []offline.Operation{{Op: "01", Kind: offline.Activate, ID: "R1", State: offline.Done, AmountFen: 3000, Operator: "amy", Entered: offline.Scanned,
		Attempts: []offline.Attempt{{Trace: "2026", Outcome: "unanswered"}}, Evidence: []offline.Evidence{{Asked: "lookup", Outcome: "answered", Verdict: "already_there"}}}}}
	text := review.CaseText(w, c)
	for _, want := range []string{"没有异常", "激活 R1 已激活", "30.00 amy 扫码", "状态查询"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	for _, word := range []string{"activate", "done", "scan ", "lookup", "unanswered", "already_there"} {
		if strings.Contains(text, word) {
			t.Errorf("%q in\n%s", word, text)
		}
	}
	c.Marks = []offline.Mark{{Rule: "look_only", Threshold: "20 in 30m", IDs: []string{"1001261101000160000-649B1CF5"}}}
	if text = review.CaseText(w, c); !strings.Contains(text, "- 1001261101000160000-649B1CF5") || !strings.Contains(text, "只查不卖") {
		t.Errorf("what a mark rests on is not in\n%s", text)
	}
}

func TestWhyARecordIsMarkedIsReadWholeOnASmallTerminal(t *testing.T) {
	t.Parallel()
	s := reviewed(t, 80, 24)
	s.Until("10 neighbouring serials were tried at terminal")
	s.Until("of each other.")
}
