package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"counterfoil/api"
)

// ErrBoxes is the kind of every error about boxes to be added.
var ErrBoxes = errors.New("these boxes cannot be added")

// The platform's answer shape (platform.md §2.4), as far as it describes
// boxes. The key records is the sandbox's own: what befell a code before.
type (
	boxesJSON struct {
		Boxes    []boxJSON     `json:"voucherBox"`
		Packages []packageJSON `json:"voucherPkg"`
	}
	boxJSON struct {
		ID       string        `json:"boxId"`
		Packages []packageJSON `json:"voucherPkg"`
	}
	packageJSON struct {
		ID    string     `json:"pkgId"`
		Reels []reelJSON `json:"voucherReel"`
	}
	reelJSON struct {
		ID    string     `json:"reelId"`
		Codes []codeJSON `json:"codeDetail"`
	}
	codeJSON struct {
		Code         string          `json:"code"`
		Status       string          `json:"status"`
		StatusText   string          `json:"statusDesc"`
		CreateTime   string          `json:"createTime"`
		CreateDate   string          `json:"createDate"`
		OrderID      string          `json:"saleChannelOrderId"`
		RemainTimes  int             `json:"remainTimes"`
		ActivityID   json.RawMessage `json:"activityId"`
		TicketID     json.RawMessage `json:"ticketId"`
		ActivityName string          `json:"activityName"`
		TicketName   string          `json:"ticketName"`
		SaleChannel  string          `json:"saleChannelName"`
		SendChannel  string          `json:"sendChannelName"`
		ValidStart   string          `json:"validStart"`
		ValidEnd     string          `json:"validEnd"`
		FaceValue    string          `json:"faceValue"`
		Records      []record        `json:"records"`
	}
)

// listed is the shape of a box that was loaded.
type listed struct {
	ids     [codeRank + 1][]string
	first   [codeRank][]int // where each node's children begin; one more at the end
	details []codeJSON
}

func (l *listed) size(rank int) int                   { return len(l.ids[rank]) }
func (l *listed) id(rank, i int) string               { return l.ids[rank][i] }
func (l *listed) children(rank, i int) (from, to int) { return l.first[rank][i], l.first[rank][i+1] }
func (l *listed) detail(c int) codeJSON               { return l.details[c] }

// add appends a node; its children follow.
func (l *listed) add(rank int, id string) {
	l.ids[rank] = append(l.ids[rank], id)
	if rank < codeRank {
		l.first[rank] = append(l.first[rank], len(l.ids[rank+1]))
	}
}

// Load adds boxes in the platform's own answer shape: voucherBox, or
// voucherPkg for packages without a box. A box that is known already is left
// as it is, so that a restart with the same boxes keeps their state. A package
// or reel that stands in a box twice is merged (platform.md §6.6). An id
// already known elsewhere, or no id at all, is an error and nothing is added.
func (s *Sandbox) Load(r io.Reader) error {
	_, err := s.load(r)
	return err
}

// load returns what was added.
func (s *Sandbox) load(r io.Reader) ([]*box, error) {
	raw, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	boxes, err := s.parseBoxes(raw)
	if err != nil || len(boxes) == 0 {
		return nil, err
	}
	var line bytes.Buffer
	if err := json.Compact(&line, raw); err != nil {
		return nil, err
	}
	if err := s.keep(entry{Boxes: line.Bytes()}); err != nil {
		return nil, err
	}
	s.addLoaded(boxes)
	return boxes, nil
}

func (s *Sandbox) addLoaded(boxes []*box) {
	for _, b := range boxes {
		for rank, ids := range b.shape.(*listed).ids {
			for i, id := range ids {
				if id != "" {
					s.loaded[id] = place{box: b, rank: rank, index: i}
				}
			}
		}
	}
}

func (s *Sandbox) parseBoxes(raw []byte) ([]*box, error) {
	var doc boxesJSON
	if err := json.Unmarshal(raw, &doc); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBoxes, err)
	}
	if doc.Boxes == nil && doc.Packages == nil {
		return nil, fmt.Errorf("neither voucherBox nor voucherPkg is there: %w", ErrBoxes)
	}
	p := parsing{s: s, seen: map[string]bool{}}
	for _, b := range doc.Boxes {
		if _, known := s.find(b.ID); known {
			continue
		}
		if err := p.box(b); err != nil {
			return nil, err
		}
	}
	loose := boxJSON{}
	for _, pkg := range doc.Packages {
		if _, known := s.find(pkg.ID); !known {
			loose.Packages = append(loose.Packages, pkg)
		}
	}
	if len(loose.Packages) > 0 {
		if err := p.box(loose); err != nil {
			return nil, err
		}
	}
	return p.boxes, nil
}

// parsing collects boxes before any of them is added.
type parsing struct {
	s     *Sandbox
	seen  map[string]bool
	boxes []*box
}

