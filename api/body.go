package api

import (
	"bufio"
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
	"sync"
)

// keptBody is the largest body text kept to be signed with whatever fields
// turn up after it.
const keptBody = 4 << 20

// bodyReader decodes the Base64 text of an envelope's body while it arrives and
// sums up the signature on the way. Padding may be missing. It does what
// base64.NewDecoder does in half the time, which a box of a million codes shows.
//
// The signature covers the fields sorted by name, so a running sum needs all
// fields that sort before "body" first. Only "action" is documented to, and its
// value has to be ours anyway; others that came before the body are known too.
// Where an undocumented field that sorts before "body" follows it, the sum
// cannot be had: bodies up to keptBody are kept and summed again, larger ones
// count as wrongly signed.
type bodyReader struct {
	text   io.Reader
	sum    hash.Hash
	head   []byte // the canonical text with "body="
	kept   [][]byte
	length int
	digits []byte // what does not fill a group of four yet
	plain  []byte // decoded and not read yet
	*bodyBuffers
}

type bodyBuffers struct{ buffer, out [8 << 10]byte }

// A drain makes thousands of small calls: without these pools its garbage would
// be mostly buffers.
var (
	bodyBufferPool = sync.Pool{New: func() any { return &bodyBuffers{} }}
	bodyTextPool   = sync.Pool{New: func() any { return bufio.NewReaderSize(nil, 8<<10) }}
)

// newBodyReader returns the reader of the body's text, which is to be freed.
func newBodyReader(text io.Reader, known envelope, action string) *bodyReader {
	b := &bodyReader{text: text, sum: md5.New(), head: headOf(known, action), bodyBuffers: bodyBufferPool.Get().(*bodyBuffers)} //nolint:gosec // see above
	_, _ = b.sum.Write(b.head)
	return b
}

// free gives the buffers to the next reader. What was read is not good any more.
func (b *bodyReader) free() {
	bodyBufferPool.Put(b.bodyBuffers)
	b.bodyBuffers = nil
}

// headOf is the signed text up to the body's own. An action that has not come
// yet is taken to be ours.
func headOf(fields envelope, action string) []byte {
	if _, known := fields["action"]; !known {
		fields = maps.Clone(fields)
		fields["action"] = action
	}
	text := canonical(fields, func(name string) bool { return name < "body" })
	if len(text) > 0 {
		text = append(text, '&')
	}
	return append(text, "body="...)
}

// Read implements io.Reader over the decoded bytes.
func (b *bodyReader) Read(p []byte) (int, error) {
	for len(b.plain) == 0 {
		carried := copy(b.buffer[:], b.digits)
		n, err := b.text.Read(b.buffer[carried:])
		ended := errors.Is(err, io.EOF)
		if err != nil && !ended {
			return 0, err
		}
		b.take(b.buffer[carried : carried+n])
		digits := b.buffer[:carried+n]
		if bytes.IndexByte(digits, '\n') >= 0 || bytes.IndexByte(digits, '\r') >= 0 {
			digits = slices.DeleteFunc(digits, func(c byte) bool { return c == '\n' || c == '\r' })
		}
		if ended {
			digits = append(digits, "==="[:-len(digits)&3]...)
		}
		whole := len(digits) &^ 3
		b.digits = digits[whole:]
		decoded, bad := base64.StdEncoding.Decode(b.out[:], digits[:whole])
		switch {
		case bad != nil:
			return 0, fmt.Errorf("%w: body is not Base64", errNotJSON)
		case ended && decoded == 0:
			return 0, io.EOF
		}
		b.plain = b.out[:decoded]
	}
	n := copy(p, b.plain)
	b.plain = b.plain[n:]
	return n, nil
}

// take sums up text that came.
func (b *bodyReader) take(text []byte) {
	_, _ = b.sum.Write(text)
	if b.length += len(text); b.length <= keptBody {
		b.kept = append(b.kept, bytes.Clone(text)) // in pieces, so that growing never doubles what is held
	} else {
		b.kept = nil
	}
}

// sign returns the signature of the whole envelope, "" where it cannot be had.
func (b *bodyReader) sign(fields envelope, action, key string) string {
	if head := headOf(fields, action); !bytes.Equal(head, b.head) {
		if b.length > keptBody {
			return ""
		}
		b.sum.Reset()
		_, _ = b.sum.Write(head)
		for _, piece := range b.kept {
			_, _ = b.sum.Write(piece)
		}
	}
	tail := canonical(fields, func(name string) bool { return name > "body" })
	if len(tail) > 0 {
		_, _ = b.sum.Write([]byte{'&'})
	}
	_, _ = b.sum.Write(append(tail, "&KEY="+key...))
	return strings.ToUpper(hex.EncodeToString(b.sum.Sum(nil)))
}
