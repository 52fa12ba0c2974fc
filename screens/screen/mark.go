package screen

import (
	"maps"
	"strings"
	"time"

	"counterfoil/offline"
	"counterfoil/ui"
)

// MarkSentence says why a mark stands there.
func MarkSentence(w *ui.Words, m offline.Mark) string {
	args := maps.Clone(m.Args)
	if args == nil {
		args = map[string]any{}
	}
	args["Operator"] = m.Operator
	for _, name := range []string{"After", "Before", "Window"} {
		if long, ok := args[name].(string); ok {
			args[name] = duration(w, long)
		}
	}
	if fen, ok := args["Fen"].(int64); ok {
		args["Yuan"] = offline.Yuan(fen)
	}
	return w.T("mark."+m.Rule, args)
}

// duration is "1h5m" in words.
func duration(w *ui.Words, text string) string {
	d, err := time.ParseDuration(text)
	if err != nil {
		return text
	}
	const day = 24 * time.Hour
	var parts []string
	for _, unit := range []struct {
		id  string
		one time.Duration
	}{{"days", day}, {"hours", time.Hour}, {"minutes", time.Minute}, {"seconds", time.Second}} {
		if n := d / unit.one; n > 0 && len(parts) < 2 {
			parts = append(parts, w.T("lasts."+unit.id, map[string]any{"Count": int(n)}))
		}
		d %= unit.one
	}
	return strings.Join(parts, " ")
}

// RecordKind is the word for a record's kind; the platform's own type stands as it is.
func RecordKind(w *ui.Words, kind string) string {
	if text := w.T("record." + kind); text != "record."+kind {
		return text
	}
	return kind
}
