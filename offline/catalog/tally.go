package catalog

import (
	"encoding/binary"
	"sort"
)

// cell counts the codes of one status and face value, both as numbers of words.
type cell struct {
	status uint8
	face   uint16
	n      int64
}

// tally counts codes, sorted by status and face value, without zeros.
type tally []cell

func (t *tally) add(status uint8, face uint16, n int64) {
	if n == 0 {
		return
	}
	s := *t
	i := sort.Search(len(s), func(i int) bool {
		return s[i].status > status || s[i].status == status && s[i].face >= face
	})
	if i < len(s) && s[i].status == status && s[i].face == face {
		if s[i].n += n; s[i].n == 0 {
			*t = append(s[:i], s[i+1:]...)
		}
		return
	}
	s = append(s, cell{})
	copy(s[i+1:], s[i:])
	s[i] = cell{status, face, n}
	*t = s
}

func (t *tally) addAll(o tally, sign int64) {
	for _, c := range o {
		t.add(c.status, c.face, sign*c.n)
	}
}

func (t tally) total() (n int64) {
	for _, c := range t {
		n += c.n
	}
	return n
}

// as returns the tally with every code at one status.
func (t tally) as(status uint8) tally {
	var out tally
	for _, c := range t {
		out.add(status, c.face, c.n)
	}
	return out
}

func (t tally) clone() tally { return append(tally(nil), t...) }

// has is the set of statuses as bits; numbers from 62 share the last one.
func (t tally) has() (bits int64) {
	for _, c := range t {
		bits |= bit(c.status)
	}
	return bits
}

func bit(status uint8) int64 { return 1 << min(status, 62) }

func (t tally) pack() []byte {
	b := make([]byte, 0, 8*len(t))
	for _, c := range t {
		b = append(b, c.status)
		b = binary.AppendUvarint(b, uint64(c.face))
		b = binary.AppendUvarint(b, uint64(c.n))
	}
	return b
}

func unpackTally(b []byte) (tally, error) {
	r := unpacker{b: b}
	t := make(tally, 0, 4)
	for len(r.b) > 0 && !r.bad {
		t = append(t, cell{r.byte(), uint16(r.uvarint()), int64(r.uvarint())})
	}
	return t, r.err()
}
