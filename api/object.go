package api

import (
	"bytes"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// members walks over one object or list whose JSON is known to be valid,
// without allocating. Of an object it yields names and values, of a list
// values only.
type members struct {
	rest  []byte
	names bool
	name  []byte // decoded; good until the next call
	value []byte // as it stands, with quotes
	spare []byte
}

// membersOf returns the members of an object ('{') or a list ('['), none where
// raw is something else.
func membersOf(raw []byte, kind byte) members {
	raw = bytes.TrimLeft(raw, " \t\r\n")
	if len(raw) == 0 || raw[0] != kind {
		return members{}
	}
	return members{rest: raw[1:], names: kind == '{'}
}

func (m *members) next() bool {
	m.skipTo()
	if len(m.rest) == 0 || m.rest[0] == '}' || m.rest[0] == ']' {
		return false
	}
	if m.names {
		name := m.take()
		if bytes.IndexByte(name, '\\') < 0 {
			m.name = name[1 : len(name)-1]
		} else {
			m.spare, _ = jsontext.AppendUnquote(m.spare[:0], name)
			m.name = m.spare
		}
		m.skipTo()
	}
	m.value = m.take()
	return true
}

func (m *members) skipTo() {
	for i, c := range m.rest {
		switch c {
		case ' ', '\t', '\r', '\n', ',', ':':
		default:
			m.rest = m.rest[i:]
			return
		}
	}
	m.rest = nil
}

// take cuts one value off the front.
func (m *members) take() []byte {
	n := 0
	switch m.rest[0] {
	case '"':
		n = stringLength(m.rest)
	case '{', '[':
		depth := 0
		for n < len(m.rest) {
			c := m.rest[n]
			if c == '"' {
				n += stringLength(m.rest[n:])
				continue
			}
			n++
			if c == '{' || c == '[' {
				depth++
			} else if c == '}' || c == ']' {
				if depth--; depth == 0 {
					break
				}
			}
		}
	default:
		for n < len(m.rest) && !isDelimiter(m.rest[n]) {
			n++
		}
	}
	taken := m.rest[:n]
	m.rest = m.rest[n:]
	return taken
}

// stringLength is the length of the JSON string at the front of b, with quotes.
func stringLength(b []byte) int {
	n := 1
	for {
		i := bytes.IndexByte(b[n:], '"')
		if i < 0 {
			return len(b)
		}
		n += i + 1
		slashes := 0
		for b[n-2-slashes] == '\\' {
			slashes++
		}
		if slashes%2 == 0 {
			return n
		}
	}
}

// scalar returns the text of a string, number or truth value and nil for all
// else, so that a number passes where a string is expected and the other way
// round. spare is where escapes are undone.
func scalar(raw []byte, spare *[]byte) []byte {
	if len(raw) == 0 {
		return nil
	}
	switch raw[0] {
	case '"':
		if bytes.IndexByte(raw, '\\') < 0 {
			return raw[1 : len(raw)-1]
		}
		*spare, _ = jsontext.AppendUnquote((*spare)[:0], raw)
		return *spare
	case 'n', '{', '[':
		return nil
	}
	return raw
}

// scalarText is scalar as a string of its own.
func scalarText(raw []byte) string {
	var spare []byte
	return string(scalar(raw, &spare))
}

// wholeNumber reads a count that may be a string; absent or odd gives fallback.
func wholeNumber(raw []byte, fallback int) int {
	n, err := strconv.Atoi(string(raw))
	if err != nil {
		return fallback
	}
	return n
}
