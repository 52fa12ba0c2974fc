package api

import (
	"io"
	"maps"
)

// envelope holds the first-level fields of an answer as text: strings decoded,
// numbers and truth values as they stand, objects and lists as their JSON
// text, null as "".
type envelope map[string]string

// readEnvelope reads a whole envelope whose fields outlive the reading.
func readEnvelope(src io.Reader, limit int, body func(text *envelopeReader, known envelope) error) (envelope, error) {
	r := openEnvelope(src, limit)
	defer r.free()
	fields, err := r.read(body)
	return maps.Clone(fields), err
}

// documented are the names of POSP's fields.
var documented = map[string]string{
	"action": "action", "body": "body", "brand": "brand", "deviceNo": "deviceNo", "mwVersion": "mwVersion",
	"posVersion": "posVersion", "ptlVersion": "ptlVersion", "shopNo": "shopNo", "sign": "sign", "timestamp": "timestamp",
}

// nameOf is text as a name, without a copy for those that are documented.
func nameOf(text []byte) string {
	if name, known := documented[string(text)]; known {
		return name
	}
	return string(text)
}
