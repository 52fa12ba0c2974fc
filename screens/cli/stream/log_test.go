package stream

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"counterfoil/api"
)

func TestLogMasksCodesWhereverTheyStand(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	log := slog.New(slog.NewTextHandler(&b, &slog.HandlerOptions{
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr { return maskAttr(a) },
	}))
	const secret = "M4DEDSfV"
	code := "1001901070000000258-" + secret
	log.Info("sent "+code,
		"id", code, "typed", api.ID(code), "err", errors.New("lost "+code), slog.Group("g", "text", "twice "+code+" "+code),
		"equals", "1006250730320020870="+secret, "bare", "10014030013500006013", "list", []string{code})
	log.With("id", code).WithGroup("h").Info("again")
	if strings.Contains(b.String(), secret) || strings.Contains(b.String(), "10014030013500006013") {
		t.Errorf("a code got through:\n%s", b.String())
	}
}

func TestLogKeepsWhatIsNoCodeReadable(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"R112102F-0000242-2585", "X1123-6430582-102F5", "2026-11-22T10:15:03.120+08:00", "127.0.0.1:8421"} {
		if got := maskAttr(slog.String("id", text)).Value.String(); got != text {
			t.Errorf("%s became %s", text, got)
		}
	}
	if got := maskAttr(slog.String("op", "01M82Y1A9JXWTE65WHC2AQTE0M")).Value.String(); got != "01M82Y1A9JXWTE65WHC2AQTE0M" {
		t.Errorf("an operation became %s", got)
	}
	if got := maskAttr(slog.String("trace", "20261122000001036903120")).Value.String(); got != "20261122000001036903120" {
		t.Errorf("a trace number became %s", got)
	}
}

func TestACodeThatIsMaskedStaysAsItIs(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"1001901070000000258-M…":               "1001901070000000258-M…",
		"1001901070000000258-M4DEDSfV…":        "1001901070000000258-M……", // cut, not masked
		"1001901070000000258-M4DEDSfV was in…": "1001901070000000258-M… was in…",
	} {
		if got := MaskText(text); got != want {
			t.Errorf("%s became %s", text, got)
		}
	}
}
