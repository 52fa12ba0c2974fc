package api

import (
	"cmp"
	"strconv"
	"strings"
)

// Longest texts taken from the platform, in characters.
const (
	maxMessage = 200
	maxName    = 120
	maxShort   = 40
)

// cachedTexts and cachedLength bound a cache whatever the answer holds.
const (
	cachedTexts  = 1024
	cachedLength = 512
)

// textCache gives one string for equal texts: of a thousand codes nearly all
// share their name, status and face value.
type textCache map[cachedText]string

type cachedText struct {
	raw   string
	limit int
}

func (c textCache) clean(raw []byte, limit int) string {
	text, known := c[cachedText{string(raw), limit}]
	if !known {
		text = Clean(string(raw), limit)
		if len(raw) <= cachedLength && len(c) < cachedTexts {
			c[cachedText{string(raw), limit}] = text
		}
	}
	return text
}

// code reads one codeDetail.
func (b branch) code(parent string) error {
	if _, err := b.token(); err != nil {
		return err
	}
	node := Node{Level: LevelCode, Parent: parent}
	activity, remaining := "", ""
	var had uint
	for b.kind() != '}' {
		quoted, err := b.value()
		if err != nil {
			return err
		}
		name := scalar(quoted, &b.spare)
		var to *string
		var bit uint
		limit := maxShort
		switch string(name) {
		case "code":
			to, bit = &node.ID, 1<<0
		case "status":
			to, bit = &node.Status, 1<<1
		case "statusDesc":
			to, bit = &node.StatusText, 1<<2
		case "ticketName":
			to, limit, bit = &node.Name, maxName, 1<<3
		case "activityName":
			to, limit, bit = &activity, maxName, 1<<4
		case "faceValue":
			to, bit = &node.FaceValue, 1<<5
		case "validStart":
			to, bit = &node.ValidFrom, 1<<6
		case "validEnd":
			to, bit = &node.ValidTo, 1<<7
		case "remainTimes":
			to, bit = &remaining, 1<<8
		default:
			if err := b.skip(); err != nil {
				return err
			}
			continue
		}
		raw, err := b.scalar()
		switch {
		case err != nil:
			return err
		case had&bit != 0:
			return errTwice
		case to != &node.ID:
			*to = b.texts.clean(raw, limit)
		case printableID(raw):
			node.ID = string(raw)
		}
		had |= bit
	}
	if _, err := b.token(); err != nil {
		return err
	}
	if node.ID == "" {
		b.skipped++
		return nil
	}
	node.Name = cmp.Or(node.Name, activity)
	node.ValidFrom, node.ValidTo = date(node.ValidFrom), date(node.ValidTo)
	var err error
	if node.Remaining, err = strconv.Atoi(remaining); err != nil {
		node.Remaining = -1
	}
	return b.give(node)
}

// date drops dates that are all zeros, whatever their length (platform.md §6.3).
func date(text string) string {
	if strings.Trim(text, "0") == "" {
		return ""
	}
	return text
}

// printableID refuses what cannot be stored and drawn as an id. Every id seen
// is visible ASCII.
func printableID(raw []byte) bool {
	if len(raw) == 0 || len(raw) > MaxIDLength {
		return false
	}
	for _, c := range raw {
		if c <= ' ' || c >= 0x7f {
			return false
		}
	}
	return true
}
