package journal

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"strconv"

	"counterfoil/offline/operation"
	"counterfoil/offline/sqlite"
)

// Event is one row of the table events, a link of the chain.
type Event struct {
	Seq  int64
	At   string
	Op   string // "" where it belongs to no operation
	Name string
	Data string
	Prev string // hash of the event before, "" for the first
	Hash string
}

// Sum is the event's hash: SHA-256 over the columns seq (in decimal), at, op,
// event, data and prev in this order, each preceded by its length in bytes as
// eight bytes, big end first. buf is scratch space that is returned for the next one.
func (e *Event) Sum(buf []byte) (string, []byte) {
	buf = buf[:0]
	var digits [20]byte
	number := strconv.AppendInt(digits[:0], e.Seq, 10)
	buf = binary.BigEndian.AppendUint64(buf, uint64(len(number)))
	buf = append(buf, number...)
	for _, column := range [...]string{e.At, e.Op, e.Name, e.Data, e.Prev} {
		buf = binary.BigEndian.AppendUint64(buf, uint64(len(column)))
		buf = append(buf, column...)
	}
	h := sha256.Sum256(buf)
	var text [2 * sha256.Size]byte
	hex.Encode(text[:], h[:])
	return string(text[:]), buf
}

// EventColumns are the columns that EventOf reads.
const EventColumns = `seq, at, op, event, data, prev, hash`

// EventOf reads a row that begins with EventColumns.
func EventOf(row sqlite.Row) Event {
	return Event{Seq: row.Int(0), At: row.Text(1), Op: row.Text(2), Name: row.Text(3),
		Data: row.Text(4), Prev: row.Text(5), Hash: row.Text(6)}
}

// operation is the event's snapshot; false where it holds none of its operation.
func (e *Event) operation() (o operation.Operation, ok bool) {
	if json.Unmarshal([]byte(e.Data), &o) != nil || o.Op != e.Op {
		return o, false
	}
	o.Seq, o.Hash = e.Seq, e.Hash
	return o, true
}
