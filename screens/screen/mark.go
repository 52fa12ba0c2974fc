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
	if fen, ok := args["Fen"]; ok {
		switch n := fen.(type) {
		case int64:
			args["Yuan"] = offline.Yuan(n)
		case float64: // read from JSON
			args["Yuan"] = offline.Yuan(int64(n))
		}
	}
	return w.T("mark."+m.Rule, args)
}
