package api

import (
	"crypto/md5" //nolint:gosec // the platform's rule, platform.md §3.1
	"io"
	"sync"

	"github.com/go-json-experiment/json/jsontext"
)

// A replay makes thousands of small calls, so what reads their answers is used
// again. Each piece is one call's alone from where it is taken to its free, and
// what a call hands out is copied from it. What a large answer made grow is let go.
var (
	envelopeReaders = sync.Pool{New: func() any {
		return &envelopeReader{buf: make([]byte, 32<<10), fields: envelope{}}
	}}
	bodyReaders = sync.Pool{New: func() any {
		return &bodyReader{sum: md5.New()} //nolint:gosec // see above
	}}
	rowReaders = sync.Pool{New: func() any { return &rows{texts: newCodeTexts()} }}
	decoders   = sync.Pool{New: func() any { return new(decoder) }}
)

// reused is the most memory that one buffer keeps for the next call.
const reused = 64 << 10

// emptied is buf for the next call.
func emptied(buf []byte) []byte {
	if cap(buf) > reused {
		return nil
	}
	return buf[:0]
}

// openEnvelope returns a reader that keeps at most limit bytes of names and
// values. The fields it reads are gone with it.
func openEnvelope(src io.Reader, limit int) *envelopeReader {
	r := envelopeReaders.Get().(*envelopeReader)
	r.src, r.room, r.quote = src, limit, -1
	return r
}

func (r *envelopeReader) free() {
	if len(r.fields) > fewFields {
		r.fields = envelope{}
	}
	clear(r.fields)
	*r = envelopeReader{buf: r.buf, kept: emptied(r.kept), fields: r.fields}
	envelopeReaders.Put(r)
}

func (b *bodyReader) free() {
	empty := bodyReader{
		sum: b.sum, head: emptied(b.head), tail: emptied(b.tail), carry: emptied(b.carry), plain: emptied(b.plain),
	}
	if len(b.kept) > 0 {
		clear(b.kept[1:])
		empty.kept = append(b.kept[:0], emptied(b.kept[0]))
	}
	*b = empty
	bodyReaders.Put(b)
}

func newRows(sink func(Node) error) *rows {
	r := rowReaders.Get().(*rows)
	r.sink, r.room = sink, spillRoom{memory: spillMemory}
	return r
}

func (r *rows) free() {
	r.texts.forget()
	*r = rows{texts: r.texts, spare: emptied(r.spare)}
	rowReaders.Put(r)
}

// decoder is jsontext's behind its gate.
type decoder struct {
	dec  jsontext.Decoder
	gate gate
}

func newDecoder(src io.Reader) *decoder {
	d := decoders.Get().(*decoder)
	d.gate = gate{src: src}
	d.dec.Reset(&d.gate, lenient...)
	return d
}

// free keeps a decoder only where all that it was given was small: how far its
// buffer grew cannot be seen.
func (d *decoder) free() {
	if d.gate.given <= reused {
		d.gate = gate{}
		decoders.Put(d)
	}
}
