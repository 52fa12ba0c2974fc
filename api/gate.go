package api

import (
	"fmt"
	"io"
	"sync"

	"github.com/go-json-experiment/json/jsontext"
)

const (
	// maxToken is the largest single string, and the largest code's object,
	// that is read as it stands: what jsontext buffers is bounded by it.
	maxToken = 1 << 20
	// clippedToken is the same for an answer that held a larger one: from there
	// on its strings are cut while they arrive, whatever their length.
	clippedToken = 4 * maxToken
	// smallAhead is how much a decoder may have been given and still be kept.
	smallAhead = 64 << 10
	// clippedText is what is left of a string then, in bytes; no text shown is longer.
	clippedText = 16 << 10
)

// errToken says that one value is larger than what may be gathered.
var errToken = fmt.Errorf("%w: a single value", errTooLarge)

// gate lets a decoder read only so far ahead of what it has consumed, which
// bounds the token it is gathering.
type gate struct {
	src          io.Reader
	given, limit int64
	clip         *clipper // nil until a value proves too large
}

// Read implements io.Reader.
func (g *gate) Read(p []byte) (int, error) {
	if g.given >= g.limit {
		return 0, errToken
	}
	for {
		n, err := g.src.Read(p)
		if g.clip != nil {
			read := n
			if n = g.clip.cut(p[:n]); n == 0 && read > 0 && err == nil {
				continue
			}
		}
		g.given += int64(n)
		return n, err
	}
}

// reach says how far the gate opens for a value that begins behind at.
func (g *gate) reach(at int64) {
	g.limit = at + maxToken
	if g.clip != nil {
		g.limit = at + clippedToken
	}
}

// shorten begins to cut strings. unread is what was given and not consumed: it
// begins outside of any string, and tells whether the next byte is inside one.
func (g *gate) shorten(unread []byte) {
	g.clip = &clipper{}
	for _, c := range unread {
		g.clip.takes(c)
	}
	g.clip.taken = true // an escape that was given in part is given whole
}

// decoder is jsontext's behind a gate.
type decoder struct {
	jsontext.Decoder
	gate gate
}

// decoders are kept for the next answer: a drain reads thousands of small ones.
var decoders = sync.Pool{New: func() any { return new(decoder) }}

// newDecoder returns a decoder of src, which is to be freed.
func newDecoder(src io.Reader, limit int64) *decoder {
	d := decoders.Get().(*decoder)
	d.gate = gate{src: src, limit: limit}
	d.Reset(&d.gate, lenient...)
	return d
}

// free ends the use of all that was read and not copied. What a large answer
// made grow is not kept.
func (d *decoder) free() {
	if d.gate.given <= smallAhead {
		decoders.Put(d)
	}
}

// clipper follows JSON text byte by byte and cuts strings to clippedText.
type clipper struct {
	inside bool
	escape int // bytes of an escape still due: escapeLetter before its letter, then hex digits
	length int
	taken  bool // whether the escape's beginning was taken
}

const escapeLetter = 5

// cut keeps what is taken of p at its front, and says how much that is.
func (c *clipper) cut(p []byte) int {
	n := 0
	for _, b := range p {
		if c.takes(b) {
			p[n] = b
			n++
		}
	}
	return n
}

func (c *clipper) takes(b byte) bool {
	switch {
	case !c.inside:
		c.inside, c.length = b == '"', 0
		return true
	case c.escape > 0:
		if c.escape == escapeLetter && b != 'u' {
			c.escape = 0
		} else {
			c.escape--
		}
		c.length++
		return c.taken
	case b == '"':
		c.inside = false
		return true
	case b == '\\':
		c.escape = escapeLetter
	}
	c.length++
	c.taken = c.length <= clippedText
	return c.taken
}
