package sandbox

import (
	"slices"

	"counterfoil/api"
)

// box is one box with all below it. Packages, reels and codes are numbered
// inside it; a million codes cost two bytes each.
type box struct {
	shape
	status  []byte // index into Sandbox.statuses, by code
	before  []byte // the status before the last change
	changes []change
}

// shape tells the fixed part of a box: ids, who holds what, and details.
type shape interface {
	boxID() string // "" for packages that were loaded without a box
	sizes() (packages, reels, codes int)
	packageID(p int) string
	reelID(r int) string
	codeID(c int) string
	reelsOf(p int) (from, to int) // half open
	codesOf(r int) (from, to int)
	packageOf(r int) int
	reelOf(c int) int
	detail(c int) detail
	records(c int) []record
}

// detail is what a codeDetail says beside its code and status.
type detail struct {
	createTime, createDate   string
	orderID                  string // saleChannelOrderId
	remainTimes              int
	activityID, ticketID     string // JSON text: a number, or a string in quotes
	activityName, ticketName string
	saleChannel, sendChannel string
	validStart, validEnd     string
	faceValue                string
	statusText               string // only for statuses the sandbox has no words for
}

// change is one applied transaction on the codes [from, to).
type change struct {
	from, to int
	by       *transaction
}

// place is a node: a level and a number inside a box.
type place struct {
	box   *box
	level api.Level
	index int
}

// span is the codes at or below a node, half open.
func (p place) span() (from, to int) {
	switch p.level {
	case api.LevelCode:
		return p.index, p.index + 1
	case api.LevelReel:
		return p.box.codesOf(p.index)
	case api.LevelPackage:
		return p.box.codesOfReels(p.box.reelsOf(p.index))
	}
	_, _, codes := p.box.sizes()
	return 0, codes
}

func (b *box) codesOfReels(first, end int) (from, to int) {
	if first >= end {
		return 0, 0
	}
	from, _ = b.codesOf(first)
	_, to = b.codesOf(end - 1)
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
