package catalog

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
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
	if len(c) == 0 {
		return ""
	}
	return separator + strings.Join(slices.Sorted(maps.Keys(c.byStatus())), separator) + separator
}

// SQL over has: whether the status bound to it is among them, and whether they are several.
const (
	hasStatus   = "instr(r.has, char(31)||?||char(31)) > 0"
	hasMoreThan = "instr(substr(has, 2), char(31)) < length(has)-1"
)

func (c counts) pack() string {
	b, _ := json.Marshal(c) // of texts and numbers alone, it cannot fail
	return string(b)
}

func unpackCounts(stored string) (c counts, err error) {
	if err = json.Unmarshal([]byte(stored), &c); err != nil {
		err = fmt.Errorf("%w: counts of a node: %w", sqlite.ErrUnreadable, err)
	}
	return c, err
}
