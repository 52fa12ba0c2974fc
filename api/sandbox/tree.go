package sandbox

import (
	"slices"
	"sort"
)

// box is one box with all below it. Packages, reels and codes are numbered
// inside it; a million codes cost two bytes each.
type box struct {
	shape
	status  []byte // index into Sandbox.statuses, by code
	before  []byte // the status before the last change
	changes []change
}

// The ranks of the tree's levels, as api.Level.Rank counts them.
const (
	boxRank = 1 + iota
	packageRank
	reelRank
	codeRank
)

// shape tells the fixed part of a box: ids, who holds what, and details.
type shape interface {
	size(rank int) int
	id(rank, i int) string               // "" for the box of packages that were loaded without one
	children(rank, i int) (from, to int) // of the next rank, half open
	detail(c int) codeJSON
}

// parent is the node of the rank above that holds node i.
func parent(s shape, rank, i int) int {
	return sort.Search(s.size(rank-1), func(above int) bool {
		_, to := s.children(rank-1, above)
		return i < to
	})
}

// change is one applied transaction on the codes [from, to).
type change struct {
	from, to int
	by       *transaction
}

// place is a node: a rank and a number inside a box.
type place struct {
	box         *box
	rank, index int
}

// id is the node's own id.
func (p place) id() string { return p.box.id(p.rank, p.index) }

// span is the codes at or below a node, half open.
func (p place) span() (from, to int) {
	from, to = p.index, p.index+1
	for rank := p.rank; rank < codeRank && from < to; rank++ {
		first, _ := p.box.children(rank, from)
		_, to = p.box.children(rank, to-1)
		from = first
	}
	return from, to
}

// set moves the codes [from, to) to a status.
func (b *box) set(from, to int, status byte) {
	for c := from; c < to; c++ {
		b.before[c] = b.status[c]
		b.status[c] = status
	}
}

func newBox(s shape, status []byte) *box {
	return &box{shape: s, status: status, before: slices.Clone(status)}
}

// statusIndex returns the byte a status is kept as, adding it when new. At
// most 256 different ones exist in a sandbox.
func (s *Sandbox) statusIndex(status string) (byte, bool) {
	if i := slices.Index(s.statuses, status); i >= 0 {
		return byte(i), true
	}
	if len(s.statuses) == 256 {
		return 0, false
	}
	s.statuses = append(s.statuses, status)
	return byte(len(s.statuses) - 1), true
}

// find returns the node with exactly this id.
func (s *Sandbox) find(id string) (place, bool) {
	if p, ok := s.loaded[id]; ok {
		return p, true
	}
	return s.findMade(id)
}
