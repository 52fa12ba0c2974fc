package sandbox

import (
	"bufio"
	"io"
	"strconv"

	"counterfoil/api"

	"github.com/go-json-experiment/json/jsontext"
)

// view is what a look-up answers: a node with what it holds and the path to
// it, with the statuses of one moment, so that it can be written for as long
// as it takes while others change codes.
type view struct {
	at       place
	from, to int      // the codes in it
	status   []byte   // theirs
	statuses []string // what the bytes mean
	boxes    bool     // voucherBox at the root, else voucherPkg
}

func (s *Sandbox) lookup(req request, f firing, v *verdict) {
	p, ok := s.find(req.QRCode)
	if !ok {
		v.code, v.text = "H"+suffixUnknown, textUnknown
		return
	}
	from, to := p.span()
	status := p.box.status
	if f.do == doStaleLookup {
		status = p.box.before
	}
	v.code, v.text = "H"+suffixSuccess, textSuccess
	v.orderNo = s.nextOrderNo()
	v.view = &view{
		at: p, from: from, to: to, status: append([]byte(nil), status[from:to]...), statuses: s.statuses,
		boxes: req.BusinessType == api.BusinessTypeBoxes && p.box.boxID() != "",
	}
}

// write streams the tree: `"voucherBox":[…]` or `"voucherPkg":[…]`.
func (v *view) write(w *bufio.Writer) error {
	if v.boxes {
		put(w, `"voucherBox":[{"boxId":`)
		quote(w, v.at.box.boxID())
		put(w, ",")
	}
	put(w, `"voucherPkg":[`)
	first, last := v.packages()
	for p := first; p < last; p++ {
		comma(w, p > first)
		put(w, `{"pkgId":`)
		quote(w, v.at.box.packageID(p))
		put(w, `,"voucherReel":[`)
		if err := v.reels(w, p); err != nil {
			return err
		}
		put(w, "]}")
	}
	put(w, "]")
	if v.boxes {
		put(w, "}]")
	}
	return nil
}

// packages is the range of packages to show.
func (v *view) packages() (from, to int) {
	b := v.at.box
	switch v.at.level {
	case api.LevelBox:
		to, _, _ = b.sizes()
		return 0, to
	case api.LevelPackage:
		return v.at.index, v.at.index + 1
	case api.LevelReel:
		p := b.packageOf(v.at.index)
		return p, p + 1
	}
	p := b.packageOf(b.reelOf(v.at.index))
	return p, p + 1
}

func (v *view) reels(w *bufio.Writer, p int) error {
	b := v.at.box
	first, last := b.reelsOf(p)
	switch v.at.level {
	case api.LevelReel:
		first, last = v.at.index, v.at.index+1
	case api.LevelCode:
		first = b.reelOf(v.at.index)
		last = first + 1
	}
	var line []byte
	var d detail
	_, uniform := b.shape.(*made) // one reel, one kind of voucher
	for r := first; r < last; r++ {
		comma(w, r > first)
		put(w, `{"reelId":`)
		quote(w, b.reelID(r))
		put(w, `,"codeDetail":[`)
		from, to := b.codesOf(r)
		from, to = max(from, v.from), min(to, v.to)
		for c := from; c < to; c++ {
			comma(w, c > from)
			if !uniform || c == from {
				d = b.detail(c)
			}
			line = v.appendCode(line[:0], c, &d)
			if _, err := w.Write(line); err != nil {
				return err
			}
		}
		put(w, "]}")
	}
	return nil
}

// appendCode writes one codeDetail with the keys of the platform's example.
func (v *view) appendCode(b []byte, c int, d *detail) []byte {
	status := v.statuses[v.status[c-v.from]]
	text, ok := statusTexts[status]
	if !ok {
		text = d.statusText
	}
	b = appendField(b, `{"createTime":`, d.createTime)
	b = appendField(b, `,"saleChannelOrderId":`, d.orderID)
	b = append(b, `,"remainTimes":`...)
	b = strconv.AppendInt(b, int64(d.remainTimes), 10)
	b = appendField(b, `,"status":`, status)
	b = appendField(b, `,"ticketName":`, d.ticketName)
	b = appendField(b, `,"code":`, v.at.box.codeID(c))
	b = append(b, `,"activityId":`...)
	b = append(b, d.activityID...)
	b = appendField(b, `,"validEnd":`, d.validEnd)
	b = appendField(b, `,"sendChannelName":`, d.sendChannel)
	b = append(b, `,"ticketId":`...)
	b = append(b, d.ticketID...)
	b = appendField(b, `,"saleChannelName":`, d.saleChannel)
	b = appendField(b, `,"validStart":`, d.validStart)
	b = appendField(b, `,"faceValue":`, d.faceValue)
	b = appendField(b, `,"createDate":`, d.createDate)
	b = appendField(b, `,"activityName":`, d.activityName)
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
