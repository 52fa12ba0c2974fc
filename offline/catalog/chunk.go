package catalog

import (
	"encoding/binary"
	"fmt"
	"slices"
)

// chunkCodes is how many codes a chunk holds at most.
const chunkCodes = 128

// A chunk's id is its parent's key and its number, so that the codes of a
// parent lie together.
const chunkBits = 24

func chunkID(node, no int64) int64 { return node<<chunkBits | no }

// look is all that is known of a code besides its id and status; most codes
// of a chunk share one.
type look struct {
	statusText, name, face, from, to string
	remaining                        int
	seenStatus                       uint8 // the status that statusText was said of
	faceNo                           uint16
}

// chunk is a run of codes under one parent. text holds the ids one after the
// other, ends where each stops.
type chunk struct {
	node, no int64
	ver      int64
	text     []byte
	ends     []int32
	looks    []look
	at       []uint16 // look of each code
	st       []uint8  // status of each code
	late     []int64  // ms at which a status of its own was seen, 0 for none; may be shorter
	changed  change   // and not written yet, kept by tx.chunks until its flush
}

// change is how much of a chunk has changed.
type change int

const (
	unchanged change = iota
	newStatuses
	newCodes
)

func (c *chunk) n() int { return len(c.ends) }

func (c *chunk) id(i int) []byte {
	from := int32(0)
	if i > 0 {
		from = c.ends[i-1]
	}
	return c.text[from:c.ends[i]]
}

func (c *chunk) find(id string) int { return c.findFrom(id, 0) }

// findFrom tries from the i-th code on first.
func (c *chunk) findFrom(id string, i int) int {
	for range c.ends {
		if i >= c.n() {
			i = 0
		}
		if string(c.id(i)) == id {
			return i
		}
		i++
	}
	return -1
}

// put appends a code.
func (c *chunk) put(id string, l look, status uint8) {
	c.text = append(c.text, id...)
	c.ends = append(c.ends, int32(len(c.text)))
	c.at = append(c.at, c.lookNo(l))
	c.st = append(c.st, status)
}

func (c *chunk) lookNo(l look) uint16 {
	for i := len(c.looks) - 1; i >= 0; i-- {
		if c.looks[i] == l {
			return uint16(i)
		}
	}
	c.looks = append(c.looks, l)
	return uint16(len(c.looks) - 1)
}

// remove drops the codes at which drop is true.
func (c *chunk) remove(drop func(i int) bool) {
	out := chunk{node: c.node, no: c.no, ver: c.ver, looks: c.looks}
	for i := range c.ends {
		if drop(i) {
			continue
		}
		out.text = append(out.text, c.id(i)...)
		out.ends = append(out.ends, int32(len(out.text)))
		out.at, out.st = append(out.at, c.at[i]), append(out.st, c.st[i])
		if at := c.lateOf(i); at != 0 {
			out.setLate(out.n()-1, at)
		}
	}
	*c = out
	c.tidy()
}

// tidy forgets looks that no code has any more.
func (c *chunk) tidy() {
	old := c.looks
	c.looks = nil
	for i, at := range c.at {
		c.at[i] = c.lookNo(old[at])
	}
}

func (c *chunk) setLate(i int, at int64) {
	if short := max(i+1, c.n()) - len(c.late); i >= len(c.late) {
		c.late = append(c.late, make([]int64, short)...)
	}
	c.late[i] = at
}

func (c *chunk) lateOf(i int) int64 {
	if i >= len(c.late) {
		return 0
	}
	return c.late[i]
}

// settle takes a mark that holds for all of the chunk as the codes' own.
func (c *chunk) settle(m mark) {
	if m.ver <= c.ver {
		return
	}
	for i := range c.st {
		c.st[i] = m.status
		if m.seen > c.lateOf(i) {
			c.setLate(i, m.seen)
		}
	}
	c.ver = m.ver
}

func (c *chunk) tally() (t tally) {
	for i := range c.st {
		t.add(c.st[i], c.looks[c.at[i]].faceNo, 1)
	}
	return t
}

func (c *chunk) sum() (s int64) {
	for i := range c.ends {
		s += int64(hash(c.id(i)))
	}
	return s
}

func (c *chunk) reset() {
	*c = chunk{text: c.text[:0], ends: c.ends[:0], looks: c.looks[:0], at: c.at[:0], st: c.st[:0], late: c.late[:0]}
}

// packStatuses says one status once. What it returns is part of the chunk.
func (c *chunk) packStatuses() []byte {
	for _, s := range c.st {
		if s != c.st[0] {
			return c.st
		}
	}
	return c.st[:min(1, len(c.st))]
}