// add appends a node whose id must be new and of its level.
func (p *parsing) add(l *listed, level api.Level, id string) error {
	if parsed, err := api.ParseID(id); err != nil || parsed.Level() != level || string(parsed) != id {
		return fmt.Errorf("%q is no %s id: %w", id, level, ErrBoxes)
	}
	if _, known := p.s.find(id); known || p.seen[id] {
		return fmt.Errorf("%s %s stands in another place already: %w", level, api.ID(id).Masked(), ErrBoxes)
	}
	p.seen[id] = true
	l.add(level.Rank(), id)
	return nil
}

func (p *parsing) box(b boxJSON) error {
	l := &listed{}
	if b.ID != "" {
		if err := p.add(l, api.LevelBox, b.ID); err != nil {
			return err
		}
	} else {
		if len(p.boxes) > 0 && len(b.Packages) == 0 {
			return fmt.Errorf("a box has no boxId: %w", ErrBoxes)
		}
		l.add(boxRank, "")
	}
	var status []byte
	for _, pkg := range mergePackages(b.Packages) {
		if err := p.add(l, api.LevelPackage, pkg.ID); err != nil {
			return err
		}
		for _, reel := range mergeReels(pkg.Reels) {
			if err := p.add(l, api.LevelReel, reel.ID); err != nil {
				return err
			}
			for _, code := range reel.Codes {
				at, err := p.code(l, code)
				if err != nil {
					return err
				}
				status = append(status, at)
			}
		}
	}
	for rank := boxRank; rank < codeRank; rank++ {
		l.first[rank] = append(l.first[rank], l.size(rank+1))
	}
	p.boxes = append(p.boxes, newBox(l, status))
	return nil
}

func (p *parsing) code(l *listed, code codeJSON) (byte, error) {
	if err := p.add(l, api.LevelCode, code.Code); err != nil {
		return 0, err
	}
	status, ok := p.s.statusIndex(code.Status)
	if !ok || len(code.Status) != 2 {
		return 0, fmt.Errorf("code %s has the status %q: %w", api.ID(code.Code).Masked(), code.Status, ErrBoxes)
	}
	// An id of an activity or a ticket is kept as it was written.
	if code.ActivityID == nil {
		code.ActivityID = json.RawMessage("0")
	}
	if code.TicketID == nil {
		code.TicketID = json.RawMessage("0")
	}
	l.details = append(l.details, code)
	return status, nil
}

// mergePackages puts repeated packages together.
func mergePackages(all []packageJSON) []packageJSON {
	return merge(all, func(p packageJSON) string { return p.ID }, func(to *packageJSON, more packageJSON) {
		to.Reels = append(to.Reels, more.Reels...)
	})
}

// mergeReels puts repeated reels together, and repeated codes of such reels.
func mergeReels(all []reelJSON) []reelJSON {
	return merge(all, func(r reelJSON) string { return r.ID }, func(to *reelJSON, more reelJSON) {
		for _, code := range more.Codes {
			if !slices.ContainsFunc(to.Codes, func(c codeJSON) bool { return c.Code == code.Code }) {
				to.Codes = append(to.Codes, code)
			}
		}
	})
}

func merge[T any](all []T, id func(T) string, join func(to *T, more T)) []T {
	var merged []T
	at := map[string]int{}
	for _, one := range all {
		if i, known := at[id(one)]; known {
			join(&merged[i], one)
		} else {
			at[id(one)] = len(merged)
			merged = append(merged, one)
		}
	}
	return merged
}

// added is what POST /sandbox/boxes answers.
type added struct {
	Boxes    []string `json:"boxes"`
	Packages int      `json:"packages"`
	Reels    int      `json:"reels"`
	Codes    int      `json:"codes"`
}

// post takes either {"generate":{…}} or boxes.
func (s *Sandbox) post(r io.Reader) (added, error) {
	out := added{Boxes: []string{}}
	raw, err := io.ReadAll(r)
	if err != nil {
		return out, err
	}
	var keys map[string]json.RawMessage
	if err := json.Unmarshal(raw, &keys); err != nil {
		return out, fmt.Errorf("%w: %w", ErrBoxes, err)
	}
	if _, generate := keys["generate"]; !generate {
		boxes, err := s.load(bytes.NewReader(raw))
		for _, b := range boxes {
			out.Boxes = append(out.Boxes, b.id(boxRank, 0))
			out.Packages += b.size(packageRank)
			out.Reels += b.size(reelRank)
			out.Codes += b.size(codeRank)
		}
		return out, err
	}
	var order struct {
		Generate generateEntry `json:"generate"`
	}
	if err := strict(raw, &order); err != nil {
		return out, fmt.Errorf("%w: %w", ErrBoxes, err)
	}
	g := order.Generate
	id, err := s.Generate(g.Packages, g.Reels, g.Codes)
	if err != nil {
		return out, err
	}
	return added{[]string{id}, g.Packages, g.Reels, g.Codes}, nil
}
