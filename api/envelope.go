package api

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

var (
	errTooLarge = errors.New("answer over the size limit")
	errNotJSON  = errors.New("answer is not the JSON it should be")
	errTwice    = fmt.Errorf("%w: a field comes twice", errNotJSON)
)

// lenient lets content through that strict JSON forbids but that does no harm.
var lenient = []jsontext.Options{jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)}

// envelope holds the first-level fields of an answer as text: strings decoded,
// numbers and truth values as they stand, objects and lists as their JSON
// text, null as "".
type envelope map[string]string

// readEnvelope reads a whole envelope, of which it keeps about limit bytes at
// most. Where body is not nil and the field "body" is a string, its text is
// handed to body as a stream instead of being kept; body sees the fields known
// so far and must read to io.EOF.
func readEnvelope(src io.Reader, limit int64, body func(text io.Reader, known envelope) error) (envelope, error) {
	fields := make(envelope, 10) // as POSP's have
	dec := newDecoder(src, limit)
	defer dec.free()
	if dec.PeekKind() != '{' {
		_, err := dec.ReadValue()
		return nil, orNotJSON(innerError(err))
	}
	if _, err := dec.ReadToken(); err != nil {
		return nil, innerError(err)
	}
	for dec.PeekKind() != '}' {
		token, err := dec.ReadToken()
		if err != nil {
			return nil, innerError(err)
		}
		name := token.String()
		// Of two fields with one name only one could be the signed one.
		if _, twice := fields[name]; twice {
			return nil, errTwice
		}
		if name == "body" && body != nil && dec.PeekKind() == '"' {
			// jsontext would gather a string of hundreds of megabytes, so it
			// reads up to the body, and what follows as another object's rest.
			_, ahead, _ := bytes.Cut(dec.UnreadBuffer(), []byte{'"'})
			buffered := bodyTextPool.Get().(*bufio.Reader)
			defer bodyTextPool.Put(buffered)
			buffered.Reset(io.MultiReader(bytes.NewReader(ahead), src))
			text := &textReader{src: buffered}
			if err := body(text, fields); err != nil {
				return nil, err
			}
			fields[name] = ""
			dec = newDecoder(io.MultiReader(strings.NewReader(`{"":0`), text.src), limit)
			defer dec.free()
			for range 3 { // the beginning that was made up
				_, _ = dec.ReadToken()
			}
			continue
		}
		value, err := dec.ReadValue()
		if err != nil {
			return nil, innerError(err)
		}
		if fields[name] = scalarText(value); value.Kind() == '{' || value.Kind() == '[' {
			fields[name] = string(value)
		}
	}
	if _, err := dec.ReadToken(); err != nil {
		return nil, innerError(err)
	}
	if _, err := dec.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, orNotJSON(innerError(err))
	}
	return fields, nil
}

// textReader reads a JSON string of ASCII text from behind its first quote, and
// undoes its escapes.
type textReader struct {
	src  *bufio.Reader
	done bool
}

// Read implements io.Reader.
func (t *textReader) Read(p []byte) (int, error) {
	if t.done {
		return 0, io.EOF
	}
	if _, err := t.src.Peek(1); err != nil {
		return 0, cutOff(err)
	}
	ahead, _ := t.src.Peek(min(len(p), t.src.Buffered()))
	plain := ahead
	for _, special := range []byte(`"\`) {
		if i := bytes.IndexByte(plain, special); i >= 0 {
			plain = plain[:i]
		}
	}
	switch {
	case len(plain) > 0:
		n := copy(p, plain)
		_, err := t.src.Discard(n)
		return n, err
	case len(p) == 0:
		return 0, nil
	case ahead[0] == '"':
		t.done = true
		_, _ = t.src.Discard(1)
		return 0, io.EOF
	}
	return t.escape(p)
}

// escape reads one escape. The text is Base64: what is no ASCII is refused.
func (t *textReader) escape(p []byte) (int, error) {
	escape, err := t.src.Peek(2)
	if err == nil && escape[1] == 'u' {
		escape, err = t.src.Peek(6)
	}
	if err != nil {
		return 0, cutOff(err)
	}
	var quoted [8]byte
	c, err := jsontext.AppendUnquote(nil, append(append(append(quoted[:0], '"'), escape...), '"'))
	if err != nil || len(c) != 1 {
		return 0, fmt.Errorf("%w: an escape in the body", errNotJSON)
	}
	_, _ = t.src.Discard(len(escape))
	return copy(p, c), nil
}

// cutOff turns the end of the stream where more was due into its own error.
func cutOff(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// fieldsOf returns the fields of a small object as they stand, nil where raw is
// something else, or has two fields of one name in it.
func fieldsOf(raw []byte) map[string]jsontext.Value {
	var fields map[string]jsontext.Value
	if json.Unmarshal(raw, &fields, jsontext.AllowInvalidUTF8(true)) != nil {
		return nil
	}
	return fields
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
