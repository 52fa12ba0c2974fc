package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

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
	box                    string
	packages, reels, codes []string
	firstReel, firstCode   []int // where each package's reels and each reel's codes begin; one more at the end
	ofReel, ofCode         []int // the package of a reel, the reel of a code
	details                []detail
	history                [][]record
}

func (l *listed) boxID() string                { return l.box }
func (l *listed) sizes() (int, int, int)       { return len(l.packages), len(l.reels), len(l.codes) }
func (l *listed) packageID(p int) string       { return l.packages[p] }
func (l *listed) reelID(r int) string          { return l.reels[r] }
func (l *listed) codeID(c int) string          { return l.codes[c] }
func (l *listed) reelsOf(p int) (from, to int) { return l.firstReel[p], l.firstReel[p+1] }
func (l *listed) codesOf(r int) (from, to int) { return l.firstCode[r], l.firstCode[r+1] }
func (l *listed) packageOf(r int) int          { return l.ofReel[r] }
func (l *listed) reelOf(c int) int             { return l.ofCode[c] }
func (l *listed) detail(c int) detail          { return l.details[c] }
func (l *listed) records(c int) []record       { return l.history[c] }

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
		l := b.shape.(*listed)
		if l.box != "" {
			s.loaded[l.box] = place{box: b, level: api.LevelBox}
		}
		for level, ids := range map[api.Level][]string{
			api.LevelPackage: l.packages, api.LevelReel: l.reels, api.LevelCode: l.codes,
		} {
			for i, id := range ids {
				s.loaded[id] = place{box: b, level: level, index: i}
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

// claim reserves an id for a level.
func (p *parsing) claim(id string, level api.Level) error {
	if parsed, err := api.ParseID(id); err != nil || parsed.Level() != level || string(parsed) != id {
		return fmt.Errorf("%q is no %s id: %w", id, level, ErrBoxes)
	}
	if _, known := p.s.find(id); known || p.seen[id] {
		return fmt.Errorf("%s %s stands in another place already: %w", level, api.ID(id).Masked(), ErrBoxes)
	}
	p.seen[id] = true
	return nil
}

func (p *parsing) box(b boxJSON) error {
	if b.ID != "" {
		if err := p.claim(b.ID, api.LevelBox); err != nil {
			return err
		}
	} else if len(p.boxes) > 0 && len(b.Packages) == 0 {
		return fmt.Errorf("a box has no boxId: %w", ErrBoxes)
	}
	l := &listed{box: b.ID}
	var status []byte
	for _, pkg := range mergePackages(b.Packages) {
		if err := p.claim(pkg.ID, api.LevelPackage); err != nil {
			return err
		}
		l.packages = append(l.packages, pkg.ID)
		l.firstReel = append(l.firstReel, len(l.reels))
		for _, reel := range pkg.Reels {
			if err := p.claim(reel.ID, api.LevelReel); err != nil {
				return err
			}
			l.ofReel = append(l.ofReel, len(l.packages)-1)
			l.reels = append(l.reels, reel.ID)
			l.firstCode = append(l.firstCode, len(l.codes))
			for _, code := range reel.Codes {
				at, err := p.code(l, code)
				if err != nil {
					return err
				}
				status = append(status, at)
			}
		}
	}
	l.firstReel = append(l.firstReel, len(l.reels))
	l.firstCode = append(l.firstCode, len(l.codes))
	p.boxes = append(p.boxes, newBox(l, status))
	return nil
}

func (p *parsing) code(l *listed, code codeJSON) (byte, error) {
	if err := p.claim(code.Code, api.LevelCode); err != nil {
		return 0, err
	}
	status, ok := p.s.statusIndex(code.Status)
	if !ok || len(code.Status) != 2 {
		return 0, fmt.Errorf("code %s has the status %q: %w", api.ID(code.Code).Masked(), code.Status, ErrBoxes)
	}
	l.ofCode = append(l.ofCode, len(l.reels)-1)
	l.codes = append(l.codes, code.Code)
	l.details = append(l.details, detail{
		createTime: code.CreateTime, createDate: code.CreateDate, orderID: code.OrderID,
		remainTimes: code.RemainTimes, activityID: numberText(code.ActivityID), ticketID: numberText(code.TicketID),
		activityName: code.ActivityName, ticketName: code.TicketName,
		saleChannel: code.SaleChannel, sendChannel: code.SendChannel,
		validStart: code.ValidStart, validEnd: code.ValidEnd, faceValue: code.FaceValue, statusText: code.StatusText,
	})
	l.history = append(l.history, code.Records)
	return status, nil
}

// numberText keeps an id of an activity or a ticket as it was written.
func numberText(raw json.RawMessage) string {
	if len(raw) == 0 {
		return "0"
	}
	return string(raw)
}

// mergePackages puts repeated packages, and repeated reels and codes in them, together.
func mergePackages(in []packageJSON) []packageJSON {
	var out []packageJSON
	packageAt := map[string]int{}
	for _, pkg := range in {
		at, ok := packageAt[pkg.ID]
		if !ok {
			at = len(out)
			packageAt[pkg.ID] = at
			out = append(out, packageJSON{ID: pkg.ID})
		}
		for _, reel := range pkg.Reels {
			out[at].Reels = mergeReel(out[at].Reels, reel)
		}
	}
	return out
}

func mergeReel(reels []reelJSON, reel reelJSON) []reelJSON {
	for i := range reels {
		if reels[i].ID != reel.ID {
			continue
		}
		have := map[string]bool{}
		for _, code := range reels[i].Codes {
			have[code.Code] = true
		}
		for _, code := range reel.Codes {
			if !have[code.Code] {
				have[code.Code] = true
				reels[i].Codes = append(reels[i].Codes, code)
			}
		}
		return reels
	}
	return append(reels, reelJSON{ID: reel.ID, Codes: append([]codeJSON(nil), reel.Codes...)})
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
			packages, reels, codes := b.sizes()
			out.Boxes = append(out.Boxes, b.boxID())
			out.Packages, out.Reels, out.Codes = out.Packages+packages, out.Reels+reels, out.Codes+codes
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
