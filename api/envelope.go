package api

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

var (
	errTooLarge = errors.New("answer over the size limit")
	errNotJSON  = errors.New("answer is not the JSON it should be")
)

// lenient lets content through that strict JSON forbids but that does no harm.
var lenient = []jsontext.Options{jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)}

// envelope holds the first-level fields of an answer as text: strings decoded,
// numbers and truth values as they stand, objects and lists as their JSON
// text, null as "".
type envelope map[string]string

// readEnvelope reads a whole envelope whose answer fits in memory.
func readEnvelope(src io.Reader, limit int) (envelope, error) {
	return newEnvelopeReader(src, limit, 4<<10).read(nil)
}

// envelopeReader reads one flat JSON object from a stream. It exists beside
// jsontext because a body may be a string of hundreds of megabytes, which has
// to be handed on while it arrives.
type envelopeReader struct {
	src   io.Reader
	buf   []byte
	pos   int
	end   int
	quote int // index of the next '"' at or after pos, or end; stale when < pos
	room  int // bytes that may still be kept
	small [utf8.UTFMax]byte
}

// newEnvelopeReader returns a reader that keeps at most limit bytes of names
// and values, and reads buffer bytes at a time.
func newEnvelopeReader(src io.Reader, limit, buffer int) *envelopeReader {
	return &envelopeReader{src: src, buf: make([]byte, buffer), quote: -1, room: limit}
}

// read reads a whole envelope. Where body is not nil and the field "body" is a
// string, its decoded text is handed to body as a stream instead of being kept;
// body sees the fields known so far and must read to io.EOF.
func (r *envelopeReader) read(body func(text *envelopeReader, known envelope) error) (envelope, error) {
	fields := envelope{}
	if err := r.expect('{'); err != nil {
		return nil, err
	}
	c, err := r.space()
	if err != nil {
		return nil, err
	}
	if c == '}' {
		r.pos++
		return fields, r.nothingMore()
	}
	for {
		if err := r.field(fields, body); err != nil {
			return nil, err
		}
		c, err := r.space()
		if err != nil {
			return nil, err
		}
		r.pos++
		switch c {
		case ',':
		case '}':
			return fields, r.nothingMore()
		default:
			return nil, errNotJSON
		}
	}
}

func (r *envelopeReader) field(fields envelope, body func(*envelopeReader, envelope) error) error {
	if err := r.expect('"'); err != nil {
		return err
	}
	name, err := r.keep()
	if err != nil {
		return err
	}
	// Of two fields with one name only one could be the signed one.
	if _, twice := fields[name]; twice {
		return fmt.Errorf("%w: a field comes twice", errNotJSON)
	}
	if err := r.expect(':'); err != nil {
		return err
	}
	c, err := r.space()
	if err != nil {
		return err
	}
	var value string
	switch {
	case c == '"' && name == "body" && body != nil:
		r.pos++
		err = body(r, fields)
	case c == '"':
		r.pos++
		value, err = r.keep()
	default:
		value, err = r.raw(c)
	}
	fields[name] = value
	return err
}

// fill makes at least one byte available; io.EOF where there is none.
func (r *envelopeReader) fill() error {
	for r.pos == r.end {
		n, err := r.src.Read(r.buf)
		r.pos, r.end, r.quote = 0, n, -1
		if n == 0 && err != nil {
			return err
		}
	}
	return nil
}

// ahead returns the next n bytes without taking them, or fewer at the end.
func (r *envelopeReader) ahead(n int) ([]byte, error) {
	for r.end-r.pos < n {
		if r.pos > 0 {
			copy(r.buf, r.buf[r.pos:r.end])
			r.end -= r.pos
			r.pos, r.quote = 0, -1
		}
		m, err := r.src.Read(r.buf[r.end:])
		r.end += m
		r.quote = -1
		if m == 0 && errors.Is(err, io.EOF) {
			break
		}
		if m == 0 && err != nil {
			return nil, err
		}
	}
	return r.buf[r.pos:min(r.end, r.pos+n)], nil
}

// space skips white space and returns the byte after it without taking it.
func (r *envelopeReader) space() (byte, error) {
	for {
		if err := r.fill(); err != nil {
			return 0, cutOff(err)
		}
		switch c := r.buf[r.pos]; c {
		case ' ', '\t', '\r', '\n':
			r.pos++
		default:
			return c, nil
		}
	}
}