func (c *chunk) packLate() []byte {
	if len(c.late) == 0 {
		return []byte{}
	}
	b := make([]byte, 0, 8*c.n())
	for i := range c.st {
		if at := c.lateOf(i); at != 0 {
			b = binary.AppendUvarint(b, uint64(i))
			b = binary.AppendUvarint(b, uint64(at))
		}
	}
	return b
}

// pack front-codes the ids: what an id shares with the one before is left out.
func (c *chunk) pack(b []byte) []byte {
	b = binary.AppendUvarint(b, uint64(len(c.looks)))
	for _, l := range c.looks {
		for _, s := range [...]string{l.statusText, l.name, l.face, l.from, l.to} {
			b = binary.AppendUvarint(b, uint64(len(s)))
			b = append(b, s...)
		}
		b = binary.AppendVarint(b, int64(l.remaining))
		b = append(b, l.seenStatus)
		b = binary.AppendUvarint(b, uint64(l.faceNo))
	}
	var before []byte
	for i := range c.ends {
		if len(c.looks) > 1 {
			b = binary.AppendUvarint(b, uint64(c.at[i]))
		}
		id := c.id(i)
		shared := 0
		for shared < len(id) && shared < len(before) && id[shared] == before[shared] {
			shared++
		}
		b = binary.AppendUvarint(b, uint64(shared))
		b = binary.AppendUvarint(b, uint64(len(id)-shared))
		b = append(b, id[shared:]...)
		before = id
	}
	return b
}

// unpack reads a chunk into c, reusing what c holds.
func (c *chunk) unpack(id int64, n int, ver int64, st, late, body []byte) error {
	c.reset()
	c.node, c.no, c.ver = id>>chunkBits, id&(1<<chunkBits-1), ver
	r := unpacker{b: body}
	looks := int(r.uvarint())
	if looks > n {
		r.bad = true
	}
	for i := 0; i < looks && !r.bad; i++ {
		c.looks = append(c.looks, look{
			statusText: r.text(), name: r.text(), face: r.text(), from: r.text(), to: r.text(),
			remaining: int(r.varint()), seenStatus: r.byte(), faceNo: uint16(r.uvarint()),
		})
	}
	if n > 0 && n <= chunkCodes {
		c.ends, c.at, c.st = slices.Grow(c.ends, n), slices.Grow(c.at, n), slices.Grow(c.st, n)
	}
	start := 0
	for i := 0; i < n && !r.bad; i++ {
		at := uint64(0)
		if looks > 1 {
			at = r.uvarint()
		}
		shared, rest := int(r.uvarint()), int(r.uvarint())
		if at >= uint64(looks) || shared < 0 || shared > len(c.text)-start || rest < 0 || rest > len(r.b) {
			r.bad = true
			break
		}
		c.text = append(c.text, c.text[start:start+shared]...)
		start = len(c.text) - shared
		c.text = append(c.text, r.b[:rest]...)
		r.b = r.b[rest:]
		if i == 0 && n <= chunkCodes {
			c.text = slices.Grow(c.text, (n-1)*min(rest, 64))
		}
		c.ends = append(c.ends, int32(len(c.text)))
		c.at = append(c.at, uint16(at))
		switch {
		case len(st) == 1:
			c.st = append(c.st, st[0])
		case i < len(st):
			c.st = append(c.st, st[i])
		default:
			r.bad = true
		}
	}
	l := unpacker{b: late}
	for len(l.b) > 0 && !l.bad {
		i, at := l.uvarint(), int64(l.uvarint())
		if i >= uint64(n) {
			l.bad = true
			break
		}
		c.setLate(int(i), at)
	}
	if r.bad || l.bad {
		return fmt.Errorf("chunk %d of %d: %w", c.no, c.node, r.err())
	}
	return nil
}

// unpacker reads packed forms; bad is set where one ends too early.
type unpacker struct {
	b   []byte
	bad bool
}

func (r *unpacker) uvarint() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.bad = true
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *unpacker) varint() int64 {
	v, n := binary.Varint(r.b)
	if n <= 0 {
		r.bad = true
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *unpacker) byte() uint8 {
	if len(r.b) == 0 {
		r.bad = true
		return 0
	}
	v := r.b[0]
	r.b = r.b[1:]
	return v
}

func (r *unpacker) text() string {
	n := r.uvarint()
	if n > uint64(len(r.b)) {
		r.bad = true
		return ""
	}
	s := string(r.b[:n])
	r.b = r.b[n:]
	return s
}

func (r *unpacker) err() error {
	if r.bad {
		return fmt.Errorf("%w: %w", ErrDamaged, errPacked)
	}
	return nil
}
