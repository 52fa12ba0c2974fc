package screen

import (
	"maps"

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
	if fen, ok := args["Fen"].(int64); ok {
		args["Yuan"] = offline.Yuan(fen)
	}
	return w.T("mark."+m.Rule, args)
}

// RecordKind is the word for a record's kind; the platform's own type stands as it is.
func RecordKind(w *ui.Words, kind string) string {
	if text := w.T("record." + kind); text != "record."+kind {
		return text
	}
	return kind
}
