package catalog

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"counterfoil/offline/sqlite"
)

// counts are numbers of codes by status and face value, sorted, without zeros.
type counts []Value

// A platform that sends more kinds of codes than mostKinds is out of its mind;
// what comes after is counted without being told apart.
const (
	mostKinds = 1000
	allOthers = "…"
)

func (c *counts) add(status, face string, n int64) {
	s := *c
	for _, v := range [...]Value{{status, face, n}, {status, "", n}, {allOthers, "", n}} {
		i, found := slices.BinarySearchFunc(s, v, func(a, b Value) int {
			return cmp.Or(cmp.Compare(a.Status, b.Status), cmp.Compare(a.FaceValue, b.FaceValue))
		})
		switch {
		case found:
			if s[i].Codes += n; s[i].Codes == 0 {
				*c = slices.Delete(s, i, i+1)
			}
			return
		case n > 0 && len(s) < mostKinds, v.Status == allOthers:
			*c = slices.Insert(s, i, v)
			return
		}
	}
}

func (c *counts) addAll(o counts, sign int64) {
	for _, v := range o {
		c.add(v.Status, v.FaceValue, sign*v.Codes)
	}
}

func (c counts) total() (n int64) {
	for _, v := range c {
		n += v.Codes
	}
	return n
}

// as returns the counts with every code at one status.
func (c counts) as(status string) (out counts) {
	for _, v := range c {
		out.add(status, v.FaceValue, v.Codes)
	}
	return out
}

func (c counts) byStatus() map[string]int {
	out := make(map[string]int, len(c))
	for _, v := range c {
		out[v.Status] += int(v.Codes)
	}
	return out
}

// separator stands before, between and after the statuses of has.
const separator = "\x1f"

// has is the set of statuses as a text, for SQL.
func (c counts) has() string {
	var b strings.Builder
	for i, v := range c {
		if i == 0 {
			b.WriteString(separator)
		}
		if i == 0 || v.Status != c[i-1].Status {
			b.WriteString(v.Status)
			b.WriteString(separator)
		}
	}
	return b.String()
}

// SQL over has: whether the status bound to it is among them, and whether they are several.
const (
	hasStatus   = "instr(r.has, char(31)||?||char(31)) > 0"
	hasMoreThan = "instr(substr(has, 2), char(31)) < length(has)-1"
)

func (c counts) pack() []byte {
	b := make([]byte, 0, 16*len(c))
	for _, v := range c {
		for _, s := range [...]string{v.Status, v.FaceValue} {
			b = append(binary.AppendUvarint(b, uint64(len(s))), s...)
		}
		b = binary.AppendUvarint(b, uint64(v.Codes))
	}
	return b
}

func unpackCounts(b []byte) (counts, error) {
	c := make(counts, 0, 4)
	number := func() uint64 {
		v, n := binary.Uvarint(b)
		if n <= 0 {
			b = nil
			return 0
		}
		b = b[n:]
		return v
	}
	text := func() string {
		n := min(number(), uint64(len(b)))
		s := string(b[:n])
		b = b[n:]
		return s
	}
	for len(b) > 0 {
		v := Value{Status: text(), FaceValue: text(), Codes: int64(number())}
		if v.Codes == 0 {
			return nil, fmt.Errorf("%w: counts of a node", sqlite.ErrUnreadable)
		}
		c = append(c, v)
	}
	return c, nil
}
