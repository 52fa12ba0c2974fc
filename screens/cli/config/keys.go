package config

import (
	"bytes"
	"reflect"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"
)

// walk calls fn with every key of a File, in the order of the example, and the
// field that holds its value.
func walk(f *File, fn func(key string, value reflect.Value)) {
	walkStruct("", reflect.ValueOf(f).Elem(), fn)
}

func walkStruct(prefix string, v reflect.Value, fn func(string, reflect.Value)) {
	for i := range v.NumField() {
		key := prefix + v.Type().Field(i).Tag.Get("toml")
		if field := v.Field(i); field.Kind() == reflect.Struct {
			walkStruct(key+".", field, fn)
		} else {
			fn(key, field)
		}
	}
}

// Keys lists every key, "platform.device.device_no", in the order of the example.
func Keys() []string {
	var keys []string
	f := Defaults()
	walk(&f, func(key string, _ reflect.Value) { keys = append(keys, key) })
	return keys
}

// keyLines maps each key that the text sets to its line, counted from 1.
func keyLines(text []byte) (map[string]int, error) {
	lines := map[string]int{}
	err := eachKey(text, func(key string, line int, table bool) {
		if !table {
			lines[key] = line
		}
	})
	return lines, err
}

// repeated finds the first setting or table that the text sets a second time,
// and both lines; "" where there is none.
func repeated(text []byte) (key string, first, line int) {
	seen := map[string]int{}
	// What cannot be parsed behind it is another trouble.
	_ = eachKey(text, func(k string, at int, _ bool) {
		if was, again := seen[k]; again && key == "" {
			key, first, line = k, was, at
		}
		seen[k] = at
	})
	return key, first, line
}

// eachKey calls fn with every table and key of the text, in its order, and its line.
func eachKey(text []byte, fn func(key string, line int, table bool)) error {
	var p unstable.Parser
	p.Reset(text)
	table := ""
	for p.NextExpression() {
		e := p.Expression()
		switch e.Kind {
		case unstable.Table:
			key, line := keyOf(e, text)
			table = key + "."
			fn(key, line, true)
		case unstable.KeyValue:
			eachValue(fn, text, table, e, 0)
		}
	}
	return p.Error()
}

// eachValue takes an inline table apart, its keys standing on the line of the
// whole where the parser tells no better.
func eachValue(fn func(string, int, bool), text []byte, table string, e *unstable.Node, line int) {
	key, at := keyOf(e, text)
	if at == 0 {
		at = line
	}
	value := e.Value()
	if value.Kind != unstable.InlineTable {
		fn(table+key, at, false)
		return
	}
	for it := value.Children(); it.Next(); {
		eachValue(fn, text, table+key+".", it.Node(), at)
	}
}

func keyOf(e *unstable.Node, text []byte) (key string, line int) {
	var parts []string
	for it := e.Key(); it.Next(); {
		n := it.Node()
		if line == 0 {
			line = 1 + bytes.Count(text[:n.Raw.Offset], []byte("\n"))
		}
		parts = append(parts, string(n.Data))
	}
	return strings.Join(parts, "."), line
}