func (r *envelopeReader) expect(want byte) error {
	c, err := r.space()
	if err != nil {
		return err
	}
	if c != want {
		return errNotJSON
	}
	r.pos++
	return nil
}

func (r *envelopeReader) nothingMore() error {
	_, err := r.space()
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return nil
	case err != nil:
		return err
	}
	return errNotJSON
}

// text returns the next piece of the string being read, decoded, and io.EOF
// at its end. A piece is good until the next call.
func (r *envelopeReader) text() ([]byte, error) {
	if err := r.fill(); err != nil {
		return nil, cutOff(err)
	}
	if r.quote < r.pos {
		r.quote = r.end
		if i := bytes.IndexByte(r.buf[r.pos:r.end], '"'); i >= 0 {
			r.quote = r.pos + i
		}
	}
	piece := r.buf[r.pos:r.quote]
	if i := bytes.IndexByte(piece, '\\'); i >= 0 {
		piece = piece[:i]
	}
	switch {
	case len(piece) > 0:
		r.pos += len(piece)
		return piece, nil
	case r.buf[r.pos] == '"':
		r.pos++
		return nil, io.EOF
	}
	return r.escape()
}

func (r *envelopeReader) escape() ([]byte, error) {
	head, err := r.ahead(2)
	if err != nil {
		return nil, err
	}
	if len(head) < 2 {
		return nil, io.ErrUnexpectedEOF
	}
	out := r.small[:1]
	switch head[1] {
	case '"', '\\', '/':
		out[0] = head[1]
	case 'b':
		out[0] = '\b'
	case 'f':
		out[0] = '\f'
	case 'n':
		out[0] = '\n'
	case 'r':
		out[0] = '\r'
	case 't':
		out[0] = '\t'
	case 'u':
		return r.unicode()
	default:
		return nil, errNotJSON
	}
	r.pos += 2
	return out, nil
}

// unicode reads \uXXXX, or two of them that make one character.
func (r *envelopeReader) unicode() ([]byte, error) {
	both, err := r.ahead(12)
	if err != nil {
		return nil, err
	}
	first, ok := hexEscape(both)
	if !ok {
		return nil, errNotJSON
	}
	r.pos += 6
	if utf16.IsSurrogate(first) {
		second, _ := hexEscape(both[6:])
		if first = utf16.DecodeRune(first, second); first != utf8.RuneError {
			r.pos += 6
		}
	}
	return utf8.AppendRune(r.small[:0], first), nil
}

func hexEscape(b []byte) (rune, bool) {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return 0, false
	}
	var v rune
	for _, c := range b[2:6] {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		v = v<<4 | rune(c)
	}
	return v, true
}

// keep reads the rest of a string into memory.
func (r *envelopeReader) keep() (string, error) {
	var all []byte
	for {
		piece, err := r.text()
		if errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return string(all), nil
		}
		if err != nil {
			return "", err
		}
		if r.room -= len(piece); r.room < 0 {
			return "", errTooLarge
		}
		all = append(all, piece...)
	}
}

// raw reads a value that is no string: a literal, or an object or list with
// all it holds.
func (r *envelopeReader) raw(first byte) (string, error) {
	var all []byte
	depth, inside, escaped := 0, false, false
	for {
		if err := r.fill(); err != nil {
			return "", cutOff(err)
		}
		c := r.buf[r.pos]
		if depth == 0 && len(all) > 0 && (first != '{' && first != '[') && isDelimiter(c) {
			break
		}
		r.pos++
		if r.room--; r.room < 0 {
			return "", errTooLarge
		}
		all = append(all, c)
		switch {
		case escaped:
			escaped = false
		case inside && c == '\\':
			escaped = true
		case c == '"':
			inside = !inside
		case inside:
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			depth--
		}
		if depth <= 0 && !inside && (first == '{' || first == '[') {
			break
		}
	}
	if !jsontext.Value(all).IsValid(lenient...) {
		return "", errNotJSON
	}
	if string(all) == "null" {
		return "", nil
	}
	return string(all), nil
}

func isDelimiter(c byte) bool {
	return c == ',' || c == '}' || c == ']' || c == ' ' || c == '\t' || c == '\r' || c == '\n'
}

// cutOff turns the end of the stream where more was due into its own error.
func cutOff(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
