package config

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"
)

// Keys lists every key, "platform.device.device_no", in the order of the example.
func Keys() []string {
	var keys []string
	for _, s := range defaults().settings {
		keys = append(keys, s.key)
	}
	return keys
}

// entry is a table or a key that a text sets, and its line, counted from 1.
type entry struct {
	key  string
	line int
}

// entries are the tables and keys of a text, in its order, up to what cannot
// be parsed.
func entries(text []byte) []entry {
	var all []entry
	var p unstable.Parser
	p.Reset(text)
	table := ""
	for p.NextExpression() {
		e := p.Expression()
		switch e.Kind {
		case unstable.Table, unstable.ArrayTable:
			key, line := keyOf(e, text)
			all = append(all, entry{key, line})
			table = key + "."
		case unstable.KeyValue:
			all = appendValue(all, text, table, e, 0)
		}
	}
	return all
}

// appendValue takes an inline table apart, its keys standing on the line of the
// whole where the parser tells no better.
func appendValue(all []entry, text []byte, table string, e *unstable.Node, line int) []entry {
	key, at := keyOf(e, text)
	if at == 0 {
		at = line
	}
	value := e.Value()
	if value.Kind != unstable.InlineTable || value.Child() == nil {
		return append(all, entry{table + key, at})
	}
	for it := value.Children(); it.Next(); {
		all = appendValue(all, text, table+key+".", it.Node(), at)
	}
	return all
}

// plain is a part of a key that may stand without quotes, as those of all settings do.
var plain = regexp.MustCompile(`^[0-9A-Za-z_-]+$`)

// keyOf keeps the quotes of a part that needs them: "counter.name" is one part, and
// no setting.
func keyOf(e *unstable.Node, text []byte) (key string, line int) {
	var parts []string
	for it := e.Key(); it.Next(); {
		n := it.Node()
		if line == 0 {
			line = 1 + bytes.Count(text[:n.Raw.Offset], []byte("\n"))
		}
		part := string(n.Data)
		if !plain.MatchString(part) {
			part = strconv.Quote(part)
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, "."), line
}
