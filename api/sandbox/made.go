package sandbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"counterfoil/api"
)

// The limits of generated ids: seven digits for packages and reels, nine for codes.
const (
	maxMadeNodes = 10_000_000
	maxMadeCodes = 1_000_000_000
	maxOneBox    = 10_000_000 // codes of one generated box, two bytes each
)

// made is the shape of a generated box: everything is computed from a number,
// so that a million codes take no memory but their status.
type made struct {
	seed  uint64
	base  [codeRank + 1]int // the number of the first node of each rank in this sandbox
	count [codeRank + 1]int
}

func (m *made) size(rank int) int { return m.count[rank] }

func (m *made) children(rank, i int) (from, to int) {
	return i * m.count[rank+1] / m.count[rank], (i + 1) * m.count[rank+1] / m.count[rank]
}

// madeIDs say how ids begin, and how many digits their numbers have.
var madeIDs = [codeRank + 1]struct {
	prefix string
	digits int
}{boxRank: {"X26G1-", 7}, packageRank: {"B26G1-", 7}, reelRank: {"R260101G-", 7}, codeRank: {"1009260101", 9}}

const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// id writes prefix, number and a check, the way printed ids look: digits, of a
// code eight letters or digits.
func (m *made) id(rank, i int) string {
	form, n := madeIDs[rank], m.base[rank]+i
	switch rank {
	case codeRank:
		text := fmt.Appendf(nil, "%s%0*d-", form.prefix, form.digits, n)
		mix := scramble(m.seed, "code", n)
		for range 8 {
			text = append(text, alphabet[mix%62])
			mix /= 62
		}
		return string(text)
	case reelRank:
		return fmt.Sprintf("%s%0*d-%04d", form.prefix, form.digits, n, scramble(m.seed, form.prefix, n)%1e4)
	}
	return fmt.Sprintf("%s%0*d-%05d", form.prefix, form.digits, n, scramble(m.seed, form.prefix, n)%1e5)
}

var madeKinds = [...]struct{ name, value string }{
	{"中杯饮品券(纸质)", "15.0"}, {"大杯饮品券(纸质)", "18.0"}, {"超大杯饮品券(纸质)", "21.0"}, {"烘焙兑换券(纸质)", "12.0"},
}

func (m *made) detail(c int) codeJSON {
	reel := parent(m, codeRank, c)
	number := m.base[reelRank] + reel
	kind := (m.base[packageRank] + parent(m, reelRank, reel)) % len(madeKinds)
	second := reel % (10 * 3600)
	const zero = "00000000000000"
	return codeJSON{
		CreateTime: fmt.Sprintf("20260101%02d%02d%02d", 8+second/3600, second/60%60, second%60), CreateDate: "20260101",
		OrderID:     fmt.Sprintf("%016x%016x", scramble(m.seed, "order", number), scramble(m.seed, "channel", number)),
		RemainTimes: 1, ActivityID: json.RawMessage("500706"), TicketID: json.RawMessage(strconv.Itoa(500811 + kind)),
		ActivityName: "实体券本-2026春季", TicketName: madeKinds[kind].name,
		SaleChannel: "直营门店", SendChannel: "门店现场",
		ValidStart: zero, ValidEnd: zero, FaceValue: madeKinds[kind].value,
	}
}

// scramble is a fixed mixing of a seed, a word and a number (the finaliser of
// SplitMix64): the same seed always gives the same ids.
func scramble(seed uint64, word string, n int) uint64 {
	x := seed + uint64(n)*0x9e3779b97f4a7c15
	for i := 0; i < len(word); i++ {
		x = (x ^ uint64(word[i])) * 0x100000001b3
	}
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	return x ^ x>>31
}

// Generate makes one box of not active codes and returns its id. The counts
// are totals: all packages, all reels and all codes of the box, spread evenly.
// The same seed and the same order of calls give the same ids.
func (s *Sandbox) Generate(packages, reels, codes int) (boxID string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := s.generate(packages, reels, codes)
	if err != nil {
		return "", err
	}
	if err := s.keep(entry{Generate: &generateEntry{packages, reels, codes}}); err != nil {
		return "", err
	}
	s.made = append(s.made, b)
	return b.id(boxRank, 0), nil
}

func (s *Sandbox) generate(packages, reels, codes int) (*box, error) {
	if packages < 1 || reels < 1 || codes < 1 {
		return nil, fmt.Errorf("a generated box needs at least one package, one reel and one code: %w", ErrBoxes)
	}
	if packages > maxOneBox || reels > maxOneBox || codes > maxOneBox {
		return nil, fmt.Errorf("a generated box holds at most %d codes: %w", maxOneBox, ErrBoxes)
	}
	m := &made{seed: uint64(s.options.Seed), count: [...]int{0, 1, packages, reels, codes}}
	m.base[boxRank] = 1
	if n := len(s.made); n > 0 {
		last := s.made[n-1].shape.(*made)
		for rank := range m.base {
			m.base[rank] = last.base[rank] + last.count[rank]
		}
	}
	if m.base[packageRank]+packages > maxMadeNodes || m.base[reelRank]+reels > maxMadeNodes || m.base[codeRank]+codes > maxMadeCodes {
		return nil, fmt.Errorf("the sandbox has no numbers left for so many nodes: %w", ErrBoxes)
	}
	start, _ := s.statusIndex(api.StatusInactive)
	return newBox(m, bytes.Repeat([]byte{start}, codes)), nil
}

// findMade turns an id back into its number, then checks that the number's id is this one.
func (s *Sandbox) findMade(id string) (place, bool) {
	rank := api.ID(id).Level().Rank()
	form := madeIDs[rank]
	rest, ok := strings.CutPrefix(id, form.prefix)
	if !ok || len(rest) < form.digits {
		return place{}, false
	}
	n, err := strconv.Atoi(rest[:form.digits])
	if err != nil {
		return place{}, false // rank 0, too, which has no digits
	}
	for _, b := range s.made {
		i := n - b.shape.(*made).base[rank]
		if i >= 0 && i < b.size(rank) && b.id(rank, i) == id {
			return place{box: b, rank: rank, index: i}, true
		}
	}
	return place{}, false
}
