package chain

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
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
// eight bytes, big end first.
func (e *Event) Sum() string {
	text := make([]byte, 0, len(e.Data)+256)
	for _, column := range [...]string{strconv.FormatInt(e.Seq, 10), e.At, e.Op, e.Name, e.Data, e.Prev} {
		text = append(binary.BigEndian.AppendUint64(text, uint64(len(column))), column...)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// EventColumns are the columns that EventOf reads.
const EventColumns = `seq, at, op, event, data, prev, hash`

// EventOf reads a row that begins with EventColumns.
func EventOf(row sqlite.Row) Event {
	return Event{Seq: row.Int(0), At: row.Text(1), Op: row.Text(2), Name: row.Text(3),
		Data: row.Text(4), Prev: row.Text(5), Hash: row.Text(6)}
}

// Operation is the event's snapshot; false where it holds none of its operation
// as it stood then.
func (e *Event) Operation() (o operation.Operation, ok bool) {
	if json.Unmarshal([]byte(e.Data), &o) != nil || o.Op != e.Op || o.Seq != e.Seq || !written(&o) {
		return o, false
	}
	o.Hash = e.Hash
	return o, true
}

// Head is the chain's last number and hash; both zero for an empty chain.
type Head struct {
	Seq  int64  `json:"seq"`
	Hash string `json:"hash"`
}

// String is the head as its copies write it.
func (h Head) String() string { return fmt.Sprintf("%d %s", h.Seq, h.Hash) }

// Reading runs a query and calls fn with every row, which is used again for the
// next one: over the read-only connections, or within a commit.
type Reading func(query string, args []any, fn func(row sqlite.Row) error) error
