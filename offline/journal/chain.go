package journal

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"strconv"
)

// event is one row of the table events.
type event struct {
	seq  int64
	at   string
	op   string // "" where it belongs to no operation
	name string
	data string
	prev string
	hash string
}

// sum is the event's hash: SHA-256 over the columns seq (in decimal), at, op,
// event, data and prev in this order, each preceded by its length in bytes as
// eight bytes, big end first. buf is scratch space that is returned for the next one.
func (e *event) sum(buf []byte) (string, []byte) {
	buf = buf[:0]
	var digits [20]byte
	number := strconv.AppendInt(digits[:0], e.seq, 10)
	buf = binary.BigEndian.AppendUint64(buf, uint64(len(number)))
	buf = append(buf, number...)
	for _, column := range [...]string{e.at, e.op, e.name, e.data, e.prev} {
		buf = binary.BigEndian.AppendUint64(buf, uint64(len(column)))
		buf = append(buf, column...)
	}
	h := sha256.Sum256(buf)
	var text [2 * sha256.Size]byte
	hex.Encode(text[:], h[:])
	return string(text[:]), buf
}
