package api

import (
	"bytes"
	"crypto/md5" //nolint:gosec // the platform's rule, platform.md §3.1
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"maps"
	"slices"
	"strings"
)

// keptBody is the largest body text kept to be signed with whatever fields
// turn up after it.
const keptBody = 4 << 20

// bodyReader decodes the Base64 text of an envelope's body while it arrives
// and sums up the signature on the way.
//
// The signature covers the fields sorted by name, so a running sum needs all
// fields that sort before "body" first. Only "action" is documented to, and its
// value has to be ours anyway; others that came before the body are known too.
// Where an undocumented field that sorts before "body" follows it, the sum
// cannot be had: bodies up to keptBody are kept and summed again, larger ones
// count as wrongly signed.
type bodyReader struct {
	src    *envelopeReader
	sum    hash.Hash
	head   string // the canonical text with "body="
	kept   [][]byte
	length int
	carry  []byte // text that does not fill a group of four yet
	plain  []byte // decoded bytes; out is what of them was not read yet
	out    []byte
	padded bool
	done   bool
}

// newBodyReader returns the reader of the body that src has come to.
func newBodyReader(src *envelopeReader, known envelope, action string) *bodyReader {
	b := &bodyReader{src: src, sum: md5.New(), head: headOf(known, action)} //nolint:gosec // see above
	_, _ = io.WriteString(b.sum, b.head)
	return b
}

// headOf is the signed text up to the body's own. An action that has not come
// yet is taken to be ours.
func headOf(fields envelope, action string) string {
	if _, known := fields["action"]; !known {
		fields = maps.Clone(fields)
		fields["action"] = action
	}
	text := canonical(fields, func(name string) bool { return name < "body" })
	if text != "" {
		text += "&"
	}
	return text + "body="
}

// Read implements io.Reader over the decoded bytes.
func (b *bodyReader) Read(p []byte) (int, error) {
	for len(b.out) == 0 {
		if b.done {
			return 0, io.EOF
		}
		if err := b.more(); err != nil {
			return 0, err
		}
	}
	n := copy(p, b.out)
	b.out = b.out[n:]
	return n, nil
}

func (b *bodyReader) more() error {
	text, err := b.src.text()
	if errors.Is(err, io.EOF) {
		b.done = true
		return b.last()
	}
	if err != nil {
		return err
	}
	_, _ = b.sum.Write(text)
	b.length += len(text)
	if b.length <= keptBody {
		b.keep(text)
	} else {
		b.kept = nil
	}
	for _, c := range []byte("\r\n") {
		if bytes.IndexByte(text, c) >= 0 {
			text = bytes.ReplaceAll(text, []byte{c}, nil)
		}
	}
	b.plain = b.plain[:0]
	if len(b.carry) > 0 {
		n := min(4-len(b.carry), len(text))
		b.carry = append(b.carry, text[:n]...)
		text = text[n:]
		if len(b.carry) < 4 {
			return nil
		}
		if err := b.decode(b.carry); err != nil {
			return err
		}
		b.carry = b.carry[:0]
	}
	whole := len(text) / 4 * 4
	if err := b.decode(text[:whole]); err != nil {
		return err
	}
	b.carry = append(b.carry, text[whole:]...)
	return nil
}

// keep copies text in pieces, so that growing never doubles what is held.
func (b *bodyReader) keep(text []byte) {
	const piece = 64 << 10
	last := len(b.kept) - 1
	if last < 0 || len(b.kept[last])+len(text) > piece {
		b.kept = append(b.kept, make([]byte, 0, max(min(piece, 4*len(text)), len(text))))
		last++
	}
	b.kept[last] = append(b.kept[last], text...)
}

func (b *bodyReader) decode(groups []byte) error {
	if len(groups) == 0 {
		return nil
	}
	if b.padded {
		return fmt.Errorf("%w: body goes on after its end", errNotJSON)
	}
	from := len(b.plain)
	b.plain = slices.Grow(b.plain, base64.StdEncoding.DecodedLen(len(groups)))
	n, err := base64.StdEncoding.Decode(b.plain[from:cap(b.plain)], groups)
	if err != nil {
		return fmt.Errorf("%w: body is not Base64", errNotJSON)
	}
	b.padded = groups[len(groups)-1] == '='
	b.plain = b.plain[:from+n]
	b.out = b.plain
	return nil
}

// last decodes a body whose padding was left off.
func (b *bodyReader) last() error {
	if len(b.carry) == 0 {
		return nil
	}
	tail, err := base64.RawStdEncoding.DecodeString(string(b.carry))
	if err != nil || b.padded {
		return fmt.Errorf("%w: body is not Base64", errNotJSON)
	}
	b.plain = append(b.plain[:0], tail...)
	b.out = b.plain
	return nil
}

// sign returns the signature of the whole envelope, "" where it cannot be had.
func (b *bodyReader) sign(fields envelope, action, key string) string {
	if head := headOf(fields, action); head != b.head {
		if b.length > keptBody {
			return ""
		}
		b.sum.Reset()
		_, _ = io.WriteString(b.sum, head)
		for _, piece := range b.kept {
			_, _ = b.sum.Write(piece)
		}
	}
	tail := canonical(fields, func(name string) bool { return name > "body" })
	if tail != "" {
		tail = "&" + tail
	}
	_, _ = io.WriteString(b.sum, tail+"&KEY="+key)
	return strings.ToUpper(hex.EncodeToString(b.sum.Sum(nil)))
}
