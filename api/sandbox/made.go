package sandbox

import (
	"fmt"
	"slices"
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
	seed                   uint64
	number                 int // of the box
	packages, reels, codes int
	basePackage            int // number of the first package, reel and code in this sandbox
	baseReel, baseCode     int
}

func (m *made) boxID() string { return m.id("X26G1-", 7, m.number, 5) }

func (m *made) sizes() (packages, reels, codes int) { return m.packages, m.reels, m.codes }

func (m *made) packageID(p int) string { return m.id("B26G1-", 7, m.basePackage+p, 5) }

func (m *made) reelID(r int) string { return m.id("R260101G-", 7, m.baseReel+r, 4) }

func (m *made) codeID(c int) string { return string(m.appendCodeID(nil, c)) }

func (m *made) reelsOf(p int) (from, to int) {
	return p * m.reels / m.packages, (p + 1) * m.reels / m.packages
}

func (m *made) codesOf(r int) (from, to int) {
	return r * m.codes / m.reels, (r + 1) * m.codes / m.reels
}

func (m *made) packageOf(r int) int { return ((r+1)*m.packages - 1) / m.reels }

func (m *made) reelOf(c int) int { return ((c+1)*m.reels - 1) / m.codes }

func (m *made) records(int) []record { return nil }

// id writes prefix, number and check digits, the way printed ids look.
func (m *made) id(prefix string, width, number, check int) string {
	limit := uint64(1)
	for range check {
		limit *= 10
	}
	return fmt.Sprintf("%s%0*d-%0*d", prefix, width, number, check, scramble(m.seed, prefix, number)%limit)
}

const madeCodePrefix = "1009260101"

const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// appendCodeID writes 19 digits, a dash and eight letters or digits.
func (m *made) appendCodeID(b []byte, c int) []byte {
	n := m.baseCode + c
	b = append(b, madeCodePrefix...)
	for unit := maxMadeCodes / 10; unit > 0; unit /= 10 {
		b = append(b, byte('0'+n/unit%10))
	}
	b = append(b, '-')
	mix := scramble(m.seed, "code", n)
	for range 8 {
		b = append(b, alphabet[mix%62])
		mix /= 62
	}
	return b
}

var madeKinds = [...]struct{ name, value string }{
	{"中杯饮品券(纸质)", "15.0"}, {"大杯饮品券(纸质)", "18.0"}, {"超大杯饮品券(纸质)", "21.0"}, {"烘焙兑换券(纸质)", "12.0"},
}

func (m *made) detail(c int) detail {
	reel := m.reelOf(c)
	kind := madeKinds[(m.basePackage+m.packageOf(reel))%len(madeKinds)]
	second := reel % (10 * 3600)
	const zero = "00000000000000"
	return detail{
		createTime: fmt.Sprintf("20260101%02d%02d%02d", 8+second/3600, second/60%60, second%60), createDate: "20260101",
		orderID:     fmt.Sprintf("%016x%016x", scramble(m.seed, "order", m.baseReel+reel), scramble(m.seed, "channel", m.baseReel+reel)),
		remainTimes: 1, activityID: "500706", ticketID: strconv.Itoa(500811 + (m.basePackage+m.packageOf(reel))%len(madeKinds)),
		activityName: "实体券本-2026春季", ticketName: kind.name,
		saleChannel: "直营门店", sendChannel: "门店现场",
		validStart: zero, validEnd: zero, faceValue: kind.value,
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
	return b.boxID(), nil
}

func (s *Sandbox) generate(packages, reels, codes int) (*box, error) {
	if packages < 1 || reels < 1 || codes < 1 {
		return nil, fmt.Errorf("a generated box needs at least one package, one reel and one code: %w", ErrBoxes)
	}
	if packages > maxOneBox || reels > maxOneBox || codes > maxOneBox {
		return nil, fmt.Errorf("a generated box holds at most %d codes: %w", maxOneBox, ErrBoxes)
	}
	m := &made{seed: uint64(s.options.Seed), number: len(s.made) + 1, packages: packages, reels: reels, codes: codes}
	if n := len(s.made); n > 0 {
		last := s.made[n-1].shape.(*made)
		m.basePackage = last.basePackage + last.packages
		m.baseReel = last.baseReel + last.reels
		m.baseCode = last.baseCode + last.codes
	}
	if m.basePackage+packages > maxMadeNodes || m.baseReel+reels > maxMadeNodes || m.baseCode+codes > maxMadeCodes {
		return nil, fmt.Errorf("the sandbox has no numbers left for so many nodes: %w", ErrBoxes)
	}
	start, _ := s.statusIndex(api.StatusInactive)
	status := make([]byte, codes)
	for i := range status {
		status[i] = start
	}
	return newBox(m, status), nil
}

// findMade turns an id back into its number, then checks that the number's id is this one.
func (s *Sandbox) findMade(id string) (place, bool) {
	level := api.ID(id).Level()
	prefix, width := "X26G1-", 7
	switch level {
	case api.LevelPackage:
		prefix = "B26G1-"
	case api.LevelReel:
		prefix = "R260101G-"
	case api.LevelCode:
		prefix, width = madeCodePrefix, 9
	}
	rest, ok := strings.CutPrefix(id, prefix)
	if !ok || len(rest) < width {
		return place{}, false
	}
	n, err := strconv.Atoi(rest[:width])
	if err != nil || n < 0 {
		return place{}, false
	}
	first := func(m *made) int {
		switch level {
		case api.LevelPackage:
			return m.basePackage
		case api.LevelReel:
			return m.baseReel
		case api.LevelCode:
			return m.baseCode
		}
		return m.number
	}
	at, exact := slices.BinarySearchFunc(s.made, n, func(b *box, n int) int { return first(b.shape.(*made)) - n })
	if !exact {
		at--
	}
	if at < 0 {
		return place{}, false
	}
	b := s.made[at]
	m := b.shape.(*made)
	p := place{box: b, level: level, index: n - first(m)}
	if !p.exists(m) || p.id() != id {
		return place{}, false
	}
	return p, true
}

func (p place) exists(m *made) bool {
	size := 1
	switch p.level {
	case api.LevelPackage:
		size = m.packages
	case api.LevelReel:
		size = m.reels
	case api.LevelCode:
		size = m.codes
	}
	return p.index >= 0 && p.index < size
}

// id is the node's own id.
func (p place) id() string {
	switch p.level {
	case api.LevelPackage:
		return p.box.packageID(p.index)
	case api.LevelReel:
		return p.box.reelID(p.index)
	case api.LevelCode:
		return p.box.codeID(p.index)
	}
	return p.box.boxID()
}
