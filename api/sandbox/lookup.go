package sandbox

import (
	"bufio"
	"io"
	"slices"
	"strconv"

	"counterfoil/api"

	"github.com/go-json-experiment/json/jsontext"
)

// view is what a look-up answers: a node with what it holds and the path to
// it, with the statuses of one moment, so that it can be written for as long
// as it takes while others change codes.
type view struct {
	box      shape
	rank     int               // of the node
	path     [codeRank + 1]int // the node and those above it
	from     int               // the first code in it
	status   []byte            // its codes'
	statuses []string          // what the bytes mean
	boxes    bool              // voucherBox at the root, else voucherPkg
}

func (s *Sandbox) lookup(req request, f firing, v *verdict) {
	p, ok := s.find(req.QRCode)
	if !ok {
		v.code, v.text = "H"+suffixUnknown, textUnknown
		return
	}
	if f.do == doOtherID {
		if p, ok = s.beside(p); !ok {
			v.code, v.text = "H"+suffixSuccess, textSuccess
			return
		}
	}
	from, to := p.span()
	status := p.box.status
	if f.do == doStaleLookup {
		status = p.box.before
	}
	v.code, v.text = "H"+suffixSuccess, textSuccess
	v.orderNo = s.nextOrderNo()
	v.view = &view{
		box: p.box.shape, rank: p.rank, from: from, status: slices.Clone(status[from:to]), statuses: s.statuses,
		boxes: req.BusinessType == api.BusinessTypeBoxes && p.box.id(boxRank, 0) != "",
	}
	v.view.path[p.rank] = p.index
	for rank := p.rank; rank > boxRank; rank-- {
		v.view.path[rank-1] = parent(p.box, rank, v.view.path[rank])
	}
}

// beside is another node of the same rank: the next one in its box, or in another box.
func (s *Sandbox) beside(p place) (place, bool) {
	boxes := []*box{p.box}
	for _, other := range s.loaded {
		boxes = append(boxes, other.box)
	}
	for _, b := range append(boxes, s.made...) {
		for i := range min(b.size(p.rank), 2) {
			if other := (place{b, p.rank, i}); other.id() != p.id() && other.id() != "" {
				return other, true
			}
		}
	}
	return place{}, false
}

// write streams the tree: `"voucherBox":[…]` or `"voucherPkg":[…]`.
func (v *view) write(w *bufio.Writer) error {
	if v.boxes {
		return v.nodes(w, boxRank, 0, 1)
	}
	from, to := v.children(boxRank, 0)
	return v.nodes(w, packageRank, from, to)
}

// children are those to show: above the node itself only the path to it.
func (v *view) children(rank, i int) (from, to int) {
	if rank < v.rank {
		return v.path[rank+1], v.path[rank+1] + 1
	}
	return v.box.children(rank, i)
}

// keys are the platform's, of a list of nodes and of a node's id.
var keys = [codeRank + 1]struct{ list, id string }{
	{}, {"voucherBox", "boxId"}, {"voucherPkg", "pkgId"}, {"voucherReel", "reelId"}, {list: "codeDetail"},
}

// nodes writes the nodes [from, to) of one parent.
func (v *view) nodes(w *bufio.Writer, rank, from, to int) error {
	_, uniform := v.box.(*made) // one reel, one kind of voucher
	var line []byte
	var d codeJSON
	put(w, `"`+keys[rank].list+`":[`)
	for i := from; i < to; i++ {
		comma(w, i > from)
		if rank == codeRank {
			if !uniform || i == from {
				d = v.box.detail(i)
			}
			line = v.appendCode(line[:0], i, &d)
			if _, err := w.Write(line); err != nil {
				return err
			}
			continue
		}
		put(w, `{"`+keys[rank].id+`":`)
		quote(w, v.box.id(rank, i))
		put(w, ",")
		first, last := v.children(rank, i)
		if err := v.nodes(w, rank+1, first, last); err != nil {
			return err
		}
		put(w, "}")
	}
	put(w, "]")
	return nil
}

// appendCode writes one codeDetail with the keys of the platform's example.
func (v *view) appendCode(b []byte, c int, d *codeJSON) []byte {
	status := v.statuses[v.status[c-v.from]]
	text, ok := statusTexts[status]
	if !ok {
		text = d.StatusText
	}
	b = appendField(b, `{"createTime":`, d.CreateTime)
	b = appendField(b, `,"saleChannelOrderId":`, d.OrderID)
	b = append(b, `,"remainTimes":`...)
	b = strconv.AppendInt(b, int64(d.RemainTimes), 10)
	b = appendField(b, `,"status":`, status)
	b = appendField(b, `,"ticketName":`, d.TicketName)
	b = appendField(b, `,"code":`, v.box.id(codeRank, c))
	b = append(b, `,"activityId":`...)
	b = append(b, d.ActivityID...)
	b = appendField(b, `,"validEnd":`, d.ValidEnd)
	b = appendField(b, `,"sendChannelName":`, d.SendChannel)
	b = append(b, `,"ticketId":`...)
	b = append(b, d.TicketID...)
	b = appendField(b, `,"saleChannelName":`, d.SaleChannel)
	b = appendField(b, `,"validStart":`, d.ValidStart)
	b = appendField(b, `,"faceValue":`, d.FaceValue)
	b = appendField(b, `,"createDate":`, d.CreateDate)
	b = appendField(b, `,"activityName":`, d.ActivityName)
	b = appendField(b, `,"statusDesc":`, text)
	return append(b, '}')
}

func appendField(b []byte, name, value string) []byte {
	b = append(b, name...)
	b, _ = jsontext.AppendQuote(b, value) // an error is for bad UTF-8, which it has replaced
	return b
}

// put writes literal text. A bufio.Writer keeps its first error, and the last
// Flush tells it.
func put(w *bufio.Writer, text string) { _, _ = io.WriteString(w, text) }

func quote(w *bufio.Writer, text string) {
	b, _ := jsontext.AppendQuote(nil, text)
	_, _ = w.Write(b)
}

func comma(w *bufio.Writer, needed bool) {
	if needed {
		put(w, ",")
	}
}
