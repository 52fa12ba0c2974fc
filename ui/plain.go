package ui

import (
	"cmp"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// NeedsASCII reports a terminal that cannot show Chinese, borders and symbols:
// its locale is set to another encoding than UTF-8, or it is a bare console. It
// is the one decision for screens and commands; Words carries it.
func NeedsASCII(env func(string) string) bool {
	if term := env("TERM"); term == "linux" || term == "dumb" {
		return true
	}
	locale := strings.ToLower(cmp.Or(env("LC_ALL"), env("LC_CTYPE"), env("LANG")))
	// Where nothing is said: what is in use today draws them.
	return locale != "" && !strings.Contains(locale, "utf-8") && !strings.Contains(locale, "utf8")
}

// spelled are the forms in ASCII of what is laid out only later.
var spelled = strings.NewReplacer("…", "...", "¥ ", "CNY ", "¥", "CNY ", "⇥", "Tab", "→←", "Right/Left", "↑↓", "Up/Down", "演练   ", "")

// plain are the forms in ASCII of what takes one column.
var plain = func() map[string]string {
	forms := map[string]string{}
	for ascii, those := range map[string]string{
		"-": "─–—‐‑−·", "|": "│", "+": "╭╮╰╯├┬┴┼✔◐", "`": "└", "#": "▌▏█▀▄■", ">": "→⇥▸›⏎", "<": "←↩‹", "^": "↑", "v": "↓▼",
		"~": "…◷", "x": "✖×╳", "*": "●", "o": "○□", ".": "◌。、░", ":": "▒", "/": "⊘", "!": "≠", "\"": "“”「」", "'": "‘’", "Y": "¥", "S": "§", " ": "\u00a0",
	} {
		for _, r := range those {
			forms[string(r)] = ascii
		}
	}
	return forms
}()

// ToASCII puts text into ASCII without moving anything: each character becomes
// its form, or question marks, of the same width. Colours stay.
func ToASCII(text string) string {
	var out strings.Builder
	out.Grow(len(text))
	for i := 0; i < len(text); {
		if text[i] < 0x80 {
			out.WriteByte(text[i])
			i++
			continue
		}
		cluster, width := ansi.FirstGraphemeCluster(text[i:], ansi.GraphemeWidth)
		i += len(cluster)
		form, known := plain[cluster]
		if !known || width != 1 {
			form = strings.Repeat("?", width)
		}
		out.WriteString(form)
	}
	return out.String()
}
