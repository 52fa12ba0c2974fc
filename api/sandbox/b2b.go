package sandbox

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"counterfoil/api"
)

// rangeOrder is one accepted order of the range action.
type rangeOrder struct {
	At    time.Time `json:"at"`
	ID    string    `json:"id"` // partnerOrderId
	Of    string    `json:"of"` // partnerId: another partner's order of that number is another one
	BIN   string    `json:"bin"`
	From  int       `json:"from"`
	To    int       `json:"to"`
	Twice bool      `json:"twice,omitempty"`

	polls int // answers given so far
}

// b2b answers one call of the range action: flat JSON without an envelope.
func (s *Sandbox) b2b(_ string, raw []byte, f firing) reply {
	fields := plainFields(raw)
	if fields == nil {
		return textReply(http.StatusBadRequest, "text/plain; charset=utf-8", "the request is no JSON object\n")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	code, message, err := s.rangeJudge(fields, f)
	if err != nil {
		return failure(err)
	}
	s.options.Log.Info("b2b", "order", fields["partnerOrderId"], "code", code, "fault", f.do)
	out := map[string]string{
		"ver": "2", "statusCode": strconv.Itoa(code), "message": message, "createTime": s.now().Format("20060102150405"),
	}
	if f.do == doOtherAnswer { // this answer has nothing that names its request: it is another action's
		out = map[string]string{"returnCode": suffixSuccess, "returnDesc": textSuccess, "traceNo": s.lastTrace}
	}
	if out["sign"], err = s.options.B2B.Sign(out); err != nil {
		return failure(err)
	}
	switch f.do {
	case doBadSign:
		out["sign"] = spoiled(out["sign"])
	case doUnsigned:
		delete(out, "sign")
	}
	return rawReply(out, "ver", "statusCode")
}

// orderKey names an order: its partner and that one's number.
type orderKey struct{ partner, id string }

func (s *Sandbox) rangeJudge(fields map[string]string, f firing) (code int, message string, err error) {
	if s.options.B2B.Checks() && s.options.B2B.Verify(fields, fields["sign"]) != nil || fields["sign"] == "" {
		return RangeSignature, textSignature, nil //nolint:nilerr // what does not fit is an answer, not a failure
	}
	if id := fields["partnerOrderId"]; id == "" || len(id) > 28 {
		return RangeFailed, textForm + "：partnerOrderId", nil
	}
	if f.do == doRefuse {
		if code, err := strconv.Atoi(f.text); err == nil {
			return code, textRefused, nil
		}
		return RangeFailed, textRefused, nil
	}
	o, known := s.orders[orderKey{fields["partnerId"], fields["partnerOrderId"]}]
	if !known {
		o, message = s.rangeOrder(fields)
		if message != "" {
			return RangeFailed, message, nil
		}
		o.Twice = f.do == doTwice
		if err := s.keep(entry{Order: o}); err != nil {
			return 0, "", err
		}
		s.applyOrder(o)
	}
	if f.do == doInProcess {
		return RangeInProgress, "处理中", nil
	}
	o.polls++
	if o.polls <= s.options.RangePolls || s.options.RangeTakes > 0 && s.now().Sub(o.At) < s.options.RangeTakes {
		return RangeInProgress, "处理中", nil
	}
	return RangeDone, textSuccess, nil
}

// rangeOrder reads the fields of a new order, or says in words what is wrong with them.
func (s *Sandbox) rangeOrder(fields map[string]string) (*rangeOrder, string) {
	wrong := func(name string) (*rangeOrder, string) { return nil, textForm + "：" + name }
	for _, name := range []string{"partnerId", "merchantId", "number"} {
		if !digits(fields[name]) {
			return wrong(name)
		}
	}
	if fields["ver"] != "2" {
		return wrong("ver")
	}
	binLength := map[string]int{"1": 6, "2": 4}[fields["type"]]
	switch {
	case binLength == 0:
		return wrong("type")
	case len(fields["bin"]) != binLength || !digits(fields["bin"]):
		return wrong("bin")
	case len(fields["startCardSe"]) != 7 || !digits(fields["startCardSe"]):
		return wrong("startCardSe")
	case len(fields["endCardSe"]) != 7 || !digits(fields["endCardSe"]) || fields["endCardSe"] < fields["startCardSe"]:
		return wrong("endCardSe")
	case fields["type"] == "2" && fields["codeType"] != "3" && !s.options.RangeLenient:
		return wrong("codeType")
	}
	from, _ := strconv.Atoi(fields["startCardSe"])
	to, _ := strconv.Atoi(fields["endCardSe"])
	if number, err := strconv.Atoi(fields["number"]); err != nil || number < 1 || (number != to-from+1 && !s.options.RangeLenient) {
		return wrong("number")
	}
	if name := wrongPrices(fields); name != "" {
		return wrong(name)
	}
	for _, name := range []string{"validStart", "validEnd"} {
		if _, err := time.Parse(time.DateTime, fields[name]); fields[name] != "" && err != nil {
			return wrong(name)
		}
	}
	o := &rangeOrder{At: s.now(), ID: fields["partnerOrderId"], Of: fields["partnerId"], BIN: fields["bin"], From: from, To: to}
	for _, other := range s.orders {
		if other.BIN == o.BIN && o.From <= other.To && other.From <= o.To {
			return nil, "卡号段已激活"
		}
	}
	return o, ""
}

// wrongPrices names the price that is wrong: both are needed for vouchers and
// costPrice is at most sellingPrice (platform.md §2.7).
func wrongPrices(fields map[string]string) string {
	if fields["type"] == "1" && fields["sellingPrice"] == "" && fields["costPrice"] == "" {
		return ""
	}
	selling, err := strconv.ParseInt(fields["sellingPrice"], 10, 64)
	if err != nil || selling < 0 {
		return "sellingPrice"
	}
	cost, err := strconv.ParseInt(fields["costPrice"], 10, 64)
	if err != nil || cost < 0 || cost > selling {
		return "costPrice"
	}
	return ""
}

func (s *Sandbox) applyOrder(o *rangeOrder) {
	s.orders[orderKey{o.Of, o.ID}] = o
	s.effect(Effect{
		At: o.At, Action: api.ActionRange, Trace: o.ID,
		ID: fmt.Sprintf("%s:%07d-%07d", o.BIN, o.From, o.To), Codes: o.To - o.From + 1,
	}, o.Twice)
}
